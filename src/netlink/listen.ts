/**
 * The datagrams of multicast groups as an asynchronous iterator of events.
 *
 * Nothing is read ahead: what has not been asked for yet stays in the socket's receive buffer, and
 * when that is full the kernel drops messages and reports it (ENOBUFS), which becomes an event as
 * well. netlink(7).
 */
import { ENOBUFS } from '../sys/errno.ts';
import { NetlinkError } from '../errors.ts';
import type { Socket } from './socket.ts';

export interface ListenOptions<E> {
  /** Multicast groups, by their numbers. */
  readonly groups: readonly number[];
  /** Aborting it ends the loop without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The events at the start. The groups are joined before it is called, so that no change is
   * missed.
   */
  readonly begin?: (() => Iterable<E>) | undefined;
  /** The events of a datagram, decoded completely: the next one overwrites its bytes. */
  readonly read: (datagram: Uint8Array) => Iterable<E>;
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
 */
export function listen<E>(socket: Socket, options: ListenOptions<E>): Monitor<E> {
  const { signal, groups, begin, read, lost } = options;
  let queue: Iterator<E> = [][Symbol.iterator]();
  let open = true;
  let turn: Promise<unknown> = Promise.resolve();

  const close = (): void => {
    open = false;
    signal?.removeEventListener('abort', close);
    socket.close();
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
}

const isLoss = (error: unknown): boolean =>
  error instanceof NetlinkError && error.errno === ENOBUFS;
