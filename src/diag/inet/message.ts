/**
 * Sockets of TCP, UDP, raw IP and MPTCP: the requests that list and destroy them, and what the
 * kernel reports about each.
 *
 * include/uapi/linux/inet_diag.h; net/ipv4/inet_diag.c; ss(8); `ss -tieomOH`, `ss -K`.
 */
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  be16,
  blob,
  bytes,
  counted,
  cstr,
  u16,
  u32,
  u64,
  u8,
  type Codec,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { packed } from '../../netlink/codec/list.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { SOCKET_PROTOCOLS } from '../../netlink/ip-protocols.ts';
import * as c from '../constants.ts';
import { family, shutdown, skMeminfo, state, states } from '../words.ts';
import { bytecode } from './bytecode.ts';
import {
  bbrInfo,
  dctcpInfo,
  mptcpInfo,
  tcpInfo,
  vegasInfo,
  type MptcpInfo,
  type TcpInfo,
} from './tcp-info.ts';

/** `INET_DIAG_*` that a request can ask for: those whose bit fits into a byte. */
export const extensions = flagsOf(u8, {
  meminfo: 0x01,
  info: 0x02,
  vegasinfo: 0x04,
  cong: 0x08,
  tos: 0x10,
  tclass: 0x20,
  skmeminfo: 0x40,
  shutdown: 0x80,
});

const protocol = enumOf(u8, SOCKET_PROTOCOLS);

const timer = enumOf(u8, {
  off: 0,
  on: 1,
  keepalive: 2,
  timewait: 3,
  probe0: 4,
  delack: 5,
});

/** `struct inet_diag_sockid`; every address takes the room of an IPv6 address. */
const ends4 = {
  sport: be16,
  dport: be16,
  src: ipv4,
  _src: blob(12),
  dst: ipv4,
  _dst: blob(12),
  if: u32,
  cookie: u64,
};
const ends6 = { sport: be16, dport: be16, src: ipv6, dst: ipv6, if: u32, cookie: u64 };

const requestHead = { family, protocol, ext: extensions, rawProtocol: u8, states };
const ticks = counted(u32, 'ms');
const socketHead = { family, state, timer, retrans: u8 };
const socketTail = { expires: ticks, rqueue: u32, wqueue: u32, uid: u32, inode: u32 };

const inetDiagReq = struct('inet_diag_req_v2', { ...requestHead, ...ends4 });
const inet6DiagReq = struct('inet_diag_req_v2', { ...requestHead, ...ends6 });
const inetDiagMsg = struct('inet_diag_msg', { ...socketHead, ...ends4, ...socketTail });
const inet6DiagMsg = struct('inet_diag_msg', { ...socketHead, ...ends6, ...socketTail });

export const inetDiagReqAttrs = attrs({
  bytecode: attr('INET_DIAG_REQ_BYTECODE', 1, bytecode, 'conditions, as a program'),
  skBpfStorages: attr(
    'INET_DIAG_REQ_SK_BPF_STORAGES',
    2,
    bytes,
    'BPF socket storage maps to report',
  ),
  protocol: attr('INET_DIAG_REQ_PROTOCOL', 3, u32, 'protocol, if it does not fit into a byte'),
});

const size = counted(u32, 'bytes');
const meminfo = struct('inet_diag_meminfo', { rmem: size, wmem: size, fmem: size, tmem: size });

/** One key of TCP-MD5, RFC 2385. */
const md5sig = struct('tcp_diag_md5sig', {
  family,
  prefixlen: u8,
  keylen: counted(u16, 'bytes'),
  addr: blob(16),
  key: blob(80),
});

/** Bit fields, in the order of a little-endian machine. */
const sockopt = struct('inet_diag_sockopt', {
  options: flagsOf(u8, {
    recverr: 0x01,
    'is-icsk': 0x02,
    freebind: 0x04,
    hdrincl: 0x08,
    'mc-loop': 0x10,
    transparent: 0x20,
    'mc-all': 0x40,
    nodefrag: 0x80,
  }),
  more: flagsOf(u8, {
    'bind-address-no-port': 0x01,
    'recverr-rfc4884': 0x02,
    'defer-connect': 0x04,
  }),
});

const tlsConf = enumOf(u16, { none: 0, base: 1, sw: 2, hw: 3, 'hw-record': 4 });

