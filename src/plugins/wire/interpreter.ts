/**
 * Reads and writes messages by tables, which are printed from their declarations.
 *
 * The declarations create some hundred objects, of which a plugin's process uses a few, and only
 * once. A table is plain data, which costs a cold process almost nothing, and one interpreter
 * handles all tables. Values are those of the declarations; attributes that a table lacks are
 * skipped.
 */
import { CodecError, rethrowWithin } from '../../errors.ts';
import { align4, copyOf, LITTLE_ENDIAN, Writer } from '../../netlink/codec/bytes.ts';
import type { Visitor } from '../../netlink/codec/codec.ts';
import { checkList, describe } from '../../netlink/codec/given.ts';
import { ip } from '../../netlink/codec/ip-address.ts';
import type { Message } from '../../netlink/codec/message.ts';
import { endAttribute, torn } from '../../netlink/codec/nlattr.ts';
import { cstr } from '../../netlink/codec/text.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../../netlink/constants.ts';
import type { Attributes, Form, Headed, Struct, Table, Words } from './forms.ts';

type Values = Record<string, any>;

/** A message for connections, equal to what `message()` makes of a declaration. */
export const message = <T, I>(
  table: Table,
  subject: (value: I) => string | undefined,
): Message<T, I> => new TableMessage(table, subject) as unknown as Message<T, I>;

/** A class, because a plain object with this many properties takes the engine longer. */
class TableMessage {
  declare readonly table: Table;
  declare readonly subject: (value: never) => string | undefined;

  constructor(table: Table, subject: (value: never) => string | undefined) {
    this.table = table;
    this.subject = subject;
  }

  get kind(): string {
    return 'message';
  }

  get name(): string {
    return this.table[0];
  }

  get types(): Table[1] {
    return this.table[1];
  }

  get family(): number | undefined {
    return this.table[3];
  }

  put(w: Writer, value: Values): void {
    putHeaded(w, formOf(this.table), value);
  }

  get(view: DataView, at: number, end: number): Values {
    return getHeaded(view, at, end, formOf(this.table));
  }

  walk(view: DataView, at: number, end: number, visit: Visitor): void {
    walk(view, at, end, formOf(this.table), visit, 0);
  }
}

/** The form of a message, which is made once. */
export function formOf(table: Table): Headed {
  const form = table[2];
  return typeof form === 'function'
    ? (((table as unknown as unknown[])[2] = form()) as Headed)
    : form;
}

/* No array destructuring in this file: the engine needs an iterator for it. */

/** Where the fields of a struct begin, and the repeated part of other forms. */
const FIELDS = 3;
const FIRST = 2;

/** Appends a value in the given form. */
function put(w: Writer, form: Form, value: any): void {
  if (typeof form === 'string') return putNumber(w, form, value);
  if ('put' in form) return form.put(w, value);
  switch (form[0]) {
    case 'enum':
      return putNumber(w, form[1], numberOf(form, value));
    case 'set':
      return putSet(w, form, value);
    case 'flags': {
      checkList(value);
      let mask = 0;
      for (let i = 0; i < value.length; i++) mask |= numberOf(form, value[i]);
      return putNumber(w, form[1], mask >>> 0);
    }
    case 'headed':
      return putHeaded(w, form, value);
    case 'struct':
      return putStruct(w, form, value);
    case 'list':
      checkList(value);
      for (let i = 0; i < value.length; i++) {
        try {
          putAttribute(w, form[2], form[1], value[i]);
        } catch (error) {
          rethrowWithin(error, `${form[3]}[${i}]`);
        }
      }
      return;
    case 'via':
      put(w, form[1], value.family);
      return ip.put(w, value.addr);
    default:
      throw new CodecError('only read');
  }
}

function putHeaded(w: Writer, form: Headed, value: Values): void {
  const { at, family } = w;
  const head = form[1];
  putStruct(w, head, value);
  w.pad();
  const attrs = value['attrs'] as Values | undefined;
  if (attrs === undefined) return;
  // Addresses are of the family in the header's first byte.
  if (head[3] === 'family') w.family = w.bytes[at]!;
  putSet(w, form[2], attrs);
  w.family = family;
}

