/**
 * Packets that a rule holds until a program decides, and the decisions.
 *
 * include/uapi/linux/netfilter/nfnetlink_queue.h; net/netfilter/nfnetlink_queue.c; nft(8), `queue`.
 */
import { ctaAttrs } from '../conntrack/connection/message.ts';
import { ctaExpect } from '../conntrack/expectation/message.ts';
import { attr, attrs } from '../netlink/codec/attributes.ts';
import { be16, be32, bytes, cstr, u8, type Input, type Static } from '../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../netlink/codec/enums.ts';
import { message } from '../netlink/codec/message.ts';
import { nested } from '../netlink/codec/nested.ts';
import { struct } from '../netlink/codec/struct.ts';
import { VERDICTS } from '../netlink/netfilter.ts';
import {
  configCommand,
  copyMode,
  ctInfo,
  hook,
  nfgenmsg,
  packetHw,
  packetTimestamp,
  vlanOf,
} from '../nflog/packet.ts';
import * as c from './constants.ts';

const packetHdr = struct('nfqnl_msg_packet_hdr', { packetId: be32, hwProtocol: be16, hook });

/** `NF_*`; the upper half of `queue` is the number of the other queue. */
const verdict = enumOf(be32, { ...VERDICTS, stop: 5 });
const verdictHdr = struct('nfqnl_msg_verdict_hdr', { verdict, id: be32 });

/** `NFQA_SKB_*`. */
const skbInfo = flagsOf(be32, { csumNotReady: 1, gso: 2, csumNotVerified: 4 });

export const nfqaVlan = vlanOf('NFQA');

export const nfqa = attrs({
  packetHdr: attr('NFQA_PACKET_HDR', 1, packetHdr, 'id, EtherType and hook'),
  verdictHdr: attr('NFQA_VERDICT_HDR', 2, verdictHdr, 'verdict on the packet'),
  mark: attr('NFQA_MARK', 3, be32, 'mark'),
  timestamp: attr('NFQA_TIMESTAMP', 4, packetTimestamp, 'when it arrived: s and µs since 1970'),
  ifindexIndev: attr('NFQA_IFINDEX_INDEV', 5, be32, 'input interface'),
  ifindexOutdev: attr('NFQA_IFINDEX_OUTDEV', 6, be32, 'output interface'),
  ifindexPhysindev: attr('NFQA_IFINDEX_PHYSINDEV', 7, be32, 'bridge port that it came in by'),
  ifindexPhysoutdev: attr('NFQA_IFINDEX_PHYSOUTDEV', 8, be32, 'bridge port that it leaves by'),
  hwaddr: attr('NFQA_HWADDR', 9, packetHw, 'link-layer address of the sender'),
  payload: attr('NFQA_PAYLOAD', 10, bytes, 'the packet, from the network header on'),
  ct: attr('NFQA_CT', 11, nested(ctaAttrs), 'connection'),
  ctInfo: attr('NFQA_CT_INFO', 12, ctInfo, 'conntrack state of the packet'),
  capLen: attr('NFQA_CAP_LEN', 13, be32, 'length of the packet in bytes, if it is truncated'),
  skbInfo: attr('NFQA_SKB_INFO', 14, skbInfo, 'properties of the packet: checksum not ready, GSO'),
  exp: attr('NFQA_EXP', 15, nested(ctaExpect), 'a connection to expect'),
  uid: attr('NFQA_UID', 16, be32, 'user id of the sending socket'),
  gid: attr('NFQA_GID', 17, be32, 'group id of the sending socket'),
  secctx: attr('NFQA_SECCTX', 18, cstr, 'label of a security module'),
  vlan: attr('NFQA_VLAN', 19, nested(nfqaVlan), 'VLAN tag'),
  l2hdr: attr('NFQA_L2HDR', 20, bytes, 'link-layer header, on bridges'),
  priority: attr('NFQA_PRIORITY', 21, be32, 'priority for the qdisc, since Linux 5.18'),
});

export const queuePacket = message(
  'queuePacket',
  { NFQNL_MSG_PACKET: c.NFQNL_MSG_PACKET },
  nfgenmsg,
  nfqa,
  { doc: 'A packet that waits for a verdict. `resId` is the number of the queue.' },
);

export const queueVerdict = message(
  'queueVerdict',
  {
    NFQNL_MSG_VERDICT: c.NFQNL_MSG_VERDICT,
    NFQNL_MSG_VERDICT_BATCH: c.NFQNL_MSG_VERDICT_BATCH,
  },
  nfgenmsg,
  nfqa,
  {
    doc: 'The verdict on a packet, or on all up to its id.',
    subject: ({ resId = 0, attrs: a }) =>
      a?.verdictHdr?.id === undefined
        ? `queue ${resId}`
        : `queue ${resId} packet ${a.verdictHdr.id}`,
  },
);

const cmd = struct('nfqnl_msg_config_cmd', { command: configCommand, _pad: u8, pf: be16 });
const params = struct('nfqnl_msg_config_params', { copyRange: be32, copyMode });

/** `NFQA_CFG_F_*`. */
export const queueFlags = flagsOf(be32, {
  failOpen: 1,
  conntrack: 2,
  gso: 4,
  uidGid: 8,
  secctx: 16,
});

export const nfqaCfg = attrs({
  cmd: attr('NFQA_CFG_CMD', 1, cmd, 'bind or unbind'),
  params: attr('NFQA_CFG_PARAMS', 2, params, 'how much of a packet is sent'),
  queueMaxlen: attr('NFQA_CFG_QUEUE_MAXLEN', 3, be32, 'maximum length of the queue, in packets'),
  mask: attr('NFQA_CFG_MASK', 4, queueFlags, 'mask of the flags to change'),
  flags: attr('NFQA_CFG_FLAGS', 5, queueFlags, 'values of these flags'),
});

export const queueConfig = message(
  'queueConfig',
  { NFQNL_MSG_CONFIG: c.NFQNL_MSG_CONFIG },
  nfgenmsg,
  nfqaCfg,
  {
    doc: 'Binds a socket to a queue, and says how packets are sent.',
    subject: ({ resId }) => (resId === undefined ? undefined : `queue ${resId}`),
  },
);

export type QueuePacket = Static<typeof queuePacket>;
export type QueuePacketInput = Input<typeof queuePacket>;
export type QueueVerdict = Static<typeof queueVerdict>;
export type QueueVerdictInput = Input<typeof queueVerdict>;
export type QueueConfig = Static<typeof queueConfig>;
export type QueueConfigInput = Input<typeof queueConfig>;
