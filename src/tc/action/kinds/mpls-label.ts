/**
 * Pushes, pops and changes MPLS labels: `TCA_ACT_OPTIONS` of kind `mpls`.
 *
 * include/uapi/linux/tc_act/tc_mpls.h; tc-mpls(8); `action mpls push label 100 ttl 64`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { s32, u32, u8 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { etherType } from '../../protocols.ts';
import { gen, tcfT } from '../control.ts';

export const tcMpls = struct('tc_mpls', {
  ...gen,
  mAction: enumOf(s32, { pop: 1, push: 2, modify: 3, dec_ttl: 4, mac_push: 5 }),
});

export const mpls = attrs({
  tm: attr('TCA_MPLS_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_MPLS_PARMS', 2, tcMpls, 'operation, and what happens to the packet'),
  proto: attr(
    'TCA_MPLS_PROTO',
    4,
    etherType,
    'EtherType of a pushed label, or of what follows a popped one',
  ),
  label: attr('TCA_MPLS_LABEL', 5, u32, 'label'),
  tc: attr('TCA_MPLS_TC', 6, u8, 'traffic class'),
  ttl: attr('TCA_MPLS_TTL', 7, u8, 'TTL or hop limit'),
  bos: attr('TCA_MPLS_BOS', 8, u8, 'bottom of stack'),
});