export const tlsInfo = attrs({
  version: attr('TLS_INFO_VERSION', 1, enumOf(u16, { '1.2': 0x303, '1.3': 0x304 }), 'of TLS'),
  cipher: attr(
    'TLS_INFO_CIPHER',
    2,
    enumOf(u16, {
      'aes-gcm-128': 51,
      'aes-gcm-256': 52,
      'aes-ccm-128': 53,
      'chacha20-poly1305': 54,
      'sm4-gcm': 55,
      'sm4-ccm': 56,
      'aria-gcm-128': 57,
      'aria-gcm-256': 58,
    }),
    'cipher',
  ),
  txconf: attr('TLS_INFO_TXCONF', 3, tlsConf, 'who encrypts: software or the device'),
  rxconf: attr('TLS_INFO_RXCONF', 4, tlsConf, 'who decrypts: software or the device'),
});

export const mptcpSubflow = attrs({
  tokenRem: attr('MPTCP_SUBFLOW_ATTR_TOKEN_REM', 1, u32, "the peer's token"),
  tokenLoc: attr('MPTCP_SUBFLOW_ATTR_TOKEN_LOC', 2, u32, 'our token'),
  relwriteSeq: attr(
    'MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ',
    3,
    u32,
    'subflow sequence number of what was written',
  ),
  mapSeq: attr('MPTCP_SUBFLOW_ATTR_MAP_SEQ', 4, u64, 'data sequence number of the mapping'),
  mapSfseq: attr('MPTCP_SUBFLOW_ATTR_MAP_SFSEQ', 5, u32, 'subflow sequence number of the mapping'),
  ssnOffset: attr(
    'MPTCP_SUBFLOW_ATTR_SSN_OFFSET',
    6,
    u32,
    'offset between sequence numbers of TCP and of the subflow',
  ),
  mapDatalen: attr('MPTCP_SUBFLOW_ATTR_MAP_DATALEN', 7, u16, 'length of the mapping in bytes'),
  flags: attr(
    'MPTCP_SUBFLOW_ATTR_FLAGS',
    8,
    flagsOf(u32, {
      'mcap-rem': 0x001,
      'mcap-loc': 0x002,
      'join-rem': 0x004,
      'join-loc': 0x008,
      'bkup-rem': 0x010,
      'bkup-loc': 0x020,
      'fully-established': 0x040,
      connected: 0x080,
      mapvalid: 0x100,
    }),
    'origin and state of the subflow',
  ),
  idRem: attr('MPTCP_SUBFLOW_ATTR_ID_REM', 9, u8, "id of the peer's address"),
  idLoc: attr('MPTCP_SUBFLOW_ATTR_ID_LOC', 10, u8, 'id of our address'),
});

export const ulpInfo = attrs({
  name: attr('INET_ULP_INFO_NAME', 1, cstr, 'name of the protocol above TCP: tls, mptcp, …'),
  tls: attr('INET_ULP_INFO_TLS', 2, nested(tlsInfo), 'kernel TLS'),
  mptcp: attr('INET_ULP_INFO_MPTCP', 3, nested(mptcpSubflow), 'subflow of MPTCP'),
});

/** A `tcp_info` is at least this long; an `mptcp_info` is shorter. */
const isMptcp = (at: number, end: number): boolean => end - at < tcpInfo.span;
const isMptcpInfo = (value: object): value is MptcpInfo => 'subflows' in value;

/** `INET_DIAG_INFO` depends on the protocol, which the answer does not contain. */
const info: Codec<TcpInfo | MptcpInfo, Input<typeof tcpInfo> | Input<typeof mptcpInfo>> = {
  type: 'struct tcp_info or mptcp_info',
  get: (view, at, end) => (isMptcp(at, end) ? mptcpInfo : tcpInfo).get(view, at, end),
  put: (writer, value) => (isMptcpInfo(value) ? mptcpInfo : tcpInfo).put(writer, value),
  show: (value) => (isMptcpInfo(value) ? mptcpInfo.show(value) : tcpInfo.show(value as TcpInfo)),
  inner: () => [{ codec: tcpInfo }, { codec: mptcpInfo }],
};

