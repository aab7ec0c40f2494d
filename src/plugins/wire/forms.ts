/**
 * What a printed table says about a message: how each of its values is encoded.
 *
 * Tables are few and flat arrays, because each ADD makes them anew: on the executables' engine an
 * array costs some six hundred instructions and each element of its literal thirty; each property
 * of an object literal costs as many as an array.
 */
import type { Codec } from '../../netlink/codec/codec.ts';

/** A message with the attributes that are needed; its form is made when it is first used. */
export type Table = readonly [
  name: string,
  types: Readonly<Record<string, number>>,
  form: Headed | (() => Headed),
  family?: number,
];

/** How a value is encoded: a number, bytes or a flag by its name, or a codec of its own. */
export type Form =
  string | Codec<any, any> | Words | Struct | Attributes | Headed | Kind | Flagged | List | Other;

/** One word, or a list of those whose bits are set; each word is followed by its number. */
export type Words = readonly ['enum' | 'flags', base: string, ...(string | number)[]];

/** For each field its key, its first byte, the byte after its last, and its form. */
export type Struct = readonly ['struct', name: string, span: number, ...(string | number | Form)[]];

/**
 * For each number from zero on the key and the form of the attribute; zeros where it is not picked.
 * The kernel's name is the prefix, such as `IFLA_`, and the key.
 */
export type Attributes = readonly ['set', prefix: string, ...(string | 0 | Form)[]];

/** A struct, and attributes after it. */
export type Headed = readonly ['headed', head: Struct, body: Attributes];

/** The form is selected by the word under another key: each word is followed by its form. */
export type Kind = readonly ['kind', by: string, ...Form[]];

/** The type of the attribute has flags, such as `NLA_F_NESTED`. */
export type Flagged = readonly ['flagged', Form, flags: number];

/** Attributes of one type, one for each value of the array. */
export type List = readonly ['list', Form, word: number, name: string];

export type Other =
  /** The attribute may occur several times, each time with one value of the array. */
  | readonly ['many', Form]
  /** An address family in this form, and an address of that family. */
  | readonly ['via', Form]
  /** One after the other; each begins with its length. */
  | readonly ['records', Headed];
