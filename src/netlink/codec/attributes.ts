/**
 * Attribute sets: type-length-value, `struct nlattr`, include/uapi/linux/netlink.h. Its byte layout
 * is in `nlattr.ts`.
 *
 * A set decodes to an object with one key per attribute, in the order of the bytes, and encodes in
 * the order of the keys. Nothing is lost: an unknown attribute becomes `nla<number>` with its
 * bytes, a repeated one `nla<number>.2`, and `nlaNotes` records any encoding that the value alone
 * does not show.
 */
import {
  decide,
  entriesOf,
  peek,
  readOne,
  readSet,
  selects,
  type Entries,
} from './attribute-reader.ts';
import { attributeOf, writeOne, writeSet } from './attribute-writer.ts';
import { align4, LITTLE_ENDIAN, type Writer } from './bytes.ts';
import { bytes, type Codec, type Visitor } from './codec.ts';
import { compilation } from './compile.ts';
import { compileSet, compileSetWriter, type ReadSet, type WriteSet } from './compile-set.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../constants.ts';
import { CodecError } from '../../errors.ts';
import { describe } from './given.ts';
import { eachAttribute } from './nlattr.ts';

/**
 * One attribute of a set: kernel name, number, codec and a line of documentation. Name and text are
 * in the type as well, because the declarations that are published show them in the editor
 * (scripts/name-declarations.ts).
 */
export interface Attr<T = any, I = any, N extends string = string, D extends string = string> {
  readonly name: N;
  readonly id: number;
  readonly codec: Codec<T, I>;
  readonly doc: D;
  /** Set if the attribute may be repeated; its value is an array. */
  readonly many?: true;
}

/** Declares an attribute: kernel name, number, codec and a line of documentation. */
export const attr = <T, I, const N extends string, const D extends string = ''>(
  name: N,
  id: number,
  codec: Codec<T, I>,
  doc: D = '' as D,
): Attr<T, I, N, D> => ({ name, id, codec, doc });

/** An attribute that is repeated, once per element of the value. */
export const manyAttr = <T, I, const N extends string, const D extends string = ''>(
  name: N,
  id: number,
  codec: Codec<T, I>,
  doc: D = '' as D,
): Attr<T[], readonly I[], N, D> => ({
  name,
  id,
  codec: codec as unknown as Codec<T[], readonly I[]>,
  doc,
  many: true,
});

export type Attributes = Readonly<Record<string, Attr>>;

/** The attributes that a set does not declare, as bytes, and notes on unusual encodings. */
export interface UnknownAttrs {
  [nla: `nla${number}`]: Uint8Array;
  /**
   * By key: the flag bits of the type if they are not the declared ones, or the encoding noted by
   * the codec.
   */
  nlaNotes?: Record<string, number | string>;
}
export interface UnknownAttrsIn {
  [nla: `nla${number}`]: Uint8Array | string | undefined;
  nlaNotes?: Record<string, number | string> | undefined;
}

export type Values<A> = {
  [K in keyof A]?: A[K] extends Attr<infer T, any> ? T : never;
} & UnknownAttrs;
export type ValuesIn<A> = {
  [K in keyof A]?: (A[K] extends Attr<any, infer I> ? I : never) | undefined;
} & UnknownAttrsIn;

export interface AttributeSet<T, I, A = Attributes> extends Codec<T, I> {
  readonly kind: 'attributes';
  readonly attributes: A;
  /** Where the attributes begin, if something else stands before them in `[at, end)`. */
  begin?(view: DataView, at: number, end: number): number;
  walk(view: DataView, at: number, end: number, visit: Visitor, depth?: number): void;
}

/** A codec selected by another attribute of the same set, see `by-kind.ts`. */
export interface Selected<T, I> extends Codec<T, I> {
  /** The keys of the attributes that select; the first with a known value decides. */
  readonly by: readonly string[];
  select(word: unknown, by: string): Codec<T, I> | undefined;
}

