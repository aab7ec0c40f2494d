/** The notifications of multicast groups, decoded: events of the messages in each datagram. */
import { checkedFunction } from './codec/arguments.ts';
import { align4, viewOf } from './codec/bytes.ts';
import { NLMSG_HDRLEN, NLMSG_MIN_TYPE, NLMSG_OVERRUN } from './constants.ts';
import { CodecError } from '../errors.ts';
import { eachFrame, familyAt } from './codec/datagram.ts';
import type { AnyMessage } from './codec/message.ts';
import type { Protocol } from './codec/protocol.ts';
import { listen, type Monitor } from './listen.ts';
import { overrun, payloadReader } from './reply.ts';
import type { Socket } from './socket.ts';

export type { Monitor } from './listen.ts';

/** One message from a multicast group. */
export interface Notice<T = any> {
  /** `RTM_NEWLINK` */
  readonly type: number;
  /**
   * `NLM_F_REPLACE`, `NLM_F_APPEND`, … of the request that caused it, if the kernel reports them.
   */
  readonly flags: number;
  readonly message: AnyMessage;
  readonly value: T;
  /** The id of the namespace it is about; undefined for the monitor's own. */
  readonly nsid: number | undefined;
}

/** A message from a multicast group that cannot be decoded. */
export interface Unreadable {
  /** The complete message, including its header. */
  readonly bytes: Uint8Array;
  readonly error: CodecError;
  /** The id of the namespace it is about; undefined for the monitor's own. */
  readonly nsid?: number | undefined;
}

export interface MonitorOptions<E> {
  /** Multicast groups, `RTNLGRP_…`. */
  readonly groups: readonly number[];
  /** Aborting it ends the loop without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The events at the start. The groups are joined before it is called, so that no change is
   * missed.
   */
  readonly begin?: () => Iterable<E>;
  /** The events of a message. */
  readonly notice: (notice: Notice) => Iterable<E>;
  /**
   * The events of a message that cannot be decoded. Without it, such a message ends the monitor
   * with its error.
   */
  readonly unreadable?: ((message: Unreadable) => Iterable<E>) | undefined;
  /**
   * The events after the kernel dropped messages. Those still in the buffer are older and are
   * dropped too.
   */
  readonly lost: () => Iterable<E>;
}

/**
 * Listens on a socket, which it owns and closes.
 *
 * @throws NetlinkError if a group cannot be joined: EPERM, EINVAL
 *
 * @example
 * const options = { groups: [RTNLGRP_LINK], notice: ({ value }) => [value], lost: () => [] };
 * for await (const value of monitor(rtnetlink, socketIn(undefined, NETLINK_ROUTE), options)) …
 */
export const monitor = checkedFunction(
  'monitor',
  'protocol: object, socket: object, options: object',
  function monitor<E>(protocol: Protocol, socket: Socket, options: MonitorOptions<E>): Monitor<E> {
    if (typeof socket.tryReceive !== 'function') {
      throw new CodecError('monitor: socket must be a socket');
    }
    const { signal, groups, begin, notice, unreadable, lost } = options;
    const readPayload = payloadReader(protocol);
    const read = (datagram: Uint8Array): E[] => {
      const view = viewOf(datagram);
      const { nsid } = socket;
      const events: E[] = [];
      const failed = (error: unknown, at: number, end: number): void => {
        if (unreadable === undefined || !(error instanceof CodecError)) throw error;
        events.push(...unreadable({ bytes: datagram.slice(at, end), error, nsid }));
      };
      /** The offset up to which the datagram has been read. */
      let done = 0;
      try {
        eachFrame(view, (type, flags, _, at, end) => {
          done = at;
          if (type === NLMSG_OVERRUN) throw overrun('NLMSG_OVERRUN');
          const message = protocol.find(type, familyAt(view, at + NLMSG_HDRLEN, end));
          if (type >= NLMSG_MIN_TYPE && message !== undefined) {
            try {
              const value = readPayload(view, type, at, end);
              events.push(...notice({ type, flags, message, value, nsid }));
            } catch (error) {
              failed(error, at, end);
            }
          }
          done = align4(end);
        });
      } catch (error) {
        // A length does not fit: what is left is not a message.
        failed(error, done, datagram.length);
      }
      return events;
    };

    return listen(socket, { groups, signal, begin, read, lost });
  },
);
