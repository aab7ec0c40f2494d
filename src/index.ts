/**
 * `netlink-ts`: what most programs need. `open` has the verbs of `ip`, `openNftables` those of
 * `nft`; both in any network namespace.
 *
 * @example
 * using rt = open({ netns: 'blue' });
 * for (const { index, ifname } of rt.links.list()) console.log(index, ifname);
 */
export { ClosedError, CodecError, NetlinkError } from './errors.ts';
export {
  createNamespace,
  currentNamespace,
  deleteNamespace,
  inNamespace,
  listNamespaces,
  openNamespace,
} from './netlink/namespace.ts';
export { openNftables, type Nftables } from './nftables/open.ts';
export { open, type OpenOptions, type Rtnl, type Verbs } from './rtnl/open.ts';
export type { MissEvent, MonitorEvent, UnreadableEvent } from './rtnl/monitor/object-monitor.ts';
export type { Done, Ensured } from './rtnl/dev.ts';
export type { AddrObject, AddrSpec } from './rtnl/addr/verbs.ts';
export type { FdbObject, FdbSpec } from './rtnl/neigh/fdb.ts';
export type {
  LinkKey,
  LinkNotification,
  LinkObject,
  LinkPart,
  LinkSpec,
} from './rtnl/link/verbs.ts';
export type { MdbObject, MdbSpec } from './rtnl/mdb/verbs.ts';
export type { NeighObject, NeighSpec } from './rtnl/neigh/verbs.ts';
export type { NexthopObject, NexthopSpec } from './rtnl/nexthop/verbs.ts';
export type { RouteObject, RouteSpec } from './rtnl/route/verbs.ts';
export type { RuleObject, RuleSpec } from './rtnl/rule/verbs.ts';
export type { VlanObject, VlanSpec } from './rtnl/vlan/verbs.ts';

// The types they refer to.
export type * from './netlink/named.ts';
export type { Attrs as LinkAttrs, Head as LinkHead, NamedLink } from './rtnl/link/object.ts';
export type { CanStats, KindOf, SlaveKindOf } from './rtnl/link/info.ts';
export type { LinkPeer, LinkPeerInput } from './rtnl/link/message.ts';
export type {
  Dynset,
  Expression,
  ExpressionInput,
  ExpressionOf,
} from './nftables/messages/expression.ts';
export type { Userdata, UserdataInput } from './nftables/messages/userdata.ts';
export type { TableObject } from './nftables/table/verbs.ts';
export type { ChainObject } from './nftables/chain/verbs.ts';
export type { RuleObject as NftRuleObject } from './nftables/rule/verbs.ts';
export type { SetObject } from './nftables/set/verbs.ts';
export type { ElementObject } from './nftables/element/verbs.ts';
export type { StatefulObject } from './nftables/object/verbs.ts';
export type { FlowtableObject } from './nftables/flowtable/verbs.ts';
