/**
 * Decodes JSON by a declared schema, with the rules of Go's decoder that existing configurations
 * rely on: keys match without regard to case, repeated keys are applied in document order and
 * objects are merged, `null` unsets a list or an address and changes nothing else, and an integer
 * is written without fraction and exponent.
 *
 * One pass over the document validates, folds keys, fills in defaults, and knows at each point the
 * path to name in an error. Keys that are in no schema are collected and not refused.
 */
import { canonicalAddress, canonicalCidr } from '../ip.ts';
import { CniError, INVALID_NETWORK_CONFIG } from './errors.ts';
import { excerpt, isArray, isObject, kindOf } from './json-text.ts';
import type { JsonNode, JsonObject } from './json-text.ts';
import { fold, isSameKey } from './keys.ts';
import type { UnknownKey } from './keys.ts';
import type { Static, TSchema } from './schema.ts';

/** The parts of a schema that the walker reads. */
interface Schema {
  readonly type?: string;
  readonly raw?: boolean;
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
}

type Fields = Record<string, unknown>;

/** Decodes `node`; keys that the schema does not know are added to `unknown`. */
export function decode<T extends TSchema>(
  schema: T,
  node: JsonNode,
  unknown: UnknownKey[] = [],
): Static<T> {
  return walk(schema as Schema, node, '', undefined, unknown) as Static<T>;
}

/**
 * The value of one key of an object, found the way the decoder finds it. `null` counts as absent,
 * and where `isTakenBack` it unsets an earlier value: for keys that are pointers in the reference.
 */
export function member(
  object: JsonObject,
  name: string,
  isTakenBack = false,
): JsonNode | undefined {
  let found: JsonNode | undefined;
  let merged: JsonObject['members'][number][] | undefined;
  for (const [key, value] of object.members) {
    if (!isSameKey(key, name)) continue;
    if (value === null) {
      if (isTakenBack) found = undefined;
    } else if (found !== undefined && isObject(found) && isObject(value)) {
      if (found.members !== merged) found = { members: (merged = [...found.members]) };
      for (const member of value.members) merged.push(member);
    } else found = value;
  }
  return found;
}

/**
 * The depth of nested lists and objects. No reader goes half as deep, and the stack is large
 * enough.
 */
const READ_DEPTH = 32;

/**
 * A node as plain data for readers that fold keys themselves: of keys that differ only in case the
 * last one comes last, objects under them are merged, and no value is null. A number like `1.0`
 * stays a node, so that it is not mistaken for an integer; so does one that is too large to be
 * exact.
 */
export function plain(node: JsonNode, before: unknown = {}, depth = 0): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (depth === READ_DEPTH) return null;
  if (isArray(node)) {
    const items: unknown[] = [];
    for (const item of node) items.push(plain(item, {}, depth + 1));
    return items;
  }
  if (!isObject(node)) {
    const value = Number(node.number);
    if (!Number.isInteger(value)) return value;
    return Number.isSafeInteger(value) && isIntegerText(node.number) ? value : node;
  }
  const object = before as Fields;
  // How each key was last written, for the few whose earlier value matters.
  let spelled: Map<string, string> | undefined;
  for (const [key, value] of node.members) {
    let earlier: unknown;
    if (value === null || isObject(value)) {
      spelled ??= spellings(object);
      const written = spelled.get(fold(key));
      earlier = written === undefined ? undefined : object[written];
      if (value === null && !Array.isArray(earlier) && !isAddress(key)) continue;
      if (written !== undefined) delete object[written];
      if (value === null) {
        spelled.delete(fold(key));
        continue;
      }
    } else delete object[key];
    const isMerged = typeof earlier === 'object' && !Array.isArray(earlier);
    set(object, key, plain(value, isMerged ? earlier : {}, depth + 1));
    spelled?.set(fold(key), key);
  }
  return object;
}

/**
 * Keys of `ipam` with a single address, which is a list of bytes for the reference's decoder. Null
 * unsets lists, and nothing else.
 */
const isAddress = (key: string): boolean =>
  ['gateway', 'rangestart', 'rangeend'].includes(fold(key));

function spellings(object: Fields): Map<string, string> {
  const spelled = new Map<string, string>();
  for (const written in object) spelled.set(fold(written), written);
  return spelled;
}

function walk(
  schema: Schema,
  node: JsonNode,
  path: string,
  before: unknown,
  unknown: UnknownKey[],
): unknown {
  if (schema.type === 'object') {
    if (!isObject(node)) throw wrongType(path, node, 'an object');
    if (schema.raw) return node;
    return fields(schema, node, path, (before as Fields | undefined) ?? {}, unknown);
  }
  if (schema.raw) return node;
  if (schema.type === 'array') {
    if (!isArray(node)) throw wrongType(path, node, 'a list');
    const items = schema.items ?? { raw: true };
    const values: unknown[] = [];
    for (const item of node) {
      const here = `${path}[${values.length}]`;
      // Go leaves the zero value where a list contains null; for a list of objects an error is
      // better.
      if (item === null && !items.raw)
        throw new CniError(INVALID_NETWORK_CONFIG, `${here} is null`);
      values.push(walk(items, item, here, undefined, unknown));
    }
    return values;
  }
  return scalar(schema, node, path);
}

