/**
 * Flow control of a link.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_PAUSE_*`;
 * `ethtool -a eth0`, `ethtool -A eth0 rx off`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, u32, u64, type Input, type Static } from '../../netlink/codec/codec.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const pauseStat = attrs({
  txFrames: attr('ETHTOOL_A_PAUSE_STAT_TX_FRAMES', 2, u64, 'frames sent'),
  rxFrames: attr('ETHTOOL_A_PAUSE_STAT_RX_FRAMES', 3, u64, 'frames received'),
});

export const pauseAttrs = attrs({
  header: attr('ETHTOOL_A_PAUSE_HEADER', 1, header, 'the link'),
  autoneg: attr('ETHTOOL_A_PAUSE_AUTONEG', 2, bool8, 'whether autonegotiation is on'),
  rx: attr('ETHTOOL_A_PAUSE_RX', 3, bool8, 'whether pause frames from the other end are obeyed'),
  tx: attr('ETHTOOL_A_PAUSE_TX', 4, bool8, 'whether pause frames are sent'),
  stats: attr('ETHTOOL_A_PAUSE_STATS', 5, nested(pauseStat), 'counters, if they are asked for'),
  statsSrc: attr('ETHTOOL_A_PAUSE_STATS_SRC', 6, u32, 'MAC that the counters belong to; Linux 6.3'),
});

const [request, reply] = ethtoolMessages(
  'pause',
  pauseAttrs,
  'Flow control of a link.',
  { ETHTOOL_MSG_PAUSE_GET: 21, ETHTOOL_MSG_PAUSE_SET: 22 },
  { ETHTOOL_MSG_PAUSE_GET_REPLY: 22, ETHTOOL_MSG_PAUSE_NTF: 23 },
);

/** What the user sends. */
export const pauseRequest = request;
/** What the kernel answers and reports. */
export const pause = reply;

export type Pause = Static<typeof pause>;
export type PauseInput = Input<typeof pause>;
