/**
 * Sets of attributes: type-length-value, `struct nlattr`, include/uapi/linux/netlink.h.
 *
 *     |  2 bytes: length  |  2 bytes: type, two flag bits on top  |  payload  |  zeros up to four bytes  |
 *
 * A set decodes to an object with one key per attribute, in the order of the bytes, and encodes in the order of
 * its keys. What it does not know it keeps: a stranger is `nla<number>` with its bytes, a second attribute of a number
 * is `nla<number>.2`, and where the bytes have a form that the value cannot tell, `nlaNotes` says so.
 */
import { align4, bytesOf, LITTLE_ENDIAN, type Writer } from './bytes.ts';
import { bytes, takeNote, type Codec, type Visitor } from './codec.ts';
import { compilation, compileSet, type ReadSet } from './compile.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from './constants.ts';
import { CodecError, rethrowWithin } from './errors.ts';

/** One attribute of a set: kernel name, number, codec and a line of documentation. */
export interface Attr<T = any, I = any> {
  readonly name: string;
  readonly id: number;
  readonly codec: Codec<T, I>;
  readonly doc: string;
  /** The number occurs several times; the value is an array. */
  readonly many?: true;
}

export const attr = <T, I>(name: string, id: number, codec: Codec<T, I>, doc = ''): Attr<T, I> => ({
  name,
  id,
  codec,
  doc,
});

/** An attribute that occurs several times in its set, once per element of the value. */
export const manyAttr = <T, I>(
  name: string,
  id: number,
  codec: Codec<T, I>,
  doc = '',
): Attr<T[], readonly I[]> => ({
  name,
  id,
  codec: codec as unknown as Codec<T[], readonly I[]>,
  doc,
  many: true,
});

export type Attributes = Readonly<Record<string, Attr>>;

/** Bytes of attributes that a set does not declare, and forms of those that it does. */
export interface Strangers {
  [nla: `nla${number}`]: Uint8Array;
  /** By key: the flag bits of the type when they are not the declared ones, or the form a codec noted. */
  nlaNotes?: Record<string, number | string>;
}
export interface StrangersIn {
  [nla: `nla${number}`]: Uint8Array | string | undefined;
  nlaNotes?: Record<string, number | string> | undefined;
}

export type Values<A> = {
  [K in keyof A]?: A[K] extends Attr<infer T, any> ? T : never;
} & Strangers;
export type ValuesIn<A> = {
  [K in keyof A]?: (A[K] extends Attr<any, infer I> ? I : never) | undefined;
} & StrangersIn;

export interface AttributeSet<T, I, A = Attributes> extends Codec<T, I> {
  readonly kind: 'attributes';
  readonly attributes: A;
  walk(view: DataView, at: number, end: number, visit: Visitor, depth?: number): void;
}

/** A codec chosen by another attribute of the same set, see `by-kind.ts`. */
export interface Selected<T, I> extends Codec<T, I> {
  /** The keys of the attributes that choose: the first whose word is known decides. */
  readonly by: readonly string[];
  select(word: unknown, by: string): Codec<T, I> | undefined;
}

const selects = (codec: Codec<unknown>): codec is Selected<unknown, unknown> => 'select' in codec;

const STRANGER = /^nla(\d+)(?:\.\d+)?$/;

