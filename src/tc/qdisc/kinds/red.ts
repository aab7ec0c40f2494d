/**
 * Random early detection: `TCA_OPTIONS` of kinds `red`, `choke`, `sfq` and `sfb`.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_RED_*`, `TCA_CHOKE_*`, `struct tc_sfq_qopt_v1`,
 * `struct tc_sfb_qopt`; tc-red(8), tc-choke(8), tc-sfq(8), tc-sfb(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bytes, counted, s32, u32, u8 } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { bitfield32, probability } from '../../units.ts';

const flags = flagsOf(u8, { ecn: 1, harddrop: 2, adaptive: 4, nodrop: 8 });
const thresholds = { qthMin: u32, qthMax: u32, wlog: u8, plog: u8, scellLog: u8, flags } as const;

export const tcRedQopt = struct('tc_red_qopt', { limit: counted(u32, 'bytes'), ...thresholds });

export const red = attrs({
  parms: attr('TCA_RED_PARMS', 1, tcRedQopt, 'thresholds'),
  stab: attr('TCA_RED_STAB', 2, bytes, 'table: decay of the average while idle'),
  maxP: attr('TCA_RED_MAX_P', 3, probability, 'drop probability at the upper threshold'),
  flags: attr('TCA_RED_FLAGS', 4, bitfield32, 'flags, with their mask'),
  earlyDropBlock: attr(
    'TCA_RED_EARLY_DROP_BLOCK',
    5,
    u32,
    'block whose filters see early-dropped packets',
  ),
  markBlock: attr('TCA_RED_MARK_BLOCK', 6, u32, 'block whose filters see marked packets'),
});

export const redXstats = struct('tc_red_xstats', {
  early: u32,
  pdrop: u32,
  other: u32,
  marked: u32,
});

export const tcChokeQopt = struct('tc_choke_qopt', {
  limit: counted(u32, 'packets'),
  ...thresholds,
});

export const choke = attrs({
  parms: attr('TCA_CHOKE_PARMS', 1, tcChokeQopt, 'thresholds'),
  stab: attr('TCA_CHOKE_STAB', 2, bytes, 'table: decay of the average while idle'),
  maxP: attr('TCA_CHOKE_MAX_P', 3, probability, 'drop probability at the upper threshold'),
});

export const chokeXstats = struct('tc_choke_xstats', {
  early: u32,
  pdrop: u32,
  other: u32,
  marked: u32,
  matched: u32,
});

/** Older programs send no fields after `flows`. */
export const sfq = struct(
  'tc_sfq_qopt',
  {
    quantum: counted(u32, 'bytes'),
    perturbPeriod: counted(s32, 's'),
    limit: counted(u32, 'packets'),
    divisor: u32,
    flows: u32,
  },
  {
    depth: u32,
    headdrop: u32,
    redLimit: counted(u32, 'bytes'),
    qthMin: u32,
    qthMax: u32,
    wlog: u8,
    plog: u8,
    scellLog: u8,
    flags,
    maxP: probability,
    probDrop: u32,
    forcedDrop: u32,
    probMark: u32,
    forcedMark: u32,
    probMarkHead: u32,
    forcedMarkHead: u32,
  },
);

export const sfqXstats = struct('tc_sfq_xstats', { allot: s32 });

export const tcSfbQopt = struct('tc_sfb_qopt', {
  rehashInterval: counted(u32, 'ms'),
  warmupTime: counted(u32, 'ms'),
  max: u32,
  binSize: counted(u32, 'packets'),
  increment: u32,
  decrement: u32,
  limit: counted(u32, 'packets'),
  penaltyRate: counted(u32, 'packets/s'),
  penaltyBurst: u32,
});

export const sfb = attrs({ parms: attr('TCA_SFB_PARMS', 1, tcSfbQopt, 'parameters') });

export const sfbXstats = struct('tc_sfb_xstats', {
  earlydrop: u32,
  penaltydrop: u32,
  bucketdrop: u32,
  queuedrop: u32,
  childdrop: u32,
  marked: u32,
  maxqlen: u32,
  maxprob: u32,
  avgprob: u32,
});
