/**
 * Sets the tunnel metadata of packets, from which a tunnel link makes the outer header:
 * `TCA_ACT_OPTIONS` of kind `tunnel_key`.
 *
 * include/uapi/linux/tc_act/tc_tunnel_key.h; net/sched/act_tunnel_key.c; tc-tunnel_key(8); `action
 * tunnel_key set src_ip 192.0.2.1 dst_ip 192.0.2.2 id 42 dst_port 4789`.
 */
import { ipv4, ipv6 } from '../../../netlink/codec/address.ts';
import { attr, attrs, manyAttr } from '../../../netlink/codec/attributes.ts';
import { be16, be32, bytes, flag, s32, u32, u8 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

export const tcTunnelKey = struct('tc_tunnel_key', {
  ...gen,
  tAction: enumOf(s32, { set: 1, unset: 2 }),
});

export const encOptGeneve = attrs({
  class: attr('TCA_TUNNEL_KEY_ENC_OPT_GENEVE_CLASS', 1, be16, 'class of the option'),
  type: attr('TCA_TUNNEL_KEY_ENC_OPT_GENEVE_TYPE', 2, u8, 'type within the class'),
  data: attr('TCA_TUNNEL_KEY_ENC_OPT_GENEVE_DATA', 3, bytes, 'data of the option'),
});

export const encOptVxlan = attrs({
  gbp: attr('TCA_TUNNEL_KEY_ENC_OPT_VXLAN_GBP', 1, u32, 'group policy id'),
});

export const encOptErspan = attrs({
  ver: attr('TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_VER', 1, u8, 'version, 1 or 2'),
  index: attr('TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_INDEX', 2, be32, 'index, version 1'),
  dir: attr('TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_DIR', 3, u8, 'direction, version 2'),
  hwid: attr('TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_HWID', 4, u8, 'engine id, version 2'),
});

/** Options of one type of tunnel; Geneve may have several. */
export const encOpts = attrs({
  geneve: manyAttr('TCA_TUNNEL_KEY_ENC_OPTS_GENEVE', 1, nested(encOptGeneve), 'a Geneve option'),
  vxlan: attr('TCA_TUNNEL_KEY_ENC_OPTS_VXLAN', 2, nested(encOptVxlan), 'VXLAN option'),
  erspan: attr('TCA_TUNNEL_KEY_ENC_OPTS_ERSPAN', 3, nested(encOptErspan), 'ERSPAN option'),
});

export const tunnelKey = attrs({
  tm: attr('TCA_TUNNEL_KEY_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr(
    'TCA_TUNNEL_KEY_PARMS',
    2,
    tcTunnelKey,
    'set or unset, and what happens to the packet',
  ),
  encIpv4Src: attr('TCA_TUNNEL_KEY_ENC_IPV4_SRC', 3, ipv4, 'outer source address'),
  encIpv4Dst: attr('TCA_TUNNEL_KEY_ENC_IPV4_DST', 4, ipv4, 'outer destination address'),
  encIpv6Src: attr('TCA_TUNNEL_KEY_ENC_IPV6_SRC', 5, ipv6, 'outer source address'),
  encIpv6Dst: attr('TCA_TUNNEL_KEY_ENC_IPV6_DST', 6, ipv6, 'outer destination address'),
  encKeyId: attr('TCA_TUNNEL_KEY_ENC_KEY_ID', 7, be32, 'tunnel id'),
  encDstPort: attr('TCA_TUNNEL_KEY_ENC_DST_PORT', 9, be16, 'outer destination port'),
  noCsum: attr('TCA_TUNNEL_KEY_NO_CSUM', 10, u8, 'omit the outer UDP checksum'),
  encOpts: attr('TCA_TUNNEL_KEY_ENC_OPTS', 11, nested(encOpts), 'tunnel options'),
  encTos: attr('TCA_TUNNEL_KEY_ENC_TOS', 12, u8, 'outer TOS'),
  encTtl: attr('TCA_TUNNEL_KEY_ENC_TTL', 13, u8, 'outer TTL'),
  noFrag: attr('TCA_TUNNEL_KEY_NO_FRAG', 14, flag, "don't fragment"),
});
