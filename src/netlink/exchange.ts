/**
 * Requests and their answers: how many go into one datagram, and which answer belongs to which request.
 *
 * netlink(7). The kernel handles the messages of a datagram in order and goes on after one that failed; each answer carries
 * the sequence number of its request, so late answers to earlier requests are told apart and dropped.
 */
import type { Ack } from './codec/ack.ts';
import { viewOf, type Writer } from './codec/bytes.ts';
import { NLM_F_ACK, NLM_F_ECHO, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN } from './constants.ts';
import { EPERM } from '../sys/errno.ts';
import { deadlineIn } from '../sys/deadline.ts';
import type { NetlinkError } from '../errors.ts';
import { eachFrame } from './codec/datagram.ts';
import type { Protocol } from './codec/protocol.ts';
import { overrun, payloadReader, readAck, refusal, type Request } from './reply.ts';
import type { Socket } from './socket.ts';

/** What came back for one request. */
export interface Answer<T = any> {
  /** Messages in reply: of a get, or of a change with `NLM_F_ECHO`. */
  readonly replies: T[];
  /** What the kernel said although it did as it was told. */
  readonly warning?: string | undefined;
  /** The errno with which the kernel refused it; zero when it was done. */
  readonly errno: number;
  /** Why the kernel refused it. Put into words when it is asked for. */
  readonly error: NetlinkError | undefined;
}

/* Bounds of one datagram: its answers must fit into the default receive buffer, and itself into the send buffer. */
export const ANSWERS = 128;
const BYTES = 65536;
/** An echo takes as much of the receive buffer as this many acknowledgements. */
const ECHO = 8;

/** A request whose answer is still being collected; `[at, end)` is where it stands in what was sent. */
interface Open {
  readonly request: Request;
  readonly seq: number;
  readonly writer: Writer;
  readonly at: number;
  readonly end: number;
  readonly index: number | undefined;
  readonly answer: { -readonly [K in keyof Answer]: Answer[K] };
}

/** The wire: `put` writes a request and returns the sequence number it gave. */
export interface Wire {
  readonly protocol: Protocol;
  readonly socket: Socket;
  put(writer: Writer, request: Request, flags: number): number;
}

/**
 * Sends requests, as many in one datagram as its answers allow, and collects the answers. An answer is complete with its
 * acknowledgement, or with its reply when no acknowledgement was asked for. `timeout` in milliseconds for each datagram.
 *
 * All requests are encoded first: one that cannot be is an error before any byte is sent.
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
 * Sends one change on another thread and goes on meanwhile; what is returned collects the answer. `writer` belongs to it until
 * then.
 */
export function exchangeAside(
  wire: Wire,
  writer: Writer,
  request: Request,
  timeout: number,
): () => Answer {
  const open = write(wire, writer, request, undefined, NLM_F_ACK);
  wire.socket.sendAside(writer.bytes.subarray(open.at, open.end));
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
    // Without CAP_NET_ADMIN nfnetlink answers the first message of a datagram and looks at no other (net/netfilter/nfnetlink.c).
    // rtnetlink refuses each by itself, and all of that is there when the first is.
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
      if (type === NLMSG_ERROR || !acknowledged) bySeq.delete(seq);
      try {
        if (type === NLMSG_ERROR) {
          settle(protocol, open, readAck(protocol, view, type, flags, at, end));
        } else if (type === NLMSG_OVERRUN) {
          throw overrun(protocol.typeName(open.request.type));
        } else {
          open.answer.replies.push(readPayload(view, type, at, end));
        }
      } catch (error) {
        // The other answers still have to be read off the socket.
        unreadable ??= error;
      }
    });
  }
  if (unreadable !== undefined) throw unreadable;
}

/**
 * Sends all requests as one datagram that the kernel carries out as a whole or not at all. Only the last change is
 * acknowledged, refusals come for any. One for the first message concerns all: the others may then have no answer.
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
    // After a refusal nothing more need come. A kernel that loads a module in the middle begins again, and when the generation is old
    // by then it refuses the message that it had come to, and no other: seen on Linux 6.1.
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
  // Only where there is an error: of a hundred thousand answers none may have one.
  Object.defineProperty(answer, 'error', { enumerable: true, get });
}
