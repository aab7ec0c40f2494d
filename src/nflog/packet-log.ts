/** All messages about logged packets, a part of `NETLINK_NETFILTER`. */
import { NETLINK_NETFILTER } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { logConfig, logPacket } from './message.ts';

export const packetLog = protocol('NETLINK_NETFILTER', NETLINK_NETFILTER, [logPacket, logConfig]);
