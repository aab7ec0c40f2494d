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
  parms: attr('TCA_CT_PARMS', 1, tcCt, 'what happens to the packet'),
  tm: attr('TCA_CT_TM', 2, tcfT, 'times of creation and of first and last use'),
  action: attr('TCA_CT_ACTION', 3, ctAction, 'operation'),
  zone: attr('TCA_CT_ZONE', 4, u16, 'conntrack zone'),
  mark: attr('TCA_CT_MARK', 5, u32, 'conntrack mark'),
  markMask: attr('TCA_CT_MARK_MASK', 6, u32, 'mask: bits to set'),
  labels: attr('TCA_CT_LABELS', 7, bytes, 'conntrack labels'),
  labelsMask: attr('TCA_CT_LABELS_MASK', 8, bytes, 'mask: bits to set'),
  natIpv4Min: attr('TCA_CT_NAT_IPV4_MIN', 9, ipv4, 'first address to translate to'),
  natIpv4Max: attr('TCA_CT_NAT_IPV4_MAX', 10, ipv4, 'last address to translate to'),
  natIpv6Min: attr('TCA_CT_NAT_IPV6_MIN', 11, ipv6, 'first address to translate to'),
  natIpv6Max: attr('TCA_CT_NAT_IPV6_MAX', 12, ipv6, 'last address to translate to'),
  natPortMin: attr('TCA_CT_NAT_PORT_MIN', 13, be16, 'first port to translate to'),
  natPortMax: attr('TCA_CT_NAT_PORT_MAX', 14, be16, 'last port to translate to'),
  helperName: attr('TCA_CT_HELPER_NAME', 16, cstr, 'conntrack helper'),
  helperFamily: attr('TCA_CT_HELPER_FAMILY', 17, u8, 'address family of the helper'),
  helperProto: attr('TCA_CT_HELPER_PROTO', 18, ipProto, 'protocol of the helper'),
});
