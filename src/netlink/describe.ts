/**
 * Declarations read as data: all attribute sets of a protocol with the path that leads to them. Coverage and the reference
 * pages are made from this.
 */
import type { Attr, AttributeSet } from './attributes.ts';
import type { Codec } from './codec.ts';
import type { Protocol } from './message.ts';

/** An attribute set of a protocol. A set that is used in several places is listed where it is met first. */
export interface DeclaredSet {
  /** `link/IFLA_LINKINFO/IFLA_INFO_DATA(bridge)` */
  readonly path: string;
  readonly set: AttributeSet<any, any>;
}

/** All sets that the messages of a protocol are made of, outermost first. */
export function setsOf(protocol: Protocol): DeclaredSet[] {
  const result: DeclaredSet[] = [];
  const seen = new Set<unknown>();
  for (const message of protocol.messages) collect(message.body, message.name, result, seen);
  return result;
}

/** All sets inside a codec. */
export function setsIn(codec: Codec<any, any>, path: string): DeclaredSet[] {
  const result: DeclaredSet[] = [];
  collect(codec, path, result, new Set());
  return result;
}

function collect(
  codec: Codec<any, any>,
  path: string,
  result: DeclaredSet[],
  seen: Set<unknown>,
): void {
  if (isSet(codec)) {
    // By its attributes: a set inside `nested` is another object with the same ones.
    if (seen.has(codec.attributes)) return;
    seen.add(codec.attributes);
    result.push({ path, set: codec });
    for (const { name, codec: value } of attributesOf(codec)) {
      collect(value, `${path}/${name}`, result, seen);
    }
  }
  if (seen.has(codec)) return;
  seen.add(codec);
  for (const { codec: inside, word } of codec.inner?.() ?? []) {
    collect(inside, word === undefined ? path : `${path}(${word})`, result, seen);
  }
}

export const isSet = (codec: Codec<any, any>): codec is AttributeSet<any, any> =>
  (codec as Partial<AttributeSet<any, any>>).kind === 'attributes';

/** The attributes of a set with their keys. */
export const attributesOf = (set: AttributeSet<any, any>): ({ readonly key: string } & Attr)[] =>
  Object.entries(set.attributes as Record<string, Attr>).map(([key, attr]) => ({ key, ...attr }));
