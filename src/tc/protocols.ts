/**
 * Protocols of packets by the names of tc(8).
 *
 * include/uapi/linux/if_ether.h; include/uapi/linux/in.h.
 */
import { be16, u16, u8 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';
import * as ip from '../netlink/ip-protocols.ts';

const ETHER_TYPES = {
  all: 0x0003,
  ip: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  '802.1Q': 0x8100,
  ipv6: 0x86dd,
  mpls_uc: 0x8847,
  mpls_mc: 0x8848,
  ppp_disc: 0x8863,
  ppp_ses: 0x8864,
  '802.1ad': 0x88a8,
  cfm: 0x8902,
  tipc: 0x88ca,
  lldp: 0x88cc,
} as const;

/** `ETH_P_*`. A filter with `all` sees every packet. */
export const etherType = enumOf(be16, ETHER_TYPES);
/** The same where the kernel converts it to network order itself. */
export const hostEtherType = enumOf(u16, ETHER_TYPES);

/** `IPPROTO_*`. */
export const ipProto = enumOf(u8, {
  ...ip.TRANSPORTS,
  igmp: ip.IPPROTO_IGMP,
  ...ip.IPSEC,
  icmpv6: ip.IPPROTO_ICMPV6,
  l2tp: ip.IPPROTO_L2TP,
  udplite: ip.IPPROTO_UDPLITE,
});
