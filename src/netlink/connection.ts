/**
 * The conversation with the kernel: sequence numbers, acknowledgements, batches and dumps over one socket.
 *
 * Everything is synchronous: rtnetlink answers before send(2) returns. A connection runs one dump at a time, because the kernel
 * does (EBUSY otherwise): when something else is asked while a dump is being read, the rest of it is read into memory first.
 */
import { checkArguments } from './codec/arguments.ts';
import { viewOf, Writer } from './codec/bytes.ts';
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from './constants.ts';
import { interruption, openDump, type Dump } from './dump.ts';
import { CodecError, mustBeOpen, rethrowWithin, type NetlinkError } from '../errors.ts';
import { exchange, exchangeAside, transact, type Answer, type Wire } from './exchange.ts';
import { putFrame } from './codec/datagram.ts';
import type { Reader } from './codec/pick.ts';
import type { Protocol } from './codec/protocol.ts';
import { randomSequence, type Request } from './reply.ts';
import type { Socket } from './socket.ts';

export type { Answer } from './exchange.ts';
export type { Request } from './reply.ts';

/** What one call may have of its own. */
export interface CallOptions {
  /** Milliseconds to wait for an answer, instead of the connection's `timeout`. */
  readonly timeout?: number | undefined;
}

export interface ListOptions<R> extends CallOptions {
  /** Reads the answers, instead of their declaration: what `pick` makes. */
  readonly reader?: Reader<R> | undefined;
}

export interface DumpOptions<R, O> extends ListOptions<R> {
  /** Makes of each object what is given in its place; those of which this makes undefined are left out. */
  readonly as?: ((value: R) => O | undefined) | undefined;
}

/**
 * The objects of a dump, one by one. Leaving the loop early reads the rest off the socket.
 *
 * @example rt.routes.dump().filter(({ table }) => table === 'main').take(3).toArray()
 */
export interface DumpIterator<T> extends IteratorObject<T, undefined, unknown> {
  [Symbol.iterator](): DumpIterator<T>;
  /** What the kernel said at the end although it did as it was told. */
  readonly warning: string | undefined;
  [Symbol.dispose](): void;
}

export interface Connection {
  readonly protocol: Protocol;
  readonly socket: Socket;
  /** Sends a change and waits for the acknowledgement. Throws what the kernel answers; returns its warning, if any. */
  request<T, I>(request: Request<T, I>, options?: CallOptions): Answer<T>;
  /**
   * Sends a change that the kernel takes its time for, and goes on meanwhile where the runtime can do that; the function that is
   * returned waits for the acknowledgement. It tells a refusal in its answer and does not throw it.
   */
  requestAside<T, I>(request: Request<T, I>, options?: CallOptions): () => Answer<T>;
  /** Asks for one object and returns it. Throws what the kernel answers, ENODEV or ENOENT for what is not there. */
  get<T, I>(request: Request<T, I>, options?: CallOptions): T;
  /**
   * Sends many changes at once. The kernel does them in order and goes on after one that failed; the answers
   * stand in the order of the requests, each with its own error or warning.
   */
  batch(requests: readonly Request[], options?: CallOptions): Answer[];
  /**
   * Sends all requests as one datagram that the kernel carries out as a whole or not at all: nfnetlink's transactions, whose first and
   * last message enclose the others. Returns why it was refused, in the kernel's order; nothing when it was done.
   */
  transaction(requests: readonly Request[], options?: CallOptions): NetlinkError[];
  /**
   * All objects, read datagram by datagram as they are asked for. Several may be under way. Throws EINTR at the end when objects
   * changed meanwhile, so that what was read may lack some or hold some twice: `list` asks again instead.
   */
  dump<T, I, R = T, O = R>(request: Request<T, I>, options?: DumpOptions<R, O>): DumpIterator<O>;
  /**
   * All objects in an array. A dump that was interrupted by a change is repeated; EINTR, with the number of `attempts`, when that
   * never ends.
   */
  list<T, I, R = T, O = R>(request: Request<T, I>, options?: DumpOptions<R, O>): O[];
  close(): void;
  [Symbol.dispose](): void;
}

export interface ConnectionOptions {
  /**
   * Milliseconds to wait for an answer, of a dump for each datagram, before ETIMEDOUT is thrown. The kernel answers at
   * once; default 30,000.
   */
  readonly timeout?: number | undefined;
  /** How often `list` repeats an interrupted dump; default 10. */
  readonly dumpRetries?: number | undefined;
}

/** Throws CodecError for options of an `open…` that are of the wrong kind. */
export function checkOpen(
  operation: string,
  options: ConnectionOptions & { readonly netns?: unknown },
): void {
  checkArguments(operation, 'options: object', [options]);
  const { timeout, dumpRetries, netns } = options;
  checkArguments(operation, 'timeout?: number, dumpRetries?: number, netns?: string | object', [
    timeout,
    dumpRetries,
    netns,
  ]);
}

/** What arrays' iterators inherit: `filter`, `take`, `toArray`, … of the runtimes that have them, and `Symbol.iterator`. */
const ITERATOR = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

/* By hand, because each call of a plugin is looked at too. */

function checkOptions(operation: string, options: object | undefined): void {
  if (options !== null && (options === undefined || typeof options === 'object')) return;
  throw new CodecError(`${operation}: options must be an object`);
}

function checkRequest(operation: string, request: Request): void {
  if (typeof request?.message?.put === 'function') return;
  throw new CodecError(`${operation}: request must be a request, which has a message`);
}

function checkRequests(operation: string, requests: readonly Request[]): void {
  if (!Array.isArray(requests)) throw new CodecError(`${operation}: requests must be an array`);
  for (let i = 0; i < requests.length; i++) checkRequest(operation, requests[i]!);
}

/**
 * A connection over an open socket, which it closes in the end.
 *
 * @example using connection = connect(rtnetlink, socketIn(undefined, NETLINK_ROUTE));
 */
export function connect(
  protocol: Protocol,
  socket: Socket,
  options: ConnectionOptions = {},
): Connection {
  const { timeout = 30_000, dumpRetries = 10 } = options;
  /** For single requests; batches have their own, which goes away with them. */
  const small = new Writer();
  let sequence = (socket.firstSequence ?? randomSequence()) - 1;
  let reading: Dump<unknown> | undefined;
  let aside: (() => Answer) | undefined;

  const put: Wire['put'] = (writer, { message, type, value }, flags) => {
    // Zero is what the kernel gives to its news.
    const seq = (sequence = (sequence + 1) >>> 0 || 1);
    putFrame(writer, { type, flags: flags | NLM_F_REQUEST, seq }, () => {
      try {
        message.put(writer, value);
      } catch (error) {
        rethrowWithin(error, protocol.typeName(type));
      }
    });
    return seq;
  };
  const wire: Wire = { protocol, socket, put };

  /** Frees the wire: nothing may be asked while the kernel still has a dump to send. */
  const start = (): void => {
    mustBeOpen({ socket });
    reading?.park();
    reading = undefined;
    aside?.();
    aside = undefined;
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

  return {
    protocol,
    socket,
    request(request, options) {
      checkRequest('request', request);
      checkOptions('request', options);
      return one(request, NLM_F_ACK, options?.timeout);
    },
    requestAside(request, options) {
      checkRequest('requestAside', request);
      checkOptions('requestAside', options);
      const { timeout: limit = timeout } = options ?? {};
      start();
      return (aside = exchangeAside(wire, new Writer(), request, limit));
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
    transaction(requests, options) {
      checkRequests('transaction', requests);
      checkOptions('transaction', options);
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
}
