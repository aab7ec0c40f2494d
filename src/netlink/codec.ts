/**
 * The codec of one value on the wire, and the plain ones: integers, text, flags, bytes.
 *
 * A codec is the only place that knows a value's bytes. Sets of attributes, structs and messages are
 * codecs made of codecs (`attributes.ts`, `struct.ts`, `message.ts`).
 */
import * as lo from 'buffer-layout';
import { bytesOf, fromHex, LITTLE_ENDIAN, toHex, Writer } from './bytes.ts';
import { CodecError } from './errors.ts';

/** How one kind of value is read, written and printed. `I` is what `put` accepts besides `T`. */
export interface Codec<T, I = T> {
  /** The word for it in documentation: `u32`, `ip address`, `struct rta_cacheinfo`. */
  readonly type: string;
  /** Reads the bytes `[at, end)`; never keeps a reference to them. */
  get(view: DataView, at: number, end: number): T;
  /** Appends the value. `note` is what `get` noted of these bytes, see `noteForm`. */
  put(writer: Writer, value: I, note?: string): void;
  /** One line of text. */
  show(value: T): string;
  /** Calls `visit` for each attribute inside, outermost first. Only sets have this. */
  walk?(view: DataView, at: number, end: number, visit: Visitor, depth: number): void;
  /** Bits of `nla_type` that go with the value: `NLA_F_NESTED` or none. */
  readonly flags?: number;
  /** `get` may call `noteForm`. */
  readonly notes?: boolean;
  /** The codecs that this one is made of, for those who read declarations: documentation, coverage. */
  inner?(): readonly Inner[];
}

/** A codec inside another one; `word` is the kind that chooses it, where one does. */
export interface Inner {
  readonly codec: Codec<any, any>;
  readonly word?: string;
}

export type Static<C> = C extends { get(view: DataView, at: number, end: number): infer T }
  ? T
  : never;
export type Input<C> = C extends { put(writer: Writer, value: infer I, note?: string): void }
  ? I
  : never;

/** An attribute met on a walk through bytes: header at `at`, payload in `[body, end)`. */
export interface Part {
  readonly depth: number;
  readonly at: number;
  readonly body: number;
  readonly end: number;
  /** Kernel name, or `nla<number>` for a stranger. */
  readonly name: string;
  /** The codec of the payload. */
  readonly codec: Codec<unknown>;
}
export type Visitor = (part: Part) => void;

/** A value of fixed size that may also be a field of a struct. `span` is its number of bytes. */
export interface Scalar<T, I = T> extends Codec<T, I> {
  readonly span: number;
  /** The value of a struct field that was left out when encoding. */
  readonly zero: T;
  layout(property: string): lo.Layout<unknown>;
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: I): void;
  /** For values that are an integer on the wire: the way from that integer to the value. */
  readonly map?: (integer: number) => T;
}

/**
 * The form of bytes that a value alone cannot tell (a string without its NUL, a truth value of 2).
 * A codec leaves it here while reading; the set around it stores it under `nlaNotes`, so that
 * encoding gives the same bytes again.
 */
let noted: string | undefined;
export function noteForm(form: string): void {
  noted = form;
}
/** Takes the note away. */
export function takeNote(): string | undefined {
  const note = noted;
  noted = undefined;
  return note;
}

/** Completes a fixed-size value: its codec checks the length, its struct field does not have to. */
export function scalar<T, I = T>(own: Omit<Scalar<T, I>, 'get' | 'put'>): Scalar<T, I> {
  const { span } = own;
  return {
    ...own,
    get(view, at, end) {
      if (end - at !== span) throw new CodecError(`${end - at} bytes, ${span} needed`);
      return own.read(view, at);
    },
    put(writer, value) {
      const at = writer.reserve(span);
      own.write(writer.view, at, value);
    },
  };
}

