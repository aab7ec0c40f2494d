/**
 * Requests and their answers: how many go into one datagram, and which answer belongs to which
 * request.
 *
 * netlink(7). The kernel handles the messages of a datagram in order and continues after a failed
 * one. Each answer carries the sequence number of its request, so late answers to earlier requests
 * are recognized and dropped.
 */
import type { Ack } from './codec/ack.ts';
import { viewOf, type Writer } from './codec/bytes.ts';
import {
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_ECHO,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
} from './constants.ts';
import { EPERM } from '../sys/errno.ts';
import { deadlineIn } from '../sys/deadline.ts';
import type { NetlinkError } from '../errors.ts';
import { eachFrame } from './codec/datagram.ts';
import type { Protocol } from './codec/protocol.ts';
import { overrun, payloadReader, readAck, refusal } from './reply.ts';
import type { Request } from './request.ts';
import type { Socket } from './socket.ts';

/** The kernel's answer to one request. */
export interface Answer<T = any> {
  /** The messages in reply to a get or a list, or to a change with `NLM_F_ECHO`. */
  readonly replies: T[];
  /** Set where a list was changed while it was read: objects may be missing or duplicated. */
  readonly interrupted?: boolean | undefined;
  /** The kernel's warning about a request that succeeded. */
  readonly warning?: string | undefined;
  /** The errno with which the kernel refused the request; zero on success. */
  readonly errno: number;
  /** Why the kernel refused the request. The text is built on first access. */
  readonly error: NetlinkError | undefined;
}

/*
 * Limits of one datagram: its answers must fit into the default receive buffer, the datagram into
 * the send buffer.
 */
export const ANSWERS = 128;
const BYTES = 65536;
/** An echo takes as much of the receive buffer as this many acknowledgements. */
const ECHO = 8;

/**
 * A request whose answer is still being collected; `[at, end)` is its position in the bytes sent.
 */
interface Open {
  readonly request: Request;
  readonly seq: number;
  readonly writer: Writer;
  readonly at: number;
  readonly end: number;
  readonly index: number | undefined;
  readonly answer: { -readonly [K in keyof Answer]: Answer[K] };
}

/** What an exchange needs: `put` writes a request and returns its sequence number. */
export interface Wire {
  readonly protocol: Protocol;
  readonly socket: Socket;
  put(writer: Writer, request: Request, flags: number): number;
}

/**
 * Sends requests, as many in one datagram as their answers allow, and collects the answers. An
 * answer is complete with its acknowledgement, or with its reply or the end of its list if no
 * acknowledgement was requested. `timeout` in milliseconds for each datagram.
 *
 * All requests are encoded first: one that cannot be encoded is an error before anything is sent.
 */
export function exchange(
  wire: Wire,
  writer: Writer,
  requests: readonly Request[],
  flags: number,
  timeout: number,
): Answer[] {
  const sent: Open[] = [];
  const answers: Answer[] = [];
  for (const request of requests) {
    const index = requests.length > 1 ? sent.length : undefined;
    const open = write(wire, writer, request, index, flags);
    sent.push(open);
    answers.push(open.answer);
  }
  for (let first = 0; first < sent.length;) {
    const part = nextDatagram(sent, first);
    wire.socket.send(writer.bytes.subarray(part[0]!.at, part[part.length - 1]!.end));
    collect(wire, part, (flags & NLM_F_ACK) !== 0, timeout);
    first += part.length;
  }
  return answers;
}

function nextDatagram(sent: readonly Open[], first: number): Open[] {
  const begin = sent[first]!.at;
  let end = first;
  for (let room = ANSWERS; room > 0 && end < sent.length; end++) {
    const { request, at } = sent[end]!;
    if (at - begin > BYTES) break;
    room -= ((request.flags ?? 0) & NLM_F_ECHO) === 0 ? 1 : ECHO;
  }
  return sent.slice(first, end);
}

/**
 * Sends one change on another thread, in the background; the returned function collects the answer.
 * `writer` must not be used until then.
 */
export function exchangeInBackground(
  wire: Wire,
  writer: Writer,
  request: Request,
  timeout: number,
): () => Answer {
  const open = write(wire, writer, request, undefined, NLM_F_ACK);
  wire.socket.sendInBackground(writer.bytes.subarray(open.at, open.end));
  let collected = false;
  return () => {
    if (!collected) collect(wire, [open], true, timeout);
    collected = true;
    return open.answer;
  };
}

