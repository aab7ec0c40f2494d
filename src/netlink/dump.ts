/**
 * A dump: many messages in answer to one request, read datagram by datagram until `NLMSG_DONE`.
 *
 * The kernel runs one dump per socket at a time and answers EBUSY to another, so an unfinished dump
 * must make way: `park` reads the rest into memory, `discard` drops it. netlink(7).
 */
import { align4, LITTLE_ENDIAN, viewOf } from './codec/bytes.ts';
import {
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_MIN_TYPE,
  NLMSG_OVERRUN,
} from './constants.ts';
import { frameLength } from './codec/datagram.ts';
import { EINTR, ENOBUFS } from '../sys/errno.ts';
import { netlinkError, type NetlinkError } from '../errors.ts';
import type { Reader } from './codec/pick.ts';
import type { Protocol } from './codec/protocol.ts';
import { overrun, payloadReader, readAck, refusal } from './reply.ts';
import type { Request } from './request.ts';
import { deadlineIn } from '../sys/deadline.ts';
import type { Socket } from './socket.ts';

export interface Dump<T> {
  /**
   * Objects changed during the dump, so that some may be missing or duplicated. Known only at the
   * end.
   */
  readonly interrupted: boolean;
  /** The kernel's warning at the end of a successful dump. */
  readonly warning: string | undefined;
  next(): T | undefined;
  /** Reads the rest into memory, which frees the socket; `next` continues from there. */
  park(): void;
  /** Reads and returns the rest. */
  readToEnd(): T[];
  /** Reads the rest from the socket without decoding it. */
  discard(): void;
}

/** A dump request that has been sent. */
export interface SentDump {
  readonly request: Request;
  readonly seq: number;
  /** Its bytes, for the paths in an error. */
  readonly bytes: DataView;
  /** Milliseconds to wait for each datagram. */
  readonly timeout: number;
  /** Reads the messages instead of their declaration. */
  readonly reader?: Reader<unknown> | undefined;
}

/** Before the first datagram. */
const NOTHING: DataView = new DataView(new ArrayBuffer(0));

/**
 * Reads the answer to a dump request that has been sent. Each message is decoded on demand, so that
 * an object that nobody keeps can be freed before the next one is created.
 */
export function openDump<T>(protocol: Protocol, socket: Socket, sent: SentDump): Dump<T> {
  const { request, seq, bytes, timeout, reader } = sent;
  const readPayload = payloadReader(protocol, reader);
  /** The current datagram, its length, and the offset of its next message. */
  let view = NOTHING;
  let size = 0;
  let at = 0;
  let done = false;
  let interrupted = false;
  let warning: string | undefined;
  /** What `park` has read: objects, and the first error. */
  const parked: T[] = [];
  let taken = 0;
  let error: unknown;

  const receive = (): void => {
    try {
      view = viewOf(socket.receive(deadlineIn(timeout)));
      size = view.byteLength;
      at = 0;
    } catch (thrown) {
      done = (thrown as NetlinkError).errno !== ENOBUFS;
      throw thrown;
    }
  };

  const end = (type: number, flags: number, from: number, to: number): void => {
    done = true;
    const ack = readAck(protocol, view, type, flags, from, to);
    warning = ack.attrs.msg;
    if (ack.error !== 0) throw refusal(protocol, ack, request, bytes);
  };

  /**
   * The next object; undefined at the end. Throws for bytes that cannot be decoded; the kernel
   * keeps sending then, and the next call continues after them. An error of the socket ends the
   * dump.
   */
  const pull = (decode: boolean): T | undefined => {
    while (!done) {
      const from = at;
      if (from >= size) {
        receive();
        continue;
      }
      const datagram = view;
      // If the length does not fit, nothing after it can be found.
      at = size;
      const to = from + frameLength(datagram, from, size);
      at = align4(to);
      if (datagram.getUint32(from + 8, LITTLE_ENDIAN) !== seq) continue;
      const type = datagram.getUint16(from + 4, LITTLE_ENDIAN);
      const flags = datagram.getUint16(from + 6, LITTLE_ENDIAN);
      if ((flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
      if (type >= NLMSG_MIN_TYPE) {
        if (decode) return readPayload(datagram, type, from, to) as T;
      } else if (type === NLMSG_DONE || type === NLMSG_ERROR) {
        end(type, flags, from, to);
      } else if (type === NLMSG_OVERRUN) {
        throw overrun(protocol.typeName(request.type));
      }
    }
    return undefined;
  };

  const park = (): void => {
    while (!done) {
      try {
        const value = pull(error === undefined);
        if (value !== undefined) parked.push(value);
      } catch (thrown) {
        error ??= thrown;
      }
    }
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
      if (!done) return pull(true);
      if (taken < parked.length) return parked[taken++];
      rethrow();
      return undefined;
    },
    park,
    readToEnd() {
      park();
      rethrow();
      return parked;
    },
    discard() {
      while (!done) {
        try {
          pull(false);
        } catch {
          // The caller has stopped reading, so errors no longer matter.
        }
      }
    },
  };
}

/** The error of a dump that was interrupted in every attempt. */
export const interruption = (
  protocol: Protocol,
  { message, type, value }: Request,
  attempts: number,
): NetlinkError =>
  netlinkError(EINTR, protocol.typeName(type), {
    subject: message.subject(value),
    advice: `the objects changed while being listed, in each of ${attempts} attempts`,
    attempts,
  });
