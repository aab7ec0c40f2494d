/** Values of parameters and reports, whose types stand beside them. */
import { viewOf, Writer } from '../netlink/codec/bytes.ts';
import { cstr, u16, u32, u64, u8, type Codec } from '../netlink/codec/codec.ts';
import { CodecError } from '../errors.ts';
import { describe } from '../netlink/codec/given.ts';

/** A value: a flag is a boolean, a number of 64 bits a bigint. */
export type DevlinkValue = number | bigint | string | boolean | Uint8Array;

const CODECS: Readonly<Record<string, Codec<any, any>>> = {
  u8,
  u16,
  u32,
  u64,
  string: cstr,
  nul_string: cstr,
};

/**
 * The value of these bytes. A parameter that is off has none, a flag of a report is one byte. A
 * type that is not known stays bytes.
 */
export function valueOf(type: string | number, data: Uint8Array | undefined): DevlinkValue {
  if (type === 'flag') return data !== undefined && data[0] !== 0;
  const codec = CODECS[type];
  const given = data ?? new Uint8Array();
  return codec === undefined ? given : codec.get(viewOf(given), 0, given.length);
}

/** The bytes of a value of a type; undefined for a flag that is off. */
export function bytesOfValue(type: string | number, value: unknown): Uint8Array | undefined {
  if (type === 'flag') {
    if (typeof value !== 'boolean') throw new CodecError(`${describe(value)} is not a boolean`);
    return value ? new Uint8Array() : undefined;
  }
  const codec = CODECS[type];
  if (codec === undefined) {
    if (value instanceof Uint8Array) return value;
    throw new CodecError(`${describe(value)} is not bytes, and the type is ${type}`);
  }
  const writer = new Writer(64);
  codec.put(writer, value);
  return writer.finish();
}
