/**
 * C structs. buffer-layout owns offsets and size; the fields keep their kernel order and their C names without the prefix.
 *
 * Structs only grow. Fields that a newer kernel added are declared as `later`; a value from an older kernel lacks
 * them. Bytes that nobody has declared yet are kept in `rest`.
 */
import * as lo from 'buffer-layout';
import { bytesOf, Writer } from './bytes.ts';
import { bytes, type Codec, type Scalar } from './codec.ts';
import { compilation, compileStruct } from './compile.ts';
import { CodecError, rethrowWithin } from './errors.ts';

/** Only the engine says `any`: here it stands for the value of whatever codec. */
export type Fields = Readonly<Record<string, Scalar<any, any>>>;

type Out<F> = {
  [K in keyof F as K extends `_${string}` ? never : K]: F[K] extends Scalar<infer T, any>
    ? T
    : never;
};
type In<F> = {
  [K in keyof F as K extends `_${string}` ? never : K]?:
    (F[K] extends Scalar<any, infer I> ? I : never) | undefined;
};
type Rest = { rest?: Uint8Array };

export interface Struct<T, I> extends Codec<T, I> {
  readonly kind: 'struct';
  /** The C name: `ifinfomsg`. */
  readonly name: string;
  /** Offsets of all fields, the later ones included. */
  readonly layout: lo.Structure;
  readonly fields: Fields;
  /** Bytes that every kernel sends. */
  readonly span: number;
  /** Reads exactly `span` bytes. */
  read(view: DataView, at: number): T;
  /** Writes `span` bytes at least; fields that are left out are zero. */
  write(writer: Writer, value: I): void;
}

/**
 * Declares a C struct. A field whose name starts with `_` is padding: zero when written, not part of the value.
 *
 * @example const ifaddrmsg = struct('ifaddrmsg', { family: u8, prefixlen: u8, flags: u8, scope: u8, index: u32 });
 */
export function struct<const F extends Fields, const L extends Fields = Record<never, never>>(
  name: string,
  fields: F,
  later?: L,
): Struct<
  Out<F> & Partial<Out<L>> & Rest,
  In<F> & In<L> & { rest?: Uint8Array | string | undefined }
> {
  type T = Out<F> & Partial<Out<L>> & Rest;
  type I = In<F> & In<L> & { rest?: Uint8Array | string | undefined };
  const all: Fields = { ...fields, ...later };
  const keys = Object.keys(all);
  const layout = lo.struct(keys.map((key) => all[key]!.layout(key)));
  const offsets = keys.map((key) => layout.offsetOf(key)!);
  const ends = keys.map((key, i) => offsets[i]! + all[key]!.span);
  const required = Object.keys(fields).length;
  const span = required === 0 ? 0 : ends[required - 1]!;
  const shown = keys.filter((key) => !key.startsWith('_'));

  const readPlain = (view: DataView, at: number, count: number): Record<string, unknown> => {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = keys[i]!;
      if (!key.startsWith('_')) value[key] = all[key]!.read(view, at + offsets[i]!);
    }
    return value;
  };
  // One reader for each length that is met: a kernel sends a struct in one length, though not the same as the next kernel.
  type Read = (view: DataView, at: number) => T;
  const readers: Read[] = [];
  const readerOf = (count: number): Read => (readers[count] ??= firstReader(count));
  const firstReader = (count: number): Read => {
    let reads = 0;
    return (view, at) => {
      if (++reads > compilation.after) {
        const compiled = compileStruct<T>(layout, all, keys.slice(0, count));
        if (compiled !== undefined) readers[count] = compiled;
      }
      return readPlain(view, at, count) as T;
    };
  };

  const write = (writer: Writer, value: I): void => {
    const given = value as Record<string, unknown>;
    let count = keys.length;
    while (count > required && given[keys[count - 1]!] === undefined) count--;
    const at = writer.reserve(count === 0 ? 0 : ends[count - 1]!);
    for (let i = 0; i < count; i++) {
      const key = keys[i]!;
      const field = all[key]!;
      try {
        field.write(writer.view, at + offsets[i]!, given[key] ?? field.zero);
      } catch (error) {
        rethrowWithin(error, key);
      }
    }
  };

  return {
    kind: 'struct',
    type: `struct ${name}`,
    name,
    layout,
    fields: all,
    span,
    read: (view, at) => readerOf(required)(view, at),
    write,
    get(view, at, end) {
      const length = end - at;
      if (length === span) return readerOf(required)(view, at);
      if (length < span) throw new CodecError(`${length} bytes, ${span} needed`);
      let count = required;
      while (count < keys.length && ends[count]! <= length) count++;
      const value = readerOf(count)(view, at) as Record<string, unknown>;
      const known = count === 0 ? 0 : ends[count - 1]!;
      if (length > known) value['rest'] = bytesOf(view, at + known, end).slice();
      return value as T;
    },
    put(writer, value) {
      write(writer, value);
      const { rest } = value as { rest?: Uint8Array | string };
      if (rest !== undefined) bytes.put(writer, rest);
    },
    show(value) {
      const given = value as Record<string, unknown>;
      return shown
        .filter((key) => given[key] !== undefined)
        .map((key) => `${key}=${all[key]!.show(given[key])}`)
        .join(' ');
    },
  };
}
