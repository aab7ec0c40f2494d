/** Transport protocols by name: `IPPROTO_*`, include/uapi/linux/in.h. */
import { u8 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';
import * as ip from '../netlink/ip-protocols.ts';

export const ipProtocol = enumOf(u8, {
  ...ip.TRANSPORTS,
  igmp: ip.IPPROTO_IGMP,
  ipencap: ip.IPPROTO_IPIP,
  dccp: ip.IPPROTO_DCCP,
  ...ip.IPSEC,
  'ipv6-icmp': ip.IPPROTO_ICMPV6,
  udplite: ip.IPPROTO_UDPLITE,
});
