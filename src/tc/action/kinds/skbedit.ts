/**
 * Sets the metadata of a packet: mark, priority, queue, packet type: `TCA_ACT_OPTIONS` of kind
 * `skbedit`.
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

/** `SKBEDIT_F_*`. The kernel derives the others from the attributes that are present. */
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
  tm: attr('TCA_SKBEDIT_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_SKBEDIT_PARMS', 2, tcSkbedit, 'what happens to the packet'),
  priority: attr('TCA_SKBEDIT_PRIORITY', 3, handle, 'priority, or class, of the packet'),
  queueMapping: attr('TCA_SKBEDIT_QUEUE_MAPPING', 4, u16, 'transmit queue'),
  mark: attr('TCA_SKBEDIT_MARK', 5, u32, 'mark'),
  ptype: attr('TCA_SKBEDIT_PTYPE', 7, ptype, 'packet type: whom it is addressed to'),
  mask: attr('TCA_SKBEDIT_MASK', 8, u32, 'mask of the mark: bits to set'),
  flags: attr(
    'TCA_SKBEDIT_FLAGS',
    9,
    flags,
    'flags: priority from the DS field, queue from the hash',
  ),
  queueMappingMax: attr('TCA_SKBEDIT_QUEUE_MAPPING_MAX', 10, u16, 'last queue of the range'),
});
