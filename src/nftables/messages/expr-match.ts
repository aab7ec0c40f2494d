/**
 * Expressions that load a register and compare it: `meta`, `payload`, `exthdr`, `cmp`, `range`,
 * `bitwise`, `byteorder`, `immediate`, `lookup`.
 *
 * include/uapi/linux/netfilter/nf_tables.h; nft(8), PRIMARY EXPRESSIONS, PAYLOAD EXPRESSIONS.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, cstr, u8 } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { nftaData, register } from './data.ts';

/** `enum nft_meta_keys`, by nft's names. */
export const metaKey = enumOf(be32, {
  length: 0,
  protocol: 1,
  priority: 2,
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  iiftype: 8,
  oiftype: 9,
  skuid: 10,
  skgid: 11,
  nftrace: 12,
  rtclassid: 13,
  secmark: 14,
  nfproto: 15,
  l4proto: 16,
  ibrname: 17,
  obrname: 18,
  pkttype: 19,
  cpu: 20,
  iifgroup: 21,
  oifgroup: 22,
  cgroup: 23,
  random: 24,
  ipsec: 25,
  iifkind: 26,
  oifkind: 27,
  ibrpvid: 28,
  ibrvproto: 29,
  time: 30,
  day: 31,
  hour: 32,
  sdif: 33,
  sdifname: 34,
  broute: 35,
  ibrhwaddr: 37,
});

export const meta = attrs({
  dreg: attr('NFTA_META_DREG', 1, register, 'destination register'),
  key: attr('NFTA_META_KEY', 2, metaKey, 'property of the packet'),
  sreg: attr('NFTA_META_SREG', 3, register, 'source register, to set it'),
});

/** `enum nft_payload_bases`. */
export const payloadBase = enumOf(be32, { link: 0, network: 1, transport: 2, inner: 3, tunnel: 4 });

export const payload = attrs({
  dreg: attr('NFTA_PAYLOAD_DREG', 1, register, 'destination register'),
  base: attr('NFTA_PAYLOAD_BASE', 2, payloadBase, 'header that the offset is relative to'),
  offset: attr('NFTA_PAYLOAD_OFFSET', 3, be32, 'first byte'),
  len: attr('NFTA_PAYLOAD_LEN', 4, be32, 'number of bytes'),
  sreg: attr('NFTA_PAYLOAD_SREG', 5, register, 'source register, to set them'),
  csumType: attr(
    'NFTA_PAYLOAD_CSUM_TYPE',
    6,
    enumOf(be32, { none: 0, inet: 1, sctp: 2 }),
    'type of checksum to update',
  ),
  csumOffset: attr('NFTA_PAYLOAD_CSUM_OFFSET', 7, be32, 'offset of the checksum'),
  csumFlags: attr(
    'NFTA_PAYLOAD_CSUM_FLAGS',
    8,
    flagsOf(be32, { 'l4-pseudo-header': 1 }),
    'whether the checksum covers a pseudo header',
  ),
});

export const exthdr = attrs({
  dreg: attr('NFTA_EXTHDR_DREG', 1, register, 'destination register'),
  type: attr('NFTA_EXTHDR_TYPE', 2, u8, 'type of extension header or option'),
  offset: attr('NFTA_EXTHDR_OFFSET', 3, be32, 'first byte'),
  len: attr('NFTA_EXTHDR_LEN', 4, be32, 'number of bytes'),
  flags: attr('NFTA_EXTHDR_FLAGS', 5, flagsOf(be32, { present: 1 }), 'test only for its presence'),
  op: attr(
    'NFTA_EXTHDR_OP',
    6,
    enumOf(be32, { ipv6: 0, tcpopt: 1, ipv4: 2, sctp: 3, dccp: 4 }),
    'protocol of the header or option',
  ),
  sreg: attr('NFTA_EXTHDR_SREG', 7, register, 'source register, to set it'),
});

/** `enum nft_cmp_ops`, as nft's operators. */
export const cmpOp = enumOf(be32, { '==': 0, '!=': 1, '<': 2, '<=': 3, '>': 4, '>=': 5 });

export const cmp = attrs({
  sreg: attr('NFTA_CMP_SREG', 1, register, 'source register'),
  op: attr('NFTA_CMP_OP', 2, cmpOp, 'relation'),
  data: attr('NFTA_CMP_DATA', 3, nftaData, 'value'),
});

export const range = attrs({
  sreg: attr('NFTA_RANGE_SREG', 1, register, 'source register'),
  op: attr('NFTA_RANGE_OP', 2, enumOf(be32, { '==': 0, '!=': 1 }), 'inside or outside'),
  fromData: attr('NFTA_RANGE_FROM_DATA', 3, nftaData, 'first value of the range'),
  toData: attr('NFTA_RANGE_TO_DATA', 4, nftaData, 'last value of the range'),
});

export const bitwise = attrs({
  sreg: attr('NFTA_BITWISE_SREG', 1, register, 'source register'),
  dreg: attr('NFTA_BITWISE_DREG', 2, register, 'destination register'),
  len: attr('NFTA_BITWISE_LEN', 3, be32, 'number of bytes'),
  mask: attr('NFTA_BITWISE_MASK', 4, nftaData, 'bits to keep'),
  xor: attr('NFTA_BITWISE_XOR', 5, nftaData, 'bits to invert'),
  op: attr(
    'NFTA_BITWISE_OP',
    6,
    enumOf(be32, { 'mask-xor': 0, lshift: 1, rshift: 2, and: 3, or: 4, xor: 5 }),
    'operation',
  ),
  data: attr('NFTA_BITWISE_DATA', 7, nftaData, 'operand, or number of bits to shift'),
  sreg2: attr('NFTA_BITWISE_SREG2', 8, register, 'second operand'),
});

export const byteorder = attrs({
  sreg: attr('NFTA_BYTEORDER_SREG', 1, register, 'source register'),
  dreg: attr('NFTA_BYTEORDER_DREG', 2, register, 'destination register'),
  op: attr('NFTA_BYTEORDER_OP', 3, enumOf(be32, { ntoh: 0, hton: 1 }), 'direction'),
  len: attr('NFTA_BYTEORDER_LEN', 4, be32, 'number of bytes'),
  size: attr('NFTA_BYTEORDER_SIZE', 5, be32, 'size of each integer in bytes'),
});

export const immediate = attrs({
  dreg: attr('NFTA_IMMEDIATE_DREG', 1, register, 'destination register'),
  data: attr('NFTA_IMMEDIATE_DATA', 2, nftaData, 'value'),
});

export const lookup = attrs({
  set: attr('NFTA_LOOKUP_SET', 1, cstr, 'set to search'),
  sreg: attr('NFTA_LOOKUP_SREG', 2, register, 'register with the key'),
  dreg: attr('NFTA_LOOKUP_DREG', 3, register, 'destination register for the value of a map'),
  setId: attr('NFTA_LOOKUP_SET_ID', 4, be32, 'the set, by its number in the transaction'),
  flags: attr(
    'NFTA_LOOKUP_FLAGS',
    5,
    flagsOf(be32, { invert: 1 }),
    'invert: match keys that are not in the set',
  ),
});
