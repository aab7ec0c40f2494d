/**
 * Connections that the kernel tracks.
 *
 * include/uapi/linux/netfilter/{nfnetlink_conntrack,nf_conntrack_common,nf_conntrack_tcp}.h;
 * net/netfilter/nf_conntrack_netlink.c; conntrack(8); `conntrack -L -o extended`.
 */
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  be16,
  be32,
  be64,
  bytes,
  cstr,
  u32,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import * as c from '../constants.ts';
import { nfgenmsg } from '../head.ts';
import { connectionSubject } from './subject.ts';
import { ctaTuple } from './tuple.ts';

/** `IPS_*`. */
export const status = flagsOf(be32, {
  expected: 0x0001,
  seen_reply: 0x0002,
  assured: 0x0004,
  confirmed: 0x0008,
  src_nat: 0x0010,
  dst_nat: 0x0020,
  seq_adjust: 0x0040,
  src_nat_done: 0x0080,
  dst_nat_done: 0x0100,
  dying: 0x0200,
  fixed_timeout: 0x0400,
  template: 0x0800,
  nat_clash: 0x1000,
  helper: 0x2000,
  offload: 0x4000,
  hw_offload: 0x8000,
});

/** `TCP_CONNTRACK_*`, by the names of conntrack(8). */
const tcpState = enumOf(u8, {
  none: 0,
  syn_sent: 1,
  syn_recv: 2,
  established: 3,
  fin_wait: 4,
  close_wait: 5,
  last_ack: 6,
  time_wait: 7,
  close: 8,
  syn_sent2: 9,
});

/** `IP_CT_TCP_FLAG_*`. */
const tcpFlagBits = flagsOf(u8, {
  window_scale: 0x01,
  sack_perm: 0x02,
  close_init: 0x04,
  be_liberal: 0x08,
  data_unacknowledged: 0x10,
  maxack_set: 0x20,
  challenge_ack: 0x40,
  simultaneous_open: 0x80,
});
const tcpFlags = struct('nf_ct_tcp_flags', { flags: tcpFlagBits, mask: tcpFlagBits });

export const protoinfoTcp = attrs({
  state: attr('CTA_PROTOINFO_TCP_STATE', 1, tcpState, 'state'),
  wscaleOriginal: attr('CTA_PROTOINFO_TCP_WSCALE_ORIGINAL', 2, u8, 'window scale'),
  wscaleReply: attr('CTA_PROTOINFO_TCP_WSCALE_REPLY', 3, u8, 'window scale of the reply direction'),
  flagsOriginal: attr(
    'CTA_PROTOINFO_TCP_FLAGS_ORIGINAL',
    4,
    tcpFlags,
    'flags of the original direction',
  ),
  flagsReply: attr('CTA_PROTOINFO_TCP_FLAGS_REPLY', 5, tcpFlags, 'flags of the reply direction'),
});

/** `SCTP_CONNTRACK_*`. */
const sctpState = enumOf(u8, {
  none: 0,
  closed: 1,
  cookie_wait: 2,
  cookie_echoed: 3,
  established: 4,
  shutdown_sent: 5,
  shutdown_recd: 6,
  shutdown_ack_sent: 7,
  heartbeat_sent: 8,
});

export const protoinfoSctp = attrs({
  state: attr('CTA_PROTOINFO_SCTP_STATE', 1, sctpState, 'state'),
  vtagOriginal: attr('CTA_PROTOINFO_SCTP_VTAG_ORIGINAL', 2, be32, 'verification tag'),
  vtagReply: attr(
    'CTA_PROTOINFO_SCTP_VTAG_REPLY',
    3,
    be32,
    'verification tag of the reply direction',
  ),
});

export const protoinfoDccp = attrs({
  state: attr('CTA_PROTOINFO_DCCP_STATE', 1, u8, 'state'),
  role: attr('CTA_PROTOINFO_DCCP_ROLE', 2, u8, 'role of the originator: client or server'),
  handshakeSeq: attr(
    'CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ',
    3,
    be64,
    'sequence number of the handshake',
  ),
});

