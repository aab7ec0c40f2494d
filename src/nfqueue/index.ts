/**
 * `netlink-ts/nfqueue`: packets that rules hold until a program decides about them.
 *
 * @example
 * using queue = openNfqueue();
 * const packets = queue.packets(5);
 * for await (const event of packets) {
 *   if (event.type === 'packet') packets.verdict(event.packet.id, 'drop');
 * }
 */
export * from './constants.ts';
export {
  queueConfig,
  queuePacket,
  queueVerdict,
  type QueueConfig,
  type QueueConfigInput,
  type QueuePacket,
  type QueuePacketInput,
  type QueueVerdict,
  type QueueVerdictInput,
} from './message.ts';
export {
  openNfqueue,
  type HeldPacket,
  type HeldPackets,
  type MonitorOptions,
  type Nfqueue,
  type OpenOptions,
  type QueueEvent,
  type QueueOptions,
  type Verdict,
  type VerdictOptions,
} from './open.ts';
export type { PacketEvent } from '../nflog/packet.ts';
export { packetQueue } from './packet-queue.ts';
export type { Unreadable } from '../netlink/monitor.ts';
export type * from '../netlink/named.ts';