function integer(
  type: string,
  layout: (property?: string) => lo.Layout<number>,
  signed = false,
  little = LITTLE_ENDIAN,
): Scalar<number> {
  const { span } = layout();
  const [min, max] = signed
    ? [-(2 ** (8 * span - 1)), 2 ** (8 * span - 1) - 1]
    : [0, 2 ** (8 * span) - 1];
  const name = `${signed ? 'Int' : 'Uint'}${8 * span}` as 'Uint32';
  const getter = `get${name}` as const;
  const setter = `set${name}` as const;
  return scalar<number>({
    type,
    span,
    zero: 0,
    layout,
    read: (view, at) => view[getter](at, little),
    write(view, at, value) {
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new CodecError(`${describe(value)} is not a ${type}`);
      }
      view[setter](at, value, little);
    },
    show: String,
  });
}

const describe = (value: unknown): string =>
  typeof value === 'string' ? `"${value}"` : String(value);

const host = <L>(little: L, big: L): L => (LITTLE_ENDIAN ? little : big);

export const u8 = integer('u8', lo.u8);
export const u16 = integer('u16', host(lo.u16, lo.u16be));
export const u32 = integer('u32', host(lo.u32, lo.u32be));
export const s8 = integer('s8', lo.s8, true);
export const s16 = integer('s16', host(lo.s16, lo.s16be), true);
export const s32 = integer('s32', host(lo.s32, lo.s32be), true);
/** Integers in network order, whatever the host: ports, protocols, most of nf_tables. */
export const be16 = integer('be16', lo.u16be, false, false);
export const be32 = integer('be32', lo.u32be, false, false);
export const sbe32 = integer('signed be32', lo.s32be, true, false);

/** A 64-bit integer is a bigint; decimal text (from JSON) and plain numbers are accepted too. */
export type BigInput = bigint | number | string;

function bigInteger(type: string, signed: boolean, little: boolean): Scalar<bigint, BigInput> {
  return scalar<bigint, BigInput>({
    type,
    span: 8,
    zero: 0n,
    layout: (property) => lo.blob(8, property),
    read: (view, at) => (signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little)),
    write(view, at, value) {
      const big = toBig(type, value);
      if ((signed ? BigInt.asIntN(64, big) : BigInt.asUintN(64, big)) !== big) {
        throw new CodecError(`${value} is not a ${type}`);
      }
      view.setBigUint64(at, BigInt.asUintN(64, big), little);
    },
    show: String,
  });
}

function toBig(type: string, value: BigInput): bigint {
  try {
    return BigInt(value);
  } catch {
    throw new CodecError(`${describe(value)} is not a ${type}`);
  }
}

export const u64 = bigInteger('u64', false, LITTLE_ENDIAN);
export const s64 = bigInteger('s64', true, LITTLE_ENDIAN);
export const be64 = bigInteger('be64', false, false);

/** An integer in four or eight bytes: a number is sent in four while it fits, a bigint always in eight. */
export const uint: Codec<number | bigint, BigInput> = {
  type: 'u32 or u64',
  get(view, at, end) {
    if (end - at === 4) return u32.read(view, at);
    if (end - at === 8) return u64.read(view, at);
    throw new CodecError(`${end - at} bytes, 4 or 8 needed`);
  },
  put(writer, value) {
    if (typeof value === 'number' && value < 2 ** 32) u32.put(writer, value);
    else u64.put(writer, value);
  },
  show: String,
};

/** A truth value in a byte, as most of the kernel's switches are. Other numbers than 0 and 1 are true, and kept. */
export const bool8 = truth(u8);
/** A truth value in four bytes. */
export const bool32 = truth(u32);

function truth(base: Scalar<number>): Scalar<boolean> {
  return {
    ...base,
    type: `bool in ${base.type}`,
    notes: true,
    zero: false,
    get(view, at, end) {
      const value = base.get(view, at, end);
      if (value > 1) noteForm(String(value));
      return value !== 0;
    },
    put(writer, value, note) {
      base.put(writer, value ? Number(note ?? 1) : 0);
    },
    read: (view, at) => base.read(view, at) !== 0,
    write: (view, at, value) => base.write(view, at, value ? 1 : 0),
    map: (value) => value !== 0,
    show: (value) => (value ? 'on' : 'off'),
  };
}

