/**
 * Makes the codecs of a specification's enums, structs and attribute sets, each with the text of
 * its declaration.
 */
import type { Place } from './spec-place.ts';
import type {
  AttributeSpec,
  EnumSpec,
  FormatSpec,
  MemberSpec,
  SetSpec,
  Spec,
  ValueSpec,
} from './spec.ts';
import {
  call,
  Definitions,
  items,
  number,
  record,
  text,
  word,
  type Term,
  type Word,
} from './term.ts';

/** How the keys of values are made from the names of a specification. */
export type KeyOf = (name: string) => string;

/** Codecs of fixed size, by type and byte order. */
const SCALARS: Readonly<
  Record<string, readonly [host: Word, big: Word, little: Word | undefined]>
> = {
  u8: ['u8', 'u8', 'u8'],
  u16: ['u16', 'be16', 'le16'],
  u32: ['u32', 'be32', 'le32'],
  u64: ['u64', 'be64', 'le64'],
  s8: ['s8', 's8', 's8'],
  s16: ['s16', 'sbe16', undefined],
  s32: ['s32', 'sbe32', undefined],
  s64: ['s64', 'sbe64', undefined],
  uint: ['uint', 'uint', 'uint'],
  sint: ['sint', 'sint', 'sint'],
};
/** Those whose names need `wideEnumOf`. */
const WIDE = ['u64', 's64', 'uint', 'sint'];

/** The selector that a set lacks, because it stands in the set around it, and its word there. */
interface Selection {
  readonly selector: string;
  /** Undefined for all words without a format. */
  readonly word: string | undefined;
}

export class Declarations {
  readonly definitions = new Definitions();
  readonly #spec: Spec;
  readonly #keyOf: KeyOf;
  readonly #made = new Map<string, Term>();
  /** Sets that are being made: one inside itself refers to its name. */
  readonly #open = new Map<string, string>();

  constructor(spec: Spec, keyOf: KeyOf) {
    this.#spec = spec;
    this.#keyOf = keyOf;
  }

