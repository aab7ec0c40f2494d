/**
 * Changes bytes of packets: `TCA_ACT_OPTIONS` of kind `pedit`. `parmsEx` and `keysEx` belong
 * together: the latter has, for each key, the header that its offset counts from, and whether it
 * sets or adds.
 *
 * include/uapi/linux/tc_act/tc_pedit.h; tc-pedit(8); `action pedit ex munge ip ttl set 64`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { be32, s32, u16, u32, u8 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { list, packed } from '../../../netlink/codec/list.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { followedBy } from '../../followed-by.ts';
import { gen, tcfT } from '../control.ts';

/** The 32 bits at `off` become `(bits & mask) ^ val`. */
export const tcPeditKey = struct('tc_pedit_key', {
  mask: be32,
  val: be32,
  off: s32,
  at: u32,
  offmask: u32,
  shift: u32,
});

export const tcPeditSel = struct('tc_pedit_sel', { ...gen, nkeys: u8, flags: u8, _pad: u16 });

/** The struct and its keys; their number is filled in on writing. */
const sel = followedBy(tcPeditSel, 'keys', packed(tcPeditKey), { field: 'nkeys', size: 24 });

const htype = enumOf(u16, { network: 0, eth: 1, ip4: 2, ip6: 3, tcp: 4, udp: 5 });

export const keyEx = attrs({
  htype: attr('TCA_PEDIT_KEY_EX_HTYPE', 1, htype, 'header that the offset counts from'),
  cmd: attr('TCA_PEDIT_KEY_EX_CMD', 2, enumOf(u16, { set: 0, add: 1 }), 'set or add'),
});

/** `TCA_PEDIT_KEY_EX`, once for each key. */
const keysEx = list('key', nested(keyEx), { id: 6 });

export const pedit = attrs({
  tm: attr('TCA_PEDIT_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_PEDIT_PARMS', 2, sel, 'keys, with offsets from the network header'),
  parmsEx: attr('TCA_PEDIT_PARMS_EX', 4, sel, 'keys, with offsets from a header'),
  keysEx: attr('TCA_PEDIT_KEYS_EX', 5, nested(keysEx), 'header and command of each key'),
});
