/**
 * Decoding JSON by a declared schema, with the rules of Go's decoder that configurations in the field
 * rely on: keys match without regard to case, repeated keys are applied in document order and objects
 * merged, `null` changes nothing, and an integer is written without fraction and exponent.
 *
 * One pass over the document validates, folds keys, fills in defaults, and knows at each point the path
 * to name in an error. Keys that no schema knows are collected rather than refused.
 */
import { canonicalCidr, canonicalIp } from './address-text.ts';
import { CniError, INVALID_NETWORK_CONFIG } from './errors.ts';
import { excerpt, isArray, isObject, kindOf } from './json-text.ts';
import type { JsonNode, JsonObject } from './json-text.ts';
import type { Static, TSchema } from './schema.ts';

/** A key that no schema names, with its value and the known key that is spelled most like it. */
export interface UnknownKey {
  readonly path: string;
  readonly value: string;
  readonly nearest?: string;
}

/** The parts of a schema that the walker looks at. */
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

/** The value of one key of an object, found the way the decoder finds it; `null` counts as absent. */
export function member(object: JsonObject, name: string): JsonNode | undefined {
  const folded = fold(name);
  let found: JsonNode | undefined;
  for (const [key, value] of object.members) {
    if (value !== null && (key === name || fold(key) === folded)) found = value;
  }
  return found;
}

/**
 * A node as plain data for readers that fold keys themselves: of keys that are equal but for case the last one
 * comes last, and none is null. A number like `1.0` stays a node, so that it does not pass for an integer.
 */
export function plain(node: JsonNode): unknown {
  if (isArray(node)) {
    const items: unknown[] = [];
    for (const item of node) items.push(plain(item));
    return items;
  }
  if (typeof node !== 'object' || node === null) return node;
  if (!isObject(node)) {
    const value = Number(node.number);
    return Number.isInteger(value) && !isIntegerText(node.number) ? node : value;
  }
  const object: Fields = {};
  for (const [key, value] of node.members) {
    if (value === null) continue;
    delete object[key];
    set(object, key, plain(value));
  }
  return object;
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
      // Go leaves the zero value where a list holds null; a list of objects is better off without it.
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
      }
    } else if (property !== true && !written.includes('/')) {
      const hint = nearest(written, Object.keys(known));
      unknown.push({ path: here, value: excerpt(value), ...hint });
    }
  }
  for (const key of schema.required ?? []) {
    if (!(key in into)) refuse(path === '' ? key : `${path}.${key}`, 'missing');
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

/** A default is shared by all decodings, so a list or an object is copied; what a schema declares is flat. */
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
    refuse(path, `${written} is out of range, ${minimum} to ${maximum} is expected`);
  }
  // Not `-0`, which would print as such.
  return value === 0 ? 0 : value;
}

/** `1.0` and `1e3` are whole numbers to mathematics, but no integers to the reference's decoder. */
function isIntegerText(written: string): boolean {
  return /^-?[0-9]+$/.test(written);
}

function text(schema: Schema, node: string, path: string): string | undefined {
  if (schema.enum !== undefined && !schema.enum.includes(node)) {
    refuse(
      path,
      `${excerpt(node)} is not one of ${schema.enum.map((word) => JSON.stringify(word)).join(', ')}`,
    );
  }
  if (schema.format === 'ip') {
    // Lists have no "not set".
    if (node === '' && !path.endsWith(']')) return undefined;
    return canonicalIp(node) ?? refuse(path, `invalid IP address: ${node}`);
  }
  if (schema.format === 'cidr') {
    return canonicalCidr(node) ?? refuse(path, `invalid CIDR address: ${node}`);
  }
  return node;
}

/** The error for a value of another JSON type than the one that is expected. */
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

function refuse(path: string, reason: string): never {
  throw new CniError(INVALID_NETWORK_CONFIG, `${path}: ${reason}`);
}

/** The key of a schema that a document's key means. Loops, not `Object.hasOwn` and `find`, which cost more than they do when they run once. */
function keyOf(known: Readonly<Record<string, Schema>>, written: string): string | undefined {
  for (const key in known) if (key === written) return key;
  const folded = fold(written);
  for (const key in known) if (fold(key) === folded) return key;
  return undefined;
}

/** Unicode's simple case folding, as far as letters of declared keys can be its target. */
function fold(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's');
}

/** The keys of an object that are none of `known`; for readers that decode it themselves. */
export function unknownKeys(
  node: JsonObject,
  known: readonly string[],
  path: string,
): UnknownKey[] {
  const unknown: UnknownKey[] = [];
  for (const [written, value] of node.members) {
    if (known.includes(written) || written.includes('/')) continue;
    const folded = fold(written);
    if (known.some((key) => fold(key) === folded)) continue;
    const here = `${path}.${written}`;
    unknown.push({ path: here, value: excerpt(value), ...nearest(written, known) });
  }
  return unknown;
}

function nearest(written: string, known: readonly string[]): { nearest?: string } {
  const limit = Math.max(1, Math.floor(written.length / 3));
  let best: { nearest?: string } = {};
  let least = limit + 1;
  for (const key of known) {
    const distance = editDistance(fold(written), fold(key));
    if (distance < least) {
      least = distance;
      best = { nearest: key };
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, previous[j - 2]! + 1);
      }
      next.push(cost);
    }
    previous = row;
    row = next;
  }
  return row[b.length]!;
}

/** The sentence that warns about a key nobody reads. */
export function describeUnknownKey({ path, value, nearest }: UnknownKey): string {
  const hint = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  return `unknown key ${JSON.stringify(path)} (${value}) in the network configuration${hint}`;
}
