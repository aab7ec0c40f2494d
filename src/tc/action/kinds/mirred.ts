/**
 * Mirrors packets to another link, or redirects them there: `TCA_ACT_OPTIONS` of kind `mirred`.
 *
 * include/uapi/linux/tc_act/tc_mirred.h; tc-mirred(8); `action mirred egress mirror dev d1`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { s32, u32 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

/** The direction. A redirected packet is `stolen`; a mirrored one continues, `pipe`. */
export const tcMirred = struct('tc_mirred', {
  ...gen,
  eaction: enumOf(s32, {
    'egress redirect': 1,
    'egress mirror': 2,
    'ingress redirect': 3,
    'ingress mirror': 4,
  }),
  ifindex: u32,
});

export const mirred = attrs({
  tm: attr('TCA_MIRRED_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_MIRRED_PARMS', 2, tcMirred, 'action and device'),
  blockid: attr('TCA_MIRRED_BLOCKID', 4, u32, 'block, all of whose links get the packet'),
});
