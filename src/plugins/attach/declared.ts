/**
 * The messages of rtnetlink that CHECK, STATUS and GC read by their declarations. The list of the
 * library would bring all others into the executable.
 */
import { protocol } from '../../netlink/codec/message.ts';
import { NETLINK_ROUTE } from '../../netlink/constants.ts';
import { addr } from '../../rtnl/addr/message.ts';
import { link } from '../../rtnl/link/message.ts';
import { neigh } from '../../rtnl/neigh/message.ts';
import { nsid } from '../../rtnl/nsid/message.ts';
import { mplsRoute } from '../../rtnl/route/label-route.ts';
import { route } from '../../rtnl/route/message.ts';
import { vlan, vlanQuery } from '../../rtnl/vlan/message.ts';

export const declaredProtocol = protocol('NETLINK_ROUTE', NETLINK_ROUTE, [
  link,
  addr,
  route,
  // In the list of all routes, which CHECK reads.
  mplsRoute,
  neigh,
  nsid,
  vlan,
  vlanQuery,
]);
