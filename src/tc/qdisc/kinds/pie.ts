/**
 * Proportional integral controllers: `TCA_OPTIONS` of kinds `pie` and `fq_pie`; and `hhf`, which
 * finds heavy hitters.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_PIE_*`, `TCA_FQ_PIE_*`, `TCA_HHF_*`; tc-pie(8),
 * tc-fq_pie(8), tc-hhf(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool32, counted, u32, u64 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';

export const pie = attrs({
  target: attr('TCA_PIE_TARGET', 1, u32, 'target delay, in µs'),
  limit: attr('TCA_PIE_LIMIT', 2, u32, 'queue limit, in packets'),
  tupdate: attr('TCA_PIE_TUPDATE', 3, u32, 'update interval, in µs'),
  alpha: attr('TCA_PIE_ALPHA', 4, u32, 'alpha: weight of the delay'),
  beta: attr('TCA_PIE_BETA', 5, u32, 'beta: weight of its change'),
  ecn: attr('TCA_PIE_ECN', 6, bool32, 'mark packets with ECN instead of dropping them'),
  bytemode: attr('TCA_PIE_BYTEMODE', 7, bool32, 'scale the drop probability by packet size'),
  dqRateEstimator: attr(
    'TCA_PIE_DQ_RATE_ESTIMATOR',
    8,
    bool32,
    'estimate the delay from the dequeue rate',
  ),
});

export const pieXstats = struct('tc_pie_xstats', {
  prob: u64,
  delay: counted(u32, 'µs'),
  avgDqRate: u32,
  dqRateEstimating: u32,
  packetsIn: u32,
  dropped: u32,
  overlimit: u32,
  maxq: u32,
  ecnMark: u32,
});

export const fqPie = attrs({
  limit: attr('TCA_FQ_PIE_LIMIT', 1, u32, 'queue limit, in packets'),
  flows: attr('TCA_FQ_PIE_FLOWS', 2, u32, 'number of queues'),
  target: attr('TCA_FQ_PIE_TARGET', 3, u32, 'target delay, in µs'),
  tupdate: attr('TCA_FQ_PIE_TUPDATE', 4, u32, 'update interval, in µs'),
  alpha: attr('TCA_FQ_PIE_ALPHA', 5, u32, 'alpha: weight of the delay'),
  beta: attr('TCA_FQ_PIE_BETA', 6, u32, 'beta: weight of its change'),
  quantum: attr('TCA_FQ_PIE_QUANTUM', 7, u32, 'quantum of a flow, in bytes'),
  memoryLimit: attr('TCA_FQ_PIE_MEMORY_LIMIT', 8, u32, 'memory limit, in bytes'),
  ecnProb: attr(
    'TCA_FQ_PIE_ECN_PROB',
    9,
    u32,
    'drop probability up to which packets are marked, in percent',
  ),
  ecn: attr('TCA_FQ_PIE_ECN', 10, bool32, 'mark packets with ECN instead of dropping them'),
  bytemode: attr('TCA_FQ_PIE_BYTEMODE', 11, bool32, 'scale the drop probability by packet size'),
  dqRateEstimator: attr(
    'TCA_FQ_PIE_DQ_RATE_ESTIMATOR',
    12,
    bool32,
    'estimate the delay from the dequeue rate',
  ),
});

export const fqPieXstats = struct('tc_fq_pie_xstats', {
  packetsIn: u32,
  dropped: u32,
  overlimit: u32,
  overmemory: u32,
  ecnMark: u32,
  newFlowCount: u32,
  newFlowsLen: u32,
  oldFlowsLen: u32,
  memoryUsage: counted(u32, 'bytes'),
});

export const hhf = attrs({
  backlogLimit: attr('TCA_HHF_BACKLOG_LIMIT', 1, u32, 'queue limit, in packets'),
  quantum: attr('TCA_HHF_QUANTUM', 2, u32, 'quantum of a class, in bytes'),
  hhFlowsLimit: attr('TCA_HHF_HH_FLOWS_LIMIT', 3, u32, 'maximum number of heavy hitters'),
  resetTimeout: attr(
    'TCA_HHF_RESET_TIMEOUT',
    4,
    u32,
    'interval after which the counters are reset, in µs',
  ),
  admitBytes: attr('TCA_HHF_ADMIT_BYTES', 5, u32, 'bytes above which a flow is a heavy hitter'),
  evictTimeout: attr(
    'TCA_HHF_EVICT_TIMEOUT',
    6,
    u32,
    'idle time after which a heavy hitter is forgotten, in µs',
  ),
  nonHhWeight: attr(
    'TCA_HHF_NON_HH_WEIGHT',
    7,
    u32,
    'weight of the flows that are not heavy hitters',
  ),
});

export const hhfXstats = struct('tc_hhf_xstats', {
  dropOverlimit: u32,
  hhOverlimit: u32,
  hhTotCount: u32,
  hhCurCount: u32,
});
