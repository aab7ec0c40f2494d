/**
 * News of multicast groups as an asynchronous iterator.
 *
 * Nothing is read ahead: what the reader of a monitor has not asked for yet waits in the socket's receive buffer, and when that is
 * full the kernel drops messages and says so (ENOBUFS), which is told as well. netlink(7).
 */
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
  /** `NLM_F_REPLACE`, `NLM_F_APPEND`, … of the request that caused it, where the kernel tells. */
  readonly flags: number;
  readonly message: AnyMessage;
  readonly value: T;
  /** Id of the namespace it is about; undefined for the monitor's own. */
  readonly nsid: number | undefined;
}

/** A message from a multicast group that could not be read. */
export interface Unreadable {
  /** All of it, header included. */
  readonly bytes: Uint8Array;
  readonly error: CodecError;
  /** Id of the namespace it is about; undefined for the monitor's own. */
  readonly nsid?: number | undefined;
}

export interface MonitorOptions<E> {
  /** Multicast groups, `RTNLGRP_…`. */
  readonly groups: readonly number[];
  /** Aborting it ends the loop, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** What is told at the start. The groups are joined by then, so that nothing falls between. */
  readonly begin?: () => Iterable<E>;
  /** What is told of a message. */
  readonly tell: (notice: Notice) => Iterable<E>;
  /** What is told of a message that cannot be read; left out: its error ends the monitor. */
  readonly unreadable?: ((message: Unreadable) => Iterable<E>) | undefined;
  /** What is told when the kernel had to drop messages. What was still in the buffer then is dropped too: it is older. */
  readonly lost: () => Iterable<E>;
}

/** Ends with `close`, with the signal, or with the loop that reads it; a pending `next` is done at once. */
export interface Monitor<E> extends AsyncIterableIterator<E> {
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How many datagrams are dropped after a loss before going on anyway: under a storm the buffer never gets empty. */
const STALE = 10_000;

/** Listens on a socket, which it closes in the end. Throws what joining a group throws. */
export function monitor<E>(
  protocol: Protocol,
  socket: Socket,
  options: MonitorOptions<E>,
): Monitor<E> {
  const { signal, groups, begin, tell, unreadable, lost } = options;
  const readPayload = payloadReader(protocol);
  let queue: Iterator<E> = [][Symbol.iterator]();
  let open = true;
  let turn: Promise<unknown> = Promise.resolve();

  const close = (): void => {
    open = false;
    signal?.removeEventListener('abort', close);
    socket.close();
  };

  /** Nothing of a datagram may be left undecoded: its bytes are overwritten by the next. */
  const read = (datagram: Uint8Array): E[] => {
    const view = viewOf(datagram);
    const { nsid } = socket;
    const events: E[] = [];
    const failed = (error: unknown, at: number, end: number): void => {
      if (unreadable === undefined || !(error instanceof CodecError)) throw error;
      events.push(...unreadable({ bytes: datagram.slice(at, end), error, nsid }));
    };
    /** Up to where the datagram has been told. */
    let told = 0;
    try {
      eachFrame(view, (type, flags, _, at, end) => {
        told = at;
        if (type === NLMSG_OVERRUN) throw overrun('NLMSG_OVERRUN');
        const message = protocol.find(type, familyAt(view, at + NLMSG_HDRLEN, end));
        if (type >= NLMSG_MIN_TYPE && message !== undefined) {
          try {
            const value = readPayload(view, type, at, end);
            events.push(...tell({ type, flags, message, value, nsid }));
          } catch (error) {
            failed(error, at, end);
          }
        }
        told = align4(end);
      });
    } catch (error) {
      // The lengths do not fit: what is left is no message.
      failed(error, told, datagram.length);
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
        const told = queue.next();
        if (told.done !== true) return told;
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
      // One after the other, also when several are asked for at once.
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
}

const isLoss = (error: unknown): boolean =>
  error instanceof NetlinkError && error.errno === ENOBUFS;
