/**
 * What TCP knows about a connection: `struct tcp_info`, and the parts of congestion control.
 *
 * include/uapi/linux/{tcp,inet_diag}.h; tcp_get_info() in net/ipv4/tcp.c; `ss -ti`.
 */
import { counted, mapped, u16, u32, u64, u8, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { state } from '../words.ts';

const ms = counted(u32, 'ms');
const us = counted(u32, 'µs');
const size = counted(u32, 'bytes');

/** `TCP_CA_*`. */
const caState = enumOf(u8, { open: 0, disorder: 1, cwr: 2, recovery: 3, loss: 4 });

/** `TCPI_OPT_*`. */
const options = flagsOf(u8, {
  timestamps: 0x01,
  sack: 0x02,
  wscale: 0x04,
  ecn: 0x08,
  'ecn-seen': 0x10,
  'syn-data': 0x20,
  'usec-ts': 0x40,
  'tfo-child': 0x80,
});

/** The window scales of both directions, four bits each; their order depends on the machine. */
export interface WindowScale {
  readonly snd: number;
  readonly rcv: number;
}

const fourBits = (value: number | undefined): number => {
  // Out of range, so that the codec of the byte refuses it.
  return Number.isInteger(value) && value! >= 0 && value! < 16 ? value! : 256;
};

const wscale = mapped<WindowScale>(u8, {
  type: 'window scales in u8',
  map: (byte) => ({ snd: byte & 15, rcv: byte >> 4 }),
  number: ({ snd, rcv }) => fourBits(snd) | (fourBits(rcv) << 4),
  show: ({ snd, rcv }) => `${snd},${rcv}`,
});

/** `tcpi_delivery_rate_app_limited`, and the reason why Fast Open was not used, in two bits. */
const limits = flagsOf(u8, {
  'app-limited': 1,
  'fastopen-data-not-acked': 2,
  'fastopen-syn-retransmitted': 4,
});

export const tcpInfo = struct(
  'tcp_info',
  {
    state,
    caState,
    retransmits: u8,
    probes: u8,
    backoff: u8,
    options,
    wscale,
    deliveryRateAppLimited: limits,
    rto: us,
    ato: us,
    sndMss: size,
    rcvMss: size,
    unacked: u32,
    sacked: u32,
    lost: u32,
    retrans: u32,
    fackets: u32,
    lastDataSent: ms,
    lastAckSent: ms,
    lastDataRecv: ms,
    lastAckRecv: ms,
    pmtu: size,
    rcvSsthresh: size,
    rtt: us,
    rttvar: us,
    sndSsthresh: u32,
    sndCwnd: u32,
    advmss: size,
    reordering: u32,
    rcvRtt: us,
    rcvSpace: size,
    totalRetrans: u32,
  },
  {
    // Linux 3.15 to 4.2, the rates in bytes per second.
    pacingRate: u64,
    maxPacingRate: u64,
    bytesAcked: u64,
    bytesReceived: u64,
    segsOut: u32,
    segsIn: u32,
    // 4.6
    notsentBytes: size,
    minRtt: us,
    dataSegsIn: u32,
    dataSegsOut: u32,
    // 4.9
    deliveryRate: u64,
    // 4.10, in microseconds.
    busyTime: u64,
    rwndLimited: u64,
    sndbufLimited: u64,
    // 4.18
    delivered: u32,
    deliveredCe: u32,
    // 4.19
    bytesSent: u64,
    bytesRetrans: u64,
    dsackDups: u32,
    reordSeen: u32,
    // 5.4
    rcvOoopack: u32,
    sndWnd: size,
    // 6.2
    rcvWnd: size,
    rehash: u32,
    // 6.7
    totalRto: u16,
    totalRtoRecoveries: u16,
    totalRtoTime: ms,
    // 6.18
    receivedCe: u32,
    deliveredE1Bytes: size,
    deliveredE0Bytes: size,
    deliveredCeBytes: size,
    receivedE1Bytes: size,
    receivedE0Bytes: size,
    receivedCeBytes: size,
    // Bits: ECN mode (2), AccECN option seen (2), AccECN failure mode (4), more options (24).
    ecn: u32,
  },
);

export type TcpInfo = Static<typeof tcpInfo>;

/** `MPTCP_INFO_FLAG_*`. */
const mptcpFlags = flagsOf(u32, { fallback: 1, 'remote-key-received': 2 });

/** include/uapi/linux/mptcp.h; net/mptcp/sockopt.c. */
export const mptcpInfo = struct(
  'mptcp_info',
  {
    subflows: u8,
    addAddrSignal: u8,
    addAddrAccepted: u8,
    subflowsMax: u8,
    addAddrSignalMax: u8,
    addAddrAcceptedMax: u8,
    _hole: u16,
    flags: mptcpFlags,
    token: u32,
    writeSeq: u64,
    sndUna: u64,
    rcvNxt: u64,
  },
  {
    localAddrUsed: u8,
    localAddrMax: u8,
    csumEnabled: u8,
    _hole2: u8,
    retransmits: u32,
    bytesRetrans: u64,
    bytesSent: u64,
    bytesReceived: u64,
    bytesAcked: u64,
    subflowsTotal: u8,
    endpLaminarMax: u8,
    endpFullmeshMax: u8,
    _reserved: u8,
    lastDataSent: ms,
    lastDataRecv: ms,
    lastAckRecv: ms,
  },
);

export type MptcpInfo = Static<typeof mptcpInfo>;

/** `ss` calls these by the name of the algorithm: `vegas`, `dctcp`, `bbr`. */
export const vegasInfo = struct('tcpvegas_info', {
  enabled: u32,
  rttcnt: u32,
  rtt: us,
  minrtt: us,
});

export const dctcpInfo = struct('tcp_dctcp_info', {
  enabled: u16,
  ceState: u16,
  alpha: u32,
  abEcn: u32,
  abTot: u32,
});

export const bbrInfo = struct('tcp_bbr_info', {
  // Bytes per second.
  bw: u64,
  minRtt: us,
  // In 1/256.
  pacingGain: u32,
  cwndGain: u32,
});
