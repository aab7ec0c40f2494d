/** rtnetlink as far as ADD and DEL speak it; src/rtnl/rtnetlink.ts has all of it. */
import { NETLINK_ROUTE } from '../../netlink/constants.ts';
import { protocolOf } from '../../netlink/codec/protocol.ts';
import { addr } from './addr.ts';
import { link } from './link.ts';
import { fdb } from './port.ts';
import { route } from './route.ts';

export const attachProtocol = protocolOf('NETLINK_ROUTE', NETLINK_ROUTE, [link, addr, route, fdb]);
