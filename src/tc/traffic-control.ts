/** All messages of traffic control, a part of `NETLINK_ROUTE`. */
import { NETLINK_ROUTE } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { tclass } from './class/message.ts';
import { qdisc } from './qdisc/message.ts';

export const trafficControl = protocol('NETLINK_ROUTE', NETLINK_ROUTE, [qdisc, tclass]);
