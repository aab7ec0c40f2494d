/**
 * The conversation with the kernel: sequence numbers, acknowledgements, batches and dumps over one socket.
 *
 * Everything is synchronous. A connection runs one dump at a time, because the kernel does (EBUSY otherwise): what else is asked
 * while a dump is being read waits until the rest of it has been read into memory.
 */
import { explain, nlmsgdone, nlmsgerr, type Ack } from './ack.ts';
import { viewOf, Writer } from './bytes.ts';
import {
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  NLMSG_NOOP,
} from './constants.ts';
import { EINTR } from './errno.ts';
import { CodecError, NetlinkError, rethrowWithin } from './errors.ts';
import { familyAt, frames, putFrame, type FrameBounds } from './frame.ts';
import type { Message, Protocol } from './message.ts';
import type { Socket } from './socket/socket.ts';

/** One message to send. `flags` are added to `NLM_F_REQUEST`. */
export interface Request<T = any, I = any> {
  readonly message: Message<T, I>;
  /** `RTM_NEWLINK`, a number from `message.types`. */
  readonly type: number;
  readonly flags?: number | undefined;
  readonly value: I;
}

/** What came back for one request. */
export interface Answer<T = any> {
  /** Messages in reply: of a get, or of a change with `NLM_F_ECHO`. */
  readonly replies: T[];
  /** What the kernel said although it did as it was told. */
  readonly warning?: string | undefined;
  /** Why the kernel refused it. */
  readonly error?: NetlinkError | undefined;
}

export interface Connection {
  readonly protocol: Protocol;
  readonly socket: Socket;
  /** Sends a change and waits for the acknowledgement. Throws what the kernel answers. */
  request<T, I>(request: Request<T, I>): Answer<T>;
  /** Asks for one object and returns it. Throws what the kernel answers, ENODEV or ENOENT for what is not there. */
  get<T, I>(request: Request<T, I>): T;
  /**
   * Sends many changes at once. The kernel does them in order and goes on after one that failed; the answers
   * stand in the order of the requests.
   */
  batch(requests: readonly Request[]): Answer[];
  /**
   * Sends all requests as one datagram that the kernel carries out as a whole or not at all: nfnetlink's transactions, whose first and
   * last message enclose the others. Returns why it was refused, in the kernel's order; nothing when it was done.
   */
  transaction(requests: readonly Request[]): NetlinkError[];
  /**
   * All objects, read datagram by datagram as they are asked for. Throws EINTR at the end when they changed meanwhile, so that what
   * was read may lack some or hold some twice: `list` asks again instead.
   */
  dump<T, I>(request: Request<T, I>): IterableIterator<T>;
  /** All objects in an array; a dump that was interrupted by a change is repeated. */
  list<T, I>(request: Request<T, I>): T[];
  close(): void;
  [Symbol.dispose](): void;
}

export interface ConnectionOptions {
  /** Milliseconds to wait for an answer before ETIMEDOUT is thrown. The kernel answers at once; default 30,000. */
  readonly timeout?: number | undefined;
  /** How often `list` repeats an interrupted dump; default 10. */
  readonly dumpRetries?: number | undefined;
}

/* Bounds of one datagram of a batch: its acknowledgements must fit into the receive buffer, and itself into the send buffer. */
const BATCH_MESSAGES = 128;
const BATCH_BYTES = 65536;

