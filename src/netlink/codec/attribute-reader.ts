/**
 * Reading a set of attributes by its declaration. This is what a set does; `compile-set.ts` makes the fast reader out of it that
 * gives the same.
 */
import { align4, LITTLE_ENDIAN } from './bytes.ts';
import type { Attr, Attributes, Selected } from './attributes.ts';
import type { Codec } from './codec.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../constants.ts';
import { rethrowWithin } from '../../errors.ts';
import { keepStranger, note, notePadding, settle } from './nla-notes.ts';
import { eachAttribute, isOddlyPadded } from './nlattr.ts';
import { takeNote } from './note.ts';

/** An attribute with its key, and the flag bits that its type carries. */
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

/** The codec that the words of a set decide on. */
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

/** Reads the attribute whose header is at `at`, in whatever form it comes. */
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

/** Where the last element of an attribute that occurs several times ended: one that follows something else is out of order. */
let run: { readonly out: object; readonly key: string; readonly next: number } | undefined;

/** Returns the key that the attribute has in notes. */
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
  if (entry === undefined) return keepStranger(out, id, flags, view, body, stop);
  if (out[entry.key] !== undefined) {
    // A list is one key: what comes after something else would lose its place in it.
    const isNext = run?.out === out && run.key === entry.key && run.next === at;
    if (entry.many === undefined || !isNext) {
      return keepStranger(out, id, flags, view, body, stop);
    }
  }
  const codec = selects(entry.codec)
    ? choose(entry.codec, attributes, out, view, at, end)
    : entry.codec;
  if (codec === undefined) return keepStranger(out, id, flags, view, body, stop);
  try {
    const value = codec.get(view, body, stop);
    let { key } = entry;
    if (entry.many) {
      const list = (out[key] ??= []) as unknown[];
      run = { out, key, next: at + align4(stop - at) };
      key = `${key}.${list.length}`;
      list.push(value);
    } else {
      out[key] = value;
    }
    settle(out, key);
    if (flags !== entry.flags) note(out, key, flags);
    return key;
  } catch (error) {
    takeNote();
    rethrowWithin(error, entry.name);
  }
}

/** The words that were searched for in the set being read, by key. */
let searched: { readonly out?: object; readonly words: Map<string, unknown> } | undefined;

/** The codec of a selected attribute; its chooser may stand anywhere in the set. */
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
    // Looked for once per set: bytes that repeat the attribute a thousand times must not cost a thousand searches.
    if (searched?.out !== out) searched = { out, words: new Map() };
    const { words } = searched;
    if (!words.has(key)) words.set(key, peek(attributes[key], view, at, end));
    return words.get(key);
  });
}

/** The value of one attribute of a set, without reading the rest; undefined when it is not there or not readable. */
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
    // The caller reads the same bytes again and reports it there.
  }
  takeNote();
  return value;
}
