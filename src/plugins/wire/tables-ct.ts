/** Printed by `npm run tables` from the declarations and `picks.ts`: change those. */
import { ip } from '../../netlink/codec/ip-address.ts';
import type { Table } from './forms.ts';

const part1 = ['flagged', ['set', 'CTA_TUPLE_', 0, 0, 'ip', ['flagged', ['set', 'CTA_IP_', 0, 0,
  'v4Src', ip, 'v4Dst', ip, 'v6Src', ip, 'v6Dst', ip], 32768], 'proto', ['flagged', ['set',
  'CTA_PROTO_', 0, 0, 'num', ['enum', 'u8', 'icmp', 1, 'tcp', 6, 'udp', 17, 'dccp', 33, 'gre', 47,
  'icmpv6', 58, 'sctp', 132, 'udplite', 136], 'srcPort', 'be16', 'dstPort', 'be16', 'icmpId',
  'be16', 'icmpType', 'u8', 'icmpCode', 'u8', 'icmpv6Id', 'be16', 'icmpv6Type', 'u8', 'icmpv6Code',
  'u8'], 32768], 'zone', 'be16'], 32768] as const;
const part2 = ['flags', 'u32', 'src', 1, 'dst', 2, 'zone', 4, 'protonum', 8, 'sport', 16, 'dport',
  32, 'icmp_type', 64, 'icmp_code', 128, 'icmp_id', 256, 'icmpv6_type', 512, 'icmpv6_code', 1024,
  'icmpv6_id', 2048] as const;
export const connection: Table = ['connection', { IPCTNL_MSG_CT_NEW: 256, IPCTNL_MSG_CT_GET: 257,
  IPCTNL_MSG_CT_DELETE: 258, IPCTNL_MSG_CT_GET_CTRZERO: 259 }, () => ['headed', ['struct',
  'nfgenmsg', 4, 'family', 0, 1, ['enum', 'u8', 'unspec', 0, 'inet', 2, 'inet6', 10], 'version', 1,
  2, 'u8', 'resId', 2, 4, 'be16'], ['set', 'CTA_', 0, 0, 'tupleOrig', part1, 'tupleReply', part1, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'id', 'be32', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  'zone', 'be16', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'filter', ['flagged', ['set', 'CTA_FILTER_',
  0, 0, 'origFlags', part2, 'replyFlags', part2], 32768]]]];
