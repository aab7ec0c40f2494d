/**
 * What this node does with packets of a segment, RFC 8986: the encapsulation `seg6local`.
 *
 * include/uapi/linux/seg6_local.h; ip-route(8), "seg6local";
 * `ip -6 route add 2001:db8::1 encap seg6local action End.X nh6 2001:db8::2 dev eth0`.
 */
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { cstr, u32, u64, u8 } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { srHdr } from './seg6.ts';
import { table } from './route-table.ts';

/** `SEG6_LOCAL_ACTION_*`, by the names of RFC 8986. */
const action = enumOf(u32, {
  End: 1,
  'End.X': 2,
  'End.T': 3,
  'End.DX2': 4,
  'End.DX6': 5,
  'End.DX4': 6,
  'End.DT6': 7,
  'End.DT4': 8,
  'End.B6': 9,
  'End.B6.Encaps': 10,
  'End.BM': 11,
  'End.S': 12,
  'End.AS': 13,
  'End.AM': 14,
  'End.BPF': 15,
  'End.DT46': 16,
});

/** `SEG6_LOCAL_FLV_OP_*`: the bit of each number. */
const operation = flagsOf(u32, { psp: 1 << 1, usp: 1 << 2, usd: 1 << 3, 'next-csid': 1 << 4 });

const bpf = attrs({
  prog: attr('SEG6_LOCAL_BPF_PROG', 1, u32, 'descriptor of the program; its id in lists'),
  progName: attr('SEG6_LOCAL_BPF_PROG_NAME', 2, cstr, 'name of the program'),
});

const counters = attrs({
  packets: attr('SEG6_LOCAL_CNT_PACKETS', 2, u64, 'packets'),
  bytes: attr('SEG6_LOCAL_CNT_BYTES', 3, u64, 'bytes processed'),
  errors: attr('SEG6_LOCAL_CNT_ERRORS', 4, u64, 'packets that could not be processed'),
});

const flavors = attrs({
  operation: attr('SEG6_LOCAL_FLV_OPERATION', 1, operation, 'flavors of the action'),
  lcblockBits: attr('SEG6_LOCAL_FLV_LCBLOCK_BITS', 2, u8, 'length of the locator block, in bits'),
  lcnodeFnBits: attr(
    'SEG6_LOCAL_FLV_LCNODE_FN_BITS',
    3,
    u8,
    'length of the locator node and function, in bits',
  ),
});

export const encapSeg6local = attrs({
  action: attr('SEG6_LOCAL_ACTION', 1, action, 'the action'),
  srh: attr('SEG6_LOCAL_SRH', 2, srHdr, 'segment routing header to add'),
  table: attr('SEG6_LOCAL_TABLE', 3, table, 'table for the next lookup'),
  nh4: attr('SEG6_LOCAL_NH4', 4, ipv4, 'next hop'),
  nh6: attr('SEG6_LOCAL_NH6', 5, ipv6, 'next hop'),
  iif: attr('SEG6_LOCAL_IIF', 6, u32, 'index of the link that packets come back from'),
  oif: attr('SEG6_LOCAL_OIF', 7, u32, 'index of the link to send to'),
  bpf: attr('SEG6_LOCAL_BPF', 8, bpf, 'BPF program of the action'),
  vrftable: attr('SEG6_LOCAL_VRFTABLE', 9, table, 'table of a VRF for the next lookup'),
  counters: attr('SEG6_LOCAL_COUNTERS', 10, counters, 'counters; in requests: count at all'),
  flavors: attr('SEG6_LOCAL_FLAVORS', 11, flavors, 'flavors of the action'),
});