function collect(
  { protocol, socket }: Wire,
  sent: readonly Open[],
  acknowledged: boolean,
  timeout: number,
): void {
  const bySeq = new Map<number, Open>();
  for (const open of sent) bySeq.set(open.seq, open);
  const readPayload = payloadReader(protocol);
  let unreadable: unknown;
  const deadline = deadlineIn(timeout);
  const first = sent[0]!;
  while (bySeq.size > 0) {
    // Without CAP_NET_ADMIN nfnetlink answers the first message of a datagram and ignores the
    // others (net/netfilter/nfnetlink.c). rtnetlink refuses each of them, and all its answers are
    // there once the first one is.
    const isRefused = first.answer.errno === EPERM;
    const datagram = isRefused ? socket.tryReceive() : socket.receive(deadline);
    if (datagram === undefined) {
      for (const open of bySeq.values()) settle(protocol, open, { error: -EPERM, attrs: {} });
      break;
    }
    const view = viewOf(datagram);
    eachFrame(view, (type, flags, seq, at, end) => {
      const open = bySeq.get(seq);
      if (open === undefined || type === NLMSG_NOOP) return;
      // A list ends without an acknowledgement. Only the request says that it is one: conntrack
      // sets NLM_F_MULTI in a single reply too, which nothing follows (nf_conntrack_netlink.c).
      const isEnd = type === NLMSG_ERROR || type === NLMSG_DONE;
      const isList = ((open.request.flags ?? 0) & NLM_F_DUMP) === NLM_F_DUMP;
      if (isEnd || (!acknowledged && !isList)) bySeq.delete(seq);
      if ((flags & NLM_F_DUMP_INTR) !== 0) open.answer.interrupted = true;
      try {
        if (isEnd) {
          settle(protocol, open, readAck(protocol, view, type, flags, at, end));
        } else if (type === NLMSG_OVERRUN) {
          throw overrun(protocol.typeName(open.request.type));
        } else {
          open.answer.replies.push(readPayload(view, type, at, end));
        }
      } catch (error) {
        // The other answers still have to be read from the socket.
        unreadable ??= error;
      }
    });
  }
  if (unreadable !== undefined) throw unreadable;
}

/**
 * Sends all requests as one datagram that the kernel applies completely or not at all. Only the
 * last change is acknowledged, but any can be refused. If the first message is refused, so are all:
 * the others may get no answer.
 */
export function transact(
  wire: Wire,
  writer: Writer,
  requests: readonly Request[],
  timeout: number,
): NetlinkError[] {
  const last = requests.length - 2;
  if (last < 1) return [];
  const bySeq = new Map<number, Open>();
  for (let i = 0; i < requests.length; i++) {
    const open = write(wire, writer, requests[i]!, i, i === last ? NLM_F_ACK : 0);
    bySeq.set(open.seq, open);
  }
  wire.socket.send(writer.bytes, writer.at);
  const errors: NetlinkError[] = [];
  const deadline = deadlineIn(timeout);
  let datagram: Uint8Array | undefined = wire.socket.receive(deadline);
  for (let done = false; datagram !== undefined && !done;) {
    const view = viewOf(datagram);
    eachFrame(view, (type, flags, seq, at, end) => {
      const open = bySeq.get(seq);
      if (open === undefined || type !== NLMSG_ERROR) return;
      settle(wire.protocol, open, readAck(wire.protocol, view, type, flags, at, end));
      if (open.answer.error !== undefined) errors.push(open.answer.error);
      done ||= open.index === 0 || open.index === last;
    });
    if (done) break;
    // After a refusal the kernel need not send anything else. If it loads a module in the middle it
    // starts over, and if the generation is outdated by then it refuses only the message it had
    // reached: seen on Linux 6.1.
    datagram = errors.length > 0 ? wire.socket.tryReceive() : wire.socket.receive(deadline);
  }
  return errors;
}

function write(
  { put }: Wire,
  writer: Writer,
  request: Request,
  index: number | undefined,
  flags: number,
): Open {
  writer.pad();
  const { at } = writer;
  const seq = put(writer, request, (request.flags ?? 0) | flags);
  const answer = { replies: [], warning: undefined, errno: 0, error: undefined };
  return { request, seq, writer, at, end: writer.at, index, answer };
}

function settle(protocol: Protocol, open: Open, ack: Ack): void {
  const { request, writer, at, end, index, answer } = open;
  if (ack.error === 0) {
    answer.warning = ack.attrs.msg;
    return;
  }
  answer.errno = -ack.error;
  let error: NetlinkError | undefined;
  const get = (): NetlinkError => {
    const sent = viewOf(writer.bytes.subarray(at, end));
    return (error ??= refusal(protocol, ack, request, sent, index));
  };
  // Defined only on an error: of a hundred thousand answers there may be none.
  Object.defineProperty(answer, 'error', { enumerable: true, get });
}
