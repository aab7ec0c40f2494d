/**
 * Attributes of nf_tables, written and read by hand for the messages of masquerade.
 *
 * Messages of rtnetlink use tables, see interpreter.ts; those of nf_tables are written by hand, and
 * test/plugins/wire-nft.test.ts compares each of them with its declaration, byte by byte.
 */
import { LITTLE_ENDIAN, type Writer } from '../../netlink/codec/bytes.ts';
import { CodecError } from '../../errors.ts';

const TYPE_MASK = 0x3fff;

/** Appends `length` zero bytes for a struct; returns their offset. */
export function putStruct(w: Writer, length: number): number {
  const at = w.reserve(length);
  w.bytes.fill(0, at, w.at);
  return at;
}

/**
 * Appends the header of an attribute and `length` zero bytes after it; returns the offset of those
 * bytes.
 */
function open(w: Writer, type: number, length: number): number {
  const at = putStruct(w, 4 + ((length + 3) & ~3));
  w.view.setUint16(at, 4 + length, LITTLE_ENDIAN);
  w.view.setUint16(at + 2, type, LITTLE_ENDIAN);
  return at + 4;
}

export function putBytes(w: Writer, type: number, value: Uint8Array): void {
  const at = open(w, type, value.length);
  w.bytes.set(value, at);
}

/** In network order, like all numbers of nf_tables. */
export function putBe32(w: Writer, type: number, value: number): void {
  const at = w.reserve(8);
  w.view.setUint16(at, 8, LITTLE_ENDIAN);
  w.view.setUint16(at + 2, type, LITTLE_ENDIAN);
  w.view.setUint32(at + 4, value);
}

/** With its NUL. */
export function putText(w: Writer, type: number, value: string): void {
  const text = new TextEncoder().encode(value);
  const at = open(w, type, text.length + 1);
  w.bytes.set(text, at);
}

/** Begins an attribute that contains what is written until it is ended; without `NLA_F_NESTED`. */
export function beginNest(w: Writer, type: number): number {
  const at = w.reserve(4);
  w.view.setUint16(at, 4, LITTLE_ENDIAN);
  w.view.setUint16(at + 2, type, LITTLE_ENDIAN);
  return at;
}

export const endNest = (w: Writer, at: number): void =>
  w.view.setUint16(at, w.at - at, LITTLE_ENDIAN);

/** Calls `visit` for each attribute in `[at, end)`, with its type and the bounds of its payload. */
export function eachTlv(
  view: DataView,
  at: number,
  end: number,
  visit: (type: number, body: number, stop: number) => void,
): void {
  while (end - at >= 4) {
    const length = view.getUint16(at, LITTLE_ENDIAN);
    if (length < 4 || at + length > end) throw new CodecError(`length ${length} at byte ${at}`);
    visit(view.getUint16(at + 2, LITTLE_ENDIAN) & TYPE_MASK, at + 4, at + length);
    at += (length + 3) & ~3;
  }
}

/** Text up to its NUL. */
export function textAt(view: DataView, at: number, stop: number): string {
  let end = at;
  while (end < stop && view.getUint8(end) !== 0) end++;
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + at, end - at);
  return new TextDecoder().decode(bytes);
}
