/** `XFRMA_*`: the attributes of all messages of IPsec. include/uapi/linux/xfrm.h. */
import { attr, attrs } from '../netlink/codec/attributes.ts';
import { be16, counted, flag, s32, u16, u32, u64, u8 } from '../netlink/codec/codec.ts';
import { chars } from '../netlink/codec/embedded.ts';
import { enumOf, flagsOf } from '../netlink/codec/enums.ts';
import { packed } from '../netlink/codec/list.ts';
import { struct } from '../netlink/codec/struct.ts';
import { addressBeside } from './address.ts';
import {
  addressFilter,
  lifetimeCur,
  protocol,
  userKmaddress,
  userMigrate,
  userpolicyInfo,
  usersaInfo,
  userTmpl,
} from './structs.ts';

/* The key follows; its length stands in `algKeyLen`, in bits. */
const name = chars(64);
const bits = counted(u32, 'bits');
export const xfrmAlgo = struct('xfrm_algo', { algName: name, algKeyLen: bits });
export const xfrmAlgoAuth = struct('xfrm_algo_auth', {
  algName: name,
  algKeyLen: bits,
  algTruncLen: bits,
});
export const xfrmAlgoAead = struct('xfrm_algo_aead', {
  algName: name,
  algKeyLen: bits,
  algIcvLen: bits,
});

/** `UDP_ENCAP_*`, include/uapi/linux/udp.h. */
const encapType = enumOf(u16, { 'espinudp-nonike': 1, espinudp: 2, espintcp: 7 });
const encapTmpl = struct('xfrm_encap_tmpl', {
  encapType,
  encapSport: be16,
  encapDport: be16,
  _pad: u16,
  encapOa: addressBeside(undefined),
});

/* The context follows, as text with its length in `ctxLen`. */
const secCtx = struct('xfrm_user_sec_ctx', {
  len: u16,
  exttype: u16,
  ctxAlg: u8,
  ctxDoi: u8,
  ctxLen: u16,
});

const replayState = struct('xfrm_replay_state', { oseq: u32, seq: u32, bitmap: u32 });
/* The bitmap follows, in `bmpLen` words of 32 bits. */
const replayStateEsn = struct('xfrm_replay_state_esn', {
  bmpLen: u32,
  oseq: u32,
  seq: u32,
  oseqHi: u32,
  seqHi: u32,
  replayWindow: u32,
});

const policyType = struct('xfrm_userpolicy_type', {
  type: enumOf(u8, { main: 0, sub: 1, any: 255 }),
  _pad1: u8,
  _reserved1: u16,
  _reserved2: u8,
  _pad2: u8,
});

const mark = struct('xfrm_mark', { v: u32, m: u32 });

/** `XFRM_SA_XFLAG_*`. */
const extraFlags = flagsOf(u32, { 'dont-encap-dscp': 1, 'oseq-may-wrap': 2 });

/** `XFRM_OFFLOAD_*`. */
const offload = struct('xfrm_user_offload', {
  ifindex: s32,
  flags: flagsOf(u8, { ipv6: 1, inbound: 2, packet: 4 }),
  _pad1: u8,
  _pad2: u16,
});