export const inetDiagAttrs = attrs({
  meminfo: attr('INET_DIAG_MEMINFO', 1, meminfo, 'memory in its old form; see skmeminfo'),
  info: attr('INET_DIAG_INFO', 2, info, "the protocol's information about the connection"),
  vegasinfo: attr('INET_DIAG_VEGASINFO', 3, vegasInfo, 'state of vegas and its relatives'),
  cong: attr('INET_DIAG_CONG', 4, cstr, 'congestion control'),
  tos: attr('INET_DIAG_TOS', 5, u8, 'TOS of sent packets'),
  tclass: attr('INET_DIAG_TCLASS', 6, u8, 'traffic class of sent packets'),
  skmeminfo: attr('INET_DIAG_SKMEMINFO', 7, skMeminfo, 'memory'),
  shutdown: attr('INET_DIAG_SHUTDOWN', 8, shutdown, 'directions that are shut down'),
  dctcpinfo: attr('INET_DIAG_DCTCPINFO', 9, dctcpInfo, 'state of dctcp'),
  protocol: attr('INET_DIAG_PROTOCOL', 10, u8, 'protocol; for raw sockets and in notifications'),
  skv6only: attr('INET_DIAG_SKV6ONLY', 11, u8, 'whether it accepts only IPv6'),
  locals: attr('INET_DIAG_LOCALS', 12, bytes, 'local addresses (SCTP)'),
  peers: attr('INET_DIAG_PEERS', 13, bytes, 'peer addresses (SCTP)'),
  mark: attr('INET_DIAG_MARK', 15, u32, 'mark of sent packets'),
  bbrinfo: attr('INET_DIAG_BBRINFO', 16, bbrInfo, 'state of bbr'),
  classId: attr('INET_DIAG_CLASS_ID', 17, u32, 'priority, or net_cls class'),
  md5sig: attr('INET_DIAG_MD5SIG', 18, packed(md5sig), 'keys of TCP-MD5'),
  ulpInfo: attr('INET_DIAG_ULP_INFO', 19, nested(ulpInfo), 'upper layer protocol (ULP)'),
  skBpfStorages: attr('INET_DIAG_SK_BPF_STORAGES', 20, bytes, 'BPF socket storage'),
  cgroupId: attr('INET_DIAG_CGROUP_ID', 21, u64, 'cgroup v2: the inode number of its directory'),
  sockopt: attr('INET_DIAG_SOCKOPT', 22, sockopt, 'options'),
});

interface Ends {
  readonly src?: string | undefined;
  readonly sport?: number | undefined;
  readonly dst?: string | undefined;
  readonly dport?: number | undefined;
}

/** The connection, unless the message is about any socket. */
const subject = ({ src, sport = 0, dst, dport = 0 }: Ends): string | undefined =>
  sport === 0 && dport === 0 ? undefined : `${src}:${sport} ${dst}:${dport}`;

const REQUESTS = {
  SOCK_DIAG_BY_FAMILY: c.SOCK_DIAG_BY_FAMILY,
  SOCK_DESTROY: c.SOCK_DESTROY,
};
const ANSWERS = { SOCK_DIAG_BY_FAMILY: c.SOCK_DIAG_BY_FAMILY };

export const inetRequest = message('inet-request', REQUESTS, inetDiagReq, inetDiagReqAttrs, {
  doc: 'Asks for sockets of IPv4, or destroys one.',
  family: c.AF_INET,
  sender: 'user',
  subject,
});
export const inet6Request = message('inet6-request', REQUESTS, inet6DiagReq, inetDiagReqAttrs, {
  doc: 'Asks for sockets of IPv6, or destroys one.',
  family: c.AF_INET6,
  sender: 'user',
  subject,
});
export const inetSocket = message('inet-socket', ANSWERS, inetDiagMsg, inetDiagAttrs, {
  doc: 'A socket of IPv4.',
  family: c.AF_INET,
  sender: 'kernel',
  subject,
});
export const inet6Socket = message('inet6-socket', ANSWERS, inet6DiagMsg, inetDiagAttrs, {
  doc: 'A socket of IPv6.',
  family: c.AF_INET6,
  sender: 'kernel',
  subject,
});

export type InetRequest = Static<typeof inetRequest>;
export type InetRequestInput = Input<typeof inetRequest>;
export type Inet6Request = Static<typeof inet6Request>;
export type Inet6RequestInput = Input<typeof inet6Request>;
export type InetDiag = Static<typeof inetSocket>;
export type InetDiagInput = Input<typeof inetSocket>;
