/**
 * Typed reads of one JSON object of the configuration.
 *
 * Keys match as in the reference's decoder: in any letter case, the last spelling wins, `null`
 * means "not set", unknown keys are ignored. Every error names the path of the key and shows the
 * value.
 */
import { parseAddress, parsePrefix, widthOf, type Address, type Prefix } from '../../ip.ts';
import { configError, shown } from './errors.ts';

export interface Fields {
  readonly path: string;
  has(key: string): boolean;
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** An integer from 0 to `max`. */
  count(key: string, max?: number): number | undefined;
  /** `""` means "not set". */
  address(key: string): Address | undefined;
  prefix(key: string): Prefix | undefined;
  object(key: string): Fields | undefined;
  /** The items of a list, each with its path; a missing list is empty. */
  list<T>(key: string, item: (value: unknown, path: string) => T): T[];
  raw(key: string): unknown;
}

export function fieldsOf(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(path, 'an object', value);
  }
  const values = new Map<string, unknown>();
  for (const key in value) {
    const entry = (value as Record<string, unknown>)[key];
    if (entry !== null && entry !== undefined) values.set(key.toLowerCase(), entry);
  }
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const read = <T>(key: string, convert: (entry: unknown, where: string) => T): T | undefined => {
    const entry = values.get(key.toLowerCase());
    return entry === undefined ? undefined : convert(entry, at(key));
  };
  return {
    path,
    raw: (key) => values.get(key.toLowerCase()),
    has: (key) => values.has(key.toLowerCase()),
    text: (key) => read(key, textOf),
    flag: (key) => read(key, flagOf),
    count: (key, max = Number.MAX_SAFE_INTEGER) =>
      read(key, (entry, where) => countOf(entry, where, max)),
    address: (key) => read(key, optionalAddressOf),
    prefix: (key) => read(key, prefixOf),
    object: (key) => read(key, fieldsOf),
    list: <T>(key: string, item: (entry: unknown, path: string) => T): T[] => {
      const items: T[] = [];
      for (const entry of read(key, listOf) ?? [])
        items.push(item(entry, `${at(key)}[${items.length}]`));
      return items;
    },
  };
}

export function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string') throw wrongType(path, 'a string', value);
  return value;
}

export function listOf(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw wrongType(path, 'a list', value);
  return value;
}

export function prefixOf(value: unknown, path: string): Prefix {
  const text = textOf(value, path);
  const prefix = parsePrefix(text);
  if (!prefix) throw configError(`invalid CIDR address: ${text}`, path, value);
  return prefix;
}

export function addressOf(value: unknown, path: string): Address {
  const text = textOf(value, path);
  const address = parseAddress(text);
  if (!address) throw configError(`invalid IP address: ${text}`, path, value);
  return address;
}

/** An address, with or without a prefix length. */
export function addressOrPrefixOf(value: unknown, path: string): Prefix {
  const text = textOf(value, path);
  if (text.includes('/')) return prefixOf(value, path);
  const address = addressOf(value, path);
  const width = widthOf(address);
  return { address, length: width, width };
}

function optionalAddressOf(value: unknown, path: string): Address | undefined {
  return value === '' ? undefined : addressOf(value, path);
}

function flagOf(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw wrongType(path, 'true or false', value);
  return value;
}

function countOf(value: unknown, path: string, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    const expected =
      max === Number.MAX_SAFE_INTEGER ? 'a whole number' : `a whole number up to ${max}`;
    throw wrongType(path, expected, value);
  }
  return value;
}

export function wrongType(path: string, expected: string, value: unknown): Error {
  const key = path === '' ? 'network configuration' : path;
  return configError(`${key}: expected ${expected}, got ${shorten(value)}`, key, value);
}

function shorten(value: unknown): string {
  const text = shown(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
