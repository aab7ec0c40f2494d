/** Opens the log of packets. */
import { mustBeOpen } from '../errors.ts';
import { checked } from '../netlink/codec/arguments.ts';
import type { Connection } from '../netlink/connection.ts';
import {
  MONITOR_BUFFER,
  openHandle,
  type MonitorOptions,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import type { Monitor } from '../netlink/monitor.ts';
import { NFULNL_MSG_CONFIG } from './constants.ts';
import { logConfig, type LogConfig, type LogPacket } from './message.ts';
import { bind, checkNumber, type PacketEvent } from './packet.ts';
import { packetLog } from './packet-log.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/** A packet that a rule has logged. */
export interface LoggedPacket extends Omit<LogPacket['attrs'], 'packetHdr'> {
  /** `ip`, `ip6`, `bridge`, …: where the rule is. */
  readonly family: LogPacket['family'];
  readonly hook?: NonNullable<LogPacket['attrs']['packetHdr']>['hook'];
  /** EtherType: 0x0800, 0x86dd, … */
  readonly hwProtocol?: number;
}

/**
 * `lost`: the kernel dropped messages. `unreadable`: a message that cannot be decoded; the loop
 * continues.
 */
export type LogEvent = PacketEvent<LoggedPacket>;

export interface LogOptions extends MonitorOptions {
  /** Bytes of each packet that are sent; default all, 0 for none. */
  readonly copyRange?: number | undefined;
  /** What to send besides: sequence numbers, and the connection. */
  readonly flags?: NonNullable<LogConfig['attrs']['flags']> | undefined;
  /** How many packets the kernel collects in one datagram; default 1, so that none waits. */
  readonly qthresh?: number | undefined;
  /** Time until it sends an incomplete datagram, in 1/100 s. */
  readonly timeout?: number | undefined;
  /** Size of a datagram, in bytes. */
  readonly nlbufsiz?: number | undefined;
}

export interface Nflog extends Connection {
  /**
   * The packets that rules log to a group: `log group 5` of nft(8), `-j NFLOG --nflog-group 5` of
   * iptables(8).
   *
   * @throws NetlinkError EPERM if another socket has the group, or without CAP_NET_ADMIN
   */
  packets(group: number, options?: LogOptions): Monitor<LogEvent>;
}

/**
 * Opens the log of packets. It needs CAP_NET_ADMIN in the namespace.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using log = openNflog();
 * for await (const event of log.packets(5, { copyRange: 64 })) {
 *   if (event.type === 'packet') console.log(event.packet.prefix, event.packet.payload);
 * }
 */
export const openNflog = (options: OpenOptions = {}): Nflog =>
  // The options are read after they have been checked.
  openHandle('openNflog', packetLog, options, (...given) => verbs(options)(...given));

const ALL = 0xffff_ffff;
const ANSWER = 30_000;

const loggedPacket = ({ family, attrs: { packetHdr, ...rest } }: LogPacket): LoggedPacket => ({
  family,
  ...(packetHdr && { hook: packetHdr.hook, hwProtocol: packetHdr.hwProtocol }),
  ...rest,
});

const verbs =
  ({ timeout: answer = ANSWER }: OpenOptions) =>
  (connection: Connection, openSocket: OpenSocket): Nflog => ({
    ...connection,
    ...checked(
      'nflog',
      {
        packets(group: number, options: LogOptions = {}) {
          mustBeOpen(connection);
          checkNumber('nflog.packets: group', group);
          const {
            signal,
            receiveBuffer = MONITOR_BUFFER,
            copyRange = ALL,
            flags,
            ...rest
          } = options;
          const { qthresh = 1, timeout, nlbufsiz } = rest;
          const value = {
            resId: group,
            attrs: {
              cmd: { command: 'bind' },
              mode: { copyRange, copyMode: copyRange === 0 ? 'meta' : 'packet' },
              nlbufsiz,
              timeout,
              qthresh,
              flags,
            },
          };
          return bind(openSocket({ receiveBuffer }), {
            protocol: packetLog,
            request: { message: logConfig, type: NFULNL_MSG_CONFIG, value },
            signal,
            timeout: answer,
            packetOf: loggedPacket,
          });
        },
      },
      { packets: 'group: number, options?: object' },
    ),
  });
