/** rtnetlink as far as ADD, DEL, GC and STATUS of ipvlan speak it; src/rtnl/rtnetlink.ts has all of it. */
import { NETLINK_ROUTE } from '../../netlink/constants.ts';
import { protocolOf } from '../../netlink/codec/protocol.ts';
import { addr } from '../wire/addr.ts';
import { link } from '../wire/link.ts';
import { nsid } from '../wire/nsid.ts';
import { route } from '../wire/route.ts';

export const ipvlanProtocol = protocolOf('NETLINK_ROUTE', NETLINK_ROUTE, [link, addr, route, nsid]);
