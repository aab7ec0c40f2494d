/**
 * One attribute on the wire, `struct nlattr`, include/uapi/linux/netlink.h:
 *
 *     | 2 bytes: length | 2 bytes: type, two upper flag bits | payload | zeros to align to four |
 */
import { align4, LITTLE_ENDIAN, type Writer } from './bytes.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../constants.ts';
import { CodecError } from '../../errors.ts';

/** Calls `each` for every attribute of `[at, end)` with the bounds of header and payload. */
export function eachAttribute(
  view: DataView,
  at: number,
  end: number,
  each: (at: number, stop: number) => void,
): void {
  while (end - at >= NLA_HDRLEN) {
    const length = view.getUint16(at, LITTLE_ENDIAN);
    if (length < NLA_HDRLEN || at + length > end) torn(view, at, end);
    each(at, at + length);
    at += align4(length);
  }
  if (at < end) torn(view, at, end);
}

export function torn(view: DataView, at: number, end: number): never {
  if (end - at < NLA_HDRLEN)
    throw new CodecError(`${end - at} bytes left over after the attributes`);
  const length = view.getUint16(at, LITTLE_ENDIAN);
  const id = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
  throw new CodecError(`attribute ${id} has length ${length}, ${end - at} bytes are left`);
}

/** Whether an attribute that ends at `stop` has padding that is not zero, or that is cut short. */
export function isOddlyPadded(view: DataView, at: number, stop: number, end: number): boolean {
  const next = at + align4(stop - at);
  if (next > end) return stop < next;
  for (let i = stop; i < next; i++) if (view.getUint8(i) !== 0) return true;
  return false;
}

/** Fills in the header reserved at `at`, once the payload is written, and pads. */
export function endAttribute(writer: Writer, at: number, word: number): void {
  const length = writer.at - at;
  if (length > 0xffff) throw new CodecError(`${length} bytes, an attribute holds 65535 at most`);
  writer.view.setUint16(at, length, LITTLE_ENDIAN);
  writer.view.setUint16(at + 2, word, LITTLE_ENDIAN);
  writer.pad();
}

/** The same with the padding that was read. */
export function endOddly(writer: Writer, at: number, word: number, padding: Uint8Array): void {
  const stop = writer.at;
  endAttribute(writer, at, word);
  writer.at = stop;
  writer.append(padding);
}
