/**
 * Which messages a driver logs.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_DEBUG_*`;
 * `ethtool -s eth0 msglvl drv on`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { type Input, type Static } from '../../netlink/codec/codec.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const debugMessagesAttrs = attrs({
  header: attr('ETHTOOL_A_DEBUG_HEADER', 1, header, 'the link'),
  msgmask: attr('ETHTOOL_A_DEBUG_MSGMASK', 2, bitset, 'classes of messages'),
});

const [request, reply] = ethtoolMessages(
  'debug',
  debugMessagesAttrs,
  'Which messages a driver logs.',
  { ETHTOOL_MSG_DEBUG_GET: 7, ETHTOOL_MSG_DEBUG_SET: 8 },
  { ETHTOOL_MSG_DEBUG_GET_REPLY: 7, ETHTOOL_MSG_DEBUG_NTF: 8 },
);

/** What the user sends. */
export const debugMessagesRequest = request;
/** What the kernel answers and reports. */
export const debugMessages = reply;

export type DebugMessages = Static<typeof debugMessages>;
export type DebugMessagesInput = Input<typeof debugMessages>;
