/**
 * Counters that IEEE 802.3 and RMON define, of the devices that have them.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_STATS_*`;
 * `ethtool -S eth0 --all-groups`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { u32, u64, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { numbered } from '../../netlink/codec/numbered.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';
import { stringSet } from './strings.ts';

/** `ETHTOOL_STATS_*` */
const group = enumOf(u32, { 'eth-phy': 0, 'eth-mac': 1, 'eth-ctrl': 2, rmon: 3 });

export const statsHist = attrs({
  low: attr('ETHTOOL_A_STATS_GRP_HIST_BKT_LOW', 7, u32, 'shortest frame, in bytes'),
  hi: attr('ETHTOOL_A_STATS_GRP_HIST_BKT_HI', 8, u32, 'longest frame, in bytes'),
  val: attr('ETHTOOL_A_STATS_GRP_HIST_VAL', 9, u64, 'frames'),
});

export const statsGrp = attrs({
  id: attr('ETHTOOL_A_STATS_GRP_ID', 2, group, 'which group'),
  ssId: attr('ETHTOOL_A_STATS_GRP_SS_ID', 3, stringSet, 'set of strings with the names'),
  stat: manyAttr(
    'ETHTOOL_A_STATS_GRP_STAT',
    4,
    nested(numbered('ETHTOOL_A_STATS_GRP_STAT', u64)),
    'counters, by their numbers in the set of strings',
  ),
  histRx: manyAttr('ETHTOOL_A_STATS_GRP_HIST_RX', 5, nested(statsHist), 'received, by length'),
  histTx: manyAttr('ETHTOOL_A_STATS_GRP_HIST_TX', 6, nested(statsHist), 'sent, by length'),
});

export const countersAttrs = attrs({
  header: attr('ETHTOOL_A_STATS_HEADER', 2, header, 'the link'),
  groups: attr('ETHTOOL_A_STATS_GROUPS', 3, bitset, 'in requests: the groups'),
  grp: manyAttr('ETHTOOL_A_STATS_GRP', 4, nested(statsGrp), 'a group of counters'),
  src: attr('ETHTOOL_A_STATS_SRC', 5, u32, 'MAC that the counters belong to; Linux 6.3'),
});

const [request, reply] = ethtoolMessages(
  'stats',
  countersAttrs,
  'Counters that a standard defines.',
  { ETHTOOL_MSG_STATS_GET: 32 },
  { ETHTOOL_MSG_STATS_GET_REPLY: 33 },
);

/** What the user sends. */
export const countersRequest = request;
/** What the kernel answers. */
export const counters = reply;

export type Counters = Static<typeof counters>;
export type CountersInput = Input<typeof counters>;
