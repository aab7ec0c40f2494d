/**
 * Sets what the kernel notes of a packet: mark, priority, queue, packet type: `TCA_ACT_OPTIONS` of
 * kind `skbedit`.
 *
 * include/uapi/linux/tc_act/tc_skbedit.h; tc-skbedit(8); `action skbedit mark 7 priority 1:10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16, u32 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';
import { flags64, handle } from '../../units.ts';

export const tcSkbedit = struct('tc_skbedit', gen);

/** `PACKET_*`, include/uapi/linux/if_packet.h. */
const ptype = enumOf(u16, { host: 0, broadcast: 1, multicast: 2, otherhost: 3 });

/** `SKBEDIT_F_*`. The kernel sets the others by the attributes that are there. */
const flags = flags64({
  priority: 0x01n,
  queue_mapping: 0x02n,
  mark: 0x04n,
  ptype: 0x08n,
  mask: 0x10n,
  inheritdsfield: 0x20n,
  txq_skbhash: 0x40n,
});

export const skbedit = attrs({
  tm: attr('TCA_SKBEDIT_TM', 1, tcfT, 'since when it is, and is used'),
  parms: attr('TCA_SKBEDIT_PARMS', 2, tcSkbedit, 'what becomes of the packet'),
  priority: attr('TCA_SKBEDIT_PRIORITY', 3, handle, 'priority, or class of the packet'),
  queueMapping: attr('TCA_SKBEDIT_QUEUE_MAPPING', 4, u16, 'queue of the link'),
  mark: attr('TCA_SKBEDIT_MARK', 5, u32, 'mark'),
  ptype: attr('TCA_SKBEDIT_PTYPE', 7, ptype, 'for whom it is'),
  mask: attr('TCA_SKBEDIT_MASK', 8, u32, 'bits of the mark that are set'),
  flags: attr('TCA_SKBEDIT_FLAGS', 9, flags, 'priority or queue by fields of the packet'),
  queueMappingMax: attr('TCA_SKBEDIT_QUEUE_MAPPING_MAX', 10, u16, 'last of the queues'),
});
