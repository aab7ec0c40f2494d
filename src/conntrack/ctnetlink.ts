/** All messages of connection tracking, a part of `NETLINK_NETFILTER`. */
import { NETLINK_NETFILTER } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { connection } from './connection/message.ts';
import { expectation } from './expectation/message.ts';
import { stats, statsCpu } from './stats/message.ts';

export const ctnetlink = protocol('NETLINK_NETFILTER', NETLINK_NETFILTER, [
  connection,
  expectation,
  statsCpu,
  stats,
]);
