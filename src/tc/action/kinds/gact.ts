/**
 * Generic actions, such as drop and pass, optionally at random: `TCA_ACT_OPTIONS` of kind `gact`.
 *
 * include/uapi/linux/tc_act/tc_gact.h; tc-actions(8); `tc actions add action drop`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { control, gen, tcfT } from '../control.ts';

export const tcGact = struct('tc_gact', gen);

/** One packet in `pval` gets the other verdict, `paction`. */
export const tcGactP = struct('tc_gact_p', {
  ptype: enumOf(u16, { none: 0, netrand: 1, determ: 2 }),
  pval: u16,
  paction: control,
});

export const gact = attrs({
  tm: attr('TCA_GACT_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_GACT_PARMS', 2, tcGact, 'what happens to the packet'),
  prob: attr('TCA_GACT_PROB', 3, tcGactP, 'what happens to one packet in n'),
});
