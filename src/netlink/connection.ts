/**
 * Talks to the kernel over one socket: sequence numbers, acknowledgements, batches and dumps.
 *
 * Everything is synchronous: rtnetlink answers before send(2) returns. A connection runs one dump
 * at a time, because the kernel does (EBUSY otherwise): a request sent while a dump is being read
 * first reads the rest of it into memory.
 */
import { viewOf, Writer } from './codec/bytes.ts';
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from './constants.ts';
import { interruption, openDump, type Dump } from './dump.ts';
import { CodecError, mustBeOpen, rethrowWithin, type NetlinkError } from '../errors.ts';
import { exchange, exchangeInBackground, transact, type Answer, type Wire } from './exchange.ts';
import { familyAt, putFrame } from './codec/datagram.ts';
import type { Reader } from './codec/pick.ts';
import type { Protocol } from './codec/protocol.ts';
import { randomSequence, type Request } from './request.ts';
import type { Socket } from './socket.ts';

export type { Answer } from './exchange.ts';
export type { Request } from './request.ts';

/** Options of a single call. */
export interface CallOptions {
  /** Milliseconds to wait for an answer, instead of the connection's `timeout`. */
  readonly timeout?: number | undefined;
}

export interface ListOptions<R> extends CallOptions {
  /** Reads the answers instead of their declaration, see `pick`. */
  readonly reader?: Reader<R> | undefined;
}

export interface DumpOptions<R, O> extends ListOptions<R> {
  /** Maps each object; return `undefined` to drop it. */
  readonly as?: ((value: R) => O | undefined) | undefined;
}

/**
 * The objects of a dump, one by one. Leaving the loop early discards the rest of the dump.
 *
 * @example rt.routes.dump().filter(({ table }) => table === 'main').take(3).toArray()
 */
export interface DumpIterator<T> extends IteratorObject<T, undefined, unknown> {
  [Symbol.iterator](): DumpIterator<T>;
  /** The kernel's warning at the end of a successful dump. */
  readonly warning: string | undefined;
  [Symbol.dispose](): void;
}

export interface Connection {
  readonly protocol: Protocol;
  readonly socket: Socket;
  /**
   * Sends a change and waits for the acknowledgement. Returns the kernel's warning, if any.
   *
   * @throws NetlinkError with the errno of the kernel's refusal
   * @throws CodecError for a value that does not fit its declaration
   * @example connection.request(addAddr({ index: 2, local: '192.0.2.1/24' }))
   */
  request<T, I>(request: Request<T, I>, options?: CallOptions): Answer<T>;
  /**
   * Asks for one object and returns it.
   *
   * @throws NetlinkError with the errno of the kernel's refusal: ENODEV or ENOENT if the object
   *   does not exist
   * @example connection.get(getLink({ ifname: 'eth0' })).attrs.mtu
   */
  get<T, I>(request: Request<T, I>, options?: CallOptions): T;
  /**
   * Sends many changes at once. The kernel applies them in order and continues after a failed one.
   * The answers are in the order of the requests, each with its own error or warning.
   *
   * @throws CodecError for a value that does not fit its declaration, before anything is sent
   * @example for (const { error } of connection.batch(requests)) if (error) throw error;
   */
  batch(requests: readonly Request[], options?: CallOptions): Answer[];
  /**
   * All objects, read datagram by datagram on demand. Several dumps may be open at once.
   *
   * @throws NetlinkError EINTR at the end if objects changed meanwhile, so that some may be missing
   *   or duplicated; `list` repeats the dump instead
   * @example for (const { attrs } of connection.dump(listLinks())) console.log(attrs.ifname);
   */
  dump<T, I, R = T, O = R>(request: Request<T, I>, options?: DumpOptions<R, O>): DumpIterator<O>;
  /**
   * All objects in an array. A dump interrupted by a change is repeated.
   *
   * @throws NetlinkError EINTR, with the number of `attempts`, if every repetition is interrupted
   * @example connection.list(listLinks()).map(({ attrs }) => attrs.ifname)
   */
  list<T, I, R = T, O = R>(request: Request<T, I>, options?: DumpOptions<R, O>): O[];
  /**
   * Closes the socket. Whatever is called afterwards throws `ClosedError`.
   *
   * @example using connection = open(); // is closed at the end of the block
   */
  close(): void;
  [Symbol.dispose](): void;
}

