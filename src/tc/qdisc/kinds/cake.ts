/**
 * Common applications kept enhanced: `TCA_OPTIONS` of kind `cake`, and its counters.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_CAKE_*`; tc-cake(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool32, s32, u32, u64 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { list } from '../../../netlink/codec/list.ts';
import { rate64 } from '../../units.ts';

const diffserv = enumOf(u32, {
  diffserv3: 0,
  diffserv4: 1,
  diffserv8: 2,
  besteffort: 3,
  precedence: 4,
});
const flowMode = enumOf(u32, {
  flowblind: 0,
  srchost: 1,
  dsthost: 2,
  hosts: 3,
  flows: 4,
  'dual-srchost': 5,
  'dual-dsthost': 6,
  'triple-isolate': 7,
});
const atm = enumOf(u32, { noatm: 0, atm: 1, ptm: 2 });
const ackFilter = enumOf(u32, { disabled: 0, enabled: 1, aggressive: 2 });

export const cake = attrs({
  baseRate64: attr('TCA_CAKE_BASE_RATE64', 2, rate64, 'bandwidth'),
  diffservMode: attr('TCA_CAKE_DIFFSERV_MODE', 3, diffserv, 'how DSCP values map to tins'),
  atm: attr('TCA_CAKE_ATM', 4, atm, 'framing of the link: none, ATM or PTM'),
  flowMode: attr('TCA_CAKE_FLOW_MODE', 5, flowMode, 'what defines a flow'),
  overhead: attr('TCA_CAKE_OVERHEAD', 6, s32, 'overhead of the link per packet, in bytes'),
  rtt: attr('TCA_CAKE_RTT', 7, u32, 'round-trip time to expect, in µs'),
  target: attr('TCA_CAKE_TARGET', 8, u32, 'target delay, in µs'),
  autorate: attr('TCA_CAKE_AUTORATE', 9, bool32, 'estimate the bandwidth from incoming traffic'),
  memory: attr('TCA_CAKE_MEMORY', 10, u32, 'memory limit, in bytes'),
  nat: attr('TCA_CAKE_NAT', 11, bool32, 'identify flows by their addresses before NAT'),
  raw: attr('TCA_CAKE_RAW', 12, u32, 'use packet sizes without overhead'),
  wash: attr('TCA_CAKE_WASH', 13, bool32, 'clear the DSCP of packets'),
  mpu: attr('TCA_CAKE_MPU', 14, u32, 'smallest size that a packet counts as, in bytes'),
  ingress: attr('TCA_CAKE_INGRESS', 15, bool32, 'ingress mode: dropped packets count too'),
  ackFilter: attr('TCA_CAKE_ACK_FILTER', 16, ackFilter, 'drop superseded TCP ACKs'),
  splitGso: attr('TCA_CAKE_SPLIT_GSO', 17, bool32, 'split GSO packets'),
  fwmark: attr('TCA_CAKE_FWMARK', 18, u32, 'mask of the firewall mark bits that select the tin'),
});

export const cakeTin = attrs({
  sentPackets: attr('TCA_CAKE_TIN_STATS_SENT_PACKETS', 2, u32, 'packets sent'),
  sentBytes64: attr('TCA_CAKE_TIN_STATS_SENT_BYTES64', 3, u64, 'bytes sent'),
  droppedPackets: attr('TCA_CAKE_TIN_STATS_DROPPED_PACKETS', 4, u32, 'packets dropped'),
  droppedBytes64: attr('TCA_CAKE_TIN_STATS_DROPPED_BYTES64', 5, u64, 'bytes dropped'),
  acksDroppedPackets: attr('TCA_CAKE_TIN_STATS_ACKS_DROPPED_PACKETS', 6, u32, 'ACKs dropped'),
  acksDroppedBytes64: attr('TCA_CAKE_TIN_STATS_ACKS_DROPPED_BYTES64', 7, u64, 'bytes of ACKs'),
  ecnMarkedPackets: attr('TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS', 8, u32, 'packets marked'),
  ecnMarkedBytes64: attr('TCA_CAKE_TIN_STATS_ECN_MARKED_BYTES64', 9, u64, 'bytes marked'),
  backlogPackets: attr('TCA_CAKE_TIN_STATS_BACKLOG_PACKETS', 10, u32, 'backlog in packets'),
  backlogBytes: attr('TCA_CAKE_TIN_STATS_BACKLOG_BYTES', 11, u32, 'backlog in bytes'),
  thresholdRate64: attr('TCA_CAKE_TIN_STATS_THRESHOLD_RATE64', 12, rate64, 'rate of the tin'),
  targetUs: attr('TCA_CAKE_TIN_STATS_TARGET_US', 13, u32, 'target delay, in µs'),
  intervalUs: attr('TCA_CAKE_TIN_STATS_INTERVAL_US', 14, u32, 'interval, in µs'),
  wayIndirectHits: attr(
    'TCA_CAKE_TIN_STATS_WAY_INDIRECT_HITS',
    15,
    u32,
    'hash hits in another way of the set',
  ),
  wayMisses: attr('TCA_CAKE_TIN_STATS_WAY_MISSES', 16, u32, 'hash misses'),
  wayCollisions: attr('TCA_CAKE_TIN_STATS_WAY_COLLISIONS', 17, u32, 'hash collisions'),
  peakDelayUs: attr('TCA_CAKE_TIN_STATS_PEAK_DELAY_US', 18, u32, 'largest delay, in µs'),
  avgDelayUs: attr('TCA_CAKE_TIN_STATS_AVG_DELAY_US', 19, u32, 'mean delay, in µs'),
  baseDelayUs: attr('TCA_CAKE_TIN_STATS_BASE_DELAY_US', 20, u32, 'smallest delay, in µs'),
  sparseFlows: attr('TCA_CAKE_TIN_STATS_SPARSE_FLOWS', 21, u32, 'number of sparse flows'),
  bulkFlows: attr('TCA_CAKE_TIN_STATS_BULK_FLOWS', 22, u32, 'number of bulk flows'),
  unresponsiveFlows: attr(
    'TCA_CAKE_TIN_STATS_UNRESPONSIVE_FLOWS',
    23,
    u32,
    'number of unresponsive flows',
  ),
  maxSkblen: attr('TCA_CAKE_TIN_STATS_MAX_SKBLEN', 24, u32, 'largest packet'),
  flowQuantum: attr('TCA_CAKE_TIN_STATS_FLOW_QUANTUM', 25, u32, 'quantum of a flow, in bytes'),
});

export const cakeStats = attrs({
  capacityEstimate64: attr('TCA_CAKE_STATS_CAPACITY_ESTIMATE64', 2, rate64, 'estimated bandwidth'),
  memoryLimit: attr('TCA_CAKE_STATS_MEMORY_LIMIT', 3, u32, 'memory limit, in bytes'),
  memoryUsed: attr('TCA_CAKE_STATS_MEMORY_USED', 4, u32, 'most memory ever used, in bytes'),
  avgNetoff: attr('TCA_CAKE_STATS_AVG_NETOFF', 5, u32, 'mean size of the link-layer header'),
  minNetlen: attr('TCA_CAKE_STATS_MIN_NETLEN', 6, u32, 'smallest packet'),
  maxNetlen: attr('TCA_CAKE_STATS_MAX_NETLEN', 7, u32, 'largest packet'),
  minAdjlen: attr('TCA_CAKE_STATS_MIN_ADJLEN', 8, u32, 'smallest packet with overhead'),
  maxAdjlen: attr('TCA_CAKE_STATS_MAX_ADJLEN', 9, u32, 'largest packet with overhead'),
  tinStats: attr(
    'TCA_CAKE_STATS_TIN_STATS',
    10,
    list('TCA_CAKE_TIN_STATS', cakeTin, { from: 1 }),
    'counters of each tin',
  ),
  deficit: attr('TCA_CAKE_STATS_DEFICIT', 11, s32, 'of a flow: deficit, in bytes'),
  cobaltCount: attr('TCA_CAKE_STATS_COBALT_COUNT', 12, u32, 'of a flow: drop count of COBALT'),
  dropping: attr('TCA_CAKE_STATS_DROPPING', 13, u32, 'of a flow: whether it is dropping'),
  dropNextUs: attr(
    'TCA_CAKE_STATS_DROP_NEXT_US',
    14,
    s32,
    'of a flow: time until the next drop, in µs',
  ),
  pDrop: attr('TCA_CAKE_STATS_P_DROP', 15, u32, 'of a flow: drop probability of BLUE'),
  blueTimerUs: attr(
    'TCA_CAKE_STATS_BLUE_TIMER_US',
    16,
    s32,
    'of a flow: time since BLUE last changed, in µs',
  ),
});
