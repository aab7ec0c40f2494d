/**
 * An emulated bad network: `TCA_OPTIONS` of kind `netem`, a struct followed by attributes.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_NETEM_*`; tc-netem(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool32, counted, s16, s32, s64, u32 } from '../../../netlink/codec/codec.ts';
import { headed } from '../../../netlink/codec/headed.ts';
import { packed } from '../../../netlink/codec/list.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { nanoseconds, probability, rate, rate64, ticks } from '../../units.ts';

/** Kernels that know `latency64` and `jitter64` use those instead. */
export const tcNetemQopt = struct('tc_netem_qopt', {
  latency: ticks,
  limit: counted(u32, 'packets'),
  loss: probability,
  gap: counted(u32, 'packets'),
  duplicate: probability,
  jitter: ticks,
});

export const tcNetemCorr = struct('tc_netem_corr', {
  delayCorr: probability,
  lossCorr: probability,
  dupCorr: probability,
});

const chance = { probability, correlation: probability } as const;
export const tcNetemReorder = struct('tc_netem_reorder', chance);
export const tcNetemCorrupt = struct('tc_netem_corrupt', chance);

export const tcNetemRate = struct('tc_netem_rate', {
  rate,
  packetOverhead: counted(s32, 'bytes'),
  cellSize: counted(u32, 'bytes'),
  cellOverhead: counted(s32, 'bytes'),
});

export const tcNetemSlot = struct('tc_netem_slot', {
  minDelay: nanoseconds,
  maxDelay: nanoseconds,
  maxPackets: s32,
  maxBytes: s32,
  distDelay: nanoseconds,
  distJitter: nanoseconds,
});

/** A model of four states. */
export const tcNetemGimodel = struct('tc_netem_gimodel', {
  p13: probability,
  p31: probability,
  p32: probability,
  p14: probability,
  p23: probability,
});

/** The model of Gilbert and Elliott. */
export const tcNetemGemodel = struct('tc_netem_gemodel', {
  p: probability,
  r: probability,
  h: probability,
  k1: probability,
});

export const netemLoss = attrs({
  gi: attr('NETEM_LOSS_GI', 1, tcNetemGimodel, 'four states'),
  ge: attr('NETEM_LOSS_GE', 2, tcNetemGemodel, 'Gilbert and Elliott'),
});

export const netemAttrs = attrs({
  corr: attr('TCA_NETEM_CORR', 1, tcNetemCorr, 'correlation with the previous packet'),
  delayDist: attr('TCA_NETEM_DELAY_DIST', 2, packed(s16), 'distribution of the delay'),
  reorder: attr('TCA_NETEM_REORDER', 3, tcNetemReorder, 'reordering'),
  corrupt: attr('TCA_NETEM_CORRUPT', 4, tcNetemCorrupt, 'corruption'),
  loss: attr('TCA_NETEM_LOSS', 5, nested(netemLoss), 'loss model'),
  rate: attr('TCA_NETEM_RATE', 6, tcNetemRate, 'rate of the link'),
  ecn: attr('TCA_NETEM_ECN', 7, bool32, 'mark packets with ECN instead of losing them'),
  rate64: attr('TCA_NETEM_RATE64', 8, rate64, 'rate, from 2³² bytes/s on'),
  latency64: attr('TCA_NETEM_LATENCY64', 10, s64, 'delay, in ns'),
  jitter64: attr('TCA_NETEM_JITTER64', 11, s64, 'jitter, in ns'),
  slot: attr(
    'TCA_NETEM_SLOT',
    12,
    tcNetemSlot,
    'slots: times at which packets are sent together, in ns',
  ),
  slotDist: attr('TCA_NETEM_SLOT_DIST', 13, packed(s16), 'distribution of the slots'),
});

export const netem = headed(tcNetemQopt, netemAttrs);
