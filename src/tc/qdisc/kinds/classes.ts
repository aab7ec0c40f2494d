/**
 * Kinds that divide packets among classes: `TCA_OPTIONS` of kinds `ets`, `drr` and `qfq`, `mqprio`,
 * `cbs`, `etf` and `taprio`.
 *
 * include/uapi/linux/pkt_sched.h; tc-ets(8), tc-drr(8), tc-mqprio(8), tc-cbs(8), tc-etf(8),
 * tc-taprio(8).
 */
import { attr, attrs, manyAttr } from '../../../netlink/codec/attributes.ts';
import { counted, s32, s64, u16, u32, u8 } from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';
import { headed } from '../../../netlink/codec/headed.ts';
import { list } from '../../../netlink/codec/list.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { priomap, queues, rate64 } from '../../units.ts';

export const ets = attrs({
  nbands: attr('TCA_ETS_NBANDS', 1, u8, 'number of bands'),
  nstrict: attr('TCA_ETS_NSTRICT', 2, u8, 'number of bands with strict priority'),
  quanta: attr(
    'TCA_ETS_QUANTA',
    3,
    nested(list('TCA_ETS_QUANTA_BAND', u32, { id: 4 })),
    'quantum of each of the other bands, in bytes',
  ),
  quantaBand: attr('TCA_ETS_QUANTA_BAND', 4, u32, 'of a class: its quantum, in bytes'),
  priomap: attr(
    'TCA_ETS_PRIOMAP',
    5,
    nested(list('TCA_ETS_PRIOMAP_BAND', u8, { id: 6 })),
    'band of each priority',
  ),
});

export const drrClass = attrs({
  quantum: attr('TCA_DRR_QUANTUM', 1, u32, 'quantum of the class, in bytes'),
});
export const drrXstats = struct('tc_drr_stats', { deficit: u32 });

export const qfqClass = attrs({
  weight: attr('TCA_QFQ_WEIGHT', 1, u32, 'weight'),
  lmax: attr('TCA_QFQ_LMAX', 2, u32, 'largest packet, in bytes'),
});
export const qfqXstats = struct('tc_qfq_stats', { weight: u32, lmax: u32 });

/** `hw` 1 leaves it to the hardware, which some drivers insist on. */
export const tcMqprioQopt = struct('tc_mqprio_qopt', {
  numTc: u8,
  prioTcMap: priomap,
  hw: u8,
  count: queues,
  offset: queues,
});

const mode = enumOf(u16, { dcb: 0, channel: 1 });
const shaper = enumOf(u16, { dcb: 0, bw_rlimit: 1 });

export const mqprioAttrs = attrs({
  mode: attr('TCA_MQPRIO_MODE', 1, mode, 'what the hardware does'),
  shaper: attr('TCA_MQPRIO_SHAPER', 2, shaper, 'shaper'),
  minRate64: attr(
    'TCA_MQPRIO_MIN_RATE64',
    3,
    nested(list('TCA_MQPRIO_MIN_RATE64', rate64, { id: 3 })),
    'minimum rate of each class',
  ),
  maxRate64: attr(
    'TCA_MQPRIO_MAX_RATE64',
    4,
    nested(list('TCA_MQPRIO_MAX_RATE64', rate64, { id: 4 })),
    'maximum rate of each class',
  ),
});
export const mqprio = headed(tcMqprioQopt, mqprioAttrs);

export const tcCbsQopt = struct('tc_cbs_qopt', {
  offload: u8,
  _pad1: u8,
  _pad2: u16,
  hicredit: counted(s32, 'bytes'),
  locredit: counted(s32, 'bytes'),
  idleslope: counted(s32, 'kbit/s'),
  sendslope: counted(s32, 'kbit/s'),
});
export const cbs = attrs({ parms: attr('TCA_CBS_PARMS', 1, tcCbsQopt, 'credits') });

export const tcEtfQopt = struct('tc_etf_qopt', {
  delta: counted(s32, 'ns'),
  clockid: s32,
  flags: flagsOf(u32, { deadline_mode: 1, offload: 2, skip_sock_check: 4 }),
});
export const etf = attrs({ parms: attr('TCA_ETF_PARMS', 1, tcEtfQopt, 'clock') });

const command = enumOf(u8, { S: 0, H: 1, R: 2 });

export const taprioEntry = attrs({
  index: attr('TCA_TAPRIO_SCHED_ENTRY_INDEX', 1, u32, 'index in the schedule'),
  cmd: attr('TCA_TAPRIO_SCHED_ENTRY_CMD', 2, command, 'command: set gates, hold, release'),
  gateMask: attr(
    'TCA_TAPRIO_SCHED_ENTRY_GATE_MASK',
    3,
    u32,
    'mask of the traffic classes whose gates are open',
  ),
  interval: attr('TCA_TAPRIO_SCHED_ENTRY_INTERVAL', 4, u32, 'duration in ns'),
});

export const taprioTc = attrs({
  index: attr('TCA_TAPRIO_TC_ENTRY_INDEX', 1, u32, 'class'),
  maxSdu: attr('TCA_TAPRIO_TC_ENTRY_MAX_SDU', 2, u32, 'largest payload, in bytes'),
});

const schedule = {
  schedEntryList: attr(
    'TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST',
    2,
    nested(list('TCA_TAPRIO_SCHED_ENTRY', nested(taprioEntry), { id: 1 })),
    'entries of a cycle',
  ),
  schedBaseTime: attr('TCA_TAPRIO_ATTR_SCHED_BASE_TIME', 3, s64, 'base time, in ns'),
  schedCycleTime: attr('TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME', 8, s64, 'length of a cycle, in ns'),
  schedCycleTimeExtension: attr(
    'TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION',
    9,
    s64,
    'how far the last cycle may be extended, in ns',
  ),
} as const;

/** The next schedule. */
export const taprioAdmin = attrs(schedule);

export const taprio = attrs({
  ...schedule,
  priomap: attr('TCA_TAPRIO_ATTR_PRIOMAP', 1, tcMqprioQopt, 'classes and their queues'),
  schedSingleEntry: attr(
    'TCA_TAPRIO_ATTR_SCHED_SINGLE_ENTRY',
    4,
    nested(taprioEntry),
    'one entry of the schedule',
  ),
  schedClockid: attr('TCA_TAPRIO_ATTR_SCHED_CLOCKID', 5, s32, 'clock'),
  adminSched: attr(
    'TCA_TAPRIO_ATTR_ADMIN_SCHED',
    7,
    nested(taprioAdmin),
    'the next schedule (admin)',
  ),
  flags: attr(
    'TCA_TAPRIO_ATTR_FLAGS',
    10,
    flagsOf(u32, { txtime_assist: 1, full_offload: 2 }),
    'what the hardware does',
  ),
  txtimeDelay: attr(
    'TCA_TAPRIO_ATTR_TXTIME_DELAY',
    11,
    u32,
    'maximum time until the card sees a packet, in ns',
  ),
  tcEntry: manyAttr(
    'TCA_TAPRIO_ATTR_TC_ENTRY',
    12,
    nested(taprioTc),
    'settings of a traffic class',
  ),
});