/** Declares a set. Keys are the kernel names without their prefix, in camel case. */
export function attrs<const A extends Attributes>(
  attributes: A,
  type = 'attributes',
): AttributeSet<Values<A>, ValuesIn<A>, A> {
  const byId = new Map<number, Entry>();
  const byKey = new Map<string, Entry>();
  for (const [key, declared] of Object.entries(attributes)) {
    const entry = { ...declared, key, flags: declared.codec.flags ?? 0 };
    byKey.set(key, entry);
    byId.set(entry.id, entry);
  }

  const readOne = (
    out: Record<string, unknown>,
    view: DataView,
    at: number,
    stop: number,
    end: number,
  ): void => {
    const word = view.getUint16(at + 2, LITTLE_ENDIAN);
    const id = word & NLA_TYPE_MASK;
    const flags = word & ~NLA_TYPE_MASK;
    const body = at + NLA_HDRLEN;
    const entry = byId.get(id);
    if (entry === undefined || (out[entry.key] !== undefined && entry.many === undefined)) {
      return keepStranger(out, id, flags, view, body, stop);
    }
    const codec = selects(entry.codec) ? choose(entry.codec, out, view, at, end) : entry.codec;
    if (codec === undefined) return keepStranger(out, id, flags, view, body, stop);
    try {
      const value = codec.get(view, body, stop);
      if (entry.many) {
        const list = (out[entry.key] ??= []) as unknown[];
        const key = `${entry.key}.${list.length}`;
        list.push(value);
        settle(out, key);
        if (flags !== entry.flags) note(out, key, flags);
      } else {
        out[entry.key] = value;
        settle(out, entry.key);
        if (flags !== entry.flags) note(out, entry.key, flags);
      }
    } catch (error) {
      takeNote();
      rethrowWithin(error, entry.name);
    }
  };

  /** The codec of a selected attribute; its chooser may stand anywhere in the set. */
  const choose = (
    codec: Selected<unknown, unknown>,
    out: Record<string, unknown>,
    view: DataView,
    at: number,
    end: number,
  ): Codec<unknown> | undefined => {
    const wordOf = (key: string): unknown => {
      if (out[key] !== undefined) return out[key];
      // Looked for once per set: bytes that repeat the attribute a thousand times must not cost a thousand searches.
      if (searched.out !== out) searched = { out, words: new Map() };
      const { words } = searched;
      if (!words.has(key)) words.set(key, peek(byKey.get(key)!, view, at, end));
      return words.get(key);
    };
    return decide(codec, wordOf);
  };

  const readPlain: ReadSet = (view, at, end) => {
    const out: Record<string, unknown> = {};
    eachAttribute(view, at, end, (start, stop) => readOne(out, view, start, stop, end));
    return out;
  };

  let reads = 0;
  let read: ReadSet = (view, at, end) => {
    if (++reads > compilation.after) {
      const plain = [...byId.values()]
        .filter((entry) => !entry.many && !selects(entry.codec))
        .map((entry) => ({ ...entry, notes: entry.codec.notes === true }));
      const fail = (error: unknown, id: number): never => {
        takeNote();
        if (id < 0) throw error;
        return rethrowWithin(error, byId.get(id)!.name);
      };
      read = compileSet(plain, readOne, settle, fail, torn) ?? readPlain;
      return read(view, at, end);
    }
    return readPlain(view, at, end);
  };

  const find = (key: string): Entry => {
    const entry = byKey.get(key);
    if (entry !== undefined) return entry;
    const stranger = STRANGER.exec(key);
    if (stranger === null) throw new CodecError(`"${key}" is not an attribute of this set`);
    return { key, name: key, id: Number(stranger[1]), codec: bytes, doc: '', flags: 0 };
  };

  return {
    kind: 'attributes',
    type,
    attributes,
    get: (view, at, end) => read(view, at, end) as Values<A>,
    put(writer, value) {
      const given = value as Record<string, unknown>;
      const notes = given['nlaNotes'] as Record<string, number | string> | undefined;
      for (const key in given) {
        const item = given[key];
        if (item === undefined || key === 'nlaNotes') continue;
        const entry = find(key);
        try {
          putEntry(writer, entry, item, given, notes);
        } catch (error) {
          rethrowWithin(error, entry.name);
        }
      }
    },
    show(value) {
      const given = value as Record<string, unknown>;
      return Object.keys(given)
        .filter((key) => key !== 'nlaNotes' && given[key] !== undefined)
        .map((key) => {
          const entry = find(key);
          const codec = selects(entry.codec) ? decide(entry.codec, (by) => given[by]) : entry.codec;
          const items = entry.many ? (given[key] as unknown[]) : [given[key]];
          return items.map((item) => showItem(entry.name, codec ?? bytes, item)).join(' ');
        })
        .join(' ');
    },
    walk(view, at, end, visit, depth = 0) {
      const seen = new Set<number>();
      eachAttribute(view, at, end, (start, stop) => {
        const id = view.getUint16(start + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
        // As when reading: what comes again is a stranger.
        const again = seen.has(id) && byId.get(id)?.many === undefined;
        const entry = again ? undefined : byId.get(id);
        seen.add(id);
        const body = start + NLA_HDRLEN;
        const codec =
          entry !== undefined && selects(entry.codec)
            ? decide(entry.codec, (by) => peek(byKey.get(by)!, view, at, end))
            : entry?.codec;
        const part = { depth, at: start, body, end: stop };
        visit({ ...part, name: entry?.name ?? `nla${id}`, codec: codec ?? bytes });
        codec?.walk?.(view, body, stop, visit, depth + 1);
      });
    },
  };
}

/** The words that were searched for in the set being read, by key. */
let searched: { readonly out?: object; readonly words: Map<string, unknown> } = {
  words: new Map(),
};

/** The codec that the words of a set decide on. */
function decide(
  codec: Selected<unknown, unknown>,
  wordOf: (key: string) => unknown,
): Codec<unknown> | undefined {
  for (const by of codec.by) {
    const found = codec.select(wordOf(by), by);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Entry = Attr & { readonly key: string; readonly flags: number };

function showItem(name: string, codec: Codec<unknown>, value: unknown): string {
  const text = codec.show(value);
  return codec.walk === undefined ? `${name}=${text}` : `${name}={${text}}`;
}

function putEntry(
  writer: Writer,
  entry: Entry,
  value: unknown,
  siblings: Record<string, unknown>,
  notes: Record<string, number | string> | undefined,
): void {
  let codec: Codec<unknown> | undefined = entry.codec;
  if (selects(codec)) {
    const [first = ''] = codec.by;
    codec = decide(codec, (by) => siblings[by]);
    if (codec === undefined) {
      throw new CodecError(`no set is declared for ${first} "${siblings[first]}"`);
    }
  }
  if (value === false && codec.type === 'flag') return;
  if (!entry.many) return putOne(writer, entry, codec, value, notes?.[entry.key]);
  (value as unknown[]).forEach((item, i) =>
    putOne(writer, entry, codec, item, notes?.[`${entry.key}.${i}`]),
  );
}

function putOne(
  writer: Writer,
  entry: Entry,
  codec: Codec<unknown>,
  value: unknown,
  noted: number | string | undefined,
): void {
  const at = writer.reserve(NLA_HDRLEN);
  codec.put(writer, value, formNoted(noted));
  const length = writer.at - at;
  if (length > 0xffff) throw new CodecError(`${length} bytes, an attribute holds 65535 at most`);
  const flags = flagsNoted(noted) ?? entry.flags;
  writer.view.setUint16(at, length, LITTLE_ENDIAN);
  writer.view.setUint16(at + 2, entry.id | flags, LITTLE_ENDIAN);
  writer.pad();
}

/** Calls `each` for every attribute of `[at, end)` with the bounds of header and payload. */
export function eachAttribute(
  view: DataView,
  at: number,
  end: number,
  each: (at: number, stop: number) => void,
): void {
  while (end - at >= NLA_HDRLEN) {
    const length = view.getUint16(at, LITTLE_ENDIAN);
    if (length < NLA_HDRLEN || at + length > end) torn(view, at, end);
    each(at, at + length);
    at += align4(length);
  }
  if (at < end) torn(view, at, end);
}

function torn(view: DataView, at: number, end: number): never {
  if (end - at < NLA_HDRLEN)
    throw new CodecError(`${end - at} bytes left over after the attributes`);
  const length = view.getUint16(at, LITTLE_ENDIAN);
  const id = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
  throw new CodecError(`attribute ${id} has length ${length}, ${end - at} bytes are left`);
}

/** The value of one attribute of a set, without reading the rest; undefined when it is not there or not readable. */
function peek(entry: Entry, view: DataView, at: number, end: number): unknown {
  let value: unknown;
  try {
    eachAttribute(view, at, end, (start, stop) => {
      const id = view.getUint16(start + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
      if (id === entry.id) value ??= entry.codec.get(view, start + NLA_HDRLEN, stop);
    });
  } catch {
    // The caller reads the same bytes again and reports it there.
  }
  takeNote();
  return value;
}

/** How often each number has come, for the sets being read in which one came twice. */
const repeats = new WeakMap<object, Map<number, number>>();

function keepStranger(
  out: Record<string, unknown>,
  id: number,
  flags: number,
  view: DataView,
  body: number,
  stop: number,
): void {
  let key = `nla${id}`;
  if (out[key] !== undefined || repeats.get(out)?.has(id)) {
    const counts = repeats.get(out) ?? new Map<number, number>();
    const n = (counts.get(id) ?? 1) + 1;
    repeats.set(out, counts.set(id, n));
    key = `nla${id}.${n}`;
  }
  out[key] = bytesOf(view, body, stop).slice();
  if (flags !== 0) note(out, key, flags);
}

function note(out: Record<string, unknown>, key: string, what: number | string): void {
  const notes = (out['nlaNotes'] ??= {}) as Record<string, number | string>;
  const form = notes[key];
  notes[key] = typeof form === 'string' ? `${FLAGS}${what} ${form}` : what;
}

/** In front of a form, where the flag bits are not the declared ones either. */
const FLAGS = 'flags ';

function flagsNoted(noted: number | string | undefined): number | undefined {
  if (typeof noted !== 'string') return noted;
  return noted.startsWith(FLAGS) ? parseInt(noted.slice(FLAGS.length), 10) : undefined;
}

function formNoted(noted: number | string | undefined): string | undefined {
  if (typeof noted !== 'string') return undefined;
  return noted.startsWith(FLAGS) ? noted.slice(noted.indexOf(' ', FLAGS.length) + 1) : noted;
}

function settle(out: Record<string, unknown>, key: string): void {
  const form = takeNote();
  if (form !== undefined) note(out, key, form);
}