/*
 * Operations for this package only: they take more knowledge of the protocol than a caller should
 * need. They are symbols, so that handles made by spreading a connection have them too, without
 * showing them.
 */
const IN_BACKGROUND = Symbol('request in the background');
const QUESTIONS = Symbol('questions');
export const TRANSACTION = Symbol('transaction');

interface Internal extends Connection {
  [IN_BACKGROUND](request: Request, options?: CallOptions): () => Answer;
  [QUESTIONS](requests: readonly Request[], options?: CallOptions): Answer[];
  [TRANSACTION](requests: readonly Request[], options?: CallOptions): NetlinkError[];
}

/**
 * Sends a change that takes the kernel some time, in the background where the runtime can do that.
 * The returned function waits for the acknowledgement. A refusal is returned in its answer, not
 * thrown.
 */
export const requestInBackground = <T, I>(
  connection: Connection,
  request: Request<T, I>,
  options?: CallOptions,
): (() => Answer<T>) => (connection as Internal)[IN_BACKGROUND](request, options);

/**
 * Asks for many objects at once, and for one list at most (`NLM_F_DUMP`): the kernel sends one at a
 * time. The answers are in the order of the requests.
 */
export const askTogether = (
  connection: Connection,
  requests: readonly Request[],
  options?: CallOptions,
): Answer[] => (connection as Internal)[QUESTIONS](requests, options);

/**
 * Sends all requests as one datagram that the kernel applies completely or not at all: a
 * transaction of nfnetlink, whose first and last message enclose the others. Returns the reasons
 * for a refusal in the kernel's order; an empty array on success.
 */
export const sendTransaction = (
  connection: Connection,
  requests: readonly Request[],
  options?: CallOptions,
): NetlinkError[] => (connection as Internal)[TRANSACTION](requests, options);

export interface ConnectionOptions {
  /**
   * Milliseconds to wait for an answer, or for each datagram of a dump, before ETIMEDOUT is thrown.
   * The kernel answers at once; default 30,000.
   */
  readonly timeout?: number | undefined;
  /** The number of times `list` repeats an interrupted dump; default 10. */
  readonly dumpRetries?: number | undefined;
}

/**
 * The prototype that array iterators inherit from: `Symbol.iterator`, and `filter`, `take`,
 * `toArray`, … if the runtime has them.
 */
const ITERATOR = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

/* By hand, because this also runs on each call of a plugin. */

function checkOptions(operation: string, options: object | undefined): void {
  if (options !== null && (options === undefined || typeof options === 'object')) return;
  throw new CodecError(`${operation}: options must be an object`);
}

function checkRequest(operation: string, request: Request): void {
  if (typeof request?.message?.put === 'function') return;
  throw new CodecError(`${operation}: request must be an object with a message`);
}

function checkRequests(operation: string, requests: readonly Request[]): void {
  if (!Array.isArray(requests)) throw new CodecError(`${operation}: requests must be an array`);
  for (let i = 0; i < requests.length; i++) checkRequest(operation, requests[i]!);
}

/**
 * A connection over an open socket, which it owns and closes.
 *
 * @throws CodecError for anything but a protocol and a socket; for the errors of its methods see
 *   `Connection`
 *
 * @example using connection = connect(rtnetlink, socketIn(undefined, NETLINK_ROUTE));
 */
