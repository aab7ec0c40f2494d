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
  plimit: attr('TCA_FQ_PLIMIT', 1, u32, 'packets that may wait'),
  flowPlimit: attr('TCA_FQ_FLOW_PLIMIT', 2, u32, 'packets of a flow that may wait'),
  quantum: attr('TCA_FQ_QUANTUM', 3, u32, 'bytes that a flow may send at once'),
  initialQuantum: attr('TCA_FQ_INITIAL_QUANTUM', 4, u32, 'bytes that a new flow may send at once'),
  rateEnable: attr('TCA_FQ_RATE_ENABLE', 5, bool32, 'flows are paced'),
  flowDefaultRate: attr('TCA_FQ_FLOW_DEFAULT_RATE', 6, rate, 'obsolete'),
  flowMaxRate: attr('TCA_FQ_FLOW_MAX_RATE', 7, rate, 'largest rate of a flow'),
  bucketsLog: attr('TCA_FQ_BUCKETS_LOG', 8, u32, 'binary logarithm of the number of buckets'),
  flowRefillDelay: attr('TCA_FQ_FLOW_REFILL_DELAY', 9, u32, 'idle time of a new flow, in µs'),
  orphanMask: attr('TCA_FQ_ORPHAN_MASK', 10, u32, 'mask of hashes of packets without a socket'),
  lowRateThreshold: attr('TCA_FQ_LOW_RATE_THRESHOLD', 11, rate, 'rate below which packets wait'),
  ceThreshold: attr('TCA_FQ_CE_THRESHOLD', 12, u32, 'delay from which all are marked, in µs'),
  timerSlack: attr('TCA_FQ_TIMER_SLACK', 13, u32, 'slack of the timer, in ns'),
  horizon: attr('TCA_FQ_HORIZON', 14, u32, 'how late a packet may be due, in µs'),
  horizonDrop: attr('TCA_FQ_HORIZON_DROP', 15, bool8, 'drop packets that are due later'),
});

/** Newer kernels append to it. */
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
