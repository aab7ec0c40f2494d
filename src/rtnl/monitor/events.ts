/**
 * What can be monitored: for each type of object its multicast groups, how a message becomes
 * values, which values are the same object, and the request for all of them.
 *
 * include/uapi/linux/rtnetlink.h, `enum rtnetlink_groups`; ip-monitor(8), bridge(8), "bridge
 * monitor".
 */
import type { Request } from '../../netlink/connection.ts';
import type { AnyMessage } from '../../netlink/codec/message.ts';
import { addr, type Addr } from '../addr/message.ts';
import { listAddrs, addrObject, type AddrObject } from '../addr/verbs.ts';
import * as rt from '../constants.ts';
import { listFdb, type FdbObject } from '../neigh/fdb.ts';
import { linkObject, type LinkNotification } from '../link/object.ts';
import { bridgeLink, link, type BridgeLink, type Link } from '../link/message.ts';
import { listLinks } from '../link/verbs.ts';
import { mdb, type Mdb } from '../mdb/message.ts';
import { listMdb, mdbObjects, type MdbObject } from '../mdb/verbs.ts';
import { neigh, type Neigh } from '../neigh/message.ts';
import { listNeighs, neighObject, type NeighObject } from '../neigh/verbs.ts';
import { ndUserOpt, ndUserOptObject } from '../nd-user-opt/message.ts';
import type { NdUserOpt, NdUserOptObject } from '../nd-user-opt/message.ts';
import { netconf, type Netconf } from '../netconf/message.ts';
import { listNetconfs, netconfObject, type NetconfObject } from '../netconf/verbs.ts';
import { nexthop, type Nexthop } from '../nexthop/message.ts';
import { listNexthops, nexthopObject, type NexthopObject } from '../nexthop/verbs.ts';
import { nsid, type Nsid } from '../nsid/message.ts';
import { listNsids } from '../nsid/verbs.ts';
import { prefix, prefixObject, type Prefix, type PrefixObject } from '../prefix.ts';
import { mplsRoute, type MplsRoute } from '../route/label-route.ts';
import { arrangeRoutes, routeKey, routeVariant } from '../route/places.ts';
import { route, type Route } from '../route/message.ts';
import { listRoutes, routeObject, type RouteObject } from '../route/verbs.ts';
import { rule, type Rule } from '../rule/message.ts';
import { listRules, ruleObject, type RuleObject } from '../rule/verbs.ts';
import { vlan, type Vlan } from '../vlan/message.ts';
import { vlanObjects, vlansOf, type VlanObject } from '../vlan/verbs.ts';
import { vniFilter, type VniFilter } from '../vni-filter/message.ts';
import { listVniFilters, vniFilterObjects, type VniFilterObject } from '../vni-filter/verbs.ts';

/** The values of events, by the type of object. */
export interface MonitoredObjects {
  links: LinkNotification;
  /**
   * A link as the port of a bridge; separate from `links`, because leaving a bridge looks like a
   * deletion.
   */
  bridgePorts: BridgeLink;
  addrs: AddrObject;
  routes: RouteObject;
  neighs: NeighObject;
  /** Entries of forwarding databases. */
  fdb: FdbObject;
  rules: RuleObject;
  nexthops: NexthopObject;
  /** Ids of namespaces. */
  nsids: number;
  mdb: MdbObject;
  /** VLANs of bridge ports, one by one. */
  vlans: VlanObject;
  /** VNIs that VXLAN links accept, one by one. */
  vniFilters: VniFilterObject;
  /** Forwarding settings; those of a notification are the ones that have changed. */
  netconfs: Partial<NetconfObject> & Pick<NetconfObject, 'family' | 'ifindex'>;
  /** Prefixes that routers advertise. There is no list of them. */
  prefixes: PrefixObject;
  /** Options of router advertisements for programs, such as DNS servers. No list either. */
  ndUserOpts: NdUserOptObject;
}

