/**
 * Reads a set of attributes by its declaration. This is the reference; `compile-set.ts` generates a
 * fast reader with the same results.
 */
import { align4, LITTLE_ENDIAN } from './bytes.ts';
import type { Attr, Attributes, Selected } from './attributes.ts';
import type { Codec, Remark } from './codec.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../constants.ts';
import { rethrowWithin } from '../../errors.ts';
import { keepUnknown, note, notePadding, settle } from './nla-notes.ts';
import { eachAttribute, isOddlyPadded } from './nlattr.ts';

/** An attribute with its key and the flag bits of its type. */
export type Entry = Attr & { readonly key: string; readonly flags: number };

/** The attributes of a set by number. */
export type Entries = ReadonlyMap<number, Entry>;

export function entriesOf(attributes: Attributes): Entries {
  const entries = new Map<number, Entry>();
  for (const key in attributes) {
    const { name, id, codec, doc, many } = attributes[key]!;
    const flags = codec.flags ?? 0;
    entries.set(id, { key, name, id, codec, doc, flags, ...(many === true ? { many } : {}) });
  }
  return entries;
}

export const selects = (codec: Codec<unknown>): codec is Selected<unknown, unknown> =>
  'select' in codec;

/** The codec selected by other attributes of the set. */
export function decide(
  codec: Selected<unknown, unknown>,
  wordOf: (key: string) => unknown,
): Codec<unknown> | undefined {
  for (const by of codec.by) {
    const found = codec.select(wordOf(by), by);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Reads all attributes in `[at, end)`. */
export function readSet(
  entries: Entries,
  attributes: Attributes,
  view: DataView,
  at: number,
  end: number,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  eachAttribute(view, at, end, (start, stop) =>
    readOne(entries, attributes, out, view, start, stop, end),
  );
  return out;
}

/** Reads the attribute whose header is at `at`, in whatever form it has. */
export function readOne(
  entries: Entries,
  attributes: Attributes,
  out: Record<string, unknown>,
  view: DataView,
  at: number,
  stop: number,
  end: number,
): void {
  const key = readAttribute(entries, attributes, out, view, at, stop, end);
  if (isOddlyPadded(view, at, stop, end)) {
    notePadding(out, key, view, stop, Math.min(at + align4(stop - at), end));
  }
}

/**
 * Where the last element of a repeated attribute ended: an element that follows anything else is
 * out of order.
 */
let run: { readonly out: object; readonly key: string; readonly next: number } | undefined;

/** Returns the key under which notes on the attribute are kept. */
function readAttribute(
  entries: Entries,
  attributes: Attributes,
  out: Record<string, unknown>,
  view: DataView,
  at: number,
  stop: number,
  end: number,
): string {
  const word = view.getUint16(at + 2, LITTLE_ENDIAN);
  const id = word & NLA_TYPE_MASK;
  const flags = word & ~NLA_TYPE_MASK;
  const body = at + NLA_HDRLEN;
  const entry = entries.get(id);
  if (entry === undefined) return keepUnknown(out, id, flags, view, body, stop);
  if (out[entry.key] !== undefined) {
    // A list is one key: an element that comes after another attribute would lose its place.
    const isNext = run?.out === out && run.key === entry.key && run.next === at;
    if (entry.many === undefined || !isNext) {
      return keepUnknown(out, id, flags, view, body, stop);
    }
  }
  const codec = selects(entry.codec)
    ? choose(entry.codec, attributes, out, view, at, end)
    : entry.codec;
  if (codec === undefined) return keepUnknown(out, id, flags, view, body, stop);
  try {
    const remark: Remark = {};
    const value = codec.get(view, body, stop, remark);
    let { key } = entry;
    if (entry.many) {
      const list = (out[key] ??= []) as unknown[];
      run = { out, key, next: at + align4(stop - at) };
      key = `${key}.${list.length}`;
      list.push(value);
    } else {
      out[key] = value;
    }
    settle(out, key, remark);
    if (flags !== entry.flags) note(out, key, flags);
    return key;
  } catch (error) {
    rethrowWithin(error, entry.name);
  }
}

/** The selecting values already looked up in the set being read, by key. */
let searched: { readonly out?: object; readonly words: Map<string, unknown> } | undefined;

/** The codec of a selected attribute. The attribute that selects it may be anywhere in the set. */
function choose(
  codec: Selected<unknown, unknown>,
  attributes: Attributes,
  out: Record<string, unknown>,
  view: DataView,
  at: number,
  end: number,
): Codec<unknown> | undefined {
  return decide(codec, (key) => {
    if (out[key] !== undefined) return out[key];
    // Looked up once per set, so that bytes that repeat an attribute a thousand times do not cost a
    // thousand searches.
    if (searched?.out !== out) searched = { out, words: new Map() };
    const { words } = searched;
    if (!words.has(key)) words.set(key, peek(attributes[key], view, at, end));
    return words.get(key);
  });
}

/**
 * The value of one attribute of a set, without reading the rest; undefined if it is missing or
 * unreadable.
 */
export function peek(
  attribute: Attr | undefined,
  view: DataView,
  at: number,
  end: number,
): unknown {
  if (attribute === undefined) return undefined;
  const { id, codec } = attribute;
  let value: unknown;
  try {
    eachAttribute(view, at, end, (start, stop) => {
      const found = view.getUint16(start + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
      if (found === id) value ??= codec.get(view, start + NLA_HDRLEN, stop);
    });
  } catch {
    // The caller reads the same bytes again and reports the error then.
  }
  return value;
}
