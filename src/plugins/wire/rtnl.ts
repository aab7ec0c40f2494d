/**
 * rtnetlink as far as the plugins need it when somebody waits for them: messages that are read and
 * written by tables, with the declared values, and the requests of src/rtnl with these messages.
 */
import type { Message } from '../../netlink/codec/message.ts';
import type { Picked } from '../../netlink/codec/pick.ts';
import { protocolOf } from '../../netlink/codec/protocol.ts';
import type { Request } from '../../netlink/connection.ts';
import { NETLINK_ROUTE, NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import { addrRequests } from '../../rtnl/addr/requests.ts';
import type { Addr, AddrInput } from '../../rtnl/addr/message.ts';
import * as rt from '../../rtnl/constants.ts';
import type {
  BridgeLink,
  BridgeLinkInput,
  Link as WholeLink,
  LinkInput,
} from '../../rtnl/link/message.ts';
import { linkMessage, type LinkSpec } from '../../rtnl/link/object.ts';
import { linkRequests } from '../../rtnl/link/requests.ts';
import type { Neigh, NeighInput } from '../../rtnl/neigh/message.ts';
import type { Nsid, NsidInput } from '../../rtnl/nsid/message.ts';
import { routeRequests, type RouteSpec } from '../../rtnl/route/requests.ts';
import type { Route as WholeRoute, RouteInput } from '../../rtnl/route/message.ts';
import * as subjects from '../../rtnl/subjects.ts';
import { message } from './interpreter.ts';
import type { rtnl } from './picks.ts';
import * as tables from './tables-rtnl.ts';

type Picks = typeof rtnl;
/** A link with the attributes that plugins use. */
export type Link = Picked<WholeLink, keyof Picks['link']>;
type Route = Picked<WholeRoute, keyof Picks['route']>;

export const link: Message<Link, LinkInput> = message(tables.link, subjects.linkSubject);
const bridgeLink: Message<BridgeLink, BridgeLinkInput> = message(
  tables.bridgeLink,
  subjects.linkSubject,
);
export const addr: Message<Addr, AddrInput> = message(tables.addr, subjects.addrSubject);
export const route: Message<Route, RouteInput> = message(tables.route, subjects.routeSubject);
const neigh: Message<Neigh, NeighInput> = message(tables.neigh, subjects.neighSubject);
export const nsid: Message<Nsid, NsidInput> = message(tables.nsid, subjects.nsidSubject);

export const attachProtocol = protocolOf('NETLINK_ROUTE', NETLINK_ROUTE, [
  link,
  addr,
  route,
  neigh,
  nsid,
]);

export const { addLink, setLink, deleteLink, getLink, listLinks } = linkRequests(link);
export const { addAddr, deleteAddr, listAddrs } = addrRequests(addr);
export const { listRoutes } = routeRequests(route);
const { addRoute } = routeRequests(route);

/** Neither EXCL nor APPEND: several routes to one destination may coexist. */
export const prependRoute = (spec: RouteSpec): Request<Route, RouteInput> => ({
  ...addRoute(spec),
  flags: NLM_F_CREATE,
});

/** Sets an address again, as the kernel reported it. */
export const restoreAddr = (value: Addr): Request<Addr, AddrInput> => ({
  message: addr,
  type: rt.RTM_NEWADDR,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value,
});

/** Removes an address: one with a peer is not identified by its own text alone. */
export const removeAddr = (value: Addr): Request<Addr, AddrInput> => ({
  message: addr,
  type: rt.RTM_DELADDR,
  value,
});

/** The device type of a link: a word of `ARPHRD_*`. */
export const hardwareOf = ({ type }: Link): string =>
  typeof type === 'number' ? `ARPHRD ${type}` : type;

type LinkRequest = Request<Link, LinkInput>;

/** All links of a kind in the namespace with this id; without an id in this one. */
export const linksIn = (kind: string, targetNetnsid: number | undefined): LinkRequest => ({
  ...listLinks(),
  value: linkMessage({ kind, extMask: ['skip_stats'], targetNetnsid } as LinkSpec),
});

/** Deletes a link there. */
export const deleteLinkIn = (index: number, targetNetnsid: number | undefined): LinkRequest => ({
  ...deleteLink(index),
  value: { index, attrs: { targetNetnsid } },
});

/** VLANs of a bridge port, as `bridge vlan` has them. */
export type PortVlan = NonNullable<
  NonNullable<NonNullable<BridgeLinkInput['attrs']>['afSpec']>['vlanInfo']
>[number];

const portVlans = (
  type: number,
  index: number,
  vlanInfo: readonly PortVlan[],
): Request<BridgeLink, BridgeLinkInput> => ({
  message: bridgeLink,
  type,
  value: { family: 'bridge', index, attrs: { afSpec: { flags: ['master'], vlanInfo } } },
});

/** Adds a port to VLANs. */
export const addPortVlans = (port: number, vlans: readonly PortVlan[]) =>
  portVlans(rt.RTM_SETLINK, port, vlans);

/** Removes a port from a VLAN. */
export const removePortVlan = (port: number, vid: number) =>
  portVlans(rt.RTM_DELLINK, port, [{ vid }]);

type NeighRequest = Request<Neigh, NeighInput>;

/**
 * Adds the address that packets may come from on a locked port: `bridge fdb add … master static
 * sticky`. Not EXCL: the bridge may have learned the address on another port before.
 */
export const addSender = (ifindex: number, lladdr: string): NeighRequest => ({
  message: neigh,
  type: rt.RTM_NEWNEIGH,
  flags: NLM_F_CREATE,
  value: {
    family: 'bridge',
    ifindex,
    state: ['noarp'],
    flags: ['master', 'sticky'],
    attrs: { lladdr },
  },
});

/**
 * Asks a bridge which port has an address: `bridge fdb get … br`. The answer names the port, or the
 * bridge for an address of its own.
 */
export const getFdb = (master: number, lladdr: string): NeighRequest => ({
  message: neigh,
  type: rt.RTM_GETNEIGH,
  value: { family: 'bridge', attrs: { master, lladdr } },
});

type NsidRequest = Request<Nsid, NsidInput>;

/** Gives another namespace an id here, which the kernel chooses; EEXIST when it has one. */
export const numberNamespace = (fd: number): NsidRequest => ({
  message: nsid,
  type: rt.RTM_NEWNSID,
  value: { attrs: { nsid: -1, fd } },
});

/**
 * Asks for the id of a namespace, which is -1 where it has none; without `fd`, in a dump, for all
 * ids.
 */
export const getNsid = (fd?: number): NsidRequest => ({
  message: nsid,
  type: rt.RTM_GETNSID,
  value: { attrs: { fd } },
});
