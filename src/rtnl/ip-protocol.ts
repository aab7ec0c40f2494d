/** Transport protocols by name: `IPPROTO_*`, include/uapi/linux/in.h. */
import { u8 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';

export const ipProtocol = enumOf(u8, {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  udplite: 136,
});
