/**
 * What the kernel sends back, read by the declarations: payloads, acknowledgements, and the error that a refusal becomes.
 *
 * netlink(7); include/uapi/linux/netlink.h.
 */
import { explain, nlmsgdone, nlmsgerr, type Ack } from './ack.ts';
import { align4, bytesOf, LITTLE_ENDIAN } from './bytes.ts';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_ERROR, NLMSG_HDRLEN } from './constants.ts';
import { CodecError, NetlinkError, rethrowWithin } from './errors.ts';
import { familyAt } from './frame.ts';
import type { Message, Protocol } from './message.ts';

/** One message to send. `flags` are added to `NLM_F_REQUEST`. */
export interface Request<T = any, I = any> {
  readonly message: Message<T, I>;
  /** `RTM_NEWLINK`, a number from `message.types`. */
  readonly type: number;
  readonly flags?: number | undefined;
  readonly value: I;
}

/** Reads the `NLMSG_ERROR` or `NLMSG_DONE` at `[at, end)`, header included. */
export function readAck(view: DataView, type: number, flags: number, at: number, end: number): Ack {
  const start = at + NLMSG_HDRLEN;
  if (type === NLMSG_ERROR && (flags & NLM_F_CAPPED) !== 0) {
    const attrs = plainAttrs(view, flags, start + 4 + NLMSG_HDRLEN, end);
    if (attrs !== undefined) return { error: view.getInt32(start, LITTLE_ENDIAN), attrs };
  }
  const codec = type === NLMSG_ERROR ? nlmsgerr(flags) : nlmsgdone(flags);
  return codec.get(view, start, end);
}

/** `NLMSGERR_ATTR_MSG` */
const MSG = 1;
/** `NLMSGERR_ATTR_OFFS` */
const OFFS = 2;

/**
 * Nearly all acknowledgements say a number, some words and where; a process that reads only such ones should not have to
 * compile the declaration for it. Undefined for all others.
 */
function plainAttrs(
  view: DataView,
  flags: number,
  at: number,
  end: number,
): Ack['attrs'] | undefined {
  const attrs: { msg?: string; offs?: number } = {};
  if (at > end) return undefined;
  if ((flags & NLM_F_ACK_TLVS) === 0) return attrs;
  for (let next = at; next < end;) {
    if (end - next < 4) return undefined;
    const length = view.getUint16(next, LITTLE_ENDIAN);
    const type = view.getUint16(next + 2, LITTLE_ENDIAN);
    if (next + length > end) return undefined;
    if (type === OFFS && length === 8) attrs.offs = view.getUint32(next + 4, LITTLE_ENDIAN);
    else if (type === MSG && length > 4 && view.getUint8(next + length - 1) === 0) {
      attrs.msg = new TextDecoder().decode(bytesOf(view, next + 4, next + length - 1));
    } else return undefined;
    next += align4(length);
  }
  return attrs;
}

/** Reads the message of a type at `[at, end)`, header included. Throws CodecError, with the type in its path. */
export type ReadPayload = (view: DataView, type: number, at: number, end: number) => unknown;

/** Reads messages that are not acknowledgements. All of a dump are of one type and family: they are looked up once. */
export function payloadReader(protocol: Protocol): ReadPayload {
  let message: Message<unknown, unknown> | undefined;
  let ofType: number | undefined;
  let ofFamily: number | undefined;
  return (view, type, at, end) => {
    const start = at + NLMSG_HDRLEN;
    const family = familyAt(view, start, end);
    if (type !== ofType || family !== ofFamily) {
      message = protocol.find(type, family);
      ofType = type;
      ofFamily = family;
    }
    try {
      if (message === undefined) throw new CodecError('no message is declared');
      return message.get(view, start, end);
    } catch (error) {
      return rethrowWithin(error, protocol.typeName(type));
    }
  };
}

/** Why a request was refused. `sent` are its bytes, `index` is its position in a batch. */
export function refusal(
  protocol: Protocol,
  ack: Ack,
  { message, type, value }: Request,
  sent: DataView,
  index?: number,
): NetlinkError {
  return new NetlinkError(-ack.error, protocol.typeName(type), {
    subject: message.subject(value),
    ack: explain(ack, message, sent),
    index,
  });
}
