/** Printed by `npm run tables` from the declarations and `picks.ts`: change those. */
import { commentUserdata } from '../../nftables/messages/userdata.ts';
import { cstr } from '../../netlink/codec/text.ts';
import { elementUserdata } from '../../nftables/messages/userdata.ts';
import type { Table } from './forms.ts';

const part1 = ['struct', 'nfgenmsg', 4, 'family', 0, 1, ['enum', 'u8', 'unspec', 0, 'inet', 1, 'ip',
  2, 'arp', 3, 'netdev', 5, 'bridge', 7, 'ip6', 10], 'version', 1, 2, 'u8', 'resId', 2, 4,
  'be16'] as const;
export const batch: Table = ['batch', { NFNL_MSG_BATCH_BEGIN: 16, NFNL_MSG_BATCH_END: 17 },
  () => ['headed', part1, ['set', 'NFNL_BATCH_', 0, 0, 'genid', 'be32']]];
export const generation: Table = ['generation', { NFT_MSG_NEWGEN: 2575, NFT_MSG_GETGEN: 2576 },
  () => ['headed', part1, ['set', 'NFTA_GEN_', 0, 0, 'id', 'be32']]];
export const table: Table = ['table', { NFT_MSG_NEWTABLE: 2560, NFT_MSG_GETTABLE: 2561,
  NFT_MSG_DELTABLE: 2562, NFT_MSG_DESTROYTABLE: 2586 }, () => ['headed', part1, ['set',
  'NFTA_TABLE_', 0, 0, 'name', cstr, 'flags', ['flags', 'be32', 'dormant', 1, 'owner', 2, 'persist',
  4], 'use', 'be32', 0, 0, 0, 0, 'userdata', commentUserdata]]];
export const chain: Table = ['chain', { NFT_MSG_NEWCHAIN: 2563, NFT_MSG_GETCHAIN: 2564,
  NFT_MSG_DELCHAIN: 2565, NFT_MSG_DESTROYCHAIN: 2587 }, () => ['headed', part1, ['set',
  'NFTA_CHAIN_', 0, 0, 'table', cstr, 0, 0, 'name', cstr, 'hook', ['set', 'NFTA_HOOK_', 0, 0,
  'hooknum', 'be32', 'priority', 'sbe32'], 'policy', ['enum', 'be32', 'drop', 0, 'accept', 1],
  'use', 'be32', 'type', cstr]]];
