/**
 * User data: bytes that the kernel stores without reading them. `nft` writes entries with a
 * one-byte type and length there: comments, and hints for printing a set as it was written.
 *
 *     | 1 byte: type | 1 byte: length | value |   one after the other
 *
 * libnftnl, include/libnftnl/udata.h. Other programs may use another form, which is kept as `raw`.
 */
import { bytesOf, fromHex, toHex } from '../../netlink/codec/bytes.ts';
import type { Codec } from '../../netlink/codec/codec.ts';
import { CodecError } from '../../errors.ts';
import { jsonText } from '../../printable.ts';

/**
 * By key; `udata<type>` is a type without a key. Numbers are 32 bits in host order, as nft writes
 * them.
 */
export interface Userdata {
  comment?: string;
  keyByteorder?: number;
  dataByteorder?: number;
  mergeElements?: number;
  dataInterval?: number;
  flags?: number;
  [udata: `udata${number}`]: Uint8Array;
  raw?: Uint8Array;
}
export type UserdataInput = {
  [K in keyof Userdata]?:
    Userdata[K] | (Userdata[K] extends number | string | undefined ? never : string);
};

type Field = readonly [key: keyof Userdata & string, kind: 'text' | 'u32'];

/** `enum nftnl_udata_rule_types`, and the same numbers for tables, chains and objects. */
export const commentUserdata = userdata('user data with a comment', { 0: ['comment', 'text'] });
/** `enum nftnl_udata_set_types`. */
export const setUserdata = userdata('user data of a set', {
  0: ['keyByteorder', 'u32'],
  1: ['dataByteorder', 'u32'],
  2: ['mergeElements', 'u32'],
  6: ['dataInterval', 'u32'],
  7: ['comment', 'text'],
});
/** `enum nftnl_udata_set_elem_types`. */
export const elementUserdata = userdata('user data of an element', {
  0: ['comment', 'text'],
  1: ['flags', 'u32'],
});

let utf8: InstanceType<typeof TextDecoder> | undefined;
let toUtf8: InstanceType<typeof TextEncoder> | undefined;
const UNKNOWN = /^udata(\d+)$/;

function userdata(
  type: string,
  fields: Readonly<Record<number, Field>>,
): Codec<Userdata, UserdataInput> {
  const fieldOf = (key: string): { number: number; kind: Field[1] } | undefined => {
    for (const number in fields) {
      const field = fields[number]!;
      if (field[0] === key) return { number: Number(number), kind: field[1] };
    }
    return undefined;
  };
  const bytesFor = (key: string, value: unknown): { number: number; bytes: Uint8Array } => {
    const field = fieldOf(key);
    const unknown = field === undefined ? UNKNOWN.exec(key) : null;
    if (unknown !== null) return { number: Number(unknown[1]), bytes: rawBytes(value) };
    if (field === undefined) throw new CodecError(`"${key}" is not a key of this user data`);
    if (field.kind === 'text')
      return {
        number: field.number,
        bytes: (toUtf8 ??= new TextEncoder()).encode(`${String(value)}\0`),
      };
    return { number: field.number, bytes: new Uint8Array(Uint32Array.of(Number(value)).buffer) };
  };
  return {
    type,
    get(view, at, end) {
      const value: Record<string, unknown> & Userdata = {};
      let next = at;
      while (next < end) {
        const stop = next + 2 + (next + 1 < end ? view.getUint8(next + 1) : Infinity);
        if (stop > end) return { raw: bytesOf(view, at, end).slice() };
        const number = view.getUint8(next);
        const [key, item] = read(fields[number], number, bytesOf(view, next + 2, stop));
        if (value[key] !== undefined) return { raw: bytesOf(view, at, end).slice() };
        value[key] = item;
        next = stop;
      }
      return value;
    },
    put(writer, value) {
      for (const [key, item] of Object.entries(value)) {
        if (item === undefined) continue;
        const { number, bytes } =
          key === 'raw' ? { number: -1, bytes: rawBytes(item) } : bytesFor(key, item);
        if (number >= 0) {
          if (bytes.length > 255)
            throw new CodecError(`${key}: ${bytes.length} bytes, 255 at most`);
          const head = writer.reserve(2);
          writer.bytes[head] = number;
          writer.bytes[head + 1] = bytes.length;
        }
        const at = writer.reserve(bytes.length);
        writer.bytes.set(bytes, at);
      }
    },
    show: (value) =>
      Object.entries(value)
        .map(([key, item]) => `${key}=${item instanceof Uint8Array ? toHex(item) : jsonText(item)}`)
        .join(' '),
  };
}

/** The key and value of one entry; under its type if the bytes do not fit the key. */
function read(field: Field | undefined, number: number, bytes: Uint8Array): [string, unknown] {
  if (field?.[1] === 'u32' && bytes.length === 4) {
    return [field[0], new Uint32Array(bytes.slice().buffer)[0]];
  }
  if (field?.[1] === 'text' && bytes.length > 0 && bytes.indexOf(0) === bytes.length - 1) {
    try {
      utf8 ??= new TextDecoder('utf-8', { fatal: true });
      return [field[0], utf8.decode(bytes.subarray(0, -1))];
    } catch {
      // Not UTF-8: kept as bytes.
    }
  }
  return [`udata${number}`, bytes.slice()];
}

function rawBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  try {
    return fromHex(String(value));
  } catch (error) {
    throw new CodecError((error as Error).message);
  }
}