export const xfrma = attrs({
  algAuth: attr('XFRMA_ALG_AUTH', 1, xfrmAlgo, 'algorithm of authentication, and its key'),
  algCrypt: attr('XFRMA_ALG_CRYPT', 2, xfrmAlgo, 'algorithm of encryption, and its key'),
  algComp: attr('XFRMA_ALG_COMP', 3, xfrmAlgo, 'algorithm of compression'),
  encap: attr('XFRMA_ENCAP', 4, encapTmpl, 'ESP in packets of UDP or TCP'),
  tmpl: attr('XFRMA_TMPL', 5, packed(userTmpl), 'the transformations that a policy asks for'),
  sa: attr('XFRMA_SA', 6, usersaInfo, 'the state that was deleted'),
  policy: attr('XFRMA_POLICY', 7, userpolicyInfo, 'the policy that was deleted'),
  secCtx: attr('XFRMA_SEC_CTX', 8, secCtx, 'security context'),
  ltimeVal: attr('XFRMA_LTIME_VAL', 9, lifetimeCur, 'what has been used of a lifetime'),
  replayVal: attr('XFRMA_REPLAY_VAL', 10, replayState, 'numbers against replay'),
  replayThresh: attr(
    'XFRMA_REPLAY_THRESH',
    11,
    u32,
    'packets between two notifications of numbers',
  ),
  etimerThresh: attr('XFRMA_ETIMER_THRESH', 12, u32, '1/10 s between two such notifications'),
  srcaddr: attr('XFRMA_SRCADDR', 13, addressBeside(undefined), 'source of the state'),
  coaddr: attr('XFRMA_COADDR', 14, addressBeside(undefined), 'care-of address of Mobile IPv6'),
  lastused: attr('XFRMA_LASTUSED', 15, u64, 's since 1970: when it was last used'),
  policyType: attr('XFRMA_POLICY_TYPE', 16, policyType, 'table of policies'),
  migrate: attr('XFRMA_MIGRATE', 17, packed(userMigrate), 'old and new addresses'),
  algAead: attr('XFRMA_ALG_AEAD', 18, xfrmAlgoAead, 'algorithm of both at once, and its key'),
  kmaddress: attr('XFRMA_KMADDRESS', 19, userKmaddress, 'addresses for the exchange of keys'),
  algAuthTrunc: attr(
    'XFRMA_ALG_AUTH_TRUNC',
    20,
    xfrmAlgoAuth,
    'algorithm of authentication with a length, and its key',
  ),
  mark: attr('XFRMA_MARK', 21, mark, 'mark of packets, and its mask'),
  tfcpad: attr('XFRMA_TFCPAD', 22, u32, 'bytes that packets are filled up to'),
  replayEsnVal: attr('XFRMA_REPLAY_ESN_VAL', 23, replayStateEsn, 'the same in 64 bits'),
  saExtraFlags: attr('XFRMA_SA_EXTRA_FLAGS', 24, extraFlags, 'further flags of a state'),
  proto: attr('XFRMA_PROTO', 25, protocol, 'only states of this protocol'),
  addressFilter: attr('XFRMA_ADDRESS_FILTER', 26, addressFilter, 'only states with addresses'),
  offloadDev: attr('XFRMA_OFFLOAD_DEV', 28, offload, 'the link that does the work'),
  setMark: attr('XFRMA_SET_MARK', 29, u32, 'mark that transformed packets get'),
  setMarkMask: attr('XFRMA_SET_MARK_MASK', 30, u32, 'bits of it that are set'),
  ifId: attr('XFRMA_IF_ID', 31, u32, 'id of the xfrm links that it is for'),
  mtimerThresh: attr('XFRMA_MTIMER_THRESH', 32, u32, 's between two notifications of mappings'),
  saDir: attr('XFRMA_SA_DIR', 33, enumOf(u8, { in: 1, out: 2 }), 'direction of a state'),
  natKeepaliveInterval: attr(
    'XFRMA_NAT_KEEPALIVE_INTERVAL',
    34,
    u32,
    's between two packets that keep a translation alive',
  ),
  saPcpu: attr('XFRMA_SA_PCPU', 35, u32, 'processor that a state is for'),
  iptfsDropTime: attr('XFRMA_IPTFS_DROP_TIME', 36, u32, 'µs to wait for the next number'),
  iptfsReorderWindow: attr('XFRMA_IPTFS_REORDER_WINDOW', 37, u16, 'packets out of order'),
  iptfsDontFrag: attr('XFRMA_IPTFS_DONT_FRAG', 38, flag, 'do not divide packets'),
  iptfsInitDelay: attr('XFRMA_IPTFS_INIT_DELAY', 39, u32, 'µs before the first packet leaves'),
  iptfsMaxQsize: attr('XFRMA_IPTFS_MAX_QSIZE', 40, u32, 'bytes that wait at most'),
  iptfsPktSize: attr('XFRMA_IPTFS_PKT_SIZE', 41, u32, 'bytes of an outer packet; 0: the path MTU'),
});