function fields(
  schema: Schema,
  node: JsonObject,
  path: string,
  into: Fields,
  unknown: UnknownKey[],
): Fields {
  const known = schema.properties ?? {};
  for (const key in known) {
    const property = known[key]!;
    if (!(key in into) && 'default' in property) into[key] = copied(property.default);
  }
  const rest = schema.additionalProperties;
  for (const [written, value] of node.members) {
    const key = keyOf(known, written);
    const property = key === undefined ? rest : known[key];
    const here = path === '' ? (key ?? written) : `${path}.${key ?? written}`;
    if (typeof property === 'object') {
      if (value !== null) {
        set(into, key ?? written, walk(property, value, here, into[key ?? written], unknown));
      } else if (property.type === 'array' || property.format === 'ip') {
        delete into[key!];
      }
    } else if (property !== true && !written.includes('/')) {
      unknown.push({ path: here, written, value, known: Object.keys(known) });
    }
  }
  for (const key of schema.required ?? []) {
    if (!(key in into)) fail(path === '' ? key : `${path}.${key}`, 'missing');
  }
  return into;
}

/** A key named `__proto__` stays data. */
function set(into: Fields, key: string, value: unknown): void {
  if (value === undefined) return;
  if (key !== '__proto__') into[key] = value;
  else
    Object.defineProperty(into, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

/**
 * Defaults are shared by all decodings, so a list or an object is copied; schemas declare only flat
 * ones.
 */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return typeof value === 'object' ? { ...value } : value;
}

function scalar(schema: Schema, node: JsonNode, path: string): unknown {
  switch (schema.type) {
    case 'boolean':
      if (typeof node !== 'boolean') throw wrongType(path, node, 'true or false');
      return node;
    case 'integer':
      return integer(schema, node, path);
    case 'string':
      if (typeof node !== 'string') throw wrongType(path, node, 'a string');
      return text(schema, node, path);
  }
  throw new TypeError(`${path}: the schema declares no type that can be decoded`);
}

function integer(schema: Schema, node: JsonNode, path: string): number {
  const written = kindOf(node) === 'number' ? (node as { number: string }).number : '';
  if (!isIntegerText(written)) throw wrongType(path, node, 'an integer');
  const value = Number(written);
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
  if (value < minimum || value > maximum) {
    const atMost = value > maximum ? `at most ${maximum}` : `at least ${minimum}`;
    const range = schema.minimum === undefined ? atMost : `${minimum} to ${maximum}`;
    fail(path, `${written} is out of range, ${range} is expected`);
  }
  // Not `-0`, which would be printed as such.
  return value === 0 ? 0 : value;
}

/** `1.0` and `1e3` are integers in mathematics, but not for the reference's decoder. */
function isIntegerText(written: string): boolean {
  return /^-?[0-9]+$/.test(written);
}

function text(schema: Schema, node: string, path: string): string | undefined {
  if (schema.enum !== undefined && !schema.enum.includes(node)) {
    fail(
      path,
      `${excerpt(node)} is not one of ${schema.enum.map((word) => JSON.stringify(word)).join(', ')}`,
    );
  }
  if (schema.format === 'ip') {
    // An item of a list cannot be "not set".
    if (node === '' && !path.endsWith(']')) return undefined;
    return canonicalAddress(node) ?? fail(path, `invalid IP address: ${node}`);
  }
  if (schema.format === 'cidr') {
    return canonicalCidr(node) ?? fail(path, `invalid CIDR address: ${node}`);
  }
  return node;
}

/** The error for a value of a different JSON type than the expected one. */
export function wrongType(path: string, node: JsonNode, expected: string): CniError {
  const where = path === '' ? 'the document' : path;
  return new CniError(
    INVALID_NETWORK_CONFIG,
    `${where} is ${describe(node)}, ${expected} is expected`,
  );
}

function describe(node: JsonNode): string {
  const kind = kindOf(node);
  if (kind === 'null') return 'null';
  const article = kind === 'array' || kind === 'object' ? 'an' : 'a';
  return `${article} ${kind} (${excerpt(node)})`;
}

function fail(path: string, reason: string): never {
  throw new CniError(INVALID_NETWORK_CONFIG, `${path}: ${reason}`);
}

/**
 * The key of a schema that a document's key means. Loops are used, because `Object.hasOwn` and
 * `find` are more expensive when they run only once.
 */
function keyOf(known: Readonly<Record<string, Schema>>, written: string): string | undefined {
  for (const key in known) if (key === written) return key;
  for (const key in known) if (isSameKey(key, written)) return key;
  return undefined;
}
