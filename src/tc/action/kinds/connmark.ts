/**
 * Gives packets the mark of their connection: `TCA_ACT_OPTIONS` of kind `connmark`.
 *
 * include/uapi/linux/tc_act/tc_connmark.h; tc-connmark(8); `action connmark zone 5`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

export const tcConnmark = struct('tc_connmark', { ...gen, zone: u16, _pad: u16 });

export const connmark = attrs({
  parms: attr('TCA_CONNMARK_PARMS', 1, tcConnmark, 'conntrack zone'),
  tm: attr('TCA_CONNMARK_TM', 2, tcfT, 'times of creation and of first and last use'),
});
