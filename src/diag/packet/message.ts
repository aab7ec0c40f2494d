/**
 * Sockets of AF_PACKET, such as those of tcpdump and DHCP clients.
 *
 * include/uapi/linux/packet_diag.h; net/packet/diag.c; packet(7); `ss -0ae`, /proc/net/packet.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  blob,
  counted,
  u16,
  u32,
  u64,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { packed } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { sockFilter } from '../../netlink/sock-filter.ts';
import * as c from '../constants.ts';
import { family, skMeminfo, socketType } from '../words.ts';

/** `PACKET_SHOW_*`. */
export const packetShow = flagsOf(u32, {
  info: 0x01,
  mclist: 0x02,
  'ring-cfg': 0x04,
  fanout: 0x08,
  meminfo: 0x10,
  filter: 0x20,
});

const packetDiagReq = struct('packet_diag_req', {
  family,
  protocol: u8,
  _pad: u16,
  ino: u32,
  show: packetShow,
  cookie: u64,
});
const packetDiagMsg = struct('packet_diag_msg', {
  family,
  type: socketType,
  // The EtherType; 3 (ETH_P_ALL) for all.
  num: u16,
  ino: u32,
  cookie: u64,
});

const size = counted(u32, 'bytes');
const info = struct('packet_diag_info', {
  index: u32,
  version: enumOf(u32, { v1: 0, v2: 1, v3: 2 }),
  reserve: size,
  copyThresh: size,
  tstamp: counted(u32, 'SOF_TIMESTAMPING_*'),
  flags: flagsOf(u32, {
    running: 0x01,
    auxdata: 0x02,
    origdev: 0x04,
    vnethdr: 0x08,
    loss: 0x10,
  }),
});
const mclist = struct('packet_diag_mclist', {
  index: u32,
  count: u32,
  type: enumOf(u16, { multicast: 0, promisc: 1, allmulti: 2, unicast: 3 }),
  alen: u16,
  addr: blob(32),
});
const ring = struct('packet_diag_ring', {
  blockSize: size,
  blockNr: u32,
  frameSize: size,
  frameNr: u32,
  retireTmo: counted(u32, 'ms'),
  sizeofPriv: size,
  features: u32,
});
/** include/uapi/linux/filter.h */

export const packetDiagAttrs = attrs({
  info: attr('PACKET_DIAG_INFO', 0, info, 'interface and options'),
  mclist: attr('PACKET_DIAG_MCLIST', 1, packed(mclist), 'memberships'),
  rxRing: attr('PACKET_DIAG_RX_RING', 2, ring, 'receive ring'),
  txRing: attr('PACKET_DIAG_TX_RING', 3, ring, 'transmit ring'),
  fanout: attr('PACKET_DIAG_FANOUT', 4, u32, 'id of the fanout group; its mode in the upper half'),
  uid: attr('PACKET_DIAG_UID', 5, u32, 'owner'),
  meminfo: attr('PACKET_DIAG_MEMINFO', 6, skMeminfo, 'memory'),
  filter: attr('PACKET_DIAG_FILTER', 7, packed(sockFilter), 'filter, in classic BPF'),
});

const types = { SOCK_DIAG_BY_FAMILY: c.SOCK_DIAG_BY_FAMILY };

export const packetRequest = message('packet-request', types, packetDiagReq, attrs({}), {
  doc: 'Asks for sockets of AF_PACKET.',
  family: c.AF_PACKET,
  sender: 'user',
});
export const packetSocket = message('packet-socket', types, packetDiagMsg, packetDiagAttrs, {
  doc: 'A socket of AF_PACKET.',
  family: c.AF_PACKET,
  sender: 'kernel',
});

export type PacketRequest = Static<typeof packetRequest>;
export type PacketRequestInput = Input<typeof packetRequest>;
export type PacketDiag = Static<typeof packetSocket>;
export type PacketDiagInput = Input<typeof packetSocket>;
