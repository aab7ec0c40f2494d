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

/* The key follows; `algKeyLen` is its length in bits. */
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
  algAuth: attr('XFRMA_ALG_AUTH', 1, xfrmAlgo, 'authentication algorithm and key'),
  algCrypt: attr('XFRMA_ALG_CRYPT', 2, xfrmAlgo, 'encryption algorithm and key'),
  algComp: attr('XFRMA_ALG_COMP', 3, xfrmAlgo, 'compression algorithm'),
  encap: attr('XFRMA_ENCAP', 4, encapTmpl, 'encapsulation of ESP in UDP or TCP'),
  tmpl: attr(
    'XFRMA_TMPL',
    5,
    packed(userTmpl),
    'templates of a policy: the transformations that it requires',
  ),
  sa: attr('XFRMA_SA', 6, usersaInfo, 'the state that was deleted'),
  policy: attr('XFRMA_POLICY', 7, userpolicyInfo, 'the policy that was deleted'),
  secCtx: attr('XFRMA_SEC_CTX', 8, secCtx, 'security context'),
  ltimeVal: attr('XFRMA_LTIME_VAL', 9, lifetimeCur, 'current use of a lifetime'),
  replayVal: attr('XFRMA_REPLAY_VAL', 10, replayState, 'replay state: sequence numbers'),
  replayThresh: attr(
    'XFRMA_REPLAY_THRESH',
    11,
    u32,
    'packets between two notifications of the replay state',
  ),
  etimerThresh: attr(
    'XFRMA_ETIMER_THRESH',
    12,
    u32,
    'time between two such notifications, in 1/10 s',
  ),
  srcaddr: attr('XFRMA_SRCADDR', 13, addressBeside(undefined), 'source of the state'),
  coaddr: attr('XFRMA_COADDR', 14, addressBeside(undefined), 'care-of address of Mobile IPv6'),
  lastused: attr('XFRMA_LASTUSED', 15, u64, 'time of last use, in s since 1970'),
  policyType: attr('XFRMA_POLICY_TYPE', 16, policyType, 'type of policy: main or sub'),
  migrate: attr('XFRMA_MIGRATE', 17, packed(userMigrate), 'old and new addresses'),
  algAead: attr('XFRMA_ALG_AEAD', 18, xfrmAlgoAead, 'AEAD algorithm and key'),
  kmaddress: attr('XFRMA_KMADDRESS', 19, userKmaddress, 'addresses of the key managers (KM)'),
  algAuthTrunc: attr(
    'XFRMA_ALG_AUTH_TRUNC',
    20,
    xfrmAlgoAuth,
    'authentication algorithm with a truncation length, and its key',
  ),
  mark: attr('XFRMA_MARK', 21, mark, 'mark of packets, and its mask'),
  tfcpad: attr(
    'XFRMA_TFCPAD',
    22,
    u32,
    'traffic flow confidentiality: length that packets are padded to, in bytes',
  ),
  replayEsnVal: attr(
    'XFRMA_REPLAY_ESN_VAL',
    23,
    replayStateEsn,
    'replay state with extended sequence numbers',
  ),
  saExtraFlags: attr('XFRMA_SA_EXTRA_FLAGS', 24, extraFlags, 'extra flags of a state'),
  proto: attr('XFRMA_PROTO', 25, protocol, 'in dump requests: only states of this protocol'),
  addressFilter: attr(
    'XFRMA_ADDRESS_FILTER',
    26,
    addressFilter,
    'in dump requests: only states with matching addresses',
  ),
  offloadDev: attr('XFRMA_OFFLOAD_DEV', 28, offload, 'the device that offloads it'),
  setMark: attr('XFRMA_SET_MARK', 29, u32, 'output mark of transformed packets'),
  setMarkMask: attr('XFRMA_SET_MARK_MASK', 30, u32, 'mask of the output mark'),
  ifId: attr('XFRMA_IF_ID', 31, u32, 'interface id, as in xfrm links'),
  mtimerThresh: attr(
    'XFRMA_MTIMER_THRESH',
    32,
    u32,
    'seconds between two notifications of a changed mapping',
  ),
  saDir: attr('XFRMA_SA_DIR', 33, enumOf(u8, { in: 1, out: 2 }), 'direction of a state'),
  natKeepaliveInterval: attr(
    'XFRMA_NAT_KEEPALIVE_INTERVAL',
    34,
    u32,
    'seconds between two NAT keepalive packets',
  ),
  saPcpu: attr('XFRMA_SA_PCPU', 35, u32, 'CPU that a state is for'),
  iptfsDropTime: attr('XFRMA_IPTFS_DROP_TIME', 36, u32, 'IP-TFS: µs to wait for a missing packet'),
  iptfsReorderWindow: attr(
    'XFRMA_IPTFS_REORDER_WINDOW',
    37,
    u16,
    'IP-TFS: size of the reorder window, in packets',
  ),
  iptfsDontFrag: attr('XFRMA_IPTFS_DONT_FRAG', 38, flag, 'IP-TFS: do not fragment packets'),
  iptfsInitDelay: attr('XFRMA_IPTFS_INIT_DELAY', 39, u32, 'IP-TFS: initial delay, in µs'),
  iptfsMaxQsize: attr('XFRMA_IPTFS_MAX_QSIZE', 40, u32, 'IP-TFS: maximum queue size, in bytes'),
  iptfsPktSize: attr(
    'XFRMA_IPTFS_PKT_SIZE',
    41,
    u32,
    'IP-TFS: size of the outer packet, in bytes; 0: the path MTU',
  ),
});
