/**
 * Descriptors in the rings of a device.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_RINGS_*`;
 * `ethtool -g eth0`, `ethtool -G eth0 rx 512`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { ethtoolMessages, header } from '../declare.ts';

/** `ETHTOOL_TCP_DATA_SPLIT_*` */
const tcpDataSplit = enumOf(u8, { unknown: 0, disabled: 1, enabled: 2 });

export const ringsAttrs = attrs({
  header: attr('ETHTOOL_A_RINGS_HEADER', 1, header, 'the link'),
  rxMax: attr('ETHTOOL_A_RINGS_RX_MAX', 2, u32, 'maximum for receiving'),
  rxMiniMax: attr('ETHTOOL_A_RINGS_RX_MINI_MAX', 3, u32, 'maximum for short packets (mini)'),
  rxJumboMax: attr('ETHTOOL_A_RINGS_RX_JUMBO_MAX', 4, u32, 'maximum for long packets (jumbo)'),
  txMax: attr('ETHTOOL_A_RINGS_TX_MAX', 5, u32, 'maximum for sending'),
  rx: attr('ETHTOOL_A_RINGS_RX', 6, u32, 'for receiving'),
  rxMini: attr('ETHTOOL_A_RINGS_RX_MINI', 7, u32, 'for short packets (mini)'),
  rxJumbo: attr('ETHTOOL_A_RINGS_RX_JUMBO', 8, u32, 'for long packets (jumbo)'),
  tx: attr('ETHTOOL_A_RINGS_TX', 9, u32, 'for sending'),
  rxBufLen: attr('ETHTOOL_A_RINGS_RX_BUF_LEN', 10, u32, 'size of a receive buffer, in bytes'),
  tcpDataSplit: attr(
    'ETHTOOL_A_RINGS_TCP_DATA_SPLIT',
    11,
    tcpDataSplit,
    'whether headers and data are split',
  ),
  cqeSize: attr('ETHTOOL_A_RINGS_CQE_SIZE', 12, u32, 'size of a completion queue entry, in bytes'),
  txPush: attr(
    'ETHTOOL_A_RINGS_TX_PUSH',
    13,
    bool8,
    'whether transmit descriptors are pushed to the device',
  ),
  rxPush: attr(
    'ETHTOOL_A_RINGS_RX_PUSH',
    14,
    bool8,
    'whether receive descriptors are pushed to the device; Linux 6.3',
  ),
  txPushBufLen: attr(
    'ETHTOOL_A_RINGS_TX_PUSH_BUF_LEN',
    15,
    u32,
    'size of the transmit push buffer, in bytes; Linux 6.4',
  ),
  txPushBufLenMax: attr(
    'ETHTOOL_A_RINGS_TX_PUSH_BUF_LEN_MAX',
    16,
    u32,
    'maximum size of the transmit push buffer, in bytes; Linux 6.4',
  ),
  hdsThresh: attr(
    'ETHTOOL_A_RINGS_HDS_THRESH',
    17,
    u32,
    'size above which headers and data are split, in bytes; Linux 6.14',
  ),
  hdsThreshMax: attr(
    'ETHTOOL_A_RINGS_HDS_THRESH_MAX',
    18,
    u32,
    'maximum of that size, in bytes; Linux 6.14',
  ),
});

const [request, reply] = ethtoolMessages(
  'rings',
  ringsAttrs,
  'Descriptors in the rings of a device.',
  { ETHTOOL_MSG_RINGS_GET: 15, ETHTOOL_MSG_RINGS_SET: 16 },
  { ETHTOOL_MSG_RINGS_GET_REPLY: 16, ETHTOOL_MSG_RINGS_NTF: 17 },
);

/** What the user sends. */
export const ringsRequest = request;
/** What the kernel answers and reports. */
export const rings = reply;

export type Rings = Static<typeof rings>;
export type RingsInput = Input<typeof rings>;