/** A connection over an open socket, which it closes in the end. */
export function connect(
  protocol: Protocol,
  socket: Socket,
  options: ConnectionOptions = {},
): Connection {
  const { timeout = 30_000, dumpRetries = 10 } = options;
  const writer = new Writer();
  let sequence = 0;
  let reading: Dump<unknown> | undefined;

  const put = ({ message, type, value }: Request, flags: number): number => {
    const seq = (sequence = (sequence + 1) >>> 0);
    putFrame(writer, { type, flags: flags | NLM_F_REQUEST, seq }, () => {
      try {
        message.put(writer, value);
      } catch (error) {
        rethrowWithin(error, protocol.typeName(type));
      }
    });
    return seq;
  };

  /** Frees the wire: nothing may be asked while the kernel still has a dump to send. */
  const start = (): void => {
    reading?.park();
    reading = undefined;
    writer.at = 0;
  };

  const failure = (
    ack: Ack,
    request: Request,
    bytes: DataView,
    index: number | undefined,
  ): NetlinkError =>
    new NetlinkError(-ack.error, protocol.typeName(request.type), {
      subject: request.message.subject(request.value),
      ack: explain(ack, request.message, bytes),
      index,
    });

  /**
   * Sends as many of the requests, from `first` on, as one datagram takes, and collects their answers. An answer is complete
   * with its acknowledgement, or with its reply when no acknowledgement was asked for.
   */
  const exchange = (requests: readonly Request[], first: number, flags: number): Open[] => {
    writer.at = 0;
    const answers: Open[] = [];
    const bySeq = new Map<number, Open>();
    for (let i = first; i < requests.length && answers.length < BATCH_MESSAGES; i++) {
      if (writer.at > BATCH_BYTES) break;
      const request = requests[i]!;
      const answer: Open = { request, at: writer.at, end: 0, index: i, replies: [] };
      bySeq.set(put(request, (request.flags ?? 0) | flags), answer);
      answer.end = writer.at;
      answers.push(answer);
    }
    socket.send(writer.bytes, writer.at);
    const deadline = performance.now() + timeout;
    while (bySeq.size > 0) {
      const view = viewOf(socket.receive(deadline));
      for (const frame of frames(view)) {
        const { seq, type } = frame.header;
        const answer = bySeq.get(seq);
        // A late reply to an earlier request, or somebody else's message.
        if (answer === undefined || type === NLMSG_NOOP) continue;
        if (type === NLMSG_ERROR) {
          settle(answer, readAck(view, frame), requests.length > 1);
          bySeq.delete(seq);
        } else {
          answer.replies.push(readPayload(protocol, view, frame));
          if ((flags & NLM_F_ACK) === 0) bySeq.delete(seq);
        }
      }
    }
    return answers;
  };

  const settle = (answer: Open, ack: Ack, inBatch: boolean): void => {
    if (ack.error !== 0) {
      const sent = viewOf(writer.bytes.subarray(answer.at, answer.end));
      answer.error = failure(ack, answer.request, sent, inBatch ? answer.index : undefined);
    } else if (ack.attrs.msg !== undefined) {
      answer.warning = ack.attrs.msg;
    }
  };

  /**
   * Only the last change is acknowledged, refusals come for any. One for the first message concerns all: the others may
   * then have no answer.
   */
  const transaction = (requests: readonly Request[]): NetlinkError[] => {
    const last = requests.length - 2;
    const bySeq = new Map<number, Open>();
    requests.forEach((request, index) => {
      const answer: Open = { request, at: writer.at, end: 0, index, replies: [] };
      const flags = (request.flags ?? 0) | (index === last ? NLM_F_ACK : 0);
      bySeq.set(put(request, flags), answer);
      answer.end = writer.at;
    });
    if (last < 1) return [];
    socket.send(writer.bytes, writer.at);
    const errors: NetlinkError[] = [];
    const deadline = performance.now() + timeout;
    for (let done = false; !done;) {
      const view = viewOf(socket.receive(deadline));
      for (const frame of frames(view)) {
        const answer = bySeq.get(frame.header.seq);
        if (answer === undefined || frame.header.type !== NLMSG_ERROR) continue;
        settle(answer, readAck(view, frame), true);
        if (answer.error !== undefined) errors.push(answer.error);
        done ||= answer.index === 0 || answer.index === last;
      }
    }
    return errors;
  };

  const one = <T, I>(request: Request<T, I>, flags: number): Answer<T> => {
    start();
    const [answer] = exchange([request], 0, flags);
    if (answer!.error !== undefined) throw answer!.error;
    return answer!;
  };

  const dump = <T, I>(request: Request<T, I>): Dump<T> => {
    start();
    const seq = put(request, (request.flags ?? 0) | NLM_F_DUMP);
    const bytes = viewOf(writer.finish());
    socket.send(writer.bytes, writer.at);
    const opened = openDump<T>(socket, timeout, seq, protocol, (ack) =>
      failure(ack, request, bytes, undefined),
    );
    reading = opened;
    return opened;
  };

  return {
    protocol,
    socket,
    request: (request) => one(request, NLM_F_ACK),
    get<T, I>(request: Request<T, I>): T {
      const { replies } = one(request, 0);
      return replies[0]!;
    },
    batch(requests) {
      start();
      const answers: Answer[] = [];
      while (answers.length < requests.length) {
        answers.push(...exchange(requests, answers.length, NLM_F_ACK));
      }
      return answers;
    },
    transaction(requests) {
      start();
      return transaction(requests);
    },
    *dump<T, I>(request: Request<T, I>): IterableIterator<T> {
      const opened = dump(request);
      try {
        for (;;) {
          const value = opened.next();
          if (value === undefined) break;
          yield value;
        }
      } finally {
        opened.discard();
      }
      if (opened.interrupted) throw interrupted(protocol, request, 1);
    },
    list<T, I>(request: Request<T, I>): T[] {
      for (let attempt = 1; ; attempt++) {
        const opened = dump(request);
        const values = opened.readToEnd();
        if (!opened.interrupted) return values;
        if (attempt > dumpRetries) throw interrupted(protocol, request, attempt);
      }
    },
    close: () => socket.close(),
    [Symbol.dispose]: () => socket.close(),
  };
}

