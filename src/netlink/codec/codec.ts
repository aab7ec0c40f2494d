/**
 * The codec of one value on the wire, and the plain ones: integers, text, flags, bytes.
 *
 * A codec is the only place that knows a value's bytes. Sets of attributes, structs and messages are
 * codecs made of codecs (`attributes.ts`, `struct.ts`, `message.ts`). Declaring one costs next to nothing: names, offsets
 * and readers are worked out when it is first used, because most of what a program loads it never uses.
 */
import * as lo from 'buffer-layout';
import { bytesOf, copyOf, fromHex, toHex, type Writer } from './bytes.ts';
import { CodecError } from '../../errors.ts';
import type { IntegerForm } from './integer.ts';

export {
  be16,
  be32,
  be64,
  counted,
  s16,
  s32,
  s64,
  s8,
  sbe32,
  u16,
  u32,
  u64,
  u8,
  uint,
  type BigInput,
} from './integer.ts';
export { bool32, bool8, mapped } from './mapped.ts';
export { noteForm, takeNote } from './note.ts';
export { cstr } from './text.ts';

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
  /** For values that are an integer of at most four bytes on the wire. */
  readonly integer?: IntegerForm;
  /** For values that are a bigint of eight bytes. */
  readonly big?: IntegerForm;
  /** With `integer`: the way from that integer to the value; without, the value is the integer. */
  map?(integer: number): T;
  /** With `map`: what it made of the integers up to 255 so far, where that never changes. */
  readonly known?: readonly (T | undefined)[];
  /** The way back. What comes out is still to be checked against the range. */
  number?(value: I): number;
  /** With `integer` and `notes`: the largest integer that is read without a note. */
  readonly quiet?: number;
  /** What a number counts, see `counted`. */
  readonly unit?: string | undefined;
}

/** Completes a fixed-size value: its codec checks the length, its struct field does not have to. */
export function scalar<T, I = T>(own: Omit<Scalar<T, I>, 'get' | 'put'>): Scalar<T, I> {
  return Object.assign(new Fixed<T, I>(), own) as Scalar<T, I>;
}

interface Fixed<T, I> extends Omit<Scalar<T, I>, 'get' | 'put'> {}
class Fixed<T, I> {
  get(view: DataView, at: number, end: number): T {
    if (end - at !== this.span) throw new CodecError(`${end - at} bytes, ${this.span} needed`);
    return this.read(view, at);
  }

  put(writer: Writer, value: I): void {
    const at = writer.reserve(this.span);
    this.write(writer.view, at, value);
  }
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
  get: (view, at, end) => copyOf(view, at, end),
  put(writer, value) {
    const raw = typeof value === 'string' ? hexInput(value) : value;
    if (!(raw instanceof Uint8Array)) throw new CodecError(`${String(raw)} is not bytes`);
    writer.append(raw);
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
    read: (view, at) => copyOf(view, at, at + span),
    write(view, at, value) {
      const raw = typeof value === 'string' ? hexInput(value) : value;
      if (raw.length !== span) throw new CodecError(`${raw.length} bytes, ${span} needed`);
      bytesOf(view, at, at + span).set(raw);
    },
    show: toHex,
  });
