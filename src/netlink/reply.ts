/**
 * What the kernel sends back, read by the declarations: payloads, acknowledgements, and the error that a refusal becomes.
 *
 * netlink(7); include/uapi/linux/netlink.h.
 */
import { explain, nlmsgdone, nlmsgerr, type Ack } from './ack.ts';
import { NLMSG_ERROR, NLMSG_HDRLEN } from './constants.ts';
import { CodecError, NetlinkError, rethrowWithin } from './errors.ts';
import { familyAt, type FrameBounds } from './frame.ts';
import type { Message, Protocol } from './message.ts';

/** One message to send. `flags` are added to `NLM_F_REQUEST`. */
export interface Request<T = any, I = any> {
  readonly message: Message<T, I>;
  /** `RTM_NEWLINK`, a number from `message.types`. */
  readonly type: number;
  readonly flags?: number | undefined;
  readonly value: I;
}

/** Reads an `NLMSG_ERROR` or an `NLMSG_DONE`. */
export function readAck(view: DataView, { header, at, end }: FrameBounds): Ack {
  const codec = header.type === NLMSG_ERROR ? nlmsgerr(header.flags) : nlmsgdone(header.flags);
  return codec.get(view, at + NLMSG_HDRLEN, end);
}

/** Reads any other message. Throws CodecError, with the type in its path. */
export function readPayload(
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
