/**
 * Writes a set of attributes by its declaration, in the order of the value's keys. `compile-set.ts`
 * generates a fast writer with the same results.
 */
import type { Attr, Attributes } from './attributes.ts';
import { decide, selects } from './attribute-reader.ts';
import type { Writer } from './bytes.ts';
import { bytes, type Codec } from './codec.ts';
import { NLA_HDRLEN } from '../constants.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import { checkList } from './given.ts';
import { flagsNoted, formNoted, paddingNoted, unknownId, type Notes } from './nla-notes.ts';
import { endAttribute, endOddly } from './nlattr.ts';

/** The attribute of a key, `nla<number>` included. */
export function attributeOf(attributes: Attributes, key: string): Attr {
  if (Object.hasOwn(attributes, key)) return attributes[key]!;
  const id = unknownId(key);
  if (id === undefined) throw new CodecError(`"${key}" is not an attribute of this set`);
  return { name: key, id, codec: bytes, doc: '' };
}

export function writeSet(
  attributes: Attributes,
  writer: Writer,
  given: Record<string, unknown>,
): void {
  for (const key in given) writeOne(attributes, writer, key, given);
}

/** Writes the attribute of one key, in whatever form it is given. */
export function writeOne(
  attributes: Attributes,
  writer: Writer,
  key: string,
  given: Record<string, unknown>,
): void {
  const value = given[key];
  if (value === undefined || key === 'nlaNotes') return;
  const attribute = attributeOf(attributes, key);
  try {
    put(writer, key, attribute, value, given);
  } catch (error) {
    rethrowWithin(error, attribute.name);
  }
}

function put(
  writer: Writer,
  key: string,
  { id, codec: declared, many }: Attr,
  value: unknown,
  given: Record<string, unknown>,
): void {
  let codec: Codec<unknown> | undefined = declared;
  if (selects(codec)) {
    const [first = ''] = codec.by;
    codec = decide(codec, (by) => given[by]);
    if (codec === undefined) {
      throw new CodecError(`no set is declared for ${first} "${given[first]}"`);
    }
  }
  if (value === false && codec.type === 'flag') return;
  const notes = given['nlaNotes'] as Notes | undefined;
  const word = id | (declared.flags ?? 0);
  if (!many) return putItem(writer, id, word, codec, value, notes, key);
  checkList(value);
  (value as unknown[]).forEach((item, i) =>
    putItem(writer, id, word, codec, item, notes, `${key}.${i}`),
  );
}

function putItem(
  writer: Writer,
  id: number,
  word: number,
  codec: Codec<unknown>,
  value: unknown,
  notes: Notes | undefined,
  key: string,
): void {
  const noted = notes?.[key];
  const at = writer.reserve(NLA_HDRLEN);
  codec.put(writer, value, formNoted(noted));
  const flags = flagsNoted(noted);
  const type = flags === undefined ? word : id | flags;
  const padding = paddingNoted(notes, key);
  if (padding === undefined) endAttribute(writer, at, type);
  else endOddly(writer, at, type, padding);
}
