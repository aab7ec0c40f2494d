/**
 * The codec of one value on the wire, and the basic ones: integers, text, flags, bytes.
 *
 * A codec is the only place that knows a value's bytes. Attribute sets, structs and messages are
 * codecs made of codecs (`attributes.ts`, `struct.ts`, `message.ts`). Declaring one is cheap:
 * names, offsets and readers are worked out at first use, because a program uses few of the
 * declarations that it loads.
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
  le16,
  le32,
  le64,
  s16,
  s32,
  s64,
  s8,
  sbe16,
  sbe32,
  sbe64,
  sint,
  u16,
  u32,
  u64,
  u8,
  uint,
  type BigInput,
} from './integer.ts';
export { bool32, bool8, mapped } from './mapped.ts';
export { cstr } from './text.ts';

/** How one type of value is read, written and printed. `I` is what `put` accepts besides `T`. */
export interface Codec<T, I = T> {
  /** Its name in the documentation: `u32`, `ip address`, `struct rta_cacheinfo`. */
  readonly type: string;
  /** Reads the bytes `[at, end)` and keeps no reference to them. */
  get(view: DataView, at: number, end: number, remark?: Remark): T;
  /** Appends the value. `note` is the form that `get` remarked on for these bytes. */
  put(writer: Writer, value: I, note?: string): void;
  /** The value as one line of text. */
  show(value: T): string;
  /**
   * Calls `visit` for each attribute inside, outermost first. Only codecs that contain attributes
   * have it.
   */
  walk?(view: DataView, at: number, end: number, visit: Visitor, depth: number): void;
  /** The flag bits of `nla_type` that go with the value: `NLA_F_NESTED` or none. */
  readonly flags?: number;
  /** Set if `get` may remark on a form. */
  readonly notes?: boolean;
  /**
   * The codecs that this one is made of, for tools that read declarations: documentation, coverage.
   */
  inner?(): readonly Inner[];
}

/**
 * Where `get` leaves the form of an encoding that the value does not show: a string without its
 * NUL, a boolean of 2. The enclosing set keeps it under `nlaNotes` and gives it to `put`, so that
 * encoding yields the same bytes. A reader outside of a set passes none, and loses the form.
 */
export interface Remark {
  form?: string | undefined;
}

/** A codec inside another one; `word` is the kind that selects it, if there is one. */
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

/** An attribute found by `walk`: header at `at`, payload in `[body, end)`. */
export interface Part {
  readonly depth: number;
  readonly at: number;
  readonly body: number;
  readonly end: number;
  /** The kernel name, or `nla<number>` for an unknown attribute. */
  readonly name: string;
  /** The codec of the payload. */
  readonly codec: Codec<unknown>;
}
export type Visitor = (part: Part) => void;

/** A value of fixed size, which may also be a struct field. `span` is its size in bytes. */
export interface Scalar<T, I = T> extends Codec<T, I> {
  readonly span: number;
  /** The value of a struct field that was left out. */
  readonly zero: T;
  layout(property: string): lo.Layout<unknown>;
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: I): void;
  /** Set if the value is an integer of at most four bytes on the wire. */
  readonly integer?: IntegerForm;
  /** Set if the value is a bigint of eight bytes. */
  readonly big?: IntegerForm;
  /** With `integer`: converts the integer to the value. Without `map`, the value is the integer. */
  map?(integer: number): T;
  /** With `map`: its cached results for integers up to 255, if they never change. */
  readonly known?: readonly (T | undefined)[];
  /** The inverse of `map`. The range of the result is still to be checked. */
  number?(value: I): number;
  /** With `integer` and `notes`: the largest integer that is read without a note. */
  readonly quiet?: number;
  /** The unit of a number, see `counted`. */
  readonly unit?: string | undefined;
}

/** Completes a codec of fixed size: `get` checks the length, a struct field does not have to. */
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

/** An attribute without payload: present or absent. */
export const flag: Codec<true, boolean> = {
  type: 'flag',
  get(_view, at, end) {
    if (end !== at) throw new CodecError(`${end - at} bytes, 0 needed`);
    return true;
  },
  put() {},
  show: () => 'set',
};

/** Raw bytes. Hexadecimal text (from JSON) is accepted too. */
export const bytes: Codec<Uint8Array, Uint8Array | string> = {
  type: 'bytes',
  get: (view, at, end) => copyOf(view, at, end),
  put(writer, value) {
    const raw = typeof value === 'string' ? fromHex(value) : value;
    if (!(raw instanceof Uint8Array)) throw new CodecError(`${String(raw)} is not bytes`);
    writer.append(raw);
  },
  show: toHex,
};

/** A fixed number of bytes in a struct. */
export function blob(span: number): Scalar<Uint8Array, Uint8Array | string> {
  // An attribute has no room for more.
  if (!Number.isInteger(span) || span < 0 || span > 0xffff) {
    throw new CodecError('blob: span must be a number of bytes, 65,535 at most');
  }
  return scalar<Uint8Array, Uint8Array | string>({
    type: `${span} bytes`,
    span,
    zero: new Uint8Array(span),
    layout: (property) => lo.blob(span, property),
    read: (view, at) => copyOf(view, at, at + span),
    write(view, at, value) {
      const raw = typeof value === 'string' ? fromHex(value) : value;
      if (raw.length !== span) throw new CodecError(`${raw.length} bytes, ${span} needed`);
      bytesOf(view, at, at + span).set(raw);
    },
    show: toHex,
  });
}