/** An attribute without payload: present or not. */
export const flag: Codec<true, boolean> = {
  type: 'flag',
  get(_view, at, end) {
    if (end !== at) throw new CodecError(`${end - at} bytes, 0 needed`);
    return true;
  },
  put() {},
  show: () => 'set',
};

/** Bytes as they are. Hexadecimal text (from JSON) is accepted too. */
export const bytes: Codec<Uint8Array, Uint8Array | string> = {
  type: 'bytes',
  get: (view, at, end) => bytesOf(view, at, end).slice(),
  put(writer, value) {
    const raw = typeof value === 'string' ? hexInput(value) : value;
    const at = writer.reserve(raw.length);
    writer.bytes.set(raw, at);
  },
  show: toHex,
};

function hexInput(text: string): Uint8Array {
  try {
    return fromHex(text);
  } catch (error) {
    throw new CodecError((error as Error).message);
  }
}

/** A fixed number of bytes, inside a struct. */
export const blob = (span: number): Scalar<Uint8Array, Uint8Array | string> =>
  scalar<Uint8Array, Uint8Array | string>({
    type: `${span} bytes`,
    span,
    zero: new Uint8Array(span),
    layout: (property) => lo.blob(span, property),
    read: (view, at) => bytesOf(view, at, at + span).slice(),
    write(view, at, value) {
      const raw = typeof value === 'string' ? hexInput(value) : value;
      if (raw.length !== span) throw new CodecError(`${raw.length} bytes, ${span} needed`);
      bytesOf(view, at, at + span).set(raw);
    },
    show: toHex,
  });

const UNTERMINATED = 'unterminated';
const RAW = 'raw ';
const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/**
 * Text that ends with a NUL. Programs also send it without one, and the kernel may hold names that are not
 * UTF-8 (an interface name is any bytes but `/`, `:` and white space): both are noted and kept.
 */
export const cstr: Codec<string> = {
  type: 'string',
  notes: true,
  get(view, at, end) {
    let stop = at;
    while (stop < end && view.getUint8(stop) !== 0) stop++;
    const value = text(view, at, stop);
    if (stop === end) noteForm(UNTERMINATED);
    if ((stop !== end && stop !== end - 1) || value.includes('\ufffd')) {
      noteForm(RAW + toHex(bytesOf(view, at, end)));
    }
    return value;
  },
  put(writer, value, note) {
    if (typeof value !== 'string') throw new CodecError(`${describe(value)} is not text`);
    if (value.includes('\0')) throw new CodecError(`${JSON.stringify(value)} holds a NUL`);
    const raw = note?.startsWith(RAW) ? fromHex(note.slice(RAW.length)) : undefined;
    if (raw !== undefined && rawText(raw) === value) {
      const at = writer.reserve(raw.length);
      writer.bytes.set(raw, at);
      return;
    }
    const encoded = toUtf8.encode(value);
    const at = writer.reserve(encoded.length);
    writer.bytes.set(encoded, at);
    if (note !== UNTERMINATED) {
      const end = writer.reserve(1);
      writer.bytes[end] = 0;
    }
  },
  show: (value) => JSON.stringify(value),
};

function rawText(raw: Uint8Array): string {
  const stop = raw.indexOf(0);
  return utf8.decode(stop < 0 ? raw : raw.subarray(0, stop));
}

function text(view: DataView, at: number, end: number): string {
  if (end - at < 24) {
    // Names are short and ASCII: cheaper than a decoder call.
    let value = '';
    for (let i = at; i < end; i++) {
      const byte = view.getUint8(i);
      if (byte > 127) return utf8.decode(bytesOf(view, at, end));
      value += String.fromCharCode(byte);
    }
    return value;
  }
  return utf8.decode(bytesOf(view, at, end));
}
