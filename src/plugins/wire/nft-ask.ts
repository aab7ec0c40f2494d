/**
 * Reads objects and lists of the ruleset in one exchange. A missing object is an answer here and
 * not an error, because most requests of an ADD or a DEL are answered like that.
 */
import { LITTLE_ENDIAN, viewOf, Writer } from '../../netlink/codec/bytes.ts';
import {
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  NLMSG_OVERRUN,
} from '../../netlink/constants.ts';
import { EINTR, ENOENT, EPERM } from '../../sys/errno.ts';
import { NetlinkError } from '../../errors.ts';
import { eachFrame, putFrame } from '../../netlink/codec/datagram.ts';
import { ANSWERS } from '../../netlink/exchange.ts';
import { randomSequence, type Request } from '../../netlink/request.ts';
import { deadlineIn } from '../../sys/deadline.ts';
import type { Socket } from '../../netlink/socket.ts';
import { nftProtocol } from './nft.ts';

/** Milliseconds for each datagram; the kernel answers at once. */
const TIMEOUT = 30_000;
let sequence = randomSequence();
/** How often lists are read again because they were changed meanwhile. */
const ATTEMPTS = 10;

/** A request for a list, to be asked with others. */
export const all = <T, I>(request: Request<T, I>): Request<T, I> => ({
  ...request,
  flags: NLM_F_DUMP,
});

/** The answers to each request, in order. */
export type Found<R extends readonly Request[]> = {
  [K in keyof R]: R[K] extends Request<infer T, any> ? T[] : never;
};

/**
 * Requests objects and lists, in one datagram unless there are many. There is no answer for an
 * object that does not exist. Only one request may be for a list: the kernel sends one at a time.
 */
export function ask<const R extends readonly Request[]>(socket: Socket, requests: R): Found<R> {
  const found: unknown[][] = [];
  for (let attempts = 0; found.length < requests.length;) {
    const part = requests.slice(found.length, found.length + ANSWERS);
    const answers = converse(socket, part);
    if (answers !== undefined) {
      found.push(...answers);
      attempts = 0;
    } else if (++attempts === ATTEMPTS) throw new NetlinkError(EINTR, 'dump', { attempts });
  }
  return found as Found<R>;
}

/** One datagram. Undefined when a list may have duplicate or missing items. */
function converse(socket: Socket, requests: readonly Request[]): unknown[][] | undefined {
  const writer = new Writer();
  const found: unknown[][] = [];
  const first = sequence;
  for (const { message, type, flags = 0, value } of requests) {
    found.push([]);
    const header = { type, flags: flags | NLM_F_REQUEST, seq: sequence++ };
    putFrame(writer, header, () => message.put(writer, value));
  }
  socket.send(writer.bytes, writer.at);
  const deadline = deadlineIn(TIMEOUT);
  let open = requests.length;
  let interrupted = false;
  let failure: NetlinkError | undefined;
  while (open > 0) {
    const view = viewOf(socket.receive(deadline));
    eachFrame(view, (type, flags, seq, at, end) => {
      const request = requests[seq - first];
      if (request === undefined) return;
      interrupted ||= (flags & NLM_F_DUMP_INTR) !== 0 || type === NLMSG_OVERRUN;
      const body = at + NLMSG_HDRLEN;
      if (type === NLMSG_ERROR || type === NLMSG_DONE) {
        open--;
        const errno = end - body < 4 ? 0 : -view.getInt32(body, LITTLE_ENDIAN);
        if (errno !== 0 && errno !== ENOENT) failure ??= refusal(request, errno);
        // Without CAP_NET_ADMIN nfnetlink answers the first message and ignores the others
        // (net/netfilter/nfnetlink.c).
        if (errno === EPERM && seq === first) open = 0;
      } else if (type !== NLMSG_OVERRUN) {
        found[seq - first]!.push(request.message.get(view, body, end));
        if ((flags & NLM_F_MULTI) === 0) open--;
      }
    });
  }
  if (failure !== undefined) throw failure;
  return interrupted ? undefined : found;
}

const refusal = ({ message, type, value }: Request, errno: number): NetlinkError =>
  new NetlinkError(errno, nftProtocol.typeName(type), { subject: message.subject(value) });
