/**
 * Sockets of AF_NETLINK.
 *
 * include/uapi/linux/netlink_diag.h; net/netlink/diag.c; `ss -f netlink -ae`, /proc/net/netlink.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { counted, u16, u32, u64, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { packed } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';
import * as c from '../constants.ts';
import { family, skMeminfo, socketType } from '../words.ts';

/** `NDIAG_SHOW_*`. */
export const netlinkShow = flagsOf(u32, { meminfo: 0x1, groups: 0x2, 'ring-cfg': 0x4, flags: 0x8 });

const netlinkDiagReq = struct('netlink_diag_req', {
  family,
  protocol: u8,
  _pad: u16,
  ino: u32,
  show: netlinkShow,
  cookie: u64,
});
const netlinkDiagMsg = struct('netlink_diag_msg', {
  family,
  type: socketType,
  protocol: u8,
  state: u8,
  portid: u32,
  dstPortid: u32,
  dstGroup: u32,
  ino: u32,
  cookie: u64,
});
const size = counted(u32, 'bytes');
const ring = struct('netlink_diag_ring', {
  blockSize: size,
  blockNr: u32,
  frameSize: size,
  frameNr: u32,
});

/** `NDIAG_FLAG_*`. */
const flags = flagsOf(u32, {
  'cb-running': 0x01,
  pktinfo: 0x02,
  'broadcast-error': 0x04,
  'no-enobufs': 0x08,
  'listen-all-nsid': 0x10,
  'cap-ack': 0x20,
  'ext-ack': 0x40,
  'strict-chk': 0x80,
});

export const netlinkDiagAttrs = attrs({
  meminfo: attr('NETLINK_DIAG_MEMINFO', 0, skMeminfo, 'memory'),
  groups: attr(
    'NETLINK_DIAG_GROUPS',
    1,
    packed(u32),
    'multicast groups that it has joined, as bits',
  ),
  rxRing: attr('NETLINK_DIAG_RX_RING', 2, ring, 'receive ring, before Linux 4.6'),
  txRing: attr('NETLINK_DIAG_TX_RING', 3, ring, 'transmit ring, before Linux 4.6'),
  flags: attr('NETLINK_DIAG_FLAGS', 4, flags, 'options'),
});

const types = { SOCK_DIAG_BY_FAMILY: c.SOCK_DIAG_BY_FAMILY };

export const netlinkRequest = message('netlink-request', types, netlinkDiagReq, attrs({}), {
  doc: 'Asks for sockets of AF_NETLINK.',
  family: c.AF_NETLINK,
  sender: 'user',
});
export const netlinkSocket = message('netlink-socket', types, netlinkDiagMsg, netlinkDiagAttrs, {
  doc: 'A socket of AF_NETLINK.',
  family: c.AF_NETLINK,
  sender: 'kernel',
});

export type NetlinkRequest = Static<typeof netlinkRequest>;
export type NetlinkRequestInput = Input<typeof netlinkRequest>;
export type NetlinkDiag = Static<typeof netlinkSocket>;
export type NetlinkDiagInput = Input<typeof netlinkSocket>;
