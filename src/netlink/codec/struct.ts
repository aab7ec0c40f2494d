/**
 * C structs. buffer-layout computes offsets and size; the fields keep their kernel order and their
 * C names without the prefix.
 *
 * Structs only grow. Fields that a newer kernel added are declared as `later`; a value from an
 * older kernel lacks them. Bytes beyond the declared fields are kept in `rest`.
 */
import * as lo from 'buffer-layout';
import { copyOf, type Writer } from './bytes.ts';
import { bytes, type Codec, type Scalar } from './codec.ts';
import { compilation, compileStruct, compileStructWriter, type StructFields } from './compile.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import { describe } from './given.ts';

/** `any` stands for the value of an arbitrary codec; only the engine uses it. */
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
  /** The size in bytes that every kernel sends. */
  readonly span: number;
  /** For generated code. */
  readonly plan: StructFields;
  /** Reads exactly `span` bytes. */
  read(view: DataView, at: number): T;
  /** Writes at least `span` bytes; missing fields are zero. Other keys are ignored. */
  write(writer: Writer, value: I): void;
  /**
   * The same, but throws CodecError for a key that is not a field. The caller writes the value of
   * `but`.
   */
  writeAll(writer: Writer, value: I, but: string): void;
}

/**
 * Declares a C struct. A field whose name starts with `_` is padding: zero, and not part of the
 * value unless bytes that are not zero were read.
 *
 * @example
 * const fields = { family: u8, prefixlen: u8, flags: u8, scope: u8, index: u32 };
 * const ifaddrmsg = struct('ifaddrmsg', fields);
 */
export const struct = <const F extends Fields, const L extends Fields = Record<never, never>>(
  name: string,
  fields: F,
  later?: L,
): Struct<
  Out<F> & Partial<Out<L>> & Rest,
  In<F> & In<L> & { rest?: Uint8Array | string | undefined }
> => new StructCodec(name, fields, later) as Struct<any, any>;

type Values = Record<string, unknown>;
type Read = (view: DataView, at: number) => Values;
/** Returns the number of fields that were given. */
type Write = (writer: Writer, value: Values) => number;

/** What is worked out from a declaration at first use. */
interface Plan extends StructFields {
  readonly all: Fields;
  readonly layout: lo.Structure;
  /**
   * Indexed by the number of fields: one kernel always sends a struct in the same length, but
   * another may send another. `reads` and `writes` count uses until one is compiled.
   */
  readonly readers: (Read | undefined)[];
  readonly reads: number[];
  readonly writers: (Write | undefined)[];
  readonly writes: number[];
}

const isPadding = (key: string): boolean => key.charCodeAt(0) === 0x5f;

/** The size of the first `count` fields. */
const endOf = ({ codecs, offsets }: Plan, count: number): number =>
  count === 0 ? 0 : offsets[count - 1]! + codecs[count - 1]!.span;

class StructCodec implements Struct<unknown, unknown> {
  declare readonly name: string;
  declare readonly first: Fields;
  declare readonly later: Fields | undefined;
  declare made: Plan | undefined;

  constructor(name: string, first: Fields, later: Fields | undefined) {
    this.name = name;
    this.first = first;
    this.later = later;
    this.made = undefined;
  }

  get kind(): 'struct' {
    return 'struct';
  }

  get type(): string {
    return `struct ${this.name}`;
  }

  get plan(): StructFields {
    return planOf(this);
  }

  get layout(): lo.Structure {
    return planOf(this).layout;
  }

  get fields(): Fields {
    return planOf(this).all;
  }

  get span(): number {
    return planOf(this).span;
  }

  read(view: DataView, at: number): unknown {
    const plan = planOf(this);
    return readCount(plan, plan.required, view, at);
  }

  get(view: DataView, at: number, end: number): unknown {
    const plan = planOf(this);
    const length = end - at;
    if (length === plan.span) return readCount(plan, plan.required, view, at);
    if (length < plan.span) throw new CodecError(`${length} bytes, ${plan.span} needed`);
    let count = plan.required;
    while (count < plan.keys.length && endOf(plan, count + 1) <= length) count++;
    const value = readCount(plan, count, view, at);
    const known = endOf(plan, count);
    if (length > known) value['rest'] = copyOf(view, at + known, end);
    return value;
  }

