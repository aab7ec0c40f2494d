/**
 * Stateless address translation: `TCA_ACT_OPTIONS` of kind `nat`.
 *
 * include/uapi/linux/tc_act/tc_nat.h; tc-nat(8); `action nat egress 192.0.2.0/24 198.51.100.0`.
 */
import { ipv4 } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32 } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

/** Changes the destination, or with `egress` the source. */
export const tcNat = struct('tc_nat', {
  ...gen,
  oldAddr: ipv4,
  newAddr: ipv4,
  mask: ipv4,
  flags: flagsOf(u32, { egress: 1 }),
});

export const nat = attrs({
  parms: attr('TCA_NAT_PARMS', 1, tcNat, 'old and new addresses'),
  tm: attr('TCA_NAT_TM', 2, tcfT, 'times of creation and of first and last use'),
});
