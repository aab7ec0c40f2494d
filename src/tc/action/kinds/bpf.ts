/**
 * Runs a program that decides what happens to the packet: `TCA_ACT_OPTIONS` of kind `bpf`. Classic
 * BPF is given as instructions, in `ops`; an eBPF program is loaded first, and given as a
 * descriptor.
 *
 * include/uapi/linux/tc_act/tc_bpf.h; tc-bpf(8); `action bpf bytecode '1,6 0 0 4294967295'`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bytes, cstr, u16, u32 } from '../../../netlink/codec/codec.ts';
import { packed } from '../../../netlink/codec/list.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { sockFilter } from '../../../netlink/sock-filter.ts';
import { gen, tcfT } from '../control.ts';

export const tcActBpf = struct('tc_act_bpf', gen);

export const bpf = attrs({
  tm: attr('TCA_ACT_BPF_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr(
    'TCA_ACT_BPF_PARMS',
    2,
    tcActBpf,
    'what happens to a packet if the program does not decide',
  ),
  opsLen: attr('TCA_ACT_BPF_OPS_LEN', 3, u16, 'number of elements of `ops`'),
  ops: attr('TCA_ACT_BPF_OPS', 4, packed(sockFilter), 'classic BPF'),
  fd: attr('TCA_ACT_BPF_FD', 5, u32, 'descriptor of an eBPF program'),
  name: attr('TCA_ACT_BPF_NAME', 6, cstr, 'its name'),
  tag: attr('TCA_ACT_BPF_TAG', 8, bytes, 'hash of its instructions (tag)'),
  id: attr('TCA_ACT_BPF_ID', 9, u32, 'id of the program'),
});
