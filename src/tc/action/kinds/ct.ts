/**
 * Sends packets through connection tracking: `TCA_ACT_OPTIONS` of kind `ct`.
 *
 * include/uapi/linux/tc_act/tc_ct.h; tc-ct(8); `action ct commit zone 5 nat src addr 192.0.2.1`.
 */
import { ipv4, ipv6 } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { be16, bytes, cstr, u16, u32, u8 } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { ipProto } from '../../protocols.ts';
import { gen, tcfT } from '../control.ts';

export const tcCt = struct('tc_ct', gen);

const ctAction = flagsOf(u16, {
  commit: 0x01,
  force: 0x02,
  clear: 0x04,
  nat: 0x08,
  'nat src': 0x10,
  'nat dst': 0x20,
});

export const ct = attrs({
  parms: attr('TCA_CT_PARMS', 1, tcCt, 'what becomes of the packet'),
  tm: attr('TCA_CT_TM', 2, tcfT, 'since when it is, and is used'),
  action: attr('TCA_CT_ACTION', 3, ctAction, 'what is done'),
  zone: attr('TCA_CT_ZONE', 4, u16, 'zone of the connection'),
  mark: attr('TCA_CT_MARK', 5, u32, 'mark of the connection'),
  markMask: attr('TCA_CT_MARK_MASK', 6, u32, 'bits of it that are set'),
  labels: attr('TCA_CT_LABELS', 7, bytes, 'labels of the connection'),
  labelsMask: attr('TCA_CT_LABELS_MASK', 8, bytes, 'bits of them that are set'),
  natIpv4Min: attr('TCA_CT_NAT_IPV4_MIN', 9, ipv4, 'first of the new addresses'),
  natIpv4Max: attr('TCA_CT_NAT_IPV4_MAX', 10, ipv4, 'last of the new addresses'),
  natIpv6Min: attr('TCA_CT_NAT_IPV6_MIN', 11, ipv6, 'first of the new addresses'),
  natIpv6Max: attr('TCA_CT_NAT_IPV6_MAX', 12, ipv6, 'last of the new addresses'),
  natPortMin: attr('TCA_CT_NAT_PORT_MIN', 13, be16, 'first of the new ports'),
  natPortMax: attr('TCA_CT_NAT_PORT_MAX', 14, be16, 'last of the new ports'),
  helperName: attr('TCA_CT_HELPER_NAME', 16, cstr, 'helper of the connection'),
  helperFamily: attr('TCA_CT_HELPER_FAMILY', 17, u8, 'address family of the helper'),
  helperProto: attr('TCA_CT_HELPER_PROTO', 18, ipProto, 'protocol of the helper'),
});
