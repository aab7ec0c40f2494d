/**
 * Fair queueing with pacing: `TCA_OPTIONS` of kind `fq`.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_FQ_*`; tc-fq(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool32, bool8, counted, s64, u32, u64 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { rate } from '../../units.ts';

export const fq = attrs({
  plimit: attr('TCA_FQ_PLIMIT', 1, u32, 'queue limit, in packets'),
  flowPlimit: attr('TCA_FQ_FLOW_PLIMIT', 2, u32, 'queue limit of a flow, in packets'),
  quantum: attr('TCA_FQ_QUANTUM', 3, u32, 'quantum of a flow, in bytes'),
  initialQuantum: attr('TCA_FQ_INITIAL_QUANTUM', 4, u32, 'initial quantum of a flow, in bytes'),
  rateEnable: attr('TCA_FQ_RATE_ENABLE', 5, bool32, 'pace flows'),
  flowDefaultRate: attr('TCA_FQ_FLOW_DEFAULT_RATE', 6, rate, 'obsolete'),
  flowMaxRate: attr('TCA_FQ_FLOW_MAX_RATE', 7, rate, 'maximum rate of a flow'),
  bucketsLog: attr('TCA_FQ_BUCKETS_LOG', 8, u32, 'binary logarithm of the number of buckets'),
  flowRefillDelay: attr(
    'TCA_FQ_FLOW_REFILL_DELAY',
    9,
    u32,
    'idle time after which the credit of a flow is refilled, in µs',
  ),
  orphanMask: attr(
    'TCA_FQ_ORPHAN_MASK',
    10,
    u32,
    'mask of the flow hash of packets without a socket',
  ),
  lowRateThreshold: attr(
    'TCA_FQ_LOW_RATE_THRESHOLD',
    11,
    rate,
    'rate up to which each packet is paced by itself',
  ),
  ceThreshold: attr('TCA_FQ_CE_THRESHOLD', 12, u32, 'delay above which packets are marked, in µs'),
  timerSlack: attr('TCA_FQ_TIMER_SLACK', 13, u32, 'timer slack, in ns'),
  horizon: attr('TCA_FQ_HORIZON', 14, u32, 'horizon: how far ahead a packet may be due, in µs'),
  horizonDrop: attr(
    'TCA_FQ_HORIZON_DROP',
    15,
    bool8,
    'drop packets due beyond the horizon, instead of capping them',
  ),
});

/** Newer kernels append fields. */
export const fqXstats = struct(
  'tc_fq_qd_stats',
  {
    gcFlows: u64,
    highprioPackets: u64,
    tcpRetrans: u64,
    throttled: u64,
    flowsPlimit: u64,
    pktsTooLong: u64,
    allocationErrors: u64,
    timeNextDelayedFlow: s64,
    flows: u32,
    inactiveFlows: u32,
    throttledFlows: u32,
    unthrottleLatencyNs: counted(u32, 'ns'),
  },
  { ceMark: u64, horizonDrops: u64, horizonCaps: u64 },
);
