/** All messages of traffic control, a part of `NETLINK_ROUTE`. */
import { NETLINK_ROUTE } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { action } from './action/message.ts';
import { chain } from './chain/message.ts';
import { tclass } from './class/message.ts';
import { filter } from './filter/message.ts';
import { qdisc } from './qdisc/message.ts';

export const trafficControl = protocol('NETLINK_ROUTE', NETLINK_ROUTE, [
  qdisc,
  tclass,
  filter,
  chain,
  action,
]);
