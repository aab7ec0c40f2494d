/** All messages about held packets, a part of `NETLINK_NETFILTER`. */
import { NETLINK_NETFILTER } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { queueConfig, queuePacket, queueVerdict } from './message.ts';

export const packetQueue = protocol('NETLINK_NETFILTER', NETLINK_NETFILTER, [
  queuePacket,
  queueVerdict,
  queueConfig,
]);