/** Missing fields are zero. */
function putStruct(w: Writer, form: Struct, value: Values): void {
  const start = w.reserve(form[2]);
  const stop = w.at;
  w.bytes.fill(0, start, stop);
  for (let i = FIELDS; i < form.length; i += 4) {
    const key = form[i] as string;
    const given = value[key];
    if (given === undefined) continue;
    w.at = start + (form[i + 1] as number);
    try {
      put(w, form[i + 3] as Form, given);
    } catch (error) {
      rethrowWithin(error, `${form[1]}/${key}`);
    }
  }
  w.at = stop;
}

function putSet(w: Writer, set: Attributes, values: Values): void {
  for (const key in values) {
    const value = values[key];
    if (value === undefined) continue;
    const at = set.indexOf(key, FIRST);
    if (at < 0) throw new CodecError(`"${key}" is not an attribute of this table`);
    let type = (at - FIRST) >> 1;
    try {
      let form = chosen(set[at + 1] as Form, values);
      if (form === undefined) throw new CodecError('there is no table for this kind');
      if (isOf('flagged', form)) {
        type |= form[2];
        form = form[1];
      }
      if (!isOf('many', form)) putAttribute(w, type, form, value);
      else for (let i = 0; i < value.length; i++) putAttribute(w, type, form[1], value[i]);
    } catch (error) {
      rethrowWithin(error, nameOf(set, key));
    }
  }
}

/** `IFLA_LINK_NETNSID` */
const nameOf = (set: Attributes, key: string): string =>
  set[1] + key.replace(/[A-Z]/g, '_$&').toUpperCase();

function putAttribute(w: Writer, word: number, form: Form, value: unknown): void {
  if (value === false && form === 'flag') return;
  const at = w.reserve(NLA_HDRLEN);
  put(w, form, value);
  endAttribute(w, at, word);
}

/**
 * The form selected by the word under another key, where there are several; undefined where there
 * is none for it.
 */
function chosen(form: Form, values: Values): Form | undefined {
  if (!isOf('kind', form)) return form;
  const at = form.indexOf(values[form[1]], FIRST);
  return at < 0 ? undefined : form[at + 1];
}

/** Accepts any form: a codec or a name is of no kind. */
const isOf = <K extends string>(kind: K, form: Form): form is Extract<Form, readonly [K, ...any]> =>
  (form as readonly unknown[])[0] === kind;

function putNumber(w: Writer, form: string, value: any): void {
  const { at } = w;
  switch (form) {
    case 'u32':
      if (value !== value >>> 0) break;
      w.reserve(4);
      return w.view.setUint32(at, value, LITTLE_ENDIAN);
    case 'be32':
      if (value !== value >>> 0) break;
      w.reserve(4);
      return w.view.setUint32(at, value);
    case 's32':
      if (value !== (value | 0)) break;
      w.reserve(4);
      return w.view.setInt32(at, value, LITTLE_ENDIAN);
    case 'u16':
      if (value !== (value & 0xffff)) break;
      w.reserve(2);
      return w.view.setUint16(at, value, LITTLE_ENDIAN);
    case 'u8':
      if (value !== (value & 0xff)) break;
      w.reserve(1);
      return w.view.setUint8(at, value);
    case 'bool8':
      w.reserve(1);
      return w.view.setUint8(at, value ? 1 : 0);
    case 'flag':
      return;
    case 'bytes':
      if (!(value instanceof Uint8Array)) break;
      return w.append(value);
    case 'sbe32':
      if (value !== (value | 0)) break;
      w.reserve(4);
      return w.view.setInt32(at, value);
    case 'be16':
      if (value !== (value & 0xffff)) break;
      w.reserve(2);
      return w.view.setUint16(at, value);
    case 'be64':
      if (typeof value !== 'bigint' || value !== BigInt.asUintN(64, value)) break;
      w.reserve(8);
      return w.view.setBigUint64(at, value);
  }
  throw new CodecError(`${describe(value)} is not a ${form}`);
}

