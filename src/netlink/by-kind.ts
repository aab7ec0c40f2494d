/**
 * Attributes whose set depends on a word beside them: `IFLA_INFO_KIND` chooses what `IFLA_INFO_DATA` holds.
 *
 * A kind can be registered from outside this library; a kind that nobody registered keeps its data as the bytes `nla<number>`.
 */
import type { Selected } from './attributes.ts';
import type { Codec } from './codec.ts';
import { CodecError } from './errors.ts';

export interface Kinds {
  /** Adds a kind. Throws when the word is taken. */
  register(word: string, codec: Codec<any, any>): void;
  get(word: string): Codec<any, any> | undefined;
  words(): readonly string[];
}

/** A registry of sets by word; `what` names it in errors: `link kind`. */
export function kinds(
  what: string,
  initial: Readonly<Record<string, Codec<any, any>>> = {},
): Kinds {
  const codecs = new Map<string, Codec<any, any>>(Object.entries(initial));
  return {
    register(word, codec) {
      if (codecs.has(word)) throw new RangeError(`${what} "${word}" is already registered`);
      codecs.set(word, codec);
    },
    get: (word) => codecs.get(word),
    words: () => [...codecs.keys()],
  };
}

/** A second attribute that can choose, where the first is missing; `word` makes a word of the registry of its value. */
export interface SecondChoice {
  readonly by: string;
  word(value: string): string | undefined;
}

/** The codec of an attribute that the word under the key `by` of the same set chooses. */
export function byKind(by: string, registry: Kinds, second?: SecondChoice): Selected<any, any> {
  const undecided = (): never => {
    throw new CodecError(`the kind under "${by}" decides`);
  };
  return {
    type: `set chosen by ${by}`,
    by: second === undefined ? [by] : [by, second.by],
    select(value, key) {
      if (typeof value !== 'string') return undefined;
      const word = key === by ? value : second?.word(value);
      return word === undefined ? undefined : registry.get(word);
    },
    get: undecided,
    put: undecided,
    show: undecided,
    inner: () => registry.words().map((word) => ({ word, codec: registry.get(word)! })),
  };
}