const part2 = ['set', 'NFTA_DATA_', 0, 0, 'value', 'bytes'] as const;
export const rule: Table = ['rule', { NFT_MSG_NEWRULE: 2566, NFT_MSG_GETRULE: 2567,
  NFT_MSG_DELRULE: 2568, NFT_MSG_GETRULE_RESET: 2585, NFT_MSG_DESTROYRULE: 2588 }, () => ['headed',
  part1, ['set', 'NFTA_RULE_', 0, 0, 'table', cstr, 'chain', cstr, 'handle', 'be64', 'expressions',
  ['list', ['set', 'NFTA_EXPR_', 0, 0, 'name', cstr, 'data', ['kind', 'name', 'meta', ['set',
  'NFTA_META_', 0, 0, 'dreg', 'be32', 'key', ['enum', 'be32', 'length', 0, 'protocol', 1,
  'priority', 2, 'mark', 3, 'iif', 4, 'oif', 5, 'iifname', 6, 'oifname', 7, 'iiftype', 8, 'oiftype',
  9, 'skuid', 10, 'skgid', 11, 'nftrace', 12, 'rtclassid', 13, 'secmark', 14, 'nfproto', 15,
  'l4proto', 16, 'ibrname', 17, 'obrname', 18, 'pkttype', 19, 'cpu', 20, 'iifgroup', 21, 'oifgroup',
  22, 'cgroup', 23, 'random', 24, 'ipsec', 25, 'iifkind', 26, 'oifkind', 27, 'ibrpvid', 28,
  'ibrvproto', 29, 'time', 30, 'day', 31, 'hour', 32, 'sdif', 33, 'sdifname', 34, 'broute', 35,
  'ibrhwaddr', 37]], 'payload', ['set', 'NFTA_PAYLOAD_', 0, 0, 'dreg', 'be32', 'base', ['enum',
  'be32', 'link', 0, 'network', 1, 'transport', 2, 'inner', 3, 'tunnel', 4], 'offset', 'be32',
  'len', 'be32'], 'cmp', ['set', 'NFTA_CMP_', 0, 0, 'sreg', 'be32', 'op', ['enum', 'be32', '==', 0,
  '!=', 1, '<', 2, '<=', 3, '>', 4, '>=', 5], 'data', part2], 'bitwise', ['set', 'NFTA_BITWISE_', 0,
  0, 'sreg', 'be32', 'dreg', 'be32', 'len', 'be32', 'mask', part2, 'xor', part2, 'op', ['enum',
  'be32', 'mask-xor', 0, 'lshift', 1, 'rshift', 2, 'and', 3, 'or', 4, 'xor', 5]], 'lookup', ['set',
  'NFTA_LOOKUP_', 0, 0, 'set', cstr, 'sreg', 'be32', 'dreg', 'be32'], 'immediate', ['set',
  'NFTA_IMMEDIATE_', 0, 0, 'dreg', 'be32', 'data', ['set', 'NFTA_DATA_', 0, 0, 0, 0, 'verdict',
  ['set', 'NFTA_VERDICT_', 0, 0, 'code', ['enum', 'be32', 'drop', 0, 'accept', 1, 'stolen', 2,
  'queue', 3, 'repeat', 4, 'continue', 4294967295, 'break', 4294967294, 'jump', 4294967293, 'goto',
  4294967292, 'return', 4294967291], 'chain', cstr]]], 'masq', ['set', '']]], 1,
  'NFTA_LIST_ELEM']]]];
export const set: Table = ['set', { NFT_MSG_NEWSET: 2569, NFT_MSG_GETSET: 2570,
  NFT_MSG_DELSET: 2571, NFT_MSG_DESTROYSET: 2589 }, () => ['headed', part1, ['set', 'NFTA_SET_', 0,
  0, 'table', cstr, 'name', cstr, 'flags', ['flags', 'be32', 'anonymous', 1, 'constant', 2,
  'interval', 4, 'map', 8, 'timeout', 16, 'dynamic', 32, 'object', 64, 'concat', 128, 'expr', 256],
  'keyType', ['enum', 'be32', 'integer', 4, 'string', 5, 'lladdr', 6, 'ipv4_addr', 7, 'ipv6_addr',
  8, 'ether_addr', 9, 'ether_type', 10, 'inet_proto', 12, 'inet_service', 13, 'icmp_type', 14,
  'mark', 19, 'iface_index', 20, 'iface_type', 21, 'classid', 23, 'uid', 24, 'gid', 25, 'ct_state',
  26, 'ct_dir', 27, 'ct_status', 28, 'icmpv6_type', 29, 'ct_label', 30, 'pkt_type', 31, 'icmp_code',
  32, 'icmpv6_code', 33, 'icmpx_code', 34, 'devgroup', 35, 'dscp', 36, 'fib_addrtype', 38,
  'boolean', 39, 'ifname', 41, 'verdict', 4294967040], 'keyLen', 'be32', 0, 0, 0, 0, 0, 0, 'desc',
  ['set', ''], 'id', 'be32', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'count',
  'be32']]];
export const element: Table = ['element', { NFT_MSG_NEWSETELEM: 2572, NFT_MSG_GETSETELEM: 2573,
  NFT_MSG_DELSETELEM: 2574, NFT_MSG_GETSETELEM_RESET: 2593, NFT_MSG_DESTROYSETELEM: 2590 },
  () => ['headed', part1, ['set', 'NFTA_SET_ELEM_LIST_', 0, 0, 'table', cstr, 'set', cstr,
  'elements', ['list', ['set', 'NFTA_SET_ELEM_', 0, 0, 'key', part2, 0, 0, 0, 0, 0, 0, 0, 0,
  'userdata', elementUserdata], 1, 'NFTA_LIST_ELEM']]]];
export const POSTROUTING = 4;
