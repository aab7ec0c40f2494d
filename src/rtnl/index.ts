/**
 * `netlink-ts/rtnl`: everything of rtnetlink in the words of `ip` and `bridge`; the requests behind the verbs; and the messages as
 * they are declared.
 *
 * @example
 * using rt = open({ netns: 'blue' });
 * rt.batch([addLink({ ifname: 'br0', kind: 'bridge' }), setLink('br0', { flags: ['up'] })]);
 */
export * from './constants.ts';
export { open, verbs } from './open.ts';
export type { BatchVerbs, OpenOptions, Rtnl, Verbs } from './open.ts';
export type { MissEvent, MonitorEvent, UnreadableEvent, Watch, WatchOptions } from './monitor.ts';
export type { WaitOptions } from './wait.ts';
export { rtnetlink } from './protocol.ts';
export type * from '../netlink/named.ts';

// Verbs, their words, and their requests.
export type { Dev, Done, Ensured } from './dev.ts';
export { addLink, deleteLink, getLink, linkDump, setLink } from './links.ts';
export { addAltNames, deleteAltNames } from './links.ts';
export type {
  LinkFilter,
  LinkNews,
  LinkObject,
  Links,
  LinkSpec,
  NamedLinkAttrs,
  NamedLinkSpec,
} from './links.ts';
export type { LinkKey, LinkPart } from './links.ts';
export { addAddr, addrDump, deleteAddr, replaceAddr } from './addrs.ts';
export type { AddrFilter, AddrObject, Addrs, AddrSpec } from './addrs.ts';
export type { NamedAddrFilter, NamedAddrSpec } from './addrs.ts';
export { addRoute, appendRoute, deleteRoute, replaceRoute } from './routes.ts';
export { routeDump, routeLookup } from './routes.ts';
export type { RouteFilter, RouteLookup, RouteObject, Routes, RouteSpec } from './routes.ts';
export type { NamedRouteFilter, NamedRouteSpec } from './routes.ts';
export { addNeigh, deleteNeigh, neighDump, replaceNeigh } from './neighs.ts';
export type { NamedNeighFilter, NamedNeighSpec } from './neighs.ts';
export type { NeighFilter, NeighObject, Neighs, NeighSpec } from './neighs.ts';
export { addFdb, appendFdb, deleteFdb, fdbDump, replaceFdb } from './fdb.ts';
export type { Fdb, FdbFilter, FdbObject, FdbSpec, NamedFdbFilter, NamedFdbSpec } from './fdb.ts';
export { addRule, deleteRule, ruleDump } from './rules.ts';
export type { RuleFilter, RuleObject, Rules, RuleSpec } from './rules.ts';
export { addNexthop, deleteNexthop, getNexthop, nexthopDump, replaceNexthop } from './nexthops.ts';
export type { GroupMember, NamedNexthopFilter, NamedNexthopSpec } from './nexthops.ts';
export type { NexthopFilter, NexthopObject, Nexthops, NexthopSpec } from './nexthops.ts';
export { getNsid, nsidDump, setNsid } from './nsids.ts';
export type { NsidOf, Nsids } from './nsids.ts';
export { addVlan, deleteVlan, setVlan } from './vlans.ts';
export type { NamedVlanFilter, NamedVlanOptions, NamedVlanSpec } from './vlans.ts';
export type { VlanFilter, VlanGlobalObject, VlanObject, VlanOptions } from './vlans.ts';
export type { Vlans, VlanSpec } from './vlans.ts';
export { addMdb, deleteMdb, mdbDump, replaceMdb } from './mdbs.ts';
export type { MdbObject, Mdbs, MdbSpec, NamedMdbSpec } from './mdbs.ts';

// Messages.
export { addr, groupAddr, type Addr, type AddrInput } from './addr.ts';
export type { Encap, EncapInput } from './encap.ts';
export { bridgeLink, inet6Link, link, linkProp } from './link.ts';
export type { BridgeLink, Inet6Link, Link, LinkInput, LinkPeer, LinkPeerInput } from './link.ts';
export { linkKinds, linkSlaveKinds } from './link-kinds.ts';
export type { LinkKinds, LinkSlaveKinds } from './link-kinds.ts';
export type { Attrs as LinkAttrs, Head as LinkHead, NamedLink } from './link-object.ts';
export type { LinkAttrsInput, LinkHeadInput } from './link-object.ts';
export type {
  CanStats,
  LinkInfo,
  LinkInfoInput,
  LinkInfoRest,
  LinkKindInput,
} from './link-info.ts';
export type { KindOf, KindOfInput, SlaveKindOf, SlaveKindOfInput } from './link-info.ts';
export { mdb, mdbChange, mdbQuery, type Mdb, type MdbChange, type MdbQuery } from './mdb.ts';
export { neigh, type Neigh, type NeighInput } from './neigh.ts';
export { neighTable, type NeighTable, type NeighTableInput } from './neigh-table.ts';
export { netconf, type Netconf, type NetconfInput } from './netconf.ts';
export { nexthop, type Nexthop, type NexthopInput } from './nexthop.ts';
export { nsid, type Nsid, type NsidInput } from './nsid.ts';
export { mplsRoute, type MplsRoute, type MplsRouteInput } from './route-mpls.ts';
export type { Realms } from './realms.ts';
export type { Via } from './route-via.ts';
export { route, type Route, type RouteInput } from './route.ts';
export { rule, type Rule, type RuleInput } from './rule.ts';
export { stats, statsQuery, type Stats, type StatsQuery, type StatsQueryInput } from './stats.ts';
export { vlan, vlanDump, type Vlan, type VlanDump, type VlanInput } from './vlan.ts';
