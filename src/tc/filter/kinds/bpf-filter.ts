/**
 * Runs a program, which chooses the class or decides what happens to the packet: `TCA_OPTIONS` of
 * kind `bpf`. Its instructions are classic BPF, in `ops`; eBPF is loaded before, and given as a
 * descriptor.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_BPF_*`; tc-bpf(8);
 * `tc filter add dev d0 bpf bytecode '1,6 0 0 4294967295' classid 1:10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bytes, cstr, u16, u32 } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { packed } from '../../../netlink/codec/list.ts';
import { sockFilter } from '../../../netlink/sock-filter.ts';
import { police } from '../../action/kinds/police.ts';
import { actionList } from '../../action/tca-act.ts';
import { handle } from '../../units.ts';
import { clsFlags } from '../flags.ts';

/** The program decides what happens to the packet, not only its class. */
const bpfFlags = flagsOf(u32, { 'direct-action': 1 });

export const bpf = attrs({
  act: attr('TCA_BPF_ACT', 1, actionList, 'actions on the packet'),
  police: attr('TCA_BPF_POLICE', 2, police, 'policer outside of the actions'),
  classid: attr('TCA_BPF_CLASSID', 3, handle, 'class that the packet goes to'),
  opsLen: attr('TCA_BPF_OPS_LEN', 4, u16, 'number of elements of `ops`'),
  ops: attr('TCA_BPF_OPS', 5, packed(sockFilter), 'classic BPF'),
  fd: attr('TCA_BPF_FD', 6, u32, 'descriptor of an eBPF program'),
  name: attr('TCA_BPF_NAME', 7, cstr, 'its name'),
  flags: attr('TCA_BPF_FLAGS', 8, bpfFlags, 'whether its result is the verdict'),
  flagsGen: attr('TCA_BPF_FLAGS_GEN', 9, clsFlags, 'where the filter runs'),
  tag: attr('TCA_BPF_TAG', 10, bytes, 'hash of its instructions (tag)'),
  id: attr('TCA_BPF_ID', 11, u32, 'id of the program'),
});
