/**
 * Attributes whose contents depend on a neighbouring attribute: `IFLA_INFO_KIND` selects what
 * `IFLA_INFO_DATA` holds.
 *
 * Callers can register kinds of their own. The data of an unregistered kind is kept as bytes under
 * `nla<number>`.
 */
import type { Selected } from './attributes.ts';
import type { Codec, Inner } from './codec.ts';
import { CodecError } from '../../errors.ts';

export interface Kinds {
  /** Adds a kind. Throws CodecError if the name is taken. */
  register(word: string, codec: Codec<any, any>): void;
  get(word: string): Codec<any, any> | undefined;
  words(): readonly string[];
}

/** A registry of sets by name. `what` names the registry in errors: `link kind`. */
export const kinds = (
  what: string,
  initial: Readonly<Record<string, Codec<any, any>>> = {},
): Kinds => new Registry(what, initial);

class Registry implements Kinds {
  declare readonly what: string;
  declare readonly initial: Readonly<Record<string, Codec<any, any>>>;
  declare registered: Map<string, Codec<any, any>> | undefined;

  constructor(what: string, initial: Readonly<Record<string, Codec<any, any>>>) {
    this.what = what;
    this.initial = initial;
    this.registered = undefined;
  }

  register(word: string, codec: Codec<any, any>): void {
    if (this.get(word) !== undefined) {
      throw new CodecError(`${this.what} "${word}" is already registered`);
    }
    (this.registered ??= new Map()).set(word, codec);
  }

  get(word: string): Codec<any, any> | undefined {
    return Object.hasOwn(this.initial, word) ? this.initial[word] : this.registered?.get(word);
  }

  words(): readonly string[] {
    return [...Object.keys(this.initial), ...(this.registered?.keys() ?? [])];
  }
}

/**
 * A second attribute that can select if the first is missing; `word` turns its value into a name of
 * the registry.
 */
export interface SecondChoice {
  readonly by: string;
  word(value: string): string | undefined;
}

/** An attribute's codec, selected by the value under the key `by` of the same set. */
export const byKind = (by: string, registry: Kinds, second?: SecondChoice): Selected<any, any> =>
  new ByKind(by, registry, second);

class ByKind implements Selected<any, any> {
  declare readonly first: string;
  declare readonly registry: Kinds;
  declare readonly second: SecondChoice | undefined;

  constructor(first: string, registry: Kinds, second: SecondChoice | undefined) {
    this.first = first;
    this.registry = registry;
    this.second = second;
  }

  get type(): string {
    return `set chosen by ${this.first}`;
  }

  get by(): readonly string[] {
    return this.second === undefined ? [this.first] : [this.first, this.second.by];
  }

  select(value: unknown, key: string): Codec<any, any> | undefined {
    if (typeof value !== 'string') return undefined;
    const word = key === this.first ? value : this.second?.word(value);
    return word === undefined ? undefined : this.registry.get(word);
  }

  get(): never {
    throw new CodecError(`the codec is selected by "${this.first}"`);
  }

  put(): never {
    throw new CodecError(`the codec is selected by "${this.first}"`);
  }

  show(): never {
    throw new CodecError(`the codec is selected by "${this.first}"`);
  }

  inner(): readonly Inner[] {
    return this.registry.words().map((word) => ({ word, codec: this.registry.get(word)! }));
  }
}
