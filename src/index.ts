/**
 * `netlink-ts`: what most programs need. `open` has the verbs of `ip`, `openNftables` those of `nft`; both in any network namespace.
 *
 * @example
 * using rt = open({ netns: 'blue' });
 * for (const { index, ifname } of rt.links.list()) console.log(index, ifname);
 */
export { ClosedError, CodecError, NetlinkError } from './netlink/errors.ts';
export {
  createNamespace,
  currentNamespace,
  deleteNamespace,
  inNamespace,
  listNamespaces,
  openNamespace,
} from './netlink/socket/namespace.ts';
export { openNftables, type Nftables } from './nftables/open.ts';
export { open, type OpenOptions, type Rtnl, type Verbs } from './rtnl/open.ts';
export type { MissEvent, MonitorEvent, UnreadableEvent } from './rtnl/monitor.ts';
export type { Done, Ensured } from './rtnl/dev.ts';
export type { AddrObject, AddrSpec } from './rtnl/addrs.ts';
export type { FdbObject, FdbSpec } from './rtnl/fdb.ts';
export type { LinkKey, LinkNews, LinkObject, LinkPart, LinkSpec } from './rtnl/links.ts';
export type { MdbObject, MdbSpec } from './rtnl/mdbs.ts';
export type { NeighObject, NeighSpec } from './rtnl/neighs.ts';
export type { NexthopObject, NexthopSpec } from './rtnl/nexthops.ts';
export type { RouteObject, RouteSpec } from './rtnl/routes.ts';
export type { RuleObject, RuleSpec } from './rtnl/rules.ts';
export type { VlanObject, VlanSpec } from './rtnl/vlans.ts';

// What these are made of.
export type * from './netlink/named.ts';
export type { Attrs as LinkAttrs, Head as LinkHead, NamedLink } from './rtnl/link-object.ts';
export type { CanStats, KindOf, SlaveKindOf } from './rtnl/link-info.ts';
export type { LinkPeer, LinkPeerInput } from './rtnl/link.ts';
export type { Expression, ExpressionInput } from './nftables/expression.ts';
export type { Userdata, UserdataInput } from './nftables/userdata.ts';