/** Declares a set. Keys are the kernel names without their prefix, in camel case. */
export const attrs = <const A extends Attributes>(
  attributes: A,
  type = 'attributes',
): AttributeSet<Values<A>, ValuesIn<A>, A> =>
  new SetCodec(attributes, type) as unknown as AttributeSet<Values<A>, ValuesIn<A>, A>;

class SetCodec implements AttributeSet<Record<string, unknown>, Record<string, unknown>> {
  declare readonly attributes: Attributes;
  declare readonly type: string;
  declare entries: Entries | undefined;
  declare reads: number;
  declare writes: number;
  declare reader: ReadSet | undefined;
  declare writer: WriteSet | undefined;

  constructor(attributes: Attributes, type: string) {
    this.attributes = attributes;
    this.type = type;
    this.entries = undefined;
    this.reads = 0;
    this.writes = 0;
    this.reader = undefined;
    this.writer = undefined;
  }

  get kind(): 'attributes' {
    return 'attributes';
  }

  get(view: DataView, at: number, end: number): Record<string, unknown> {
    if (this.reader !== undefined) return this.reader(view, at, end);
    const { attributes } = this;
    const entries = this.entries ?? (this.entries = entriesOf(attributes));
    if (++this.reads > compilation.after) {
      this.reader = compileSet(entries, (out, bytesView, start, stop, last) =>
        readOne(entries, attributes, out, bytesView, start, stop, last),
      );
    }
    return readSet(entries, attributes, view, at, end);
  }

  put(writer: Writer, value: Record<string, unknown>): void {
    if (typeof value !== 'object' || value === null) {
      throw new CodecError(`${describe(value)} is not a set of attributes`);
    }
    const { attributes } = this;
    if (this.writer !== undefined && value['nlaNotes'] === undefined) {
      return this.writer(writer, value);
    }
    if (++this.writes > compilation.after && this.writer === undefined) {
      this.writer = compileSetWriter(attributes, (into, key, given) =>
        writeOne(attributes, into, key, given),
      );
    }
    writeSet(attributes, writer, value);
  }

  show(value: Record<string, unknown>): string {
    return Object.keys(value)
      .filter((key) => key !== 'nlaNotes' && value[key] !== undefined)
      .map((key) => showAttribute(attributeOf(this.attributes, key), value[key], value))
      .join(' ');
  }

  walk(view: DataView, at: number, end: number, visit: Visitor, depth = 0): void {
    const { attributes } = this;
    const entries = this.entries ?? (this.entries = entriesOf(attributes));
    const seen = new Set<number>();
    let next = { id: -1, at: -1 };
    eachAttribute(view, at, end, (start, stop) => {
      const id = view.getUint16(start + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
      // As in reading: a repeated attribute, or the continuation of an interrupted list, is an
      // unknown attribute.
      const isNext = entries.get(id)?.many !== undefined && next.id === id && next.at === start;
      const again = seen.has(id) && !isNext;
      const entry = again ? undefined : entries.get(id);
      next = { id: entry === undefined ? -1 : id, at: start + align4(stop - start) };
      seen.add(id);
      const body = start + NLA_HDRLEN;
      const codec =
        entry !== undefined && selects(entry.codec)
          ? decide(entry.codec, (by) => peek(attributes[by], view, at, end))
          : entry?.codec;
      const part = { depth, at: start, body, end: stop };
      visit({ ...part, name: entry?.name ?? `nla${id}`, codec: codec ?? bytes });
      codec?.walk?.(view, body, stop, visit, depth + 1);
    });
  }
}

function showAttribute(
  { name, codec: declared, many }: Attr,
  value: unknown,
  given: Record<string, unknown>,
): string {
  const codec = (selects(declared) ? decide(declared, (by) => given[by]) : declared) ?? bytes;
  const items = many ? (value as unknown[]) : [value];
  return items
    .map((item) => {
      const text = codec.show(item);
      return codec.walk === undefined ? `${name}=${text}` : `${name}={${text}}`;
    })
    .join(' ');
}