/** One type of object. */
export interface MonitoredType<V = any> {
  readonly groups: readonly number[];
  readonly messages: readonly AnyMessage[];
  /** Whether a message is about this type of object, if others share its message types. */
  readonly concerns?: (value: any) => boolean;
  readonly objects: (value: any) => readonly V[];
  /** Equal for objects that replace each other, except those that `variant` distinguishes. */
  readonly key: (object: V) => readonly unknown[];
  readonly variant?: (object: V) => readonly unknown[];
  /**
   * The objects with one key after the notification of another variant; without it, the new one is
   * added. `flags` are those of the message.
   */
  readonly arrange?: <K extends { readonly value: V }>(
    known: readonly K[],
    added: K,
    flags: number,
  ) => readonly K[];
  /** Paths of keys that change by themselves, or occur only in notifications or only in lists. */
  readonly volatile: RegExp;
  /** Whether a notification has only what has changed of an object. */
  readonly isPartial?: true;
  /** Asks for all of them, where the kernel has a list. */
  readonly dump?: () => Request;
}

const isIp = ({ family }: Neigh): boolean => family === 'inet' || family === 'inet6';
const isFdb = ({ family }: Neigh): boolean => family === 'bridge';
/** Buckets of resilient groups share the group's message types and carry its id. */
const isNexthop = ({ attrs }: Nexthop): boolean => attrs.resBucket === undefined;
const AGES = /^(cacheinfo|probes)$/;
const NOTHING = /^$/;
/** Counters, timers, padding, and keys that only describe a change. */
const LINK_STATE =
  /(^|\.)(change|event|x?stats(64)?|icmp6stats|cacheinfo|carrier\w*(Changes|Count)|nla\d.*|nlaNotes|\w+Timer)$|^afSpec\.inet6\.flags$/;

