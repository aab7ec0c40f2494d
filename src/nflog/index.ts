/**
 * `netlink-ts/nflog`: packets that rules log, as they pass.
 *
 * @example
 * using log = openNflog();
 * for await (const event of log.packets(5)) console.log(event);
 */
export * from './constants.ts';
export {
  logConfig,
  logPacket,
  type LogConfig,
  type LogConfigInput,
  type LogPacket,
  type LogPacketInput,
} from './message.ts';
export {
  openNflog,
  type LogEvent,
  type LoggedPacket,
  type LogOptions,
  type MonitorOptions,
  type Nflog,
  type OpenOptions,
} from './open.ts';
export type { PacketEvent } from './packet.ts';
export { packetLog } from './packet-log.ts';
export type { Unreadable } from '../netlink/monitor.ts';
export type * from '../netlink/named.ts';
