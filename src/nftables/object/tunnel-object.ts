/**
 * Tunnel metadata that a rule attaches to a packet: a link without addresses of its own (`external`
 * of ip-link(8)) builds the outer header from it.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_tunnel_key_attributes`; nf_tables calls the
 * type `tunnel`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { be16, be32, bytes, u8 } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';

const ip = attrs({
  src: attr('NFTA_TUNNEL_KEY_IP_SRC', 1, ipv4, 'local address'),
  dst: attr('NFTA_TUNNEL_KEY_IP_DST', 2, ipv4, 'remote address'),
});

const ip6 = attrs({
  src: attr('NFTA_TUNNEL_KEY_IP6_SRC', 1, ipv6, 'local address'),
  dst: attr('NFTA_TUNNEL_KEY_IP6_DST', 2, ipv6, 'remote address'),
  flowlabel: attr('NFTA_TUNNEL_KEY_IP6_FLOWLABEL', 3, be32, 'flow label'),
});

const vxlan = attrs({ gbp: attr('NFTA_TUNNEL_KEY_VXLAN_GBP', 1, be32, 'group policy') });

const erspan = attrs({
  version: attr('NFTA_TUNNEL_KEY_ERSPAN_VERSION', 1, be32, 'version, 1 or 2'),
  v1Index: attr('NFTA_TUNNEL_KEY_ERSPAN_V1_INDEX', 2, be32, 'index of the port, version 1'),
  v2Hwid: attr('NFTA_TUNNEL_KEY_ERSPAN_V2_HWID', 3, u8, 'engine id, version 2'),
  v2Dir: attr('NFTA_TUNNEL_KEY_ERSPAN_V2_DIR', 4, u8, 'direction, version 2: 1 for egress'),
});

const geneve = attrs({
  class: attr('NFTA_TUNNEL_KEY_GENEVE_CLASS', 1, be16, 'class of the option'),
  type: attr('NFTA_TUNNEL_KEY_GENEVE_TYPE', 2, u8, 'type of the option'),
  data: attr(
    'NFTA_TUNNEL_KEY_GENEVE_DATA',
    3,
    bytes,
    'data of the option, a multiple of four bytes',
  ),
});

const options = attrs({
  vxlan: attr('NFTA_TUNNEL_KEY_OPTS_VXLAN', 1, vxlan, 'VXLAN options'),
  erspan: attr('NFTA_TUNNEL_KEY_OPTS_ERSPAN', 2, erspan, 'ERSPAN options'),
  geneve: manyAttr('NFTA_TUNNEL_KEY_OPTS_GENEVE', 3, nested(geneve), 'a Geneve option'),
});

export const tunnelObject = attrs({
  id: attr('NFTA_TUNNEL_KEY_ID', 1, be32, 'tunnel id'),
  ip: attr('NFTA_TUNNEL_KEY_IP', 2, ip, 'addresses of a tunnel over IPv4'),
  ip6: attr('NFTA_TUNNEL_KEY_IP6', 3, ip6, 'addresses of a tunnel over IPv6'),
  flags: attr(
    'NFTA_TUNNEL_KEY_FLAGS',
    4,
    flagsOf(be32, { 'zero-csum-tx': 1, 'dont-fragment': 2, 'seq-number': 4 }),
    'flags of the outer header',
  ),
  tos: attr('NFTA_TUNNEL_KEY_TOS', 5, u8, 'type of service'),
  ttl: attr('NFTA_TUNNEL_KEY_TTL', 6, u8, 'time to live'),
  sport: attr('NFTA_TUNNEL_KEY_SPORT', 7, be16, 'source port'),
  dport: attr('NFTA_TUNNEL_KEY_DPORT', 8, be16, 'destination port'),
  opts: attr('NFTA_TUNNEL_KEY_OPTS', 9, options, 'options of the tunnel header'),
});