/** The types of objects, in the order in which they depend on each other. */
export const MONITORED: {
  readonly [K in keyof MonitoredObjects]: MonitoredType<MonitoredObjects[K]>;
} = {
  nsids: {
    groups: [rt.RTNLGRP_NSID],
    messages: [nsid],
    objects: ({ attrs }: Nsid) => (attrs.nsid === undefined ? [] : [attrs.nsid]),
    key: (number) => [number],
    volatile: NOTHING,
    dump: listNsids,
  },
  links: {
    groups: [rt.RTNLGRP_LINK],
    messages: [link],
    objects: (value: Link) => [linkObject(value)],
    key: ({ index }) => [index],
    volatile: LINK_STATE,
    dump: () => listLinks(),
  },
  bridgePorts: {
    groups: [rt.RTNLGRP_LINK],
    messages: [bridgeLink],
    objects: (value: BridgeLink) => [value],
    key: ({ index }) => [index],
    volatile: LINK_STATE,
    dump: () => ({
      message: bridgeLink,
      type: rt.RTM_GETLINK,
      value: { family: 'bridge', attrs: { extMask: ['brvlan_compressed'] } },
    }),
  },
  addrs: {
    groups: [rt.RTNLGRP_IPV4_IFADDR, rt.RTNLGRP_IPV6_IFADDR],
    messages: [addr],
    objects: (value: Addr) => [addrObject(value)],
    key: ({ index, local, address }) => [index, local, address],
    volatile: /^cacheinfo$/,
    dump: () => listAddrs(),
  },
  nexthops: {
    groups: [rt.RTNLGRP_NEXTHOP],
    messages: [nexthop],
    concerns: isNexthop,
    objects: (value: Nexthop) => [nexthopObject(value)],
    key: ({ id }) => [id],
    volatile: /^groupStats$/,
    dump: () => listNexthops(),
  },
  routes: {
    groups: [rt.RTNLGRP_IPV4_ROUTE, rt.RTNLGRP_IPV6_ROUTE, rt.RTNLGRP_MPLS_ROUTE],
    messages: [route, mplsRoute],
    objects: (value: Route | MplsRoute) => [routeObject(value)],
    key: routeKey,
    variant: routeVariant,
    arrange: arrangeRoutes,
    volatile: /^(cacheinfo|expires)$/,
    dump: () => listRoutes(),
  },
  rules: {
    groups: [rt.RTNLGRP_IPV4_RULE, rt.RTNLGRP_IPV6_RULE],
    messages: [rule],
    objects: (value: Rule) => [ruleObject(value)],
    key: (object) => [object],
    volatile: NOTHING,
    dump: () => listRules(),
  },
  neighs: {
    groups: [rt.RTNLGRP_NEIGH],
    messages: [neigh],
    concerns: isIp,
    objects: (value: Neigh) => [neighObject(value)],
    key: ({ ifindex, dst, flags }) => [ifindex, dst, flags.includes('proxy')],
    volatile: AGES,
    dump: () => listNeighs(),
  },
  fdb: {
    groups: [rt.RTNLGRP_NEIGH],
    messages: [neigh],
    concerns: isFdb,
    objects: (value: Neigh) => [neighObject(value)],
    key: ({ ifindex, lladdr, vlan: vid, srcVni, dst, vni, port, via, flags }) => [
      ...[ifindex, lladdr, vid, srcVni, dst, vni, port, via, flags.includes('self')],
    ],
    volatile: AGES,
    dump: () => listFdb(),
  },
  vlans: {
    groups: [rt.RTNLGRP_BRVLAN],
    messages: [vlan],
    objects: (value: Vlan) => vlanObjects(value).flatMap(vlansOneByOne),
    key: ({ index, vid }) => [index, vid],
    volatile: /^stats$/,
    dump: () => vlansOf(),
  },
  mdb: {
    groups: [rt.RTNLGRP_MDB],
    messages: [mdb],
    objects: (value: Mdb) => mdbObjects(value),
    key: ({ index, port, group, vid, source, srcVni, dst }) => [
      ...[index, port, group, vid, source, srcVni, dst],
    ],
    volatile: /^timer$/,
    dump: listMdb,
  },
  vniFilters: {
    groups: [rt.RTNLGRP_TUNNEL],
    messages: [vniFilter],
    objects: (value: VniFilter) => vniFilterObjects(value).flatMap(vnisOneByOne),
    key: ({ ifindex, vni }) => [ifindex, vni],
    volatile: /^stats$/,
    dump: () => listVniFilters(),
  },
  netconfs: {
    groups: [rt.RTNLGRP_IPV4_NETCONF, rt.RTNLGRP_IPV6_NETCONF, rt.RTNLGRP_MPLS_NETCONF],
    messages: [netconf],
    objects: (value: Netconf) => [netconfObject(value)],
    key: ({ family, ifindex }) => [family, ifindex],
    volatile: NOTHING,
    isPartial: true,
    dump: () => listNetconfs(),
  },
  prefixes: {
    groups: [rt.RTNLGRP_IPV6_PREFIX],
    messages: [prefix],
    objects: (value: Prefix) => [prefixObject(value)],
    key: ({ ifindex, address }) => [ifindex, address],
    volatile: NOTHING,
  },
  ndUserOpts: {
    groups: [rt.RTNLGRP_ND_USEROPT],
    messages: [ndUserOpt],
    objects: (value: NdUserOpt) => [ndUserOptObject(value)],
    key: (object) => [object],
    volatile: NOTHING,
  },
};

/** The numbers of a range. */
const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** A range of VLANs as single objects. */
const vlansOneByOne = (range: VlanObject): VlanObject[] =>
  numbers(range.vid, range.last).map((vid) => ({ ...range, vid, last: vid }));

/** A range of VNIs as single objects. */
const vnisOneByOne = (range: VniFilterObject): VniFilterObject[] =>
  numbers(range.vni, range.vniEnd).map((vni) => ({ ...range, vni, vniEnd: vni }));