export const protoinfo = attrs({
  tcp: attr('CTA_PROTOINFO_TCP', 1, nested(protoinfoTcp), 'of TCP'),
  dccp: attr('CTA_PROTOINFO_DCCP', 2, nested(protoinfoDccp), 'of DCCP, before Linux 6.16'),
  sctp: attr('CTA_PROTOINFO_SCTP', 3, nested(protoinfoSctp), 'of SCTP'),
});

export const ctaHelp = attrs({
  name: attr('CTA_HELP_NAME', 1, cstr, 'name of the helper: ftp, sip, …'),
  info: attr('CTA_HELP_INFO', 2, bytes, 'data of a helper in user space'),
});

export const ctaCounters = attrs({
  packets: attr('CTA_COUNTERS_PACKETS', 1, be64, 'packets'),
  bytes: attr('CTA_COUNTERS_BYTES', 2, be64, 'bytes'),
  counters32Packets: attr('CTA_COUNTERS32_PACKETS', 3, be32, 'packets, in 32 bits (old kernels)'),
  counters32Bytes: attr('CTA_COUNTERS32_BYTES', 4, be32, 'bytes, in 32 bits (old kernels)'),
});

export const ctaTimestamp = attrs({
  start: attr('CTA_TIMESTAMP_START', 1, be64, 'ns since 1970'),
  stop: attr('CTA_TIMESTAMP_STOP', 2, be64, 'ns since 1970'),
});

export const ctaProtonat = attrs({
  portMin: attr('CTA_PROTONAT_PORT_MIN', 1, be16, 'first port to translate to'),
  portMax: attr('CTA_PROTONAT_PORT_MAX', 2, be16, 'last port to translate to'),
});

export const ctaNat = attrs({
  v4Minip: attr('CTA_NAT_V4_MINIP', 1, ipv4, 'first address to translate to'),
  v4Maxip: attr('CTA_NAT_V4_MAXIP', 2, ipv4, 'last address to translate to'),
  proto: attr('CTA_NAT_PROTO', 3, nested(ctaProtonat), 'ports to translate to'),
  v6Minip: attr('CTA_NAT_V6_MINIP', 4, ipv6, 'first address to translate to'),
  v6Maxip: attr('CTA_NAT_V6_MAXIP', 5, ipv6, 'last address to translate to'),
});

export const ctaSeqadj = attrs({
  correctionPos: attr(
    'CTA_SEQADJ_CORRECTION_POS',
    1,
    be32,
    'sequence number from which the offset applies',
  ),
  offsetBefore: attr(
    'CTA_SEQADJ_OFFSET_BEFORE',
    2,
    be32,
    'offset before that sequence number, in bytes',
  ),
  offsetAfter: attr(
    'CTA_SEQADJ_OFFSET_AFTER',
    3,
    be32,
    'offset after that sequence number, in bytes',
  ),
});

export const ctaSynproxy = attrs({
  isn: attr('CTA_SYNPROXY_ISN', 1, be32, 'initial sequence number of the proxy'),
  its: attr('CTA_SYNPROXY_ITS', 2, be32, 'initial time stamp'),
  tsoff: attr('CTA_SYNPROXY_TSOFF', 3, be32, 'offset of the time stamps'),
});

export const ctaSecctx = attrs({
  name: attr('CTA_SECCTX_NAME', 1, cstr, 'label of a security module'),
});

/** `CTA_FILTER_F_*`, net/netfilter/nf_internals.h; in the byte order of the machine. */
export const filterFlags = flagsOf(u32, {
  src: 0x001,
  dst: 0x002,
  zone: 0x004,
  protonum: 0x008,
  sport: 0x010,
  dport: 0x020,
  icmp_type: 0x040,
  icmp_code: 0x080,
  icmp_id: 0x100,
  icmpv6_type: 0x200,
  icmpv6_code: 0x400,
  icmpv6_id: 0x800,
});

export const ctaFilter = attrs({
  origFlags: attr('CTA_FILTER_ORIG_FLAGS', 1, filterFlags, 'fields of CTA_TUPLE_ORIG to compare'),
  replyFlags: attr(
    'CTA_FILTER_REPLY_FLAGS',
    2,
    filterFlags,
    'fields of CTA_TUPLE_REPLY to compare',
  ),
});

