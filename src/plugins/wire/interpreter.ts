/**
 * Reads and writes messages by tables, which are printed from their declarations.
 *
 * The declarations create some hundred objects, of which a plugin's process uses a few, and only
 * once. A table is plain data, which costs a cold process almost nothing, and one interpreter
 * handles all tables. Values are those of the declarations; attributes that a table lacks are
 * skipped.
 */
import { CodecError, rethrowWithin } from '../../errors.ts';
import { align4, LITTLE_ENDIAN, type Writer } from '../../netlink/codec/bytes.ts';
import type { Visitor } from '../../netlink/codec/codec.ts';
import { checkList, describe } from '../../netlink/codec/given.ts';
import { familyIp, ip } from '../../netlink/codec/ip-address.ts';
import { lladdr } from '../../netlink/codec/lladdr.ts';
import type { Message } from '../../netlink/codec/message.ts';
import { endAttribute, torn } from '../../netlink/codec/nlattr.ts';
import { takeNote } from '../../netlink/codec/note.ts';
import { cstr } from '../../netlink/codec/text.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../../netlink/constants.ts';

type Number = 'u8' | 'bool8' | 'u16' | 'u32' | 's32';
/** Words, each followed by its number: the engine takes long to list the keys of an object. */
type Words = readonly (string | number)[];
/**
 * The key, the kernel's name, the form of the value, the number with its flag bits, and whether
 * there may be several.
 */
type Attribute = readonly [key: string, name: string, form: Form, word: number, many?: true];
/** Attributes by number, and their numbers. */
export type Attributes = readonly [
  byNumber: Readonly<Record<number, Attribute>>,
  numbers: Readonly<Record<string, number>>,
];
type FieldForm = Number | readonly ['enum' | 'flags', Number, Words];
/** The C name, the size, and for each field its key, size and form. */
type Struct = readonly ['struct', name: string, span: number, fields: readonly Field[]];
type Field = readonly [key: string, at: number, end: number, form: FieldForm];
type Headed = readonly ['headed', head: Struct, attributes: Attributes];

/** How a value is encoded. */
export type Form =
  | FieldForm
  | 'text'
  | 'flag'
  | 'ip'
  | 'lladdr'
  | Struct
  | Headed
  | readonly ['set', Attributes]
  /** The form is selected by the word of another key. */
  | readonly ['kind', by: string, Readonly<Record<string, Form>>]
  /** An address family and an address of that family. */
  | readonly ['via', family: FieldForm]
  /** Records one after the other; each begins with its length. */
  | readonly ['records', name: string, Headed];

/** A message with the attributes that are needed. */
export interface Table {
  readonly name: string;
  readonly types: Readonly<Record<string, number>>;
  readonly family?: number;
  readonly form: Headed;
}

/** A message for connections, equal to what `message()` makes of a declaration. */
export function message<T, I>(
  table: Table,
  subject: (value: I) => string | undefined,
): Message<T, I> {
  const { form } = table;
  const made = {
    kind: 'message',
    name: table.name,
    types: table.types,
    family: table.family,
    subject,
    put: (w: Writer, value: Values) => putHeaded(w, form, value),
    get(view: DataView, at: number, end: number): Values {
      const value = getHeaded(view, at, end, form);
      // Text in an unusual form is read, and its form is not kept.
      takeNote();
      return value;
    },
    walk: (view: DataView, at: number, end: number, visit: Visitor) =>
      walk(view, at, end, form, visit, 0),
  };
  return made as unknown as Message<T, I>;
}

type Values = Record<string, unknown>;

/** Appends a value in the given form. */
function put(w: Writer, form: Form, value: any): void {
  switch (typeof form === 'string' ? form : form[0]) {
    case 'text':
      return cstr.put(w, value);
    case 'enum':
      return putNumber(w, form[1] as Number, numberOf(form[2] as Words, value));
    case 'flags': {
      checkList(value);
      let mask = 0;
      for (let i = 0; i < value.length; i++) mask |= numberOf(form[2] as Words, value[i]);
      return putNumber(w, form[1] as Number, mask >>> 0);
    }
    case 'set':
      return putSet(w, form[1] as Attributes, value);
    case 'headed':
      return putHeaded(w, form as Headed, value);
    case 'struct':
      return putStruct(w, form as Struct, value);
    case 'lladdr':
      return lladdr.put(w, value);
    case 'ip':
      return familyIp.put(w, value);
    case 'via':
      put(w, form[1] as Form, value.family);
      return ip.put(w, value.addr);
    case 'flag':
      return;
    case 'kind':
    case 'records':
      throw new CodecError('only read');
    default:
      putNumber(w, form as Number, value);
  }
}

