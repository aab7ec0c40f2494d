/**
 * Reads declarations as data: all attribute sets of a protocol, each with its path. Coverage and
 * the reference pages are made from this.
 */
import type { Attr, AttributeSet } from './attributes.ts';
import type { Codec } from './codec.ts';
import type { AnyMessage } from './message.ts';
import type { Protocol } from './protocol.ts';

/** An attribute set of a protocol. A set used in several places is listed where it is first met. */
export interface DeclaredSet {
  /** `link/IFLA_LINKINFO/IFLA_INFO_DATA(bridge)` */
  readonly path: string;
  readonly set: AttributeSet<any, any>;
  /** The enclosing set; undefined for the set of a message. */
  readonly parent?: DeclaredSet | undefined;
}

/** All sets in the messages of a protocol, outermost first. */
export function setsOf(protocol: Protocol): DeclaredSet[] {
  const walk = new Walk();
  for (const message of protocol.messages) walk.visit(message.body, message.name, undefined);
  return walk.found;
}

/** All sets inside a codec. */
export function setsIn(codec: Codec<any, any>, path: string): DeclaredSet[] {
  const walk = new Walk();
  walk.visit(codec, path, undefined);
  return walk.found;
}

class Walk {
  readonly found: DeclaredSet[] = [];
  readonly #seen = new Set<unknown>();

  visit(codec: Codec<any, any>, path: string, parent: DeclaredSet | undefined): void {
    let around = parent;
    if (isSet(codec)) {
      // Compared by its attributes: a set inside `nested` is another object with the same ones.
      if (this.#isKnown(codec.attributes)) return;
      around = { path, set: codec, parent };
      this.found.push(around);
      for (const { name, codec: value } of attributesOf(codec)) {
        this.visit(value, `${path}/${name}`, around);
      }
    }
    if (this.#isKnown(codec)) return;
    for (const { codec: inside, word } of codec.inner?.() ?? []) {
      this.visit(inside, word === undefined ? path : `${path}(${word})`, around);
    }
  }

  #isKnown(thing: unknown): boolean {
    if (this.#seen.has(thing)) return true;
    this.#seen.add(thing);
    return false;
  }
}

export const isSet = (codec: Codec<any, any>): codec is AttributeSet<any, any> =>
  (codec as Partial<AttributeSet<any, any>>).kind === 'attributes';

/** The attributes of a set with their keys. */
export const attributesOf = (set: AttributeSet<any, any>): ({ readonly key: string } & Attr)[] =>
  Object.entries(set.attributes as Record<string, Attr>).map(([key, attr]) => ({ key, ...attr }));

/** The names of an enum or mask with their numbers; undefined for other codecs. */
export function wordsOf(codec: Codec<any, any>): Readonly<Record<string, number>> | undefined {
  const { numbers, bits } = codec as { numbers?: Record<string, number>; bits?: typeof numbers };
  return numbers ?? bits;
}

/**
 * Whether a message declares this type and, if it is declared for one family, the first payload
 * byte is that family.
 */
export const carries = (
  { types, family }: AnyMessage,
  type: string,
  firstByte: number | undefined,
): boolean => type in types && (family === undefined || firstByte === family);
