/**
 * The notifications of multicast groups as an asynchronous iterator.
 *
 * Nothing is read ahead: what has not been asked for yet stays in the socket's receive buffer, and
 * when that is full the kernel drops messages and reports it (ENOBUFS), which becomes an event as
 * well. netlink(7).
 */
import { checkedFunction } from './codec/arguments.ts';
import { align4, viewOf } from './codec/bytes.ts';
import { NLMSG_HDRLEN, NLMSG_MIN_TYPE, NLMSG_OVERRUN } from './constants.ts';
import { ENOBUFS } from '../sys/errno.ts';
import { CodecError, NetlinkError } from '../errors.ts';
import { eachFrame, familyAt } from './codec/datagram.ts';
import type { AnyMessage } from './codec/message.ts';
import type { Protocol } from './codec/protocol.ts';
import { overrun, payloadReader } from './reply.ts';
import type { Socket } from './socket.ts';

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
 * Ends with `close`, with the signal, or with the loop that reads it; a pending `next` resolves at
 * once.
 */
export interface Monitor<E> extends AsyncIterableIterator<E> {
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * How many datagrams are dropped after a loss before continuing anyway: under constant load the
 * buffer never becomes empty.
 */
const STALE = 10_000;

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
    let queue: Iterator<E> = [][Symbol.iterator]();
    let open = true;
    let turn: Promise<unknown> = Promise.resolve();

    const close = (): void => {
      open = false;
      signal?.removeEventListener('abort', close);
      socket.close();
    };

    /** A datagram is decoded completely, because the next one overwrites its bytes. */
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

    const dropStale = (): void => {
      for (let dropped = 0; dropped < STALE; dropped++) {
        try {
          if (socket.tryReceive() === undefined) return;
        } catch (error) {
          if (!isLoss(error)) throw error;
        }
      }
    };

    const receive = async (): Promise<void> => {
      try {
        const datagram = socket.tryReceive();
        if (datagram === undefined) await socket.wait();
        else queue = read(datagram)[Symbol.iterator]();
      } catch (error) {
        if (!isLoss(error)) throw error;
        dropStale();
        queue = lost()[Symbol.iterator]();
      }
    };

    const next = async (): Promise<IteratorResult<E>> => {
      try {
        while (open) {
          const event = queue.next();
          if (event.done !== true) return event;
          await receive();
        }
      } catch (error) {
        close();
        throw error;
      }
      return { done: true, value: undefined };
    };

    try {
      for (const group of new Set(groups)) socket.join(group);
      if (begin !== undefined) queue = begin()[Symbol.iterator]();
      signal?.addEventListener('abort', close);
      if (signal?.aborted === true) close();
    } catch (error) {
      close();
      throw error;
    }
    return {
      next() {
        // One after the other, even if several are requested at once.
        const result = turn.then(next);
        turn = result.catch(() => undefined);
        return result;
      },
      return() {
        close();
        return Promise.resolve({ done: true, value: undefined });
      },
      close,
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]() {
        close();
        return Promise.resolve();
      },
    };
  },
);

const isLoss = (error: unknown): boolean =>
  error instanceof NetlinkError && error.errno === ENOBUFS;