export function connect(
  protocol: Protocol,
  socket: Socket,
  options: ConnectionOptions = {},
): Connection {
  if (typeof protocol?.typeName !== 'function') {
    throw new CodecError('connect: protocol must be a protocol, with its messages');
  }
  if (typeof socket?.receive !== 'function') {
    throw new CodecError('connect: socket must be a socket');
  }
  checkOptions('connect', options);
  const { timeout = 30_000, dumpRetries = 10 } = options;
  /** For single requests; a batch has a writer of its own, which is freed with it. */
  const small = new Writer();
  let sequence = (socket.firstSequence ?? randomSequence()) - 1;
  let reading: Dump<unknown> | undefined;
  let background: (() => Answer) | undefined;

  const put: Wire['put'] = (writer, { message, type, value }, flags) => {
    // Zero marks the kernel's notifications.
    const seq = (sequence = (sequence + 1) >>> 0 || 1);
    putFrame(writer, { type, flags: flags | NLM_F_REQUEST, seq }, () => {
      const start = writer.at;
      try {
        message.put(writer, value);
      } catch (error) {
        const first = familyAt(writer.view, start, writer.at);
        rethrowWithin(error, protocol.typeName(type, first, NLM_F_REQUEST));
      }
    });
    return seq;
  };
  const wire: Wire = { protocol, socket, put };

  /** Makes way for a request: the kernel must have no dump left to send. */
  const start = (): void => {
    mustBeOpen({ socket });
    reading?.park();
    reading = undefined;
    background?.();
    background = undefined;
    small.at = 0;
  };

  const one = <T>(request: Request<T>, flags: number, limit = timeout): Answer<T> => {
    start();
    const [answer] = exchange(wire, small, [request], flags, limit);
    if (answer!.error !== undefined) throw answer!.error;
    return answer!;
  };

  const dump = <R>(
    request: Request,
    { timeout: limit = timeout, reader }: ListOptions<R>,
  ): Dump<R> => {
    start();
    const seq = put(small, request, (request.flags ?? 0) | NLM_F_DUMP);
    const bytes = viewOf(small.finish());
    socket.send(small.bytes, small.at);
    const opened = openDump<R>(protocol, socket, { request, seq, bytes, timeout: limit, reader });
    reading = opened;
    return opened;
  };

  /** Sends the request when the first object is asked for. */
  const iterate = <R, O>(request: Request, options: DumpOptions<R, O>): DumpIterator<O> => {
    mustBeOpen({ socket });
    const { as = (value: any) => value } = options;
    let opened: Dump<R> | undefined;
    let ended = false;
    const finish = (): IteratorReturnResult<undefined> => {
      ended = true;
      opened?.discard();
      return { done: true, value: undefined };
    };
    const own: Partial<DumpIterator<O>> = {
      get warning() {
        return opened?.warning;
      },
      next() {
        if (ended) return { done: true, value: undefined };
        mustBeOpen({ socket });
        try {
          opened ??= dump(request, options);
          for (let each = opened.next(); each !== undefined; each = opened.next()) {
            const value = as(each);
            if (value !== undefined) return { done: false, value };
          }
        } catch (error) {
          finish();
          throw error;
        }
        finish();
        if (opened.interrupted) throw interruption(protocol, request, 1);
        return { done: true, value: undefined };
      },
      return: finish,
      [Symbol.dispose]: () => void finish(),
    };
    return Object.setPrototypeOf(own, ITERATOR) as DumpIterator<O>;
  };

  const connection: Internal = {
    protocol,
    socket,
    request(request, options) {
      checkRequest('request', request);
      checkOptions('request', options);
      return one(request, NLM_F_ACK, options?.timeout);
    },
    [IN_BACKGROUND](request, options) {
      const { timeout: limit = timeout } = options ?? {};
      start();
      return (background = exchangeInBackground(wire, new Writer(), request, limit));
    },
    get<T, I>(request: Request<T, I>, options?: CallOptions): T {
      checkRequest('get', request);
      checkOptions('get', options);
      const { replies } = one<T>(request, 0, options?.timeout);
      return replies[0]!;
    },
    batch(requests, options) {
      checkRequests('batch', requests);
      checkOptions('batch', options);
      const { timeout: limit = timeout } = options ?? {};
      start();
      return exchange(wire, new Writer(), requests, NLM_F_ACK, limit);
    },
    [QUESTIONS](requests, options) {
      const { timeout: limit = timeout } = options ?? {};
      start();
      return exchange(wire, new Writer(), requests, 0, limit);
    },
    [TRANSACTION](requests, options) {
      const { timeout: limit = timeout } = options ?? {};
      start();
      return transact(wire, new Writer(), requests, limit);
    },
    dump(request, options = {}) {
      checkRequest('dump', request);
      checkOptions('dump', options);
      return iterate(request, options);
    },
    list<T, I, R = T, O = R>(request: Request<T, I>, options: DumpOptions<R, O> = {}): O[] {
      checkRequest('list', request);
      checkOptions('list', options);
      const { as } = options;
      for (let attempt = 1; ; attempt++) {
        const opened = dump(request, options);
        const values = opened.readToEnd();
        if (!opened.interrupted) {
          if (as === undefined) return values as unknown[] as O[];
          return values.map(as).filter((each) => each !== undefined);
        }
        if (attempt > dumpRetries) throw interruption(protocol, request, attempt);
      }
    },
    close: () => socket.close(),
    [Symbol.dispose]: () => socket.close(),
  };
  return connection;
}
