/** Transport protocols by name: `IPPROTO_*`, include/uapi/linux/in.h. */
import { u8 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';
import * as ip from '../netlink/ip-protocols.ts';

export const ipProtocol = enumOf(u8, {
  icmp: ip.IPPROTO_ICMP,
  igmp: ip.IPPROTO_IGMP,
  ipencap: ip.IPPROTO_IPIP,
  tcp: ip.IPPROTO_TCP,
  udp: ip.IPPROTO_UDP,
  dccp: ip.IPPROTO_DCCP,
  gre: ip.IPPROTO_GRE,
  esp: ip.IPPROTO_ESP,
  ah: ip.IPPROTO_AH,
  'ipv6-icmp': ip.IPPROTO_ICMPV6,
  sctp: ip.IPPROTO_SCTP,
  udplite: ip.IPPROTO_UDPLITE,
});
