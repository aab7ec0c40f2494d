/**
 * Queues of a device.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_CHANNELS_*`;
 * `ethtool -l eth0`, `ethtool -L eth0 combined 4`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const channelsAttrs = attrs({
  header: attr('ETHTOOL_A_CHANNELS_HEADER', 1, header, 'the link'),
  rxMax: attr('ETHTOOL_A_CHANNELS_RX_MAX', 2, u32, 'maximum for receiving'),
  txMax: attr('ETHTOOL_A_CHANNELS_TX_MAX', 3, u32, 'maximum for sending'),
  otherMax: attr('ETHTOOL_A_CHANNELS_OTHER_MAX', 4, u32, 'maximum for other purposes'),
  combinedMax: attr('ETHTOOL_A_CHANNELS_COMBINED_MAX', 5, u32, 'maximum combined'),
  rxCount: attr('ETHTOOL_A_CHANNELS_RX_COUNT', 6, u32, 'for receiving'),
  txCount: attr('ETHTOOL_A_CHANNELS_TX_COUNT', 7, u32, 'for sending'),
  otherCount: attr('ETHTOOL_A_CHANNELS_OTHER_COUNT', 8, u32, 'for other purposes'),
  combinedCount: attr('ETHTOOL_A_CHANNELS_COMBINED_COUNT', 9, u32, 'combined, for both'),
});

const [request, reply] = ethtoolMessages(
  'channels',
  channelsAttrs,
  'Queues of a device.',
  { ETHTOOL_MSG_CHANNELS_GET: 17, ETHTOOL_MSG_CHANNELS_SET: 18 },
  { ETHTOOL_MSG_CHANNELS_GET_REPLY: 18, ETHTOOL_MSG_CHANNELS_NTF: 19 },
);

/** What the user sends. */
export const channelsRequest = request;
/** What the kernel answers and reports. */
export const channels = reply;

export type Channels = Static<typeof channels>;
export type ChannelsInput = Input<typeof channels>;
