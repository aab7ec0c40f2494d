/**
 * A dump: many messages in answer to one request, read datagram by datagram until `NLMSG_DONE`.
 *
 * The kernel runs one dump on a socket at a time and answers EBUSY to another, so a dump that is not read to its end must
 * get out of the way: `park` reads the rest into memory, `discard` reads it off. netlink(7).
 */
import { viewOf } from './bytes.ts';
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP } from './constants.ts';
import { EINTR, ENOBUFS } from './errno.ts';
import { deadlineIn } from './socket/deadline.ts';
import { CodecError, NetlinkError } from './errors.ts';
import { eachFrame } from './datagram.ts';
import type { Protocol } from './protocol.ts';
import { payloadReader, readAck, refusal, type Request } from './reply.ts';
import type { Socket } from './socket/socket.ts';

export interface Dump<T> {
  /** Objects changed meanwhile: what was read may lack some or hold some twice. Known at the end only. */
  readonly interrupted: boolean;
  /** What the kernel said at the end although it did as it was told. */
  readonly warning: string | undefined;
  next(): T | undefined;
  /** Reads the rest into memory, so that the socket is free; `next` goes on with it. */
  park(): void;
  /** Reads and returns the rest. */
  readToEnd(): T[];
  /** Reads the rest off the socket without decoding it. */
  discard(): void;
}

/** A dump request as it went out. */
export interface SentDump {
  readonly request: Request;
  readonly seq: number;
  /** Its bytes, for the paths in an error. */
  readonly bytes: DataView;
  /** Milliseconds to wait for each datagram. */
  readonly timeout: number;
}

/** Reads the answer to a dump request that has been sent. */
export function openDump<T>(protocol: Protocol, socket: Socket, sent: SentDump): Dump<T> {
  const { request, seq, bytes, timeout } = sent;
  const readPayload = payloadReader(protocol);
  let queue: T[] = [];
  let at = 0;
  let done = false;
  let error: unknown;
  let interrupted = false;
  let warning: string | undefined;

  /** Takes one datagram. Bytes that cannot be read do not end the kernel's sending; a socket that fails does. */
  const pull = (decode: boolean): void => {
    try {
      const view = viewOf(socket.receive(deadlineIn(timeout)));
      eachFrame(view, (type, flags, number, from, end) => {
        if (number !== seq) return;
        if ((flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
        try {
          if (type === NLMSG_DONE || type === NLMSG_ERROR) {
            done = true;
            const ack = readAck(protocol, view, type, flags, from, end);
            if (ack.error !== 0) error ??= refusal(protocol, ack, request, bytes);
            warning = ack.attrs.msg;
          } else if (decode && error === undefined && type !== NLMSG_NOOP) {
            queue.push(readPayload(view, type, from, end) as T);
          }
        } catch (thrown) {
          error ??= thrown;
        }
      });
    } catch (thrown) {
      error ??= thrown;
      done = !(thrown instanceof CodecError) && (thrown as NetlinkError).errno !== ENOBUFS;
    }
  };
  const park = (): void => {
    while (!done) pull(true);
  };
  const rethrow = (): void => {
    if (error === undefined) return;
    const thrown = error;
    error = undefined;
    throw thrown;
  };

  return {
    get interrupted() {
      return interrupted;
    },
    get warning() {
      return warning;
    },
    next() {
      while (at === queue.length && !done && error === undefined) {
        queue = [];
        at = 0;
        pull(true);
      }
      if (at < queue.length) return queue[at++];
      rethrow();
      return undefined;
    },
    park,
    readToEnd() {
      park();
      rethrow();
      return queue.slice(at);
    },
    discard() {
      while (!done) pull(false);
    },
  };
}

/** The error of a dump that objects changed under, in each attempt. */
export const interruption = (
  protocol: Protocol,
  { message, type, value }: Request,
  attempts: number,
): NetlinkError =>
  new NetlinkError(EINTR, protocol.typeName(type), {
    subject: message.subject(value),
    advice: `the objects changed while they were being listed, in each of ${attempts} attempts`,
    attempts,
  });
