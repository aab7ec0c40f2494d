/**
 * Text that ends with a NUL.
 *
 * Programs also send it without one, which is noted and preserved. Names in the kernel need not be
 * UTF-8 (an interface name is any bytes except `/`, `:` and white space). Such bytes are
 * represented in the text so that they can be recovered: a name from a dump also finds its link.
 */
import { bytesOf, fromHex, toHex, type Writer } from './bytes.ts';
import type { Codec, Remark } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { describe } from './given.ts';
import { jsonText } from '../../printable.ts';

const UNTERMINATED = 'unterminated';
const RAW = 'raw ';
/** The number of bytes that are read one by one. */
const SHORT = 24;

export const cstr: Codec<string> = {
  type: 'string',
  notes: true,
  get(view, at, end, remark) {
    // Names are short and ASCII, for which this is cheaper than a decoder call.
    let value = '';
    const last = Math.min(end, at + SHORT);
    for (let i = at; i < last; i++) {
      const byte = view.getUint8(i);
      if (byte > 127) break;
      if (byte === 0) {
        if (i !== end - 1 && remark) remark.form = RAW + toHex(bytesOf(view, at, end));
        return value;
      }
      value += String.fromCharCode(byte);
    }
    return anyText(view, at, end, remark);
  },
  put(writer, value, note) {
    if (typeof value !== 'string') throw new CodecError(`${describe(value)} is not text`);
    if (note?.startsWith(RAW)) {
      const raw = fromHex(note.slice(RAW.length));
      if (rawText(raw) === value) {
        writer.append(raw);
        return;
      }
    }
    putText(writer, value);
    if (note !== UNTERMINATED) {
      const end = writer.reserve(1);
      writer.bytes[end] = 0;
    }
  },
  show: (value) => jsonText(value),
};

function putText(writer: Writer, value: string): void {
  const { length } = value;
  const at = writer.reserve(length);
  const { bytes } = writer;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit === 0) throw new CodecError(`${jsonText(value)} contains a NUL`);
    if (unit > 127) {
      if (value.includes('\0')) throw new CodecError(`${jsonText(value)} contains a NUL`);
      writer.at = at;
      writer.append(textBytes(value));
      return;
    }
    bytes[at + i] = unit;
  }
}

let decoder: InstanceType<typeof TextDecoder> | undefined;
let encoder: InstanceType<typeof TextEncoder> | undefined;

const decode = (bytes: Uint8Array): string =>
  (decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })).decode(bytes);

/**
 * A byte that is not UTF-8 becomes an unpaired surrogate, which valid UTF-8 never yields: U+DC80
 * for 0x80.
 */
const BYTE = 0xdc00;
const isByte = (unit: number): boolean => unit >= 0xdc80 && unit <= 0xdcff;

/** Any bytes as text, from which `textBytes` recovers the same bytes. */
export function bytesText(bytes: Uint8Array): string {
  try {
    return decode(bytes);
  } catch {
    return piecewise(bytes);
  }
}

const LONGEST = 4;

function piecewise(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    let length = 1;
    let piece: string | undefined;
    for (; piece === undefined && length <= LONGEST; length++) {
      try {
        piece = decode(bytes.subarray(at, at + length));
      } catch {
        // Not a character of that length.
      }
    }
    text += piece ?? String.fromCharCode(BYTE | bytes[at]!);
    at += piece === undefined ? 1 : length - 1;
  }
  return text;
}

/**
 * The bytes of a text. Throws CodecError for an unpaired surrogate that does not stand for a byte.
 */
export function textBytes(text: string): Uint8Array {
  encoder ??= new TextEncoder();
  if (!/[\ud800-\udfff]/u.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (isByte(point)) bytes.push(point & 0xff);
    else if (point >= 0xd800 && point <= 0xdfff) {
      throw new CodecError(`${jsonText(text)} contains an unpaired surrogate`);
    } else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

function rawText(raw: Uint8Array): string {
  const stop = raw.indexOf(0);
  return bytesText(stop < 0 ? raw : raw.subarray(0, stop));
}

function anyText(view: DataView, at: number, end: number, remark: Remark = {}): string {
  const bytes = bytesOf(view, at, end);
  const stop = bytes.indexOf(0);
  if (stop < 0) remark.form = UNTERMINATED;
  else if (stop !== bytes.length - 1) remark.form = RAW + toHex(bytes);
  return rawText(bytes);
}
