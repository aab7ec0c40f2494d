/** All rtnetlink messages: `NETLINK_ROUTE`. A new message is added to this list, and to `fixtures/rtnl`. */
import { NETLINK_ROUTE } from '../netlink/constants.ts';
import { protocol } from '../netlink/message.ts';
import { addr } from './addr.ts';
import { bridgeLink, link } from './link.ts';
import { mplsRoute } from './route-mpls.ts';
import { route } from './route.ts';

export const rtnetlink = protocol('NETLINK_ROUTE', NETLINK_ROUTE, [
  link,
  bridgeLink,
  addr,
  route,
  mplsRoute,
]);
