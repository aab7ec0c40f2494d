/**
 * Text that ends with a NUL.
 *
 * Programs also send it without one, and the kernel may hold names that are not UTF-8 (an interface name is any bytes but
 * `/`, `:` and white space): both are noted and kept.
 */
import { bytesOf, fromHex, toHex, type Writer } from './bytes.ts';
import type { Codec } from './codec.ts';
import { CodecError } from './errors.ts';
import { describe } from './integer.ts';
import { noteForm } from './note.ts';

const UNTERMINATED = 'unterminated';
const RAW = 'raw ';
const REPLACEMENT = '\ufffd';
/** Bytes that are read one by one. */
const SHORT = 24;

export const cstr: Codec<string> = {
  type: 'string',
  notes: true,
  get(view, at, end) {
    // Names are short and ASCII: cheaper than a decoder call.
    let value = '';
    const last = Math.min(end, at + SHORT);
    for (let i = at; i < last; i++) {
      const byte = view.getUint8(i);
      if (byte > 127) break;
      if (byte === 0) {
        if (i !== end - 1) noteForm(RAW + toHex(bytesOf(view, at, end)));
        return value;
      }
      value += String.fromCharCode(byte);
    }
    return anyText(view, at, end);
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
  show: (value) => JSON.stringify(value),
};

function putText(writer: Writer, value: string): void {
  const { length } = value;
  const at = writer.reserve(length);
  const { bytes } = writer;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit === 0) throw new CodecError(`${JSON.stringify(value)} holds a NUL`);
    if (unit > 127) {
      if (value.includes('\0')) throw new CodecError(`${JSON.stringify(value)} holds a NUL`);
      writer.at = at;
      writer.append((encoder ??= new TextEncoder()).encode(value));
      return;
    }
    bytes[at + i] = unit;
  }
}

let decoder: InstanceType<typeof TextDecoder> | undefined;
let encoder: InstanceType<typeof TextEncoder> | undefined;

const decode = (bytes: Uint8Array): string => (decoder ??= new TextDecoder()).decode(bytes);

function rawText(raw: Uint8Array): string {
  const stop = raw.indexOf(0);
  return decode(stop < 0 ? raw : raw.subarray(0, stop));
}

function anyText(view: DataView, at: number, end: number): string {
  const bytes = bytesOf(view, at, end);
  const stop = bytes.indexOf(0);
  const value = rawText(bytes);
  if (stop < 0) noteForm(UNTERMINATED);
  if ((stop >= 0 && stop !== bytes.length - 1) || value.includes(REPLACEMENT)) {
    noteForm(RAW + toHex(bytes));
  }
  return value;
}
