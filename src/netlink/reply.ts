/**
 * The kernel's replies: payloads, decoded by the messages of the protocol, acknowledgements, and
 * the error for a refusal.
 *
 * netlink(7); include/uapi/linux/netlink.h.
 */
import type { Ack } from './codec/ack.ts';
import { align4, bytesOf, LITTLE_ENDIAN } from './codec/bytes.ts';
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
} from './constants.ts';
import { ENOBUFS } from '../sys/errno.ts';
import { CodecError, netlinkError, type NetlinkError, rethrowWithin } from '../errors.ts';
import { familyAt } from './codec/datagram.ts';
import { explain } from './codec/explain.ts';
import type { Reader } from './codec/pick.ts';
import type { Protocol } from './codec/protocol.ts';
import type { Request } from './request.ts';
import { bytesText } from './codec/text.ts';

/* enum nlmsgerr_attrs, as far as it is read here. */
const MSG = 1;
const OFFS = 2;
const MISS_TYPE = 5;
const MISS_NEST = 6;

/** Reads the `NLMSG_ERROR` or `NLMSG_DONE` at `[at, end)`, header included. */
export function readAck(
  { readAck: readWhole }: Protocol,
  view: DataView,
  type: number,
  flags: number,
  at: number,
  end: number,
): Ack {
  const start = at + NLMSG_HDRLEN;
  const attributes = attributesAt(view, type, flags, start, end);
  // Nearly all have an error number, a text and an offset. A process that reads only these need not
  // load the declaration.
  const attrs =
    attributes === undefined
      ? undefined
      : plainAttrs(view, attributes, end, readWhole === undefined);
  if (attrs !== undefined)
    return { error: end === start ? 0 : view.getInt32(start, LITTLE_ENDIAN), attrs };
  if (readWhole !== undefined) return readWhole(view, type, flags, start, end);
  throw new CodecError(`${end - start} bytes, more needed`).within('NLMSG_ERROR');
}

/**
 * Where the attributes begin; `end` if there are none, undefined if only the declaration can tell.
 */
function attributesAt(
  view: DataView,
  type: number,
  flags: number,
  start: number,
  end: number,
): number | undefined {
  const isError = type === NLMSG_ERROR;
  // Some subsystems end a dump with a bare header.
  if (!isError && end === start) return end;
  if (end - start < (isError ? 4 + NLMSG_HDRLEN : 4)) return undefined;
  const isWhole =
    isError && (flags & NLM_F_CAPPED) === 0 && view.getInt32(start, LITTLE_ENDIAN) !== 0;
  if (isWhole) return undefined;
  if ((flags & NLM_F_ACK_TLVS) === 0) return end;
  return start + (isError ? 4 + NLMSG_HDRLEN : 4);
}

/** Undefined if there are other attributes, unless `isLeftOut`. */
function plainAttrs(
  view: DataView,
  at: number,
  end: number,
  isLeftOut: boolean,
): Ack['attrs'] | undefined {
  const attrs: { msg?: string; offs?: number; missType?: number; missNest?: number } = {};
  while (at < end) {
    const length = end - at < 4 ? 0 : view.getUint16(at, LITTLE_ENDIAN);
    if (length < 4 || at + length > end) return undefined;
    const type = view.getUint16(at + 2, LITTLE_ENDIAN);
    const number = length === 8 ? view.getUint32(at + 4, LITTLE_ENDIAN) : undefined;
    if (type === OFFS && number !== undefined) attrs.offs = number;
    else if (type === MISS_TYPE && number !== undefined) attrs.missType = number;
    else if (type === MISS_NEST && number !== undefined) attrs.missNest = number;
    else if (type === MSG && length > 4 && view.getUint8(at + length - 1) === 0) {
      attrs.msg = bytesText(bytesOf(view, at + 4, at + length - 1));
    } else if (!isLeftOut) return undefined;
    at += align4(length);
  }
  return attrs;
}

/**
 * Reads a message of this type at `[at, end)`, header included. Throws CodecError with the type in
 * its path.
 */
export type ReadPayload = (view: DataView, type: number, at: number, end: number) => unknown;

/**
 * Reads messages that are not acknowledgements, by `reader` or else by their declaration. All
 * messages of a dump have one type and family, so the declaration is looked up once.
 */
export function payloadReader(protocol: Protocol, reader?: Reader<unknown>): ReadPayload {
  let message: Reader<unknown> | undefined;
  let ofType: number | undefined;
  let ofFamily: number | undefined;
  return (view, type, at, end) => {
    const start = at + NLMSG_HDRLEN;
    const family = familyAt(view, start, end);
    if (type !== ofType || family !== ofFamily) {
      message = reader ?? protocol.find(type, family);
      ofType = type;
      ofFamily = family;
    }
    try {
      if (message === undefined) throw new CodecError('no message is declared');
      return message.get(view, start, end);
    } catch (error) {
      return rethrowWithin(error, protocol.typeName(type, family));
    }
  };
}

/** The error for `NLMSG_OVERRUN`: messages were lost. */
export const overrun = (operation: string): NetlinkError => netlinkError(ENOBUFS, operation);

/** Why a request was refused. `sent` are its bytes, `index` is its position in a batch. */
export function refusal(
  protocol: Protocol,
  ack: Ack,
  { message, type, value }: Request,
  sent: DataView,
  index?: number,
): NetlinkError {
  const first = familyAt(sent, NLMSG_HDRLEN, sent.byteLength);
  return netlinkError(-ack.error, protocol.typeName(type, first, NLM_F_REQUEST), {
    subject: message.subject(value),
    ack: explain(ack, message, sent),
    index,
  });
}
