/**
 * A place in a specification: its value there, and the path that errors name. A key that nobody
 * asked for is noted, because it may mean something in a later kernel.
 */
import { CodecError } from '../errors.ts';
import { describe } from '../netlink/codec/given.ts';

export class Place {
  readonly path: readonly string[];
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #notes: string[];

  /** @throws CodecError if the value is not a mapping */
  constructor(value: unknown, path: readonly string[], notes: string[]) {
    this.path = path;
    this.#notes = notes;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.error(`${describe(value)} is not a mapping`);
    }
    this.#value = value as Readonly<Record<string, unknown>>;
  }

  error(reason: string, key?: string): CodecError {
    const error = new CodecError(reason);
    for (const part of [...(key === undefined ? [] : [key]), ...this.path.toReversed()]) {
      error.within(part);
    }
    return error;
  }

  note(text: string): void {
    this.#notes.push([...(this.path.length > 0 ? [this.path.join('/')] : []), text].join(': '));
  }

  /** Notes the keys that are not among these. */
  expect(known: readonly string[]): void {
    for (const key of Object.keys(this.#value)) {
      if (!known.includes(key)) this.note(`the key "${key}" is not known, and is ignored`);
    }
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined;
  }

  #get(key: string): unknown {
    const value = Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
    return value === null ? undefined : value;
  }

  text(key: string): string;
  text<D>(key: string, otherwise: D): string | D;
  text(key: string, ...otherwise: unknown[]): unknown {
    const value = this.#get(key);
    if (value === undefined && otherwise.length > 0) return otherwise[0];
    if (value === undefined) throw this.error(`"${key}" is missing`);
    if (typeof value !== 'string') throw this.error(`${describe(value)} is not text`, key);
    return value;
  }

  /** A number is a name too: `802.3`, 6. */
  name(key = 'name'): string {
    const value = this.#get(key);
    const name = typeof value === 'number' ? String(value) : this.text(key);
    if (name === '') throw this.error('a name must not be empty', key);
    return name;
  }

  flag(key: string): boolean {
    const value = this.#get(key) ?? false;
    if (typeof value !== 'boolean') throw this.error(`${describe(value)} is not a boolean`, key);
    return value;
  }

  integer(key: string): number | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    const isNumber = typeof value === 'number' || typeof value === 'bigint';
    const number = isNumber ? Number(value) : NaN;
    if (!Number.isInteger(number)) throw this.error(`${describe(value)} is not an integer`, key);
    return number;
  }

  /** A number, or the text that stands for one. */
  either(key: string): number | string | undefined {
    const value = this.#get(key);
    return typeof value === 'string' ? value : this.integer(key);
  }

  words(key: string): readonly string[] {
    const value = this.#get(key) ?? [];
    if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) {
      throw this.error('a list of names is needed', key);
    }
    return value as string[];
  }

  inside(key: string): Place | undefined {
    const value = this.#get(key);
    return value === undefined ? undefined : new Place(value, [...this.path, key], this.#notes);
  }

  /** The mappings of a list, whose paths have their names, where they have one. */
  list(key: string): Place[] {
    const value = this.#get(key) ?? [];
    if (!Array.isArray(value)) throw this.error('a list is needed', key);
    return value.map((each: unknown, index) => {
      // `- up` is short for `- name: up`.
      const isWord = typeof each === 'string' || typeof each === 'number';
      const item: unknown = isWord ? { name: String(each) } : each;
      const { name = index, value: word = name } = (item ?? {}) as Record<string, unknown>;
      const part = key === 'formats' ? word : name;
      const segment = typeof part === 'object' ? String(index) : String(part as string);
      return new Place(item, [...this.path, key, segment], this.#notes);
    });
  }
}

/** The documentation of a place as one line. */
export const sentence = (place: Place): string => place.text('doc', '').replace(/\s+/g, ' ').trim();

/** A name as the kernel's headers have it. */
export const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');
