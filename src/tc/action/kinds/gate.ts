/**
 * Lets packets pass at certain times of a cycle: `TCA_ACT_OPTIONS` of kind `gate`.
 *
 * include/uapi/linux/tc_act/tc_gate.h; tc-gate(8); `action gate clockid CLOCK_TAI sched-entry open
 * 200000000 -1 8000000`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { counted, flag, s32, u32 } from '../../../netlink/codec/codec.ts';
import { list } from '../../../netlink/codec/list.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';
import { nanoseconds } from '../../units.ts';

export const tcGate = struct('tc_gate', gen);

export const gateEntry = attrs({
  index: attr('TCA_GATE_ENTRY_INDEX', 1, u32, 'number of the entry'),
  gate: attr('TCA_GATE_ENTRY_GATE', 2, flag, 'set if the gate is open'),
  interval: attr('TCA_GATE_ENTRY_INTERVAL', 3, counted(u32, 'ns'), 'duration in ns'),
  ipv: attr('TCA_GATE_ENTRY_IPV', 4, s32, "internal priority for packets; -1: the packet's own"),
  maxOctets: attr('TCA_GATE_ENTRY_MAX_OCTETS', 5, s32, 'maximum number of bytes; -1: no limit'),
});

/** `TCA_GATE_ONE_ENTRY`, once for each entry. */
const entryList = list('entry', nested(gateEntry), { id: 1 });

export const gate = attrs({
  tm: attr('TCA_GATE_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_GATE_PARMS', 2, tcGate, 'what happens to the packet'),
  priority: attr('TCA_GATE_PRIORITY', 4, s32, 'priority of the gate'),
  entryList: attr('TCA_GATE_ENTRY_LIST', 5, nested(entryList), 'the schedule'),
  baseTime: attr('TCA_GATE_BASE_TIME', 6, nanoseconds, 'start of the first cycle, in ns'),
  cycleTime: attr('TCA_GATE_CYCLE_TIME', 7, nanoseconds, 'length of a cycle, in ns'),
  cycleTimeExt: attr(
    'TCA_GATE_CYCLE_TIME_EXT',
    8,
    nanoseconds,
    'how far a cycle may be extended, in ns',
  ),
  flags: attr('TCA_GATE_FLAGS', 9, u32, 'none is defined'),
  clockid: attr('TCA_GATE_CLOCKID', 10, s32, 'clock'),
});
