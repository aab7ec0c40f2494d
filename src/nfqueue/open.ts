/** Opens queues of packets that wait for a verdict. */
import { mustBeOpen } from '../errors.ts';
import { checked } from '../netlink/codec/arguments.ts';
import { Writer } from '../netlink/codec/bytes.ts';
import { putFrame } from '../netlink/codec/datagram.ts';
import type { Connection } from '../netlink/connection.ts';
import { NLM_F_REQUEST } from '../netlink/constants.ts';
import {
  MONITOR_BUFFER,
  openHandle,
  type MonitorOptions,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import type { Monitor } from '../netlink/monitor.ts';
import { bind, checkNumber, type PacketEvent } from '../nflog/packet.ts';
import { NFQNL_MSG_CONFIG, NFQNL_MSG_VERDICT, NFQNL_MSG_VERDICT_BATCH } from './constants.ts';
import { queueConfig, queueVerdict, type QueueConfig, type QueuePacket } from './message.ts';
import { packetQueue } from './packet-queue.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/** A packet that waits for a verdict. */
export interface HeldPacket extends Omit<QueuePacket['attrs'], 'packetHdr' | 'verdictHdr'> {
  /** The id that a verdict refers to. */
  readonly id: number;
  /** `ip`, `ip6`, `bridge`, …: where the rule is. */
  readonly family: QueuePacket['family'];
  readonly hook: NonNullable<QueuePacket['attrs']['packetHdr']>['hook'];
  /** EtherType: 0x0800, 0x86dd, … */
  readonly hwProtocol: number;
}

/**
 * `lost`: the kernel had no room to send packets, and dropped them. `unreadable`: a message that
 * cannot be decoded; the loop continues.
 */
export type QueueEvent = PacketEvent<HeldPacket>;

/** `repeat` runs the hook again. */
export type Verdict = 'accept' | 'drop' | 'repeat';

export interface VerdictOptions {
  /** A new mark for the packet. */
  readonly mark?: number | undefined;
  /** A replacement for the packet, from the network header on, with correct checksums. */
  readonly payload?: Uint8Array | undefined;
}

export interface QueueOptions extends MonitorOptions {
  /** Bytes of each packet that are sent; default all, 0 for none. */
  readonly copyRange?: number | undefined;
  /** `failOpen`: accept packets when the queue is full. `conntrack`: send the connection. */
  readonly flags?: NonNullable<QueueConfig['attrs']['flags']> | undefined;
  /** The maximum length of the queue, in packets; default 1024. */
  readonly queueMaxlen?: number | undefined;
}

/** Packets in the order of their ids. Closing it drops those that wait. */
export interface HeldPackets extends Monitor<QueueEvent> {
  /** Decides about one packet. An id that is not waiting is ignored. */
  verdict(id: number, verdict: Verdict, options?: VerdictOptions): void;
  /** Decides about all waiting packets up to this id. */
  verdictBatch(id: number, verdict: Verdict, options?: Pick<VerdictOptions, 'mark'>): void;
}

export interface Nfqueue extends Connection {
  /**
   * The packets that rules hold in a queue: `queue num 5` of nft(8), `-j NFQUEUE --queue-num 5` of
   * iptables(8). Each waits for its verdict.
   *
   * @throws NetlinkError EPERM if another socket has the queue, or without CAP_NET_ADMIN
   */
  packets(queue: number, options?: QueueOptions): HeldPackets;
}

/**
 * Opens queues of packets. It needs CAP_NET_ADMIN in the namespace.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using queue = openNfqueue();
 * const packets = queue.packets(5, { copyRange: 64 });
 * for await (const event of packets) {
 *   if (event.type === 'packet') packets.verdict(event.packet.id, 'accept');
 * }
 */
export const openNfqueue = (options: OpenOptions = {}): Nfqueue =>
  // The options are read after they have been checked.
  openHandle('openNfqueue', packetQueue, options, (...given) => verbs(options)(...given));

const ALL = 0xffff_ffff;
const ANSWER = 30_000;

function heldPacket({ family, attrs }: QueuePacket): HeldPacket {
  const { packetHdr, verdictHdr: _, ...rest } = attrs;
  const { packetId: id = 0, hook = 0, hwProtocol = 0 } = packetHdr ?? {};
  return { id, family, hook, hwProtocol, ...rest };
}

const verbs =
  ({ timeout = ANSWER }: OpenOptions) =>
  (connection: Connection, openSocket: OpenSocket): Nfqueue => ({
    ...connection,
    ...checked(
      'nfqueue',
      {
        packets(queue: number, options: QueueOptions = {}): HeldPackets {
          mustBeOpen(connection);
          checkNumber('nfqueue.packets: queue', queue);
          const {
            signal,
            receiveBuffer = MONITOR_BUFFER,
            copyRange = ALL,
            flags,
            queueMaxlen,
          } = options;
          const value = {
            resId: queue,
            attrs: {
              cmd: { command: 'bind' },
              params: { copyRange, copyMode: copyRange === 0 ? 'meta' : 'packet' },
              queueMaxlen,
              mask: flags,
              flags,
            },
          };
          const socket = openSocket({ receiveBuffer });
          const packets = bind(socket, {
            protocol: packetQueue,
            request: { message: queueConfig, type: NFQNL_MSG_CONFIG, value },
            signal,
            timeout,
            packetOf: heldPacket,
          });
          // The kernel takes verdicts only from the socket that it sends the packets to.
          const decide = (type: number, id: number, verdict: Verdict, rest: VerdictOptions) => {
            mustBeOpen({ socket });
            const writer = new Writer();
            const attrs = { verdictHdr: { verdict, id }, mark: rest.mark, payload: rest.payload };
            putFrame(writer, { type, flags: NLM_F_REQUEST, seq: 0 }, () =>
              queueVerdict.put(writer, { resId: queue, attrs }),
            );
            socket.send(writer.bytes, writer.at);
          };
          const own = checked(
            'packets',
            {
              verdict: (id: number, verdict: Verdict, rest: VerdictOptions = {}) =>
                decide(NFQNL_MSG_VERDICT, id, verdict, rest),
              verdictBatch: (id: number, verdict: Verdict, { mark }: VerdictOptions = {}) =>
                decide(NFQNL_MSG_VERDICT_BATCH, id, verdict, { mark }),
            },
            {
              verdict: 'id: number, verdict: string, options?: object',
              verdictBatch: 'id: number, verdict: string, options?: object',
            },
          );
          return Object.assign(packets, own);
        },
      },
      { packets: 'queue: number, options?: object' },
    ),
  });
