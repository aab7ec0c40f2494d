/**
 * Matches 32 bits of the packet at any offset, in a tree of hash tables: `TCA_OPTIONS` of kind
 * `u32`. An object with `divisor` and without `sel` is a hash table.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_U32_*` and `TC_U32_*`; tc-u32(8);
 * `tc filter add dev d0 protocol ip u32 match ip dst 192.0.2.0/24 classid 1:10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { be16, be32, cstr, s16, u16, u32, u64, u8 } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { packed } from '../../../netlink/codec/list.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { police } from '../../action/kinds/police.ts';
import { actionList } from '../../action/tca-act.ts';
import { followedBy } from '../../followed-by.ts';
import { handle } from '../../units.ts';
import { tcU32Key } from '../ematch-kinds.ts';
import { u32Handle } from '../filter-handle.ts';
import { clsFlags } from '../flags.ts';

const selFlags = flagsOf(u8, { terminal: 1, offset: 2, varoffset: 4, eat: 8 });

export const tcU32Sel = struct('tc_u32_sel', {
  flags: selFlags,
  offshift: u8,
  nkeys: u8,
  _pad: u8,
  offmask: be16,
  off: u16,
  offoff: s16,
  hoff: s16,
  hmask: be32,
});

export const tcU32Pcnt = struct('tc_u32_pcnt', { rcnt: u64, rhit: u64 });
export const tcU32Mark = struct('tc_u32_mark', { val: u32, mask: u32, success: u32 });

/** The struct with its keys, all of which have to match. */
const sel = followedBy(tcU32Sel, 'keys', packed(tcU32Key), { field: 'nkeys', size: 16 });
/** How many packets were tried, how many matched, and how many matched each key. */
const pcnt = followedBy(tcU32Pcnt, 'kcnts', packed(u64));

export const u32Filter = attrs({
  classid: attr('TCA_U32_CLASSID', 1, handle, 'class that the packet goes to'),
  hash: attr('TCA_U32_HASH', 2, u32Handle, 'hash table that the filter is in'),
  link: attr('TCA_U32_LINK', 3, u32Handle, 'hash table that is searched next'),
  divisor: attr('TCA_U32_DIVISOR', 4, u32, 'number of buckets of a hash table'),
  sel: attr('TCA_U32_SEL', 5, sel, 'conditions'),
  police: attr('TCA_U32_POLICE', 6, police, 'policer outside of the actions'),
  act: attr('TCA_U32_ACT', 7, actionList, 'actions on the packet'),
  indev: attr('TCA_U32_INDEV', 8, cstr, 'link that the packet arrived on'),
  pcnt: attr('TCA_U32_PCNT', 9, pcnt, 'packets that were tried, and that matched'),
  mark: attr('TCA_U32_MARK', 10, tcU32Mark, 'mark of the packet'),
  flags: attr('TCA_U32_FLAGS', 11, clsFlags, 'where the filter runs'),
});
