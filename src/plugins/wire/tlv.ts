/**
 * Attributes written and read by hand: what the messages of ADD and DEL consist of.
 *
 * Everything here stands in src/netlink in a general form. A plugin's process sends ten messages and ends, all of them cold: there the
 * declarations and the code that walks them cost more than the kernel's whole work. So the few messages of ADD and DEL are
 * written out; test/plugins/wire.test.ts holds each of them to its declaration, byte by byte.
 */
import { parseIpv4, parseIpv6 } from '../../ip.ts';
import { LITTLE_ENDIAN, type Writer } from '../../netlink/codec/bytes.ts';
import { CodecError } from '../../errors.ts';

const TYPE_MASK = 0x3fff;

/** Room for a struct of so many bytes, which are zero; returns where it begins. */
export function putStruct(w: Writer, length: number): number {
  const at = w.reserve(length);
  w.bytes.fill(0, at, w.at);
  return at;
}

/** The header of an attribute with so many bytes behind it, which are zero; returns where they begin. */
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

export function putU8(w: Writer, type: number, value: number): void {
  const at = open(w, type, 1);
  w.bytes[at] = value;
}

export function putU16(w: Writer, type: number, value: number): void {
  const at = open(w, type, 2);
  w.view.setUint16(at, value, LITTLE_ENDIAN);
}

export function putU32(w: Writer, type: number, value: number): void {
  const at = open(w, type, 4);
  w.view.setUint32(at, value, LITTLE_ENDIAN);
}

/** In network order, as nf_tables has all its numbers. */
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

/** `02:00:5e:00:53:01` */
export function putMac(w: Writer, type: number, value: string): void {
  const at = open(w, type, 6);
  for (let i = 0; i < 6; i++) w.bytes[at + i] = parseInt(value.slice(3 * i, 3 * i + 2), 16);
}

/** `long`: of IPv6. The family of a message is that of all its addresses. */
export function putAddress(
  w: Writer,
  type: number,
  value: string,
  long = value.includes(':'),
): void {
  const at = open(w, type, long ? 16 : 4);
  if (!(long ? parseIpv6 : parseIpv4)(value, w.view, at)) {
    throw new CodecError(`"${value}" is not an IPv${long ? 6 : 4} address`);
  }
}

/** An attribute that holds what `inner` writes; without `NLA_F_NESTED`, as iproute2 writes links. */
export function putNest(w: Writer, type: number, inner: () => void): void {
  const at = beginNest(w, type);
  inner();
  endNest(w, at);
}

/** The same in two halves: what is written between them is inside. */
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

export const u8At = (view: DataView, at: number): number => view.getUint8(at);
export const s32At = (view: DataView, at: number): number => view.getInt32(at, LITTLE_ENDIAN);
export const u32At = (view: DataView, at: number): number => view.getUint32(at, LITTLE_ENDIAN);

/** Text up to its NUL. */
export function textAt(view: DataView, at: number, stop: number): string {
  let end = at;
  while (end < stop && view.getUint8(end) !== 0) end++;
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + at, end - at);
  return new TextDecoder().decode(bytes);
}

export function macAt(view: DataView, at: number, stop: number): string {
  let text = '';
  for (; at < stop; at++) {
    const byte = view.getUint8(at);
    text += `${text === '' ? '' : ':'}${byte < 16 ? '0' : ''}${byte.toString(16)}`;
  }
  return text;
}

/** The bits of a mask by name, in the order of `bits`; others are left out. */
export function wordsOf<N extends string>(bits: Readonly<Record<N, number>>, mask: number): N[] {
  const words: N[] = [];
  for (const word in bits) if ((mask & bits[word]) !== 0) words.push(word);
  return words;
}

export function maskOf<N extends string>(
  bits: Readonly<Record<N, number>>,
  words: readonly N[] = [],
): number {
  let mask = 0;
  for (const word of words) mask |= bits[word];
  return mask;
}
