/**
 * A datagram and the messages in it: the framing that every exchange with the kernel needs,
 * whatever the messages mean. netlink(7).
 */
import { align4, LITTLE_ENDIAN, type Writer } from './bytes.ts';
import { NLMSG_HDRLEN } from '../constants.ts';
import { CodecError } from '../../errors.ts';

/**
 * The length of the message that begins at `at` in a datagram. Throws CodecError if it does not
 * fit.
 */
export function frameLength(view: DataView, at: number, size: number): number {
  const left = size - at;
  if (left < NLMSG_HDRLEN) {
    throw new CodecError(`${left} bytes, ${NLMSG_HDRLEN} needed`).within('nlmsghdr');
  }
  const length = view.getUint32(at, LITTLE_ENDIAN);
  if (length < NLMSG_HDRLEN || length > left) {
    throw new CodecError(`length ${length}, ${left} bytes are left`).within('nlmsghdr');
  }
  return length;
}

/**
 * Whether the messages of a datagram end before `at`: what is left is too short for a header, or
 * zero. iproute2 sends its buffer with the unused bytes after the message, and the kernel ignores
 * them (net/netlink/af_netlink.c, netlink_rcv_skb).
 */
export const isPadding = (view: DataView, at: number, size: number): boolean =>
  at > 0 && (size - at < NLMSG_HDRLEN || view.getUint32(at, LITTLE_ENDIAN) === 0);

/**
 * Visits the messages of a datagram without allocating: `visit` gets the header's fields and the
 * bounds.
 */
export function eachFrame(
  view: DataView,
  visit: (type: number, flags: number, seq: number, at: number, end: number) => void,
): void {
  const size = view.byteLength;
  for (let at = 0; at < size;) {
    const end = at + frameLength(view, at, size);
    const type = view.getUint16(at + 4, LITTLE_ENDIAN);
    const flags = view.getUint16(at + 6, LITTLE_ENDIAN);
    visit(type, flags, view.getUint32(at + 8, LITTLE_ENDIAN), at, end);
    at = align4(end);
  }
}

/** The first payload byte, which is the address family in every protocol that has one. */
export const familyAt = (view: DataView, start: number, end: number): number | undefined =>
  start < end ? view.getUint8(start) : undefined;

/**
 * Writes a header, lets `payload` write the rest, and fills in the length. A message starts
 * aligned; its padding is written by the next one, so that a datagram ends with its last message.
 */
export function putFrame(
  writer: Writer,
  header: { type: number; flags: number; seq: number; pid?: number },
  payload: () => void,
): void {
  writer.pad();
  const { type, flags, seq, pid = 0 } = header;
  const at = writer.reserve(NLMSG_HDRLEN);
  // Like `nlmsghdr`, but written by hand: a process that sends a single message would otherwise pay
  // for planning the struct.
  writer.view.setUint16(at + 4, type, LITTLE_ENDIAN);
  writer.view.setUint16(at + 6, flags, LITTLE_ENDIAN);
  writer.view.setUint32(at + 8, seq, LITTLE_ENDIAN);
  writer.view.setUint32(at + 12, pid, LITTLE_ENDIAN);
  payload();
  writer.view.setUint32(at, writer.at - at, LITTLE_ENDIAN);
}