function putHeaded(w: Writer, form: Headed, value: Values): void {
  const { at, family } = w;
  const fields = form[1][3];
  putStruct(w, form[1], value);
  w.pad();
  const given = value['attrs'] as Values | undefined;
  if (given === undefined) return;
  // Addresses are of the family in the header's first byte.
  if (fields[0]![0] === 'family') w.family = w.bytes[at]!;
  putSet(w, form[2], given);
  w.family = family;
}

/** Missing fields are zero. */
function putStruct(w: Writer, struct: Struct, value: Values): void {
  const at = w.reserve(struct[2]);
  const end = w.at;
  w.bytes.fill(0, at, end);
  const fields = struct[3];
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    const given = value[field[0]];
    if (given === undefined) continue;
    w.at = at + field[1];
    try {
      put(w, field[3], given);
    } catch (error) {
      rethrowWithin(error, `${struct[1]}/${field[0]}`);
    }
  }
  w.at = end;
}

function putSet(w: Writer, attributes: Attributes, values: Values): void {
  for (const key in values) {
    const value = values[key];
    if (value === undefined) continue;
    const attribute = attributes[0][attributes[1][key]!];
    if (attribute === undefined) throw new CodecError(`"${key}" is not an attribute of this table`);
    try {
      const form = chosen(attribute[2], values);
      if (form === undefined) throw new CodecError('there is no table for this kind');
      if (attribute[4] !== true) putAttribute(w, attribute[3], form, value);
      else {
        const list = value as unknown[];
        for (let i = 0; i < list.length; i++) putAttribute(w, attribute[3], form, list[i]);
      }
    } catch (error) {
      rethrowWithin(error, attribute[1]);
    }
  }
}

function putAttribute(w: Writer, word: number, form: Form, value: unknown): void {
  if (value === false && form === 'flag') return;
  const at = w.reserve(NLA_HDRLEN);
  put(w, form, value);
  endAttribute(w, at, word);
}

/**
 * The form selected by the word of another key, where there are several; undefined where there is
 * none for it.
 */
const chosen = (form: Form, values: Values): Form | undefined =>
  form[0] === 'kind'
    ? (form[2] as Readonly<Record<string, Form>>)[values[form[1]!] as string]
    : form;

function putNumber(w: Writer, form: Number, value: number | boolean): void {
  let at: number;
  switch (form) {
    case 'u32':
      if (value !== (value as number) >>> 0) break;
      at = w.reserve(4);
      return w.view.setUint32(at, value, LITTLE_ENDIAN);
    case 's32':
      if (value !== ((value as number) | 0)) break;
      at = w.reserve(4);
      return w.view.setInt32(at, value, LITTLE_ENDIAN);
    case 'u16':
      if (value !== ((value as number) & 0xffff)) break;
      at = w.reserve(2);
      return w.view.setUint16(at, value, LITTLE_ENDIAN);
    case 'bool8':
      at = w.reserve(1);
      w.bytes[at] = value ? 1 : 0;
      return;
    case 'u8':
      if (value !== ((value as number) & 0xff)) break;
      at = w.reserve(1);
      w.bytes[at] = value;
      return;
  }
  throw new CodecError(`${describe(value)} is not a ${form}`);
}

function numberOf(words: Words, word: string | number): number {
  if (typeof word === 'number') return word;
  const at = words.indexOf(word);
  if (at >= 0) return words[at + 1] as number;
  const known = words.filter((each) => typeof each === 'string');
  throw new CodecError(`"${word}" is not one of ${known.join(', ')}`);
}

/** Reads the value in `[at, end)`. */
function get(view: DataView, at: number, end: number, form: Form): unknown {
  switch (typeof form === 'string' ? form : form[0]) {
    case 'text':
      return cstr.get(view, at, end);
    case 'set':
      return getSet(view, at, end, form[1] as Attributes);
    case 'enum':
      return wordOf(form[2] as Words, getNumber(view, at, end, form[1] as Number));
    case 'flags':
      return wordsOf(form[2] as Words, getNumber(view, at, end, form[1] as Number));
    case 'lladdr':
      return lladdr.get(view, at, end);
    case 'ip':
      return ip.get(view, at, end);
    case 'bool8':
      return getNumber(view, at, end, 'bool8') !== 0;
    case 'struct':
      return getStruct(view, at, end, form as Struct);
    case 'headed':
      return getHeaded(view, at, end, form as Headed);
    case 'via': {
      const body = at + 2;
      return { family: get(view, at, body, form[1] as Form), addr: ip.get(view, body, end) };
    }
    case 'records': {
      const records: Values[] = [];
      while (at < end) {
        const length = end - at < 2 ? 0 : view.getUint16(at, LITTLE_ENDIAN);
        if (length < 2 || at + length > end) throw new CodecError(`length ${length} at byte ${at}`);
        records.push(getHeaded(view, at, at + length, form[2] as Headed));
        at += align4(length);
      }
      return records;
    }
    case 'flag':
      return true;
    default:
      return getNumber(view, at, end, form as Number);
  }
}

