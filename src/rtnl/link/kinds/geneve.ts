/**
 * An Ethernet segment over UDP with options, RFC 8926: `IFLA_INFO_DATA` of kind `geneve`.
 *
 * include/uapi/linux/if_link.h, `IFLA_GENEVE_*`; ip-link(8), "GENEVE Type Support";
 * `ip link add gnv0 type geneve id 42 remote 192.0.2.2`.
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
import { struct } from '../../../netlink/codec/struct.ts';
import { df } from './inherit.ts';

/** The range of UDP source ports. */
export const genevePortRange = struct('ifla_geneve_port_range', { low: be16, high: be16 });

export const geneve = attrs({
  id: attr('IFLA_GENEVE_ID', 1, u32, 'VNI, 24 bits'),
  remote: attr('IFLA_GENEVE_REMOTE', 2, ipv4, 'outer destination address'),
  ttl: attr('IFLA_GENEVE_TTL', 3, u8, 'outer TTL; 0: chosen by the kernel'),
  tos: attr('IFLA_GENEVE_TOS', 4, u8, 'outer TOS; 1: inherit from the packet'),
  port: attr('IFLA_GENEVE_PORT', 5, be16, 'UDP destination port'),
  collectMetadata: attr(
    'IFLA_GENEVE_COLLECT_METADATA',
    6,
    flag,
    'external: routes supply the metadata',
  ),
  remote6: attr('IFLA_GENEVE_REMOTE6', 7, ipv6, 'outer destination address'),
  udpCsum: attr('IFLA_GENEVE_UDP_CSUM', 8, bool8, 'send UDP checksums over IPv4'),
  udpZeroCsum6Tx: attr(
    'IFLA_GENEVE_UDP_ZERO_CSUM6_TX',
    9,
    bool8,
    'send no UDP checksums over IPv6',
  ),
  udpZeroCsum6Rx: attr(
    'IFLA_GENEVE_UDP_ZERO_CSUM6_RX',
    10,
    bool8,
    'accept missing UDP checksums over IPv6',
  ),
  label: attr('IFLA_GENEVE_LABEL', 11, be32, 'outer IPv6 flow label'),
  ttlInherit: attr('IFLA_GENEVE_TTL_INHERIT', 12, bool8, 'inherit the outer TTL from the packet'),
  df: attr('IFLA_GENEVE_DF', 13, df, "outer don't-fragment bit"),
  innerProtoInherit: attr('IFLA_GENEVE_INNER_PROTO_INHERIT', 14, flag, 'carry IP without Ethernet'),
  portRange: attr('IFLA_GENEVE_PORT_RANGE', 15, genevePortRange, 'UDP source ports'),
  groHint: attr('IFLA_GENEVE_GRO_HINT', 16, flag, 'send the receiver a GRO hint'),
  local: attr('IFLA_GENEVE_LOCAL', 17, ipv4, 'address that the socket is bound to'),
  local6: attr('IFLA_GENEVE_LOCAL6', 18, ipv6, 'address that the socket is bound to'),
});

export type Geneve = Static<typeof geneve>;
export type GeneveInput = Input<typeof geneve>;
