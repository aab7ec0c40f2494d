/**
 * Prints a text to the kernel's log: `TCA_ACT_OPTIONS` of kind `simple`.
 *
 * include/uapi/linux/tc_act/tc_defact.h; tc-simple(8); `action simple sdata "Incoming"`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { cstr } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

export const tcDefact = struct('tc_defact', gen);

export const simple = attrs({
  tm: attr('TCA_DEF_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_DEF_PARMS', 2, tcDefact, 'what happens to the packet'),
  data: attr('TCA_DEF_DATA', 3, cstr, 'text, at most 31 bytes'),
});
