/**
 * Sets the outer header of packets to a tunnel: `TCA_ACT_OPTIONS` of kind `tunnel_key`.
 *
 * include/uapi/linux/tc_act/tc_tunnel_key.h; net/sched/act_tunnel_key.c; tc-tunnel_key(8);
 * `action tunnel_key set src_ip 192.0.2.1 dst_ip 192.0.2.2 id 42 dst_port 4789`.
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

/** Of one kind of tunnel; Geneve may have several. */
export const encOpts = attrs({
  geneve: manyAttr('TCA_TUNNEL_KEY_ENC_OPTS_GENEVE', 1, nested(encOptGeneve), 'of Geneve'),
  vxlan: attr('TCA_TUNNEL_KEY_ENC_OPTS_VXLAN', 2, nested(encOptVxlan), 'of VXLAN'),
  erspan: attr('TCA_TUNNEL_KEY_ENC_OPTS_ERSPAN', 3, nested(encOptErspan), 'of ERSPAN'),
});

export const tunnelKey = attrs({
  tm: attr('TCA_TUNNEL_KEY_TM', 1, tcfT, 'since when it is, and is used'),
  parms: attr(
    'TCA_TUNNEL_KEY_PARMS',
    2,
    tcTunnelKey,
    'set or unset, and what becomes of the packet',
  ),
  encIpv4Src: attr('TCA_TUNNEL_KEY_ENC_IPV4_SRC', 3, ipv4, 'source of the tunnel'),
  encIpv4Dst: attr('TCA_TUNNEL_KEY_ENC_IPV4_DST', 4, ipv4, 'destination of the tunnel'),
  encIpv6Src: attr('TCA_TUNNEL_KEY_ENC_IPV6_SRC', 5, ipv6, 'source of the tunnel'),
  encIpv6Dst: attr('TCA_TUNNEL_KEY_ENC_IPV6_DST', 6, ipv6, 'destination of the tunnel'),
  encKeyId: attr('TCA_TUNNEL_KEY_ENC_KEY_ID', 7, be32, 'id of the tunnel'),
  encDstPort: attr('TCA_TUNNEL_KEY_ENC_DST_PORT', 9, be16, 'destination port of the tunnel'),
  noCsum: attr('TCA_TUNNEL_KEY_NO_CSUM', 10, u8, 'no checksum of the outer header'),
  encOpts: attr('TCA_TUNNEL_KEY_ENC_OPTS', 11, nested(encOpts), 'options of the tunnel'),
  encTos: attr('TCA_TUNNEL_KEY_ENC_TOS', 12, u8, 'type of service of the tunnel'),
  encTtl: attr('TCA_TUNNEL_KEY_ENC_TTL', 13, u8, 'time to live of the tunnel'),
  noFrag: attr('TCA_TUNNEL_KEY_NO_FRAG', 14, flag, "don't fragment"),
});
