/**
 * Packets that a rule logs, and how they are sent.
 *
 * include/uapi/linux/netfilter/nfnetlink_log.h; net/netfilter/nfnetlink_log.c; nft(8), `log group`.
 */
import { ctaAttrs } from '../conntrack/connection/message.ts';
import { attr, attrs } from '../netlink/codec/attributes.ts';
import { be16, be32, bytes, cstr, u8, type Input, type Static } from '../netlink/codec/codec.ts';
import { flagsOf } from '../netlink/codec/enums.ts';
import { message } from '../netlink/codec/message.ts';
import { nested } from '../netlink/codec/nested.ts';
import { struct } from '../netlink/codec/struct.ts';
import * as c from './constants.ts';
import {
  configCommand,
  copyMode,
  ctInfo,
  hook,
  nfgenmsg,
  packetHw,
  packetTimestamp,
  vlanOf,
} from './packet.ts';

const packetHdr = struct('nfulnl_msg_packet_hdr', { hwProtocol: be16, hook, _pad: u8 });

export const nfulaVlan = vlanOf('NFULA');

export const nfula = attrs({
  packetHdr: attr('NFULA_PACKET_HDR', 1, packetHdr, 'EtherType and hook'),
  mark: attr('NFULA_MARK', 2, be32, 'mark'),
  timestamp: attr('NFULA_TIMESTAMP', 3, packetTimestamp, 'when it arrived: s and µs since 1970'),
  ifindexIndev: attr('NFULA_IFINDEX_INDEV', 4, be32, 'input interface'),
  ifindexOutdev: attr('NFULA_IFINDEX_OUTDEV', 5, be32, 'output interface'),
  ifindexPhysindev: attr('NFULA_IFINDEX_PHYSINDEV', 6, be32, 'bridge port that it came in by'),
  ifindexPhysoutdev: attr('NFULA_IFINDEX_PHYSOUTDEV', 7, be32, 'bridge port that it leaves by'),
  hwaddr: attr('NFULA_HWADDR', 8, packetHw, 'link-layer address of the sender'),
  payload: attr('NFULA_PAYLOAD', 9, bytes, 'the packet, from the network header on'),
  prefix: attr('NFULA_PREFIX', 10, cstr, 'prefix that the rule gives'),
  uid: attr('NFULA_UID', 11, be32, 'user id of the sending socket'),
  seq: attr('NFULA_SEQ', 12, be32, 'sequence number within the group'),
  seqGlobal: attr('NFULA_SEQ_GLOBAL', 13, be32, 'sequence number over all groups'),
  gid: attr('NFULA_GID', 14, be32, 'group id of the sending socket'),
  hwtype: attr('NFULA_HWTYPE', 15, be16, 'ARPHRD_* of the link'),
  hwheader: attr('NFULA_HWHEADER', 16, bytes, 'link-layer header'),
  hwlen: attr('NFULA_HWLEN', 17, be16, 'length of the link-layer header, in bytes'),
  ct: attr('NFULA_CT', 18, nested(ctaAttrs), 'connection'),
  ctInfo: attr('NFULA_CT_INFO', 19, ctInfo, 'conntrack state of the packet'),
  vlan: attr('NFULA_VLAN', 20, nested(nfulaVlan), 'VLAN tag'),
  l2hdr: attr('NFULA_L2HDR', 21, bytes, 'link-layer header, on bridges'),
});

export const logPacket = message(
  'logPacket',
  { NFULNL_MSG_PACKET: c.NFULNL_MSG_PACKET },
  nfgenmsg,
  nfula,
  { doc: 'A packet that a rule has logged. `resId` is the number of the group.' },
);

const cmd = struct('nfulnl_msg_config_cmd', { command: configCommand });
const mode = struct('nfulnl_msg_config_mode', { copyRange: be32, copyMode, _pad: u8 });

/** `NFULNL_CFG_F_*`. */
export const logFlags = flagsOf(be16, { seq: 1, seqGlobal: 2, conntrack: 4 });

export const nfulaCfg = attrs({
  cmd: attr('NFULA_CFG_CMD', 1, cmd, 'bind or unbind'),
  mode: attr('NFULA_CFG_MODE', 2, mode, 'how much of a packet is sent'),
  nlbufsiz: attr('NFULA_CFG_NLBUFSIZ', 3, be32, 'size of the buffer for a datagram, in bytes'),
  timeout: attr(
    'NFULA_CFG_TIMEOUT',
    4,
    be32,
    'time until an incomplete datagram is sent, in 1/100 s',
  ),
  qthresh: attr('NFULA_CFG_QTHRESH', 5, be32, 'packets per datagram'),
  flags: attr('NFULA_CFG_FLAGS', 6, logFlags, 'additional information to send'),
});

export const logConfig = message(
  'logConfig',
  { NFULNL_MSG_CONFIG: c.NFULNL_MSG_CONFIG },
  nfgenmsg,
  nfulaCfg,
  {
    doc: 'Binds a socket to a group, and says how packets are sent.',
    subject: ({ resId }) => (resId === undefined ? undefined : `group ${resId}`),
  },
);

export type LogPacket = Static<typeof logPacket>;
export type LogPacketInput = Input<typeof logPacket>;
export type LogConfig = Static<typeof logConfig>;
export type LogConfigInput = Input<typeof logConfig>;