export const ctaAttrs = attrs({
  tupleOrig: attr(
    'CTA_TUPLE_ORIG',
    1,
    nested(ctaTuple),
    'addresses and ports of the original direction',
  ),
  tupleReply: attr(
    'CTA_TUPLE_REPLY',
    2,
    nested(ctaTuple),
    'addresses and ports of the reply direction',
  ),
  status: attr('CTA_STATUS', 3, status, 'state'),
  protoinfo: attr('CTA_PROTOINFO', 4, nested(protoinfo), 'state of the protocol'),
  help: attr('CTA_HELP', 5, nested(ctaHelp), 'helper'),
  natSrc: attr('CTA_NAT_SRC', 6, nested(ctaNat), 'source translation of a new connection'),
  timeout: attr('CTA_TIMEOUT', 7, be32, 'seconds until it expires'),
  mark: attr('CTA_MARK', 8, be32, 'mark'),
  countersOrig: attr('CTA_COUNTERS_ORIG', 9, nested(ctaCounters), 'counters'),
  countersReply: attr(
    'CTA_COUNTERS_REPLY',
    10,
    nested(ctaCounters),
    'counters of the reply direction',
  ),
  use: attr('CTA_USE', 11, be32, 'reference count in the kernel'),
  id: attr('CTA_ID', 12, be32, 'id, which distinguishes it from others with the same addresses'),
  natDst: attr('CTA_NAT_DST', 13, nested(ctaNat), 'destination translation of a new connection'),
  tupleMaster: attr(
    'CTA_TUPLE_MASTER',
    14,
    nested(ctaTuple),
    'the connection that expected this one',
  ),
  seqAdjOrig: attr(
    'CTA_SEQ_ADJ_ORIG',
    15,
    nested(ctaSeqadj),
    'TCP sequence adjustment of the original direction',
  ),
  seqAdjReply: attr(
    'CTA_SEQ_ADJ_REPLY',
    16,
    nested(ctaSeqadj),
    'TCP sequence adjustment of the reply direction',
  ),
  secmark: attr('CTA_SECMARK', 17, be32, 'security mark, before Linux 2.6.37'),
  zone: attr('CTA_ZONE', 18, be16, 'zone'),
  secctx: attr('CTA_SECCTX', 19, nested(ctaSecctx), 'security context'),
  timestamp: attr('CTA_TIMESTAMP', 20, nested(ctaTimestamp), 'start and end of the connection'),
  markMask: attr('CTA_MARK_MASK', 21, be32, 'mask of the mark'),
  labels: attr('CTA_LABELS', 22, bytes, 'labels, 128 bits'),
  labelsMask: attr('CTA_LABELS_MASK', 23, bytes, 'mask of the labels to change'),
  synproxy: attr('CTA_SYNPROXY', 24, nested(ctaSynproxy), 'state of the SYN proxy'),
  filter: attr('CTA_FILTER', 25, nested(ctaFilter), 'fields of the tuples that filter a list'),
  statusMask: attr('CTA_STATUS_MASK', 26, status, 'mask of the status'),
  timestampEvent: attr('CTA_TIMESTAMP_EVENT', 27, be64, 'time of the event, in ns since 1970'),
});

export const connection = message(
  'connection',
  {
    IPCTNL_MSG_CT_NEW: c.IPCTNL_MSG_CT_NEW,
    IPCTNL_MSG_CT_GET: c.IPCTNL_MSG_CT_GET,
    IPCTNL_MSG_CT_DELETE: c.IPCTNL_MSG_CT_DELETE,
    IPCTNL_MSG_CT_GET_CTRZERO: c.IPCTNL_MSG_CT_GET_CTRZERO,
  },
  nfgenmsg,
  ctaAttrs,
  {
    doc: 'A connection that is tracked.',
    subject: connectionSubject,
  },
);

export type ConntrackConnection = Static<typeof connection>;
export type ConntrackConnectionInput = Input<typeof connection>;
