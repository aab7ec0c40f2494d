/**
 * Expressions that are both evaluated and printed: the codec that a family uses, and the text of
 * its declaration, which makes the same codec. Whoever builds a term cannot make the two differ.
 */
import { genlFamily, genlMessage } from '../genl/declare.ts';
import * as engine from '../netlink/codec/wire.ts';

/** The text of an expression, before it is broken into lines. */
export type Source =
  | string
  | { readonly call: string; readonly args: readonly Source[] }
  | { readonly entries: readonly (readonly [key: string, source: Source])[] }
  | { readonly items: readonly Source[] };

export interface Term<T = any> {
  readonly value: T;
  readonly source: Source;
}

/** Only the names are part of the type: the functions' own types differ too much to be of use. */
const vocabulary = <N extends string>(
  words: Readonly<Record<N, unknown>>,
): Readonly<Record<N, unknown>> => words;

/** What declarations are made of, by the entry that exports it. */
const ENGINE = vocabulary({
  attr: engine.attr,
  attrs: engine.attrs,
  be16: engine.be16,
  be32: engine.be32,
  be64: engine.be64,
  blob: engine.blob,
  bySelector: engine.bySelector,
  bytes: engine.bytes,
  chars: engine.chars,
  cstr: engine.cstr,
  embedded: engine.embedded,
  enumOf: engine.enumOf,
  flag: engine.flag,
  flagsOf: engine.flagsOf,
  growing: engine.growing,
  headed: engine.headed,
  ip: engine.ip,
  ipv4: engine.ipv4,
  ipv6: engine.ipv6,
  lazy: engine.lazy,
  le16: engine.le16,
  le32: engine.le32,
  le64: engine.le64,
  list: engine.list,
  lladdr: engine.lladdr,
  mac: engine.mac,
  manyAttr: engine.manyAttr,
  message: engine.message,
  nested: engine.nested,
  numbered: engine.numbered,
  orBytes: engine.orBytes,
  packed: engine.packed,
  protocol: engine.protocol,
  s16: engine.s16,
  s32: engine.s32,
  s64: engine.s64,
  s8: engine.s8,
  sbe16: engine.sbe16,
  sbe32: engine.sbe32,
  sbe64: engine.sbe64,
  sint: engine.sint,
  struct: engine.struct,
  u16: engine.u16,
  u32: engine.u32,
  u64: engine.u64,
  u8: engine.u8,
  uint: engine.uint,
  uuid: engine.uuid,
  wideEnumOf: engine.wideEnumOf,
  wideFlagsOf: engine.wideFlagsOf,
});
const GENERIC = vocabulary({ genlFamily, genlMessage });

const VOCABULARY = { ...ENGINE, ...GENERIC };
export type Word = keyof typeof VOCABULARY;

/** The entry of the package that exports a name. */
export const entryOf = (word: string): string | undefined => {
  if (Object.hasOwn(ENGINE, word)) return 'netlink-ts/netlink';
  return Object.hasOwn(GENERIC, word) ? 'netlink-ts/genl' : undefined;
};

/** A name of the vocabulary: `u32`. */
export const word = (name: Word): Term => ({ value: VOCABULARY[name], source: name });

/** A call of one of its functions. */
export const call = (name: Word, ...args: readonly Term[]): Term => ({
  value: (VOCABULARY[name] as (...values: any[]) => unknown)(...args.map(({ value }) => value)),
  source: { call: name, args: args.map(({ source }) => source) },
});

export const text = (value: string): Term<string> => ({ value, source: quoted(value) });

/** A number; `hex` for a mask. */
export const number = (value: number, hex = false): Term<number> => ({
  value,
  source: hex ? `0x${BigInt(value).toString(16)}` : String(value),
});

export const record = (entries: readonly (readonly [string, Term])[]): Term<object> => ({
  // Not by assignment: `__proto__` is a key like any other.
  value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
  source: { entries: entries.map(([key, { source }]) => [key, source]) },
});

export const items = (terms: readonly Term[]): Term<unknown[]> => ({
  value: terms.map(({ value }) => value as unknown),
  source: { items: terms.map(({ source }) => source) },
});

/** A string literal with as few escapes as prettier leaves. */
function quoted(value: string): string {
  const escaped = JSON.stringify(value)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  const count = (mark: string): number => value.split(mark).length - 1;
  const mark = count("'") > count('"') ? '"' : "'";
  return mark + escaped.replaceAll(mark, `\\${mark}`) + mark;
}

/** A term of the file, to which others refer by its name. */
export interface Definition {
  readonly name: string;
  readonly doc: string;
  readonly source: Source;
  /** The type that is exported beside it. */
  readonly type?: string | undefined;
}

const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum ' +
    'eval export extends false finally for function if implements import in instanceof ' +
    'interface let new null package private protected public return static super switch this ' +
    'throw true try typeof undefined var void while with yield Static Codec any'
  ).split(' '),
);

/** The definitions of a file, in the order in which they can be evaluated. */
export class Definitions {
  readonly list: Definition[] = [];
  readonly #taken = new Set<string>();

  /** A free identifier for a name of the specification, which is taken with this. */
  take(name: string): string {
    const plain = camel(name).replace(/[^\w$]/g, '') || 'unnamed';
    const start = /^\d/.test(plain) ? `_${plain}` : plain;
    let free = start;
    for (let n = 2; !this.#isFree(free); n++) free = `${start}${n}`;
    this.#taken.add(free);
    return free;
  }

  #isFree(name: string): boolean {
    return !this.#taken.has(name) && !RESERVED.has(name) && entryOf(name) === undefined;
  }

  /** Puts a term into the file, under a name that was taken. Returns the reference. */
  add<T>(name: string, term: Term<T>, doc = '', type?: string): Term<T> {
    this.list.push({ name, doc, source: term.source, type });
    return { value: term.value, source: name };
  }
}

/** `dev-ifindex` as `devIfindex`. */
export const camel = (name: string): string =>
  name.replace(/[^\p{L}\d$]+(.)?/gu, (_, next: string | undefined, at: number) =>
    at === 0 ? (next ?? '') : (next ?? '').toUpperCase(),
  );
