/**
 * Counters of qdiscs, classes and actions: `TCA_STATS2`, and the older `TCA_STATS`.
 *
 * include/uapi/linux/gen_stats.h; include/uapi/linux/pkt_sched.h; `tc -s qdisc`.
 */
import { attr, attrs } from '../netlink/codec/attributes.ts';
import type { Kinds } from '../netlink/codec/by-kind.ts';
import { bytes, counted, s8, u32, u64, u8, type Static } from '../netlink/codec/codec.ts';
import { struct } from '../netlink/codec/struct.ts';
import { cakeStats } from './qdisc/kinds/cake.ts';

export const gnetStatsBasic = struct('gnet_stats_basic', { bytes: u64, packets: u32, _pad: u32 });
export const gnetStatsRateEst = struct('gnet_stats_rate_est', { bps: u32, pps: u32 });
export const gnetStatsRateEst64 = struct('gnet_stats_rate_est64', { bps: u64, pps: u64 });
export const gnetStatsQueue = struct('gnet_stats_queue', {
  qlen: u32,
  backlog: u32,
  drops: u32,
  requeues: u32,
  overlimits: u32,
});

const common = {
  basic: attr('TCA_STATS_BASIC', 1, gnetStatsBasic, 'bytes and packets sent'),
  rateEst: attr('TCA_STATS_RATE_EST', 2, gnetStatsRateEst, 'bytes and packets per second'),
  queue: attr('TCA_STATS_QUEUE', 3, gnetStatsQueue, 'backlog, drops and requeues'),
  rateEst64: attr('TCA_STATS_RATE_EST64', 5, gnetStatsRateEst64, 'bytes and packets per second'),
  basicHw: attr('TCA_STATS_BASIC_HW', 7, gnetStatsBasic, 'bytes and packets sent by hardware'),
  pkt64: attr('TCA_STATS_PKT64', 8, u64, 'packets'),
} as const;

export const tcaStats = attrs({
  ...common,
  app: attr('TCA_STATS_APP', 4, bytes, 'counters of the kind, also in TCA_XSTATS'),
});

export const tcaCakeStats = attrs({
  ...common,
  app: attr('TCA_STATS_APP', 4, cakeStats, 'counters of the kind'),
});

/** All kinds but one have the same counters. */
export const statsByKind: Kinds = {
  register: () => undefined,
  get: (word) => (word === 'cake' ? tcaCakeStats : tcaStats),
  words: () => ['cake', 'any other'],
};

export const tcStats = struct('tc_stats', {
  bytes: u64,
  packets: u32,
  drops: u32,
  overlimits: u32,
  bps: u32,
  pps: u32,
  qlen: u32,
  backlog: u32,
});

/** `TCA_RATE`: how rates are estimated. */
export const tcEstimator = struct('tc_estimator', { interval: counted(s8, '2ⁿ s'), ewmaLog: u8 });

export type TcaStats = Static<typeof tcaStats>;
export type TcaCakeStats = Static<typeof tcaCakeStats>;
