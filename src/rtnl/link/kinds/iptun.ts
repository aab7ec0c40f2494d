/**
 * IP in IP: `IFLA_INFO_DATA` of the kinds `ipip`, `sit` (IPv6 in IPv4) and `ip6tnl`.
 *
 * include/uapi/linux/if_tunnel.h, `IFLA_IPTUN_*`; ip-link(8);
 * `ip link add tun1 type ipip remote 192.0.2.2`.
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
import { ipProtocol } from '../../ip-protocol.ts';
import { encapFlags, encapType, IP6_TNL_F } from './tunnel.ts';

/** The attributes of all of them; each has its own form of `IFLA_IPTUN_FLAGS`. */
const over = (outer: Codec<string>) => ({
  link: attr('IFLA_IPTUN_LINK', 1, u32, 'index of the link that carries the tunnel'),
  local: attr('IFLA_IPTUN_LOCAL', 2, outer, 'outer source address'),
  remote: attr('IFLA_IPTUN_REMOTE', 3, outer, 'outer destination address'),
  ttl: attr('IFLA_IPTUN_TTL', 4, u8, 'outer TTL or hop limit; 0: inherit from the packet'),
  tos: attr('IFLA_IPTUN_TOS', 5, u8, 'outer TOS; 1: inherit from the packet'),
  proto: attr('IFLA_IPTUN_PROTO', 9, ipProtocol, 'inner protocol; 0: any'),
  pmtudisc: attr('IFLA_IPTUN_PMTUDISC', 10, bool8, 'path MTU discovery'),
  encapType: attr('IFLA_IPTUN_ENCAP_TYPE', 15, encapType, 'additional UDP encapsulation'),
  encapFlags: attr('IFLA_IPTUN_ENCAP_FLAGS', 16, encapFlags, 'checksums of the UDP encapsulation'),
  encapSport: attr('IFLA_IPTUN_ENCAP_SPORT', 17, be16, 'UDP source port; 0: by flow'),
  encapDport: attr('IFLA_IPTUN_ENCAP_DPORT', 18, be16, 'UDP destination port'),
  collectMetadata: attr(
    'IFLA_IPTUN_COLLECT_METADATA',
    19,
    flag,
    'external: routes supply the metadata',
  ),
  fwmark: attr('IFLA_IPTUN_FWMARK', 20, u32, 'mark for the route of the outer packet'),
});
const overIpv4 = over(ipv4);

export const ipip = attrs(overIpv4);

/** `SIT_ISATAP`, RFC 5214; in host order, as sent by iproute2. */
const sitFlags = flagsOf(u16, { isatap: 1 });

export const sit = attrs({
  ...overIpv4,
  flags: attr('IFLA_IPTUN_FLAGS', 8, sitFlags, 'options'),
  '6rdPrefix': attr('IFLA_IPTUN_6RD_PREFIX', 11, ipv6, '6rd prefix, RFC 5969'),
  '6rdRelayPrefix': attr('IFLA_IPTUN_6RD_RELAY_PREFIX', 12, ipv4, 'IPv4 prefix of the relays'),
  '6rdPrefixlen': attr('IFLA_IPTUN_6RD_PREFIXLEN', 13, u16, 'length of the 6rd prefix'),
  '6rdRelayPrefixlen': attr(
    'IFLA_IPTUN_6RD_RELAY_PREFIXLEN',
    14,
    u16,
    'length of the relay prefix',
  ),
});

export const ip6tnl = attrs({
  ...over(ipv6),
  encapLimit: attr('IFLA_IPTUN_ENCAP_LIMIT', 6, u8, 'limit of nested tunnels'),
  flowinfo: attr('IFLA_IPTUN_FLOWINFO', 7, be32, 'outer traffic class and flow label'),
  flags: attr('IFLA_IPTUN_FLAGS', 8, flagsOf(u32, IP6_TNL_F), 'options'),
});

export type Ipip = Static<typeof ipip>;
export type IpipInput = Input<typeof ipip>;
export type Sit = Static<typeof sit>;
export type SitInput = Input<typeof sit>;
export type Ip6tnl = Static<typeof ip6tnl>;
export type Ip6tnlInput = Input<typeof ip6tnl>;