  write(writer: Writer, value: unknown): void {
    writeFields(this, writer, value);
  }

  writeAll(writer: Writer, value: unknown, but: string): void {
    const written = writeFields(this, writer, value);
    const given = value as Values;
    const others = given[but] === undefined ? 0 : 1;
    // Counting keys takes a third of the time of looking each up.
    if (Object.keys(given).length !== written + others) refuseOthers(this, given, but);
  }

  put(writer: Writer, value: unknown): void {
    this.writeAll(writer, value, 'rest');
    const { rest } = value as { rest?: Uint8Array | string };
    if (rest !== undefined) bytes.put(writer, rest);
  }

  show(value: unknown): string {
    const { keys, all } = planOf(this);
    const given = value as Values;
    return keys
      .filter((key) => !isPadding(key) && given[key] !== undefined)
      .map((key) => `${key}=${all[key]!.show(given[key])}`)
      .join(' ');
  }
}

function writeFields(codec: StructCodec, writer: Writer, value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    throw new CodecError(`${describe(value)} is not a ${codec.type}`);
  }
  const plan = planOf(codec);
  const given = value as Values;
  const { keys, required, writers, writes } = plan;
  let count = keys.length;
  while (count > required && given[keys[count - 1]!] === undefined) count--;
  const compiled = writers[count];
  if (compiled !== undefined) return compiled(writer, given);
  const uses = (writes[count] = (writes[count] ?? 0) + 1);
  if (uses > compilation.after) {
    writers[count] = compileStructWriter(plan, count, endOf(plan, count));
  }
  return writePlain(plan, count, writer, given);
}

function refuseOthers(codec: StructCodec, value: Values, but: string): void {
  const { all } = planOf(codec);
  for (const key in value) {
    if (key !== but && value[key] !== undefined && !Object.hasOwn(all, key)) {
      throw new CodecError(`"${key}" is not a field of ${codec.type}`);
    }
  }
}

function planOf(codec: StructCodec): Plan {
  return codec.made ?? (codec.made = plan(codec.first, codec.later));
}

function plan(first: Fields, later: Fields | undefined): Plan {
  const all = later === undefined ? first : { ...first, ...later };
  const keys = Object.keys(all);
  const layout = lo.struct(keys.map((key) => all[key]!.layout(key)));
  const offsets: number[] = [];
  let offset = 0;
  for (const field of layout.fields) {
    offsets.push(offset);
    offset += field.span;
  }
  const required = later === undefined ? keys.length : Object.keys(first).length;
  return {
    all,
    keys,
    codecs: keys.map((key) => all[key]!),
    layout,
    offsets,
    required,
    span: offsets[required] ?? offset,
    readers: [],
    reads: [],
    writers: [],
    writes: [],
  };
}

function readCount(plan: Plan, count: number, view: DataView, at: number): Values {
  const { readers, reads } = plan;
  const compiled = readers[count];
  if (compiled !== undefined) return compiled(view, at);
  const uses = (reads[count] = (reads[count] ?? 0) + 1);
  if (uses > compilation.after)
    readers[count] = compileStruct(plan, count, (from, start) =>
      readPlain(plan, count, from, start),
    );
  return readPlain(plan, count, view, at);
}

function readPlain(
  { keys, codecs, offsets }: Plan,
  count: number,
  view: DataView,
  at: number,
): Values {
  const value: Values = {};
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    const field = codecs[i]!.read(view, at + offsets[i]!);
    // Padding is reported only if it is not zero.
    if (!isPadding(key) || !isZero(field)) value[key] = field;
  }
  return value;
}

const isZero = (field: unknown): boolean =>
  field instanceof Uint8Array ? field.every((byte) => byte === 0) : Number(field) === 0;

function writePlain(plan: Plan, count: number, writer: Writer, value: Values): number {
  const { keys, codecs, offsets } = plan;
  const at = writer.reserve(endOf(plan, count));
  let written = 0;
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    const codec = codecs[i]!;
    const field = value[key];
    if (field !== undefined) written++;
    try {
      codec.write(writer.view, at + offsets[i]!, field ?? codec.zero);
    } catch (error) {
      rethrowWithin(error, key);
    }
  }
  return written;
}
