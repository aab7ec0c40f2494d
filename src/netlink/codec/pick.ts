/**
 * Readers of some attributes of a declared set or message. All others are skipped: name and state
 * of a link take a twentieth of the time of the complete message.
 */
import { checkedFunction } from './arguments.ts';
import { entriesOf, readOne, selects, type Entries } from './attribute-reader.ts';
import type { Attr, Attributes, AttributeSet, UnknownAttrs, Values } from './attributes.ts';
import { LITTLE_ENDIAN } from './bytes.ts';
import type { Codec } from './codec.ts';
import { compilation } from './compile.ts';
import { compileSet, type ReadOne, type ReadSet } from './compile-set.ts';
import { NLA_TYPE_MASK } from '../constants.ts';
import { CodecError } from '../../errors.ts';
import type { Message } from './message.ts';
import { eachAttribute } from './nlattr.ts';
import { headed } from './headed.ts';

/** A codec that only reads: a part cannot be written back as the message it was taken from. */
export type Reader<T> = Pick<Codec<T, never>, 'get'>;

/** A message with some of its attributes. */
export type Picked<T, K extends PropertyKey> = T extends { attrs: infer A }
  ? Omit<T, 'attrs'> & { attrs: Pick<A, K & keyof A> & UnknownAttrs }
  : never;

type AttributesOf<T> = T extends { attrs: infer A } ? A : never;

/**
 * Reads the header of a message and some of its attributes. Create it once: like a declaration, it
 * is compiled after repeated use.
 *
 * @throws CodecError for a key that the set does not declare
 *
 * @example
 * const reader = pick(link, ['ifname', 'operstate']);
 * for (const { attrs } of rt.dump(listLinks(), { reader })) console.log(attrs.ifname);
 */
export const pick = checkedFunction(
  'pick',
  'message: object, keys: array',
  <T, K extends keyof AttributesOf<T> & string>(
    { head, body }: Message<T, any>,
    keys: readonly K[],
  ): Reader<Picked<T, K>> =>
    headed(head, pickAttributes(body, keys) as Codec<any, any>) as Reader<any>,
);

/**
 * Reads some attributes of a set, and those that select the codec of one (`kind` for `data`).
 *
 * @throws CodecError for a key that the set does not declare
 */
export const pickAttributes = checkedFunction(
  'pickAttributes',
  'set: object, keys: array',
  <A extends Attributes, K extends keyof A & string>(
    { attributes, begin }: Pick<AttributeSet<any, any, A>, 'attributes' | 'begin'>,
    keys: readonly K[],
  ): Reader<Pick<Values<A>, K> & UnknownAttrs> => {
    const set = new PickedSet(attributes, keys);
    if (begin === undefined) return set as Reader<any>;
    return { get: (view, at, end) => set.get(view, begin(view, at, end), end) as any };
  },
);

class PickedSet implements Reader<Record<string, unknown>> {
  declare readonly attributes: Attributes;
  declare readonly entries: Entries;
  declare reads: number;
  declare reader: ReadSet | undefined;

  constructor(attributes: Attributes, keys: readonly string[]) {
    const picked: Record<string, Attr> = {};
    const take = (key: string): void => {
      if (!Object.hasOwn(attributes, key)) throw new CodecError(`there is no attribute "${key}"`);
      const { codec } = (picked[key] = attributes[key]!);
      if (selects(codec)) codec.by.filter((by) => !(by in picked)).forEach(take);
    };
    keys.forEach(take);
    this.attributes = picked;
    this.entries = entriesOf(picked);
    this.reads = 0;
    this.reader = undefined;
  }

  get(view: DataView, at: number, end: number): Record<string, unknown> {
    if (this.reader !== undefined) return this.reader(view, at, end);
    const { entries, attributes } = this;
    const read: ReadOne = (out, bytes, start, stop, last) => {
      const entry = entries.get(bytes.getUint16(start + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK);
      if (entry === undefined || (out[entry.key] !== undefined && !entry.many)) return;
      readOne(entries, attributes, out, bytes, start, stop, last);
    };
    if (++this.reads > compilation.after) this.reader = compileSet(entries, read, true);
    const out: Record<string, unknown> = {};
    eachAttribute(view, at, end, (start, stop) => read(out, view, start, stop, end));
    return out;
  }
}
