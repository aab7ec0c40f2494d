/**
 * Controlled delay: `TCA_OPTIONS` of kinds `codel` and `fq_codel`.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_CODEL_*`, `TCA_FQ_CODEL_*`; tc-codel(8), tc-fq_codel(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool32, counted, s32, u32, u8 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';

export const codel = attrs({
  target: attr('TCA_CODEL_TARGET', 1, u32, 'target delay, in µs'),
  limit: attr('TCA_CODEL_LIMIT', 2, u32, 'queue limit, in packets'),
  interval: attr(
    'TCA_CODEL_INTERVAL',
    3,
    u32,
    'window in which the minimum delay is measured, in µs',
  ),
  ecn: attr('TCA_CODEL_ECN', 4, bool32, 'mark packets with ECN instead of dropping them'),
  ceThreshold: attr(
    'TCA_CODEL_CE_THRESHOLD',
    5,
    u32,
    'delay above which packets are marked, in µs',
  ),
});

export const codelXstats = struct('tc_codel_xstats', {
  maxpacket: counted(u32, 'bytes'),
  count: u32,
  lastcount: u32,
  ldelay: counted(u32, 'µs'),
  dropNext: counted(s32, 'µs'),
  dropOverlimit: u32,
  ecnMark: u32,
  dropping: u32,
  ceMark: u32,
});

export const fqCodel = attrs({
  target: attr('TCA_FQ_CODEL_TARGET', 1, u32, 'target delay, in µs'),
  limit: attr('TCA_FQ_CODEL_LIMIT', 2, u32, 'queue limit, in packets'),
  interval: attr(
    'TCA_FQ_CODEL_INTERVAL',
    3,
    u32,
    'window in which the minimum delay is measured, in µs',
  ),
  ecn: attr('TCA_FQ_CODEL_ECN', 4, bool32, 'mark packets with ECN instead of dropping them'),
  flows: attr('TCA_FQ_CODEL_FLOWS', 5, u32, 'number of queues'),
  quantum: attr('TCA_FQ_CODEL_QUANTUM', 6, u32, 'quantum of a flow, in bytes'),
  ceThreshold: attr(
    'TCA_FQ_CODEL_CE_THRESHOLD',
    7,
    u32,
    'delay above which packets are marked, in µs',
  ),
  dropBatchSize: attr('TCA_FQ_CODEL_DROP_BATCH_SIZE', 8, u32, 'packets dropped in one batch'),
  memoryLimit: attr('TCA_FQ_CODEL_MEMORY_LIMIT', 9, u32, 'memory limit, in bytes'),
  ceThresholdSelector: attr(
    'TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR',
    10,
    u8,
    'ECN field of packets that ce_threshold applies to',
  ),
  ceThresholdMask: attr('TCA_FQ_CODEL_CE_THRESHOLD_MASK', 11, u8, 'bits of it that count'),
});

/** Of the qdisc, `type` 0. */
export const fqCodelXstats = struct('tc_fq_codel_qd_stats', {
  type: u32,
  maxpacket: counted(u32, 'bytes'),
  dropOverlimit: u32,
  ecnMark: u32,
  newFlowCount: u32,
  newFlowsLen: u32,
  oldFlowsLen: u32,
  ceMark: u32,
  memoryUsage: counted(u32, 'bytes'),
  dropOvermemory: u32,
});

/** Of a flow, `type` 1. */
export const fqCodelClassXstats = struct('tc_fq_codel_cl_stats', {
  type: u32,
  deficit: s32,
  ldelay: counted(u32, 'µs'),
  count: u32,
  lastcount: u32,
  dropping: u32,
  dropNext: counted(s32, 'µs'),
});
