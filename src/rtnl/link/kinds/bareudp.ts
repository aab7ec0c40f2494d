/**
 * Layer 3 packets directly over UDP, without a tunnel header: `IFLA_INFO_DATA` of kind `bareudp`.
 *
 * include/uapi/linux/if_link.h, `IFLA_BAREUDP_*`; ip-link(8), "BAREUDP Type Support"; `ip link add
 * bare0 type bareudp dstport 6635 ethertype mpls_uc`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { be16, flag, u16, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `ETH_P_*` of what can be carried, by the names of `ip link`. */
const ethertype = enumOf(be16, { ipv4: 0x0800, ipv6: 0x86dd, mpls_uc: 0x8847, mpls_mc: 0x8848 });

export const bareudp = attrs({
  port: attr('IFLA_BAREUDP_PORT', 1, be16, 'UDP destination port'),
  ethertype: attr('IFLA_BAREUDP_ETHERTYPE', 2, ethertype, 'EtherType of the carried protocol'),
  srcportMin: attr('IFLA_BAREUDP_SRCPORT_MIN', 3, u16, 'lowest UDP source port'),
  multiprotoMode: attr(
    'IFLA_BAREUDP_MULTIPROTO_MODE',
    4,
    flag,
    'also carry IPv6 beside IPv4, or multicast beside unicast MPLS',
  ),
});

export type Bareudp = Static<typeof bareudp>;
export type BareudpInput = Input<typeof bareudp>;
