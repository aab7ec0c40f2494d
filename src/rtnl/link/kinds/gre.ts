/**
 * Generic routing encapsulation, RFC 2784, RFC 2890: `IFLA_INFO_DATA` of the kinds `gre`, `gretap`,
 * `erspan` over IPv4 and `ip6gre`, `ip6gretap`, `ip6erspan` over IPv6.
 *
 * include/uapi/linux/if_tunnel.h, `IFLA_GRE_*`; ip-link(8);
 * `ip link add gre1 type gre remote 192.0.2.2 key 7`.
 */
import { ipv4, ipv6 } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import {
  be16,
  be32,
  bool8,
  flag,
  u16,
  u32,
  u8,
  type Codec,
  type Input,
  type Static,
} from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { encapFlags, encapType, greFlags, IP6_TNL_F } from './tunnel.ts';

const over = (outer: Codec<string>) =>
  attrs({
    link: attr('IFLA_GRE_LINK', 1, u32, 'index of the link that carries the tunnel'),
    iflags: attr('IFLA_GRE_IFLAGS', 2, greFlags, 'optional header fields of received packets'),
    oflags: attr('IFLA_GRE_OFLAGS', 3, greFlags, 'optional header fields of sent packets'),
    ikey: attr('IFLA_GRE_IKEY', 4, be32, 'key of received packets'),
    okey: attr('IFLA_GRE_OKEY', 5, be32, 'key of sent packets'),
    local: attr('IFLA_GRE_LOCAL', 6, outer, 'outer source address'),
    remote: attr('IFLA_GRE_REMOTE', 7, outer, 'outer destination address'),
    ttl: attr('IFLA_GRE_TTL', 8, u8, 'outer TTL or hop limit; 0: inherit from the packet'),
    tos: attr('IFLA_GRE_TOS', 9, u8, 'outer TOS; 1: inherit from the packet'),
    pmtudisc: attr('IFLA_GRE_PMTUDISC', 10, bool8, 'path MTU discovery'),
    encapLimit: attr('IFLA_GRE_ENCAP_LIMIT', 11, u8, 'limit of nested tunnels, IPv6'),
    flowinfo: attr('IFLA_GRE_FLOWINFO', 12, be32, 'outer traffic class and flow label, IPv6'),
    flags: attr('IFLA_GRE_FLAGS', 13, flagsOf(u32, IP6_TNL_F), 'options, IPv6'),
    encapType: attr('IFLA_GRE_ENCAP_TYPE', 14, encapType, 'additional UDP encapsulation'),
    encapFlags: attr('IFLA_GRE_ENCAP_FLAGS', 15, encapFlags, 'checksums of the UDP encapsulation'),
    encapSport: attr('IFLA_GRE_ENCAP_SPORT', 16, be16, 'UDP source port; 0: by flow'),
    encapDport: attr('IFLA_GRE_ENCAP_DPORT', 17, be16, 'UDP destination port'),
    collectMetadata: attr(
      'IFLA_GRE_COLLECT_METADATA',
      18,
      flag,
      'external: routes supply the metadata',
    ),
    ignoreDf: attr('IFLA_GRE_IGNORE_DF', 19, bool8, "ignore the don't-fragment bit"),
    fwmark: attr('IFLA_GRE_FWMARK', 20, u32, 'mark for the route of the outer packet'),
    erspanIndex: attr('IFLA_GRE_ERSPAN_INDEX', 21, u32, 'port, ERSPAN version 1'),
    erspanVer: attr('IFLA_GRE_ERSPAN_VER', 22, u8, 'ERSPAN version, 0 to 2'),
    erspanDir: attr('IFLA_GRE_ERSPAN_DIR', 23, u8, '0 ingress, 1 egress, ERSPAN version 2'),
    erspanHwid: attr('IFLA_GRE_ERSPAN_HWID', 24, u16, 'hardware id, ERSPAN version 2'),
  });

export const gre = over(ipv4);
export const ip6gre = over(ipv6);

export type Gre = Static<typeof gre>;
export type GreInput = Input<typeof gre>;
