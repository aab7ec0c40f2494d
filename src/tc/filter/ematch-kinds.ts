/**
 * What extended matches compare: bytes at an offset, an address set, a match of iptables.
 *
 * include/uapi/linux/tc_ematch/; `struct can_filter`, include/uapi/linux/can.h; `struct
 * xt_set_info`, include/uapi/linux/netfilter/ipset/ip_set.h; tc-ematch(8).
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, bytes, cstr, s32, u16, u32, u8 } from '../../netlink/codec/codec.ts';
import { chars } from '../../netlink/codec/embedded.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { packed } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { bitFields } from '../bit-fields.ts';
import { followedBy } from '../followed-by.ts';

/** `TCF_LAYER_*`: the header that an offset counts from. */
const layer = enumOf(u8, { link: 0, network: 1, transport: 2 });

/** `TCF_EM_OPND_*`: how two values are compared. */
export const operand = enumOf(u8, { eq: 0, gt: 1, lt: 2 });

const cmpBytes = struct('tcf_em_cmp', { val: u32, mask: u32, off: u16, width: u8, how: u8 });

/** A number in the packet: `cmp(u16 at 3 layer 2 mask 0xff00 gt 20)`; without a mask, all of it. */
export const cmp = bitFields(
  bitFields(cmpBytes, 'width', 8, {
    align: [4, enumOf(u8, { u8: 1, u16: 2, u32: 4 })],
    flags: [4, flagsOf(u8, { trans: 1 })],
  }),
  'how',
  8,
  { layer: [4, layer], opnd: [4, operand] },
);

const nbyteBytes = struct('tcf_em_nbyte', { off: u16, where: u16 });

/** Bytes in the packet: `nbyte("ababa" at 12 layer 1)`. */
export const nbyte = followedBy(
  bitFields(nbyteBytes, 'where', 16, { len: [12, u16], layer: [4, layer] }),
  'needle',
  bytes,
  { field: 'len', size: 1 },
);

/** 32 bits of the packet: `u32(u16 0x1122 0xffff at nexthdr+4)`. */
export const tcU32Key = struct('tc_u32_key', { mask: be32, val: be32, off: s32, offmask: s32 });

const textBytes = struct('tcf_em_text', {
  algo: chars(16),
  fromOffset: u16,
  toOffset: u16,
  patternLen: u16,
  layers: u8,
  _pad: u8,
});

/** Text anywhere between two places; the algorithm is `kmp`, `bm` or `fsm`. */
export const text = followedBy(
  bitFields(textBytes, 'layers', 8, { fromLayer: [4, layer], toLayer: [4, layer] }),
  'pattern',
  bytes,
  { field: 'patternLen', size: 1 },
);

/** Identifiers of CAN frames: `canid(sff 0x123 eff 0x124)`. */
export const canid = packed(struct('can_filter', { canId: u32, canMask: u32 }));

const dims = flagsOf(u8, { inv_match: 1, dim_one_src: 2, dim_two_src: 4, dim_three_src: 8 });

/** A set of addresses, by its number: `ipset(bulk src,dst)`. A dimension without `src` is `dst`. */
export const ipset = struct('xt_set_info', { index: u16, dim: u8, flags: dims });

/** A match of iptables: `ipt(-m policy --dir in --pol ipsec)`. */
export const ipt = attrs({
  hook: attr('TCA_EM_IPT_HOOK', 1, u32, 'hook of netfilter that it is used at'),
  matchName: attr('TCA_EM_IPT_MATCH_NAME', 2, cstr, 'name of the match'),
  matchRevision: attr('TCA_EM_IPT_MATCH_REVISION', 3, u8, 'revision of the match'),
  nfproto: attr('TCA_EM_IPT_NFPROTO', 4, u8, 'address family'),
  matchData: attr('TCA_EM_IPT_MATCH_DATA', 5, bytes, 'the struct of the match'),
});