function getHeaded(view: DataView, at: number, end: number, form: Headed): Values {
  const value = getStruct(view, at, end, form[1]);
  const body = at + align4(form[1][2]);
  value['attrs'] = body < end ? getSet(view, body, end, form[2]) : {};
  return value;
}

function getStruct(view: DataView, at: number, end: number, struct: Struct): Values {
  const fields = struct[3];
  if (end - at < struct[2]) {
    throw new CodecError(`${end - at} bytes, ${struct[2]} needed`).within(struct[1]);
  }
  const value: Values = {};
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    value[field[0]] = get(view, at + field[1], at + field[2], field[3]);
  }
  return value;
}

function getSet(view: DataView, at: number, end: number, attributes: Attributes): Values {
  const byNumber = attributes[0];
  const values: Values = {};
  while (at < end) {
    const length = lengthOf(view, at, end);
    const attribute = byNumber[view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK];
    if (attribute !== undefined) {
      getAttribute(view, at + NLA_HDRLEN, at + length, attribute, values);
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
  attribute: Attribute,
  values: Values,
): void {
  const key = attribute[0];
  const form = chosen(attribute[2], values);
  try {
    if (attribute[4] === true) {
      const list = (values[key] ??= []) as unknown[];
      list.push(get(view, at, end, attribute[2]));
    } else if (form !== undefined && values[key] === undefined) {
      values[key] = get(view, at, end, form);
    }
  } catch (error) {
    rethrowWithin(error, attribute[1]);
  }
}

/** The length of the attribute at `at`. */
function lengthOf(view: DataView, at: number, end: number): number {
  const length = end - at < NLA_HDRLEN ? 0 : view.getUint16(at, LITTLE_ENDIAN);
  if (length < NLA_HDRLEN || at + length > end) torn(view, at, end);
  return length;
}

function getNumber(view: DataView, at: number, end: number, form: Number): number {
  const span = end - at;
  if (form === 'u32' && span === 4) return view.getUint32(at, LITTLE_ENDIAN);
  if (form === 's32' && span === 4) return view.getInt32(at, LITTLE_ENDIAN);
  if (form === 'u16' && span === 2) return view.getUint16(at, LITTLE_ENDIAN);
  if ((form === 'u8' || form === 'bool8') && span === 1) return view.getUint8(at);
  throw new CodecError(`${span} bytes are no ${form}`);
}

function wordOf(words: Words, number: number): string | number {
  for (let i = 1; i < words.length; i += 2) if (words[i] === number) return words[i - 1]!;
  return number;
}

/**
 * The names of the bits, in the order of the table; bits without a name are combined in a number at
 * the end.
 */
function wordsOf(words: Words, mask: number): (string | number)[] {
  const found: (string | number)[] = [];
  for (let i = 1; i < words.length && mask !== 0; i += 2) {
    const bit = words[i] as number;
    if ((mask & bit) >>> 0 !== bit) continue;
    found.push(words[i - 1]!);
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
  const isHeaded = form[0] === 'headed';
  if (!isHeaded && form[0] !== 'set') return;
  if (isHeaded) at = Math.min(end, at + align4((form[1] as Struct)[2]));
  const byNumber = (form[isHeaded ? 2 : 1] as Attributes)[0];
  const words: Values = {};
  while (at < end) {
    const stop = at + lengthOf(view, at, end);
    const body = at + NLA_HDRLEN;
    const number = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
    const attribute = byNumber[number];
    const name = attribute?.[1] ?? `nla${number}`;
    visit({ depth, at, body, end: stop, name, codec: undefined as never });
    if (attribute?.[2] === 'text') words[attribute[0]] = get(view, body, stop, 'text');
    const inner = attribute && chosen(attribute[2], words);
    if (inner !== undefined) walk(view, body, stop, inner, visit, depth + 1);
    at += align4(stop - at);
  }
}