function numberOf(form: Words, word: string | number): number {
  if (typeof word === 'number') return word;
  const at = form.indexOf(word, FIRST);
  if (at >= 0) return form[at + 1] as number;
  const known = form.slice(FIRST).filter((_, i) => i % 2 === 0);
  throw new CodecError(`"${word}" is not one of ${known.join(', ')}`);
}

/** Reads the value in `[at, end)`. */
function get(view: DataView, at: number, end: number, form: Form): unknown {
  if (typeof form === 'string') return getNumber(view, at, end, form);
  if ('put' in form) return form.get(view, at, end);
  switch (form[0]) {
    case 'set':
      return getSet(view, at, end, form);
    case 'enum': {
      const number = getNumber(view, at, end, form[1]) as number;
      const found = form.indexOf(number, FIRST);
      return found < 0 ? number : form[found - 1];
    }
    case 'flags':
      return wordsOf(form, getNumber(view, at, end, form[1]) as number);
    case 'struct':
      return getStruct(view, at, end, form);
    case 'headed':
      return getHeaded(view, at, end, form);
    case 'flagged':
      return get(view, at, end, form[1]);
    case 'list': {
      const values: unknown[] = [];
      while (at < end) {
        const length = lengthOf(view, at, end);
        try {
          values.push(get(view, at + NLA_HDRLEN, at + length, form[1]));
        } catch (error) {
          rethrowWithin(error, `${form[3]}[${values.length}]`);
        }
        at += align4(length);
      }
      return values;
    }
    case 'via': {
      const body = at + 2;
      return { family: get(view, at, body, form[1]), addr: ip.get(view, body, end) };
    }
    case 'records': {
      const records: Values[] = [];
      while (at < end) {
        const length = end - at < 2 ? 0 : view.getUint16(at, LITTLE_ENDIAN);
        if (length < 2 || at + length > end) throw new CodecError(`length ${length} at byte ${at}`);
        records.push(getHeaded(view, at, at + length, form[1]));
        at += align4(length);
      }
      return records;
    }
  }
  return undefined;
}

function getHeaded(view: DataView, at: number, end: number, form: Headed): Values {
  const value = getStruct(view, at, end, form[1]);
  const start = at + align4(form[1][2]);
  value['attrs'] = start < end ? getSet(view, start, end, form[2]) : {};
  return value;
}

function getStruct(view: DataView, at: number, end: number, form: Struct): Values {
  if (end - at < form[2]) {
    throw new CodecError(`${end - at} bytes, ${form[2]} needed`).within(form[1]);
  }
  const value: Values = {};
  for (let i = FIELDS; i < form.length; i += 4) {
    const begin = at + (form[i + 1] as number);
    value[form[i] as string] = get(view, begin, at + (form[i + 2] as number), form[i + 3] as Form);
  }
  return value;
}

export function getSet(view: DataView, at: number, end: number, set: Attributes): Values {
  const values: Values = {};
  while (at < end) {
    const length = lengthOf(view, at, end);
    const index = FIRST + 2 * (view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK);
    const key = set[index] as string | 0 | undefined;
    if (key !== undefined && key !== 0) {
      try {
        getAttribute(view, at + NLA_HDRLEN, at + length, set[index + 1] as Form, key, values);
      } catch (error) {
        rethrowWithin(error, nameOf(set, key));
      }
    }
    at += (length + 3) & ~3;
  }
  return values;
}

/**
 * A second attribute where there can be only one, and an attribute of an unknown kind, are skipped.
 */
function getAttribute(
  view: DataView,
  at: number,
  end: number,
  possible: Form,
  key: string,
  values: Values,
): void {
  const form = chosen(possible, values);
  if (form === undefined) return;
  if (isOf('many', form)) {
    const list = (values[key] ??= []) as unknown[];
    list.push(get(view, at, end, form[1]));
  } else if (values[key] === undefined) values[key] = get(view, at, end, form);
}

