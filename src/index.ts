/**
 * `netlink-ts`: what most programs need. `open` has the verbs of `ip`, `openNftables` those of `nft`; both in any network namespace.
 *
 * @example
 * using rt = open({ netns: 'blue' });
 * for (const { index, ifname } of rt.links.list()) console.log(index, ifname);
 */
export { CodecError, NetlinkError } from './netlink/errors.ts';
export {
  createNamespace,
  currentNamespace,
  deleteNamespace,
  inNamespace,
  listNamespaces,
  openNamespace,
  type Namespace,
} from './netlink/socket/namespace.ts';
export { openNftables, type Nftables } from './nftables/open.ts';
export { open, type OpenOptions, type Rtnl, type Verbs } from './rtnl/open.ts';
export type { MonitorEvent } from './rtnl/monitor.ts';
export type { AddrObject, AddrSpec } from './rtnl/addrs.ts';
export type { LinkObject, LinkSpec } from './rtnl/links.ts';
export type { NeighObject, NeighSpec } from './rtnl/neighs.ts';
export type { RouteObject, RouteSpec } from './rtnl/routes.ts';
export type { RuleObject, RuleSpec } from './rtnl/rules.ts';