  /** Makes what has this name once. */
  #once(name: string, make: () => Term): Term {
    const found = this.#made.get(name);
    if (found !== undefined) return found;
    const made = make();
    this.#made.set(name, made);
    return made;
  }

  #key(place: Place, name: string): string {
    const key = this.#keyOf(name);
    if (/^nla(?:\d|Notes$)/.test(key)) {
      throw place.error(`"${name}" is kept for attributes that are not declared`, 'name');
    }
    if (key === '' || key === '__proto__') throw place.error(`"${name}" is no key`, 'name');
    return key;
  }

  /** The entries of a record, whose keys must differ. */
  #record<T extends { readonly at: Place; readonly name: string }>(
    parts: readonly T[],
    make: (part: T, key: string) => readonly [string, Term],
  ): Term<object> {
    const names = new Map<string, string>();
    return record(
      parts.map((part) => {
        const key = this.#key(part.at, part.name);
        const other = names.get(key);
        if (other !== undefined) throw part.at.error(`"${other}" has the key "${key}" too`, 'name');
        names.set(key, part.name);
        return make(part, key);
      }),
    );
  }

  /* Numbers */

  /** The words of an enum as numbers, or as masks. */
  #words(place: Place, name: string, asFlags: boolean, base: string): [Term, isFlags: boolean] {
    const found = this.#spec.enums.get(name);
    if (found === undefined) throw place.error(`there is no enum "${name}"`, 'enum');
    const isFlags = asFlags || found.isFlags;
    const bits = isFlags ? (WIDE.includes(base) ? 64 : Number(base.slice(1))) : undefined;
    const id = bits === undefined ? `enum ${name}` : `flags ${name} ${bits}`;
    return [this.#once(id, () => this.#numbers(found, bits)), isFlags];
  }

  #numbers({ name, doc, numbers }: EnumSpec, bits: number | undefined): Term {
    // A word beyond the bits of this type cannot occur in it.
    const entries = Object.entries(numbers).filter(
      ([, value]) => bits === undefined || (value >= 0 && value < bits),
    );
    const term = record(
      entries.map(([entry, value]) => [
        entry,
        bits === undefined ? number(value) : number(2 ** value, true),
      ]),
    );
    return this.definitions.add(this.definitions.take(name), term, doc);
  }

  #scalar(value: ValueSpec, type = value.type): Term {
    const forms = SCALARS[type]!;
    const order = ['big-endian', 'little-endian'].indexOf(value.byteOrder ?? '') + 1;
    if (value.byteOrder !== undefined && order === 0) {
      throw value.at.error(`"${value.byteOrder}" is no order of bytes`, 'byte-order');
    }
    const form = forms[order];
    const isEither = type === 'uint' || type === 'sint';
    if (form === undefined || (isEither && order !== 0)) {
      throw value.at.error(`${value.byteOrder} is not supported for ${type}`, 'byte-order');
    }
    if (value.enum === undefined) {
      return type === 'u32' && value.hint === 'ipv4' && order === 1 ? word('ipv4') : word(form);
    }
    const [words, isFlags] = this.#words(value.at, value.enum, value.asFlags, type);
    const wide = WIDE.includes(type);
    const of = isFlags ? (wide ? 'wideFlagsOf' : 'flagsOf') : wide ? 'wideEnumOf' : 'enumOf';
    return call(of, word(form), words);
  }

  /* Structs */

  struct(place: Place, name: string, key: string): Term {
    const spec = this.#spec.structs.get(name);
    if (spec === undefined) throw place.error(`there is no struct "${name}"`, key);
    const id = `struct ${name}`;
    if (this.#open.has(id)) throw place.error(`the struct "${name}" is inside itself`, key);
    return this.#once(id, () => {
      this.#open.set(id, '');
      const term = call('struct', text(name.replaceAll('-', '_')), this.fields(spec.members));
      this.#open.delete(id);
      return this.definitions.add(this.definitions.take(name), term, spec.doc);
    });
  }

  /** The fields of a struct, as a record. */
  fields(members: readonly MemberSpec[]): Term<object> {
    return this.#record(members, (member, key) => {
      if (member.type === 'pad') return [`_${key}`, this.#member(member)];
      if (key.startsWith('_') || key === 'attrs' || key === 'rest') {
        throw member.at.error(`a member must not have the name "${member.name}"`, 'name');
      }
      return [key, this.#member(member)];
    });
  }

  #member(member: MemberSpec): Term {
    const { at, type, length, hint, struct } = member;
    if (type in SCALARS && type !== 'uint' && type !== 'sint') {
      const scalar = this.#scalar(member);
      if (!('span' in (scalar.value as object))) {
        throw at.error('names of 64-bit members are not supported', 'enum');
      }
      return scalar;
    }
    if (struct !== undefined) {
      const inside = this.struct(at, struct, 'struct');
      const { span } = inside.value as { span: number };
      if (length !== undefined && length !== span) {
        throw at.error(`${length} bytes, but "${struct}" has ${span}`, 'len');
      }
      return call('embedded', inside);
    }
    if (!['string', 'binary', 'pad'].includes(type)) {
      throw at.error(`"${type}" is not known as a type of members`, 'type');
    }
    if (length === undefined) throw at.error('"len" is missing');
    if (length < 0 || length > 0xffff) throw at.error(`${length} is no length`, 'len');
    if (type === 'string') return call('chars', number(length));
    if (type === 'binary') {
      if (hint === 'mac' && length === 6) return word('mac');
      if (hint === 'ipv4' && length === 4) return word('ipv4');
      if (hint?.startsWith('ipv') === true && length === 16) return word('ipv6');
      if (hint === 'uuid' && length === 16) return word('uuid');
    }
    return call('blob', number(length));
  }

  /* Attributes */

  /** The set with this name; `key` is what names it. */
  set(place: Place, name: string, key: string, around?: Selection): Term {
    const spec = this.#spec.sets.get(name);
    if (spec === undefined) throw place.error(`there is no attribute set "${name}"`, key);
    const [free] = freeSelectors(this.#spec, spec);
    const given = free !== undefined && around?.selector === free ? around : undefined;
    const id = `set ${name}${given === undefined ? '' : ` ${given.selector}=${given.word ?? ''}`}`;
    const open = this.#open.get(id);
    if (open !== undefined) {
      const found = (): any => this.#made.get(id)?.value;
      const arrow: Term = { value: found, source: `(): Codec<any, any> => ${open}` };
      return call('lazy', text(name), arrow);
    }
    return this.#once(id, () => {
      const variant = given === undefined ? name : `${name}-${given.word ?? 'other'}`;
      const identifier = this.definitions.take(variant);
      this.#open.set(id, identifier);
      const term = call('attrs', this.#attributes(spec, given));
      this.#open.delete(id);
      return this.definitions.add(identifier, term, spec.doc);
    });
  }

  #attributes({ attributes }: SetSpec, around: Selection | undefined): Term<object> {
    const declared = attributes.filter(({ type }) => type !== 'pad' && type !== 'unused');
    return this.#record(declared, (attribute, key) => {
      const { id, kernelName, many, doc } = attribute;
      const codec = this.#attribute(attribute, attributes, around);
      const args = [text(kernelName), number(id), codec, ...(doc === '' ? [] : [text(doc)])];
      return [key, call(many ? 'manyAttr' : 'attr', ...args)];
    });
  }

  #attribute(
    attribute: AttributeSpec,
    siblings: readonly AttributeSpec[],
    around: Selection | undefined,
  ): Term {
    const { at, type, kernelName, subType, typeValue } = attribute;
    if (type in SCALARS) return this.#scalar(attribute);
    switch (type) {
      case 'flag':
        return word('flag');
      case 'string':
        return word('cstr');
      case 'binary':
        return this.#binary(attribute);
      case 'bitfield32': {
        const base = { ...attribute, asFlags: true, byteOrder: undefined };
        const bits = this.#scalar(base, 'u32');
        const fields = record([
          ['value', bits],
          ['selector', bits],
        ]);
        return call('struct', text('nla_bitfield32'), fields);
      }
      case 'nest':
        return this.#nest(attribute, siblings, around);
      case 'indexed-array':
      case 'array-nest': {
        const element =
          subType === undefined || subType === 'nest'
            ? this.#nest(attribute, siblings, around)
            : this.#attribute(
                { ...attribute, type: subType, subType: undefined },
                siblings,
                around,
              );
        const options = record([
          ['from', number(1)],
          ['loose', { value: true, source: 'true' }],
        ]);
        return call('nested', call('list', text(kernelName), element, options));
      }
      case 'nest-type-value': {
        if (typeValue.length === 0) throw at.error('"type-value" is missing');
        return typeValue.reduce<Term>(
          (inside) => call('nested', call('numbered', text(kernelName), inside)),
          this.#nest(attribute, siblings, around),
        );
      }
      case 'sub-message':
        return this.#subMessage(attribute, siblings, around);
      default:
        at.note(`the type "${type}" is not known, and the attribute is kept as bytes`);
        return word('bytes');
    }
  }

  #binary(attribute: AttributeSpec): Term {
    const { at, struct, subType, hint } = attribute;
    if (subType !== undefined) {
      if (subType === 'binary' && struct !== undefined) {
        return call('packed', this.struct(at, struct, 'struct'));
      }
      if (subType in SCALARS && subType !== 'uint' && subType !== 'sint') {
        const element = this.#scalar(attribute, subType);
        if ('span' in (element.value as object)) return call('packed', element);
      }
      at.note(`an array of "${subType}" is not known, and the attribute is kept as bytes`);
      return word('bytes');
    }
    if (struct !== undefined) return call('growing', this.struct(at, struct, 'struct'));
    switch (hint) {
      case 'mac':
      case 'fddi':
        return call('orBytes', word('lladdr'));
      case 'ipv4':
      case 'ipv6':
      case 'ipv4-or-v6':
        return call('orBytes', word('ip'));
      case 'uuid':
        return call('orBytes', word('uuid'));
      default:
        return word('bytes');
    }
  }

  /**
   * A nested set. One that needs a selector of the set around it is declared once for each word:
   * what `kind` selects in `stats2` of a qdisc.
   */
  #nest(
    attribute: AttributeSpec,
    siblings: readonly AttributeSpec[],
    around: Selection | undefined,
  ): Term {
    const { at, nested, name } = attribute;
    if (nested === undefined) throw at.error('"nested-attributes" is missing');
    const set = this.#spec.sets.get(nested);
    const free = set === undefined ? [] : freeSelectors(this.#spec, set);
    if (free.length > 1) {
      throw at.error(
        `"${nested}" needs several selectors: ${free.join(', ')}`,
        'nested-attributes',
      );
    }
    const [selector] = free;
    const of = (selection: Selection | undefined): Term =>
      call('nested', this.set(at, nested, 'nested-attributes', selection));
    const isHere = siblings.some((each) => each.name === selector && each.name !== name);
    if (selector === undefined || !isHere) return of(around);
    const words = wordsOf(this.#spec, set!, selector);
    const forms = words.map((each): [string, Term] => [each, of({ selector, word: each })]);
    const by = text(this.#keyOf(selector));
    return call('nested', call('bySelector', by, record(forms), of({ selector, word: undefined })));
  }

  #subMessage(
    attribute: AttributeSpec,
    siblings: readonly AttributeSpec[],
    around: Selection | undefined,
  ): Term {
    const { at, subMessage, selector } = attribute;
    const formats = this.#spec.subMessages.get(subMessage ?? '');
    if (formats === undefined) {
      throw at.error(`there is no sub-message "${subMessage ?? ''}"`, 'sub-message');
    }
    if (selector === undefined) throw at.error('"selector" is missing');
    const isNested = formats.some(({ set }) => set !== undefined);
    const flagged = (term: Term): Term => (isNested ? call('nested', term) : term);
    if (siblings.some(({ name }) => name === selector)) {
      const forms = new Map(formats.map((format) => [format.word, this.#format(format)]));
      const by = text(this.#keyOf(selector));
      return flagged(call('bySelector', by, record([...forms])));
    }
    if (around?.selector !== selector) {
      throw at.error(`there is no attribute "${selector}" here or in a set around it`, 'selector');
    }
    const found = formats.find((format) => format.word === around.word);
    return flagged(found === undefined ? word('bytes') : this.#format(found));
  }

  #format({ at, header, set }: FormatSpec): Term {
    const attributes = set === undefined ? undefined : this.set(at, set, 'attribute-set');
    if (header === undefined) return attributes ?? word('bytes');
    const struct = this.struct(at, header, 'fixed-header');
    return attributes === undefined ? call('growing', struct) : call('headed', struct, attributes);
  }

  /** A message without attributes, or a struct for its header. */
  empty(): Term {
    return call('attrs', record([]));
  }

  list(terms: readonly Term[]): Term<unknown[]> {
    return items(terms);
  }
}

/** The sub-messages below a set whose selector stands in a set around it, with their formats. */
function* unselected(
  spec: Spec,
  { attributes }: SetSpec,
  met: Set<string>,
): Iterable<readonly [selector: string, formats: readonly FormatSpec[]]> {
  const has = (name: string): boolean => attributes.some((each) => each.name === name);
  for (const { selector, subMessage, nested } of attributes) {
    if (selector !== undefined && !has(selector)) {
      yield [selector, spec.subMessages.get(subMessage ?? '') ?? []];
    }
    const inside = nested === undefined ? undefined : spec.sets.get(nested);
    if (inside === undefined || met.has(inside.name)) continue;
    met.add(inside.name);
    for (const found of unselected(spec, inside, met)) if (!has(found[0])) yield found;
  }
}

const freeSelectors = (spec: Spec, set: SetSpec): string[] => [
  ...new Set([...unselected(spec, set, new Set([set.name]))].map(([selector]) => selector)),
];

const wordsOf = (spec: Spec, set: SetSpec, selector: string): string[] => [
  ...new Set(
    [...unselected(spec, set, new Set([set.name]))]
      .filter(([each]) => each === selector)
      .flatMap(([, formats]) => formats.map((format) => format.word)),
  ),
];
