/**
 * An Ethernet segment over UDP, RFC 7348: `IFLA_INFO_DATA` of kind `vxlan`.
 *
 * include/uapi/linux/if_link.h, `IFLA_VXLAN_*`; ip-link(8), "VXLAN Type Support";
 * `ip link add vx0 type vxlan id 42 remote 192.0.2.2 dstport 4789`.
 */
import { ipv4, ipv6 } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import {
  be16,
  be32,
  bool8,
  flag,
  u32,
  u8,
  type Input,
  type Static,
} from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { df, flagOrByte } from './inherit.ts';

/** The range of UDP source ports. */
export const vxlanPortRange = struct('ifla_vxlan_port_range', { low: be16, high: be16 });

/** The protocol header, used here as a mask of bits that must be zero in received packets. */
export const vxlanhdr = struct('vxlanhdr', { vxFlags: be32, vxVni: be32 });

/** `VXLAN_LABEL_*`: the source of the IPv6 flow label. */
const labelPolicy = enumOf(u32, { fixed: 0, inherit: 1 });

export const vxlan = attrs({
  id: attr('IFLA_VXLAN_ID', 1, u32, 'VNI, 24 bits'),
  group: attr('IFLA_VXLAN_GROUP', 2, ipv4, 'remote address or multicast group'),
  link: attr('IFLA_VXLAN_LINK', 3, u32, 'index of the link that carries the tunnel'),
  local: attr('IFLA_VXLAN_LOCAL', 4, ipv4, 'outer source address'),
  ttl: attr('IFLA_VXLAN_TTL', 5, u8, 'outer TTL; 0: chosen by the kernel'),
  tos: attr('IFLA_VXLAN_TOS', 6, u8, 'outer TOS; 1: inherit from the packet'),
  learning: attr('IFLA_VXLAN_LEARNING', 7, bool8, 'learn the remote ends of addresses'),
  ageing: attr('IFLA_VXLAN_AGEING', 8, u32, 'lifetime of learned entries, in s'),
  limit: attr('IFLA_VXLAN_LIMIT', 9, u32, 'maximum number of entries'),
  portRange: attr('IFLA_VXLAN_PORT_RANGE', 10, vxlanPortRange, 'UDP source ports'),
  proxy: attr('IFLA_VXLAN_PROXY', 11, bool8, 'answer ARP and ND'),
  rsc: attr('IFLA_VXLAN_RSC', 12, bool8, 'route short circuit'),
  l2miss: attr('IFLA_VXLAN_L2MISS', 13, bool8, 'report unknown Ethernet addresses'),
  l3miss: attr('IFLA_VXLAN_L3MISS', 14, bool8, 'report unknown IP addresses'),
  port: attr('IFLA_VXLAN_PORT', 15, be16, 'UDP destination port'),
  group6: attr('IFLA_VXLAN_GROUP6', 16, ipv6, 'remote address or multicast group'),
  local6: attr('IFLA_VXLAN_LOCAL6', 17, ipv6, 'outer source address'),
  udpCsum: attr('IFLA_VXLAN_UDP_CSUM', 18, bool8, 'send UDP checksums over IPv4'),
  udpZeroCsum6Tx: attr(
    'IFLA_VXLAN_UDP_ZERO_CSUM6_TX',
    19,
    bool8,
    'send no UDP checksums over IPv6',
  ),
  udpZeroCsum6Rx: attr(
    'IFLA_VXLAN_UDP_ZERO_CSUM6_RX',
    20,
    bool8,
    'accept missing UDP checksums over IPv6',
  ),
  remcsumTx: attr('IFLA_VXLAN_REMCSUM_TX', 21, bool8, 'remote checksum offload, sending'),
  remcsumRx: attr('IFLA_VXLAN_REMCSUM_RX', 22, bool8, 'remote checksum offload, receiving'),
  gbp: attr('IFLA_VXLAN_GBP', 23, flag, 'group based policy extension'),
  remcsumNopartial: attr('IFLA_VXLAN_REMCSUM_NOPARTIAL', 24, flag, 'no partial checksums'),
  collectMetadata: attr(
    'IFLA_VXLAN_COLLECT_METADATA',
    25,
    bool8,
    'external: routes supply the metadata',
  ),
  label: attr('IFLA_VXLAN_LABEL', 26, be32, 'outer IPv6 flow label'),
  gpe: attr('IFLA_VXLAN_GPE', 27, flag, 'generic protocol extension'),
  ttlInherit: attr(
    'IFLA_VXLAN_TTL_INHERIT',
    28,
    flagOrByte,
    'inherit the outer TTL from the packet',
  ),
  df: attr('IFLA_VXLAN_DF', 29, df, "outer don't-fragment bit"),
  vnifilter: attr('IFLA_VXLAN_VNIFILTER', 30, bool8, 'accept only listed VNIs'),
  localbypass: attr('IFLA_VXLAN_LOCALBYPASS', 31, bool8, 'bypass for tunnels on this host'),
  labelPolicy: attr('IFLA_VXLAN_LABEL_POLICY', 32, labelPolicy, 'source of the flow label'),
  reservedBits: attr('IFLA_VXLAN_RESERVED_BITS', 33, vxlanhdr, 'header bits that must be zero'),
  mcRoute: attr('IFLA_VXLAN_MC_ROUTE', 34, bool8, 'send multicast by the multicast routing table'),
});

export type Vxlan = Static<typeof vxlan>;
export type VxlanInput = Input<typeof vxlan>;