/** The length of the attribute at `at`. */
function lengthOf(view: DataView, at: number, end: number): number {
  const length = end - at < NLA_HDRLEN ? 0 : view.getUint16(at, LITTLE_ENDIAN);
  if (length < NLA_HDRLEN || at + length > end) torn(view, at, end);
  return length;
}

function getNumber(view: DataView, at: number, end: number, form: string): unknown {
  const span = end - at;
  switch (form) {
    case 'u32':
      if (span !== 4) break;
      return view.getUint32(at, LITTLE_ENDIAN);
    case 'u8':
      if (span !== 1) break;
      return view.getUint8(at);
    case 'be32':
      if (span !== 4) break;
      return view.getUint32(at);
    case 'u16':
      if (span !== 2) break;
      return view.getUint16(at, LITTLE_ENDIAN);
    case 's32':
      if (span !== 4) break;
      return view.getInt32(at, LITTLE_ENDIAN);
    case 'bool8':
      if (span !== 1) break;
      return view.getUint8(at) !== 0;
    case 'flag':
      return true;
    case 'bytes':
      return copyOf(view, at, end);
    case 'sbe32':
      if (span !== 4) break;
      return view.getInt32(at);
    case 'be16':
      if (span !== 2) break;
      return view.getUint16(at);
    case 'be64':
      if (span !== 8) break;
      return view.getBigUint64(at);
  }
  throw new CodecError(`${span} bytes are no ${form}`);
}

/**
 * The names of the bits, in the order of the table; bits without a name are combined in a number at
 * the end.
 */
function wordsOf(form: Words, mask: number): (string | number)[] {
  const found: (string | number)[] = [];
  for (let i = FIRST + 1; i < form.length && mask !== 0; i += 2) {
    const bit = form[i] as number;
    if ((mask & bit) >>> 0 !== bit) continue;
    found.push(form[i - 1]!);
    mask = (mask & ~bit) >>> 0;
  }
  if (mask !== 0) found.push(mask);
  return found;
}

/** Calls `visit` for each attribute, to find the path of the one that the kernel rejected. */
function walk(
  view: DataView,
  at: number,
  end: number,
  form: Form,
  visit: Visitor,
  depth: number,
): void {
  if (typeof form === 'string' || 'put' in form) return;
  if (form[0] === 'many' || form[0] === 'flagged') {
    return walk(view, at, end, form[1], visit, depth);
  }
  if (form[0] === 'headed') {
    return walk(view, Math.min(end, at + align4(form[1][2])), end, form[2], visit, depth);
  }
  if (form[0] !== 'set' && form[0] !== 'list') return;
  const words: Values = {};
  for (let index = 0; at < end; index++) {
    const stop = at + lengthOf(view, at, end);
    const body = at + NLA_HDRLEN;
    const type = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
    const key = form[0] === 'set' ? (form[FIRST + 2 * type] as string) || undefined : undefined;
    const name =
      form[0] === 'list'
        ? `${form[3]}[${index}]`
        : key === undefined
          ? `nla${type}`
          : nameOf(form, key);
    visit({ depth, at, body, end: stop, name, codec: undefined as never });
    let inner: Form | undefined =
      form[0] === 'list' ? form[1] : (form[FIRST + 2 * type + 1] as Form) || undefined;
    // A word by which the form of another attribute is selected.
    if (inner === cstr) words[key!] = cstr.get(view, body, stop);
    inner = inner && chosen(inner, words);
    if (inner !== undefined) walk(view, body, stop, inner, visit, depth + 1);
    at += align4(stop - at);
  }
}

/** The number of an attribute. */
export const typeIn = (set: Attributes, key: string): number =>
  (set.indexOf(key, FIRST) - FIRST) >> 1;

export const formIn = (set: Attributes, key: string): Form =>
  set[set.indexOf(key, FIRST) + 1] as Form;

/** Attributes as they are sent. */
export function setBytes(set: Attributes, values: object): Uint8Array {
  const w = new Writer();
  putSet(w, set, values as Values);
  return w.finish();
}
