/**
 * `netlink-ts/rtnl`: all of rtnetlink in the terms of `ip` and `bridge`, the requests behind the
 * verbs, and the declarations of the messages.
 *
 * @example
 * using rt = open({ netns: 'blue' });
 * rt.batch([addLink({ ifname: 'br0', kind: 'bridge' }), setLink('br0', { flags: ['up'] })]);
 */
export * from './constants.ts';
export { open, verbs } from './open.ts';
export type { BatchVerbs, OpenOptions, Rtnl, Verbs } from './open.ts';
export type {
  MissEvent,
  MonitorEvent,
  UnreadableEvent,
  MonitorSelection,
  MonitorOptions,
} from './monitor/object-monitor.ts';
export type { WaitOptions } from './wait.ts';
export { rtnetlink } from './rtnetlink.ts';
export type * from '../netlink/named.ts';

// Verbs, their types, and their requests.
export type { BatchAddrLabelVerbs } from './addr-label/verbs.ts';
export type { BatchAddrVerbs } from './addr/verbs.ts';
export type { BatchLinkVerbs } from './link/verbs.ts';
export type { BatchMdbVerbs } from './mdb/verbs.ts';
export type { BatchFdbVerbs } from './neigh/fdb.ts';
export type { BatchNeighVerbs } from './neigh/verbs.ts';
export type { BatchNexthopVerbs } from './nexthop/verbs.ts';
export type { BatchRouteVerbs } from './route/verbs.ts';
export type { BatchRuleVerbs } from './rule/verbs.ts';
export type { Dev, Done, Ensured, WithDev, WithIfindex, WithIndex } from './dev.ts';
export type { Here } from './link/ensure.ts';
export { addLink, deleteLink, getLink, listLinks, setLink } from './link/verbs.ts';
export { addAltNames, deleteAltNames } from './link/verbs.ts';
export type {
  LinkFilter,
  LinkNotification,
  LinkObject,
  LinkVerbs,
  LinkSpec,
  NamedLinkAttrs,
  NamedLinkSpec,
} from './link/verbs.ts';
export type { LinkKey, LinkPart, LinkPeerSpec, LinkSpecBy } from './link/verbs.ts';
export type { NamedLinkSpecBy, WithIfname } from './link/verbs.ts';
export { addAddr, listAddrs, deleteAddr, replaceAddr } from './addr/verbs.ts';
export type { AddrFilter, AddrObject, AddrVerbs, AddrSpec } from './addr/verbs.ts';
export type { AddrSpecRest, NamedAddrFilter, NamedAddrSpec } from './addr/verbs.ts';
export { addRoute, appendRoute, deleteRoute, replaceRoute } from './route/verbs.ts';
export { listRoutes, getRoute } from './route/verbs.ts';
export type {
  NamedRouteHopSpec,
  RouteFilter,
  RouteHop,
  RouteHopSpec,
  RouteLookup,
  RouteObject,
  RouteVerbs,
  RouteSpec,
} from './route/verbs.ts';
export type { NamedRouteFilter, NamedRouteSpec } from './route/verbs.ts';
export { addNeigh, deleteNeigh, listNeighs, replaceNeigh } from './neigh/verbs.ts';
export type { NamedNeighFilter, NamedNeighSpec, NeighSpecRest } from './neigh/verbs.ts';
export type { NeighFilter, NeighObject, NeighVerbs, NeighSpec } from './neigh/verbs.ts';
export { addFdb, appendFdb, deleteFdb, listFdb, replaceFdb } from './neigh/fdb.ts';
export type { FdbVerbs, FdbFilter, FdbObject, FdbSpec, FdbSpecRest } from './neigh/fdb.ts';
export type { NamedFdbFilter, NamedFdbSpec, NamedFdbSpecRest } from './neigh/fdb.ts';
export { addRule, deleteRule, listRules } from './rule/verbs.ts';
export type { EnsuredRuleSpec, RuleFilter, RuleObject, RuleVerbs, RuleSpec } from './rule/verbs.ts';
export {
  addNexthop,
  deleteNexthop,
  getNexthop,
  listNexthops,
  replaceNexthop,
} from './nexthop/verbs.ts';
export type { EnsuredNexthopSpec, GroupMember } from './nexthop/verbs.ts';
export type { NamedNexthopFilter, NamedNexthopSpec } from './nexthop/verbs.ts';
export type { NexthopFilter, NexthopObject, NexthopVerbs, NexthopSpec } from './nexthop/verbs.ts';
export { getNsid, listNsids, setNsid } from './nsid/verbs.ts';
export type { NsidOf, NsidVerbs } from './nsid/verbs.ts';
export { addVlan, deleteVlan, setVlan } from './vlan/verbs.ts';
export type { NamedVlanFilter, NamedVlanOptions, NamedVlanSpec } from './vlan/verbs.ts';
export type { VlanFilter, VlanGlobalObject, VlanObject, VlanOptions } from './vlan/verbs.ts';
export type { VlanOptionsRest, VlanVerbs, VlanSpec, VlanSpecRest } from './vlan/verbs.ts';
export { addMdb, deleteMdb, listMdb, replaceMdb } from './mdb/verbs.ts';
export type { MdbObject, MdbVerbs, MdbSpec, MdbSpecRest, NamedMdbSpec } from './mdb/verbs.ts';
export { addAddrLabel, deleteAddrLabel, replaceAddrLabel } from './addr-label/verbs.ts';
export { getAddrLabel, listAddrLabels } from './addr-label/verbs.ts';
export type {
  AddrLabelKey,
  AddrLabelKeyRest,
  AddrLabelObject,
  AddrLabelSpec,
  AddrLabelSpecRest,
  AddrLabelVerbs,
  NamedAddrLabelKey,
  NamedAddrLabelSpec,
} from './addr-label/verbs.ts';
export { getNetconf, listNetconfs } from './netconf/verbs.ts';
export type { NetconfFilter, NetconfObject, NetconfVerbs } from './netconf/verbs.ts';
export { addVniFilter, deleteVniFilter, listVniFilters } from './vni-filter/verbs.ts';
export type {
  NamedVniFilterFilter,
  NamedVniFilterKey,
  NamedVniFilterSpec,
  VniFilterFilter,
  VniFilterKey,
  VniFilterKeyRest,
  VniFilterObject,
  VniFilterSpec,
  VniFilterSpecRest,
  VniFilterVerbs,
} from './vni-filter/verbs.ts';