/** An answer that is still being collected; `[at, end)` is where its request stands in what was sent. */
interface Open {
  readonly request: Request;
  readonly at: number;
  end: number;
  readonly index: number;
  readonly replies: any[];
  warning?: string;
  error?: NetlinkError;
}

function interrupted(protocol: Protocol, request: Request, attempts: number): NetlinkError {
  return new NetlinkError(EINTR, protocol.typeName(request.type), {
    subject: request.message.subject(request.value),
    advice: `the objects changed while they were being listed, in each of ${attempts} attempts`,
  });
}

interface Dump<T> {
  /** Some of what was read may be missing or double. Known at the end only. */
  readonly interrupted: boolean;
  next(): T | undefined;
  /** Reads the rest into memory, so that the socket is free; `next` goes on with it. */
  park(): void;
  /** Reads and returns the rest. */
  readToEnd(): T[];
  /** Reads the rest off the socket without decoding it. */
  discard(): void;
}

function openDump<T>(
  socket: Socket,
  timeout: number,
  seq: number,
  protocol: Protocol,
  failure: (ack: Ack) => NetlinkError,
): Dump<T> {
  let queue: T[] = [];
  let at = 0;
  let done = false;
  let error: unknown;
  const state = { interrupted: false };

  const pull = (decode: boolean): void => {
    try {
      const view = viewOf(socket.receive(performance.now() + timeout));
      for (const frame of frames(view)) {
        const { header } = frame;
        if (header.seq !== seq) continue;
        if ((header.flags & NLM_F_DUMP_INTR) !== 0) state.interrupted = true;
        if (header.type === NLMSG_DONE || header.type === NLMSG_ERROR) {
          done = true;
          const ack = readAck(view, frame);
          if (ack.error !== 0) error = failure(ack);
        } else if (decode && header.type !== NLMSG_NOOP) {
          queue.push(readPayload(protocol, view, frame) as T);
        }
      }
    } catch (thrown) {
      // Bytes that cannot be read do not end the kernel's sending; a socket that fails does.
      if (!(thrown instanceof CodecError)) done = true;
      error ??= thrown;
    }
  };
  const park = (): void => {
    while (!done) pull(error === undefined);
  };
  const finish = (): void => {
    if (error === undefined) return;
    const thrown = error;
    error = undefined;
    throw thrown;
  };

  return {
    get interrupted() {
      return state.interrupted;
    },
    next() {
      while (at === queue.length && !done && error === undefined) {
        queue = [];
        at = 0;
        pull(true);
      }
      if (at < queue.length) return queue[at++];
      finish();
      return undefined;
    },
    park,
    readToEnd() {
      park();
      finish();
      return queue.slice(at);
    },
    discard() {
      while (!done) pull(false);
    },
  };
}

function readAck(view: DataView, { header, at, end }: FrameBounds): Ack {
  const codec = header.type === NLMSG_ERROR ? nlmsgerr(header.flags) : nlmsgdone(header.flags);
  return codec.get(view, at + NLMSG_HDRLEN, end);
}

function readPayload(
  protocol: Protocol,
  view: DataView,
  { header, at, end }: FrameBounds,
): unknown {
  const start = at + NLMSG_HDRLEN;
  const message = protocol.find(header.type, familyAt(view, start, end));
  const operation = protocol.typeName(header.type);
  if (message === undefined) throw new CodecError('no message is declared').within(operation);
  try {
    return message.get(view, start, end);
  } catch (error) {
    return rethrowWithin(error, operation);
  }
}
