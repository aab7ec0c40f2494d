/**
 * Interrupt coalescing: how many packets share an interrupt.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_COALESCE_*`; `ethtool -c eth0`, `ethtool -C eth0
 * rx-usecs 50`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const coalesceAttrs = attrs({
  header: attr('ETHTOOL_A_COALESCE_HEADER', 1, header, 'the link'),
  rxUsecs: attr('ETHTOOL_A_COALESCE_RX_USECS', 2, u32, 'µs after a packet was received'),
  rxMaxFrames: attr('ETHTOOL_A_COALESCE_RX_MAX_FRAMES', 3, u32, 'packets received'),
  rxUsecsIrq: attr('ETHTOOL_A_COALESCE_RX_USECS_IRQ', 4, u32, 'µs, while an interrupt is handled'),
  rxMaxFramesIrq: attr(
    'ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ',
    5,
    u32,
    'packets, while an interrupt is handled',
  ),
  txUsecs: attr('ETHTOOL_A_COALESCE_TX_USECS', 6, u32, 'µs after a packet was sent'),
  txMaxFrames: attr('ETHTOOL_A_COALESCE_TX_MAX_FRAMES', 7, u32, 'packets sent'),
  txUsecsIrq: attr('ETHTOOL_A_COALESCE_TX_USECS_IRQ', 8, u32, 'µs, while an interrupt is handled'),
  txMaxFramesIrq: attr(
    'ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ',
    9,
    u32,
    'packets, while an interrupt is handled',
  ),
  statsBlockUsecs: attr(
    'ETHTOOL_A_COALESCE_STATS_BLOCK_USECS',
    10,
    u32,
    'µs between two updates of the counters',
  ),
  useAdaptiveRx: attr(
    'ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX',
    11,
    bool8,
    'whether the driver adapts to what is received',
  ),
  useAdaptiveTx: attr(
    'ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX',
    12,
    bool8,
    'whether the driver adapts to what is sent',
  ),
  pktRateLow: attr(
    'ETHTOOL_A_COALESCE_PKT_RATE_LOW',
    13,
    u32,
    'packets per second below which the rate is low',
  ),
  rxUsecsLow: attr('ETHTOOL_A_COALESCE_RX_USECS_LOW', 14, u32, 'µs at a low rate'),
  rxMaxFramesLow: attr('ETHTOOL_A_COALESCE_RX_MAX_FRAMES_LOW', 15, u32, 'packets at a low rate'),
  txUsecsLow: attr('ETHTOOL_A_COALESCE_TX_USECS_LOW', 16, u32, 'µs at a low rate'),
  txMaxFramesLow: attr('ETHTOOL_A_COALESCE_TX_MAX_FRAMES_LOW', 17, u32, 'packets at a low rate'),
  pktRateHigh: attr(
    'ETHTOOL_A_COALESCE_PKT_RATE_HIGH',
    18,
    u32,
    'packets per second above which the rate is high',
  ),
  rxUsecsHigh: attr('ETHTOOL_A_COALESCE_RX_USECS_HIGH', 19, u32, 'µs at a high rate'),
  rxMaxFramesHigh: attr('ETHTOOL_A_COALESCE_RX_MAX_FRAMES_HIGH', 20, u32, 'packets at a high rate'),
  txUsecsHigh: attr('ETHTOOL_A_COALESCE_TX_USECS_HIGH', 21, u32, 'µs at a high rate'),
  txMaxFramesHigh: attr('ETHTOOL_A_COALESCE_TX_MAX_FRAMES_HIGH', 22, u32, 'packets at a high rate'),
  rateSampleInterval: attr(
    'ETHTOOL_A_COALESCE_RATE_SAMPLE_INTERVAL',
    23,
    u32,
    'interval at which the rate is sampled, in s',
  ),
  useCqeModeTx: attr(
    'ETHTOOL_A_COALESCE_USE_CQE_MODE_TX',
    24,
    bool8,
    'whether the timer restarts with each completion',
  ),
  useCqeModeRx: attr(
    'ETHTOOL_A_COALESCE_USE_CQE_MODE_RX',
    25,
    bool8,
    'whether the timer restarts with each completion',
  ),
  txAggrMaxBytes: attr(
    'ETHTOOL_A_COALESCE_TX_AGGR_MAX_BYTES',
    26,
    u32,
    'maximum number of aggregated bytes sent; Linux 6.3',
  ),
  txAggrMaxFrames: attr(
    'ETHTOOL_A_COALESCE_TX_AGGR_MAX_FRAMES',
    27,
    u32,
    'maximum number of aggregated packets sent; Linux 6.3',
  ),
  txAggrTimeUsecs: attr(
    'ETHTOOL_A_COALESCE_TX_AGGR_TIME_USECS',
    28,
    u32,
    'µs to wait for packets to aggregate; Linux 6.3',
  ),
});

const [request, reply] = ethtoolMessages(
  'coalesce',
  coalesceAttrs,
  'Interrupt coalescing: how many packets share an interrupt.',
  { ETHTOOL_MSG_COALESCE_GET: 19, ETHTOOL_MSG_COALESCE_SET: 20 },
  { ETHTOOL_MSG_COALESCE_GET_REPLY: 20, ETHTOOL_MSG_COALESCE_NTF: 21 },
);

/** What the user sends. */
export const coalesceRequest = request;
/** What the kernel answers and reports. */
export const coalesce = reply;

export type Coalesce = Static<typeof coalesce>;
export type CoalesceInput = Input<typeof coalesce>;