// Messages.
export { addr, groupAddr, type Addr, type AddrInput } from './addr/message.ts';
export { addrLabel, type AddrLabel, type AddrLabelInput } from './addr-label/message.ts';
export type { Encap, EncapInput } from './route/encap.ts';
export { bridgeLink, inet6Link, link, linkProp } from './link/message.ts';
export type {
  BridgeLink,
  Inet6Link,
  Link,
  LinkInput,
  LinkPeer,
  LinkPeerInput,
} from './link/message.ts';
export { linkKinds, linkSlaveKinds } from './link/kinds.ts';
export type { LinkKinds, LinkSlaveKinds } from './link/kinds.ts';
export type { Attrs as LinkAttrs, Head as LinkHead, NamedLink } from './link/object.ts';
export type { LinkAttrsInput, LinkHeadInput } from './link/object.ts';
export type {
  CanStats,
  LinkInfo,
  LinkInfoInput,
  LinkInfoRest,
  LinkKindInput,
} from './link/info.ts';
export type { KindOf, KindOfInput, KindOfSpec, LinkKindSpec } from './link/info.ts';
export type { OtherKindInput, UnknownKindData } from './link/info.ts';
export type { NetkitDataSpec } from './link/kinds/netkit.ts';
export type { VethDataSpec } from './link/kinds/veth.ts';
export type { OtherSlaveInput, SlaveKindOf, SlaveKindOfInput } from './link/info.ts';
export type { AnyKind, AnySlaveKind, KindBy, SlaveKindBy } from './link/info.ts';
export {
  mdb,
  mdbChange,
  mdbQuery,
  type Mdb,
  type MdbChange,
  type MdbQuery,
} from './mdb/message.ts';
export { neigh, type Neigh, type NeighInput } from './neigh/message.ts';
export { neighTable, type NeighTable, type NeighTableInput } from './neigh/neigh-table.ts';
export { ndUserOpt, type NdUserOpt, type NdUserOptInput } from './nd-user-opt/message.ts';
export type { NdUserOptObject } from './nd-user-opt/message.ts';
export type { NdOption, NdOptionInput } from './nd-user-opt/nd-option.ts';
export { netconf, type Netconf, type NetconfInput } from './netconf/message.ts';
export { nexthop, type Nexthop, type NexthopInput } from './nexthop/message.ts';
export { nsid, type Nsid, type NsidInput } from './nsid/message.ts';
export { prefix, type Prefix, type PrefixInput, type PrefixObject } from './prefix.ts';
export { mplsRoute, type MplsRoute, type MplsRouteInput } from './route/label-route.ts';
export type { Realms } from './route/realms.ts';
export type { Via } from './route/via.ts';
export { route, type Route, type RouteInput } from './route/message.ts';
export { rule, type Rule, type RuleInput } from './rule/message.ts';
export { stats, statsQuery, type Stats, type StatsQuery, type StatsQueryInput } from './stats.ts';
export { vlan, vlanQuery, type Vlan, type VlanQuery, type VlanInput } from './vlan/message.ts';
export { vniFilter, type VniFilter, type VniFilterInput } from './vni-filter/message.ts';
