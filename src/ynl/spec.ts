/**
 * Reads a specification of the kernel's (Documentation/netlink/specs) into what it says of bytes:
 * words of enums, members of structs, attributes with their numbers, operations.
 *
 * Documentation/userspace-api/netlink/specs.rst, genetlink-legacy.rst, netlink-raw.rst, and the
 * schemas in Documentation/netlink. What they have for the kernel's own code is not read.
 */
import { describe } from '../netlink/codec/given.ts';
import { readOperations, type Operations } from './operations.ts';
import { Place, sentence, upper } from './spec-place.ts';

export interface Spec {
  readonly name: string;
  readonly doc: string;
  /** The number of the protocol of `netlink-raw`; undefined in generic netlink. */
  readonly protonum: number | undefined;
  /** Of the family in generic netlink. */
  readonly version: number;
  readonly enums: ReadonlyMap<string, EnumSpec>;
  readonly structs: ReadonlyMap<string, StructSpec>;
  readonly sets: ReadonlyMap<string, SetSpec>;
  readonly subMessages: ReadonlyMap<string, readonly FormatSpec[]>;
  readonly operations: Operations;
  readonly groups: readonly GroupSpec[];
  /** What is in the specification, and not understood here. */
  readonly notes: string[];
}

export interface EnumSpec {
  readonly name: string;
  readonly doc: string;
  readonly isFlags: boolean;
  /** Of flags, the numbers of the bits. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** What a member of a struct and an attribute have in common. */
export interface ValueSpec {
  readonly at: Place;
  readonly name: string;
  readonly doc: string;
  readonly type: string;
  readonly byteOrder: string | undefined;
  readonly enum: string | undefined;
  readonly asFlags: boolean;
  readonly hint: string | undefined;
  readonly struct: string | undefined;
}

export interface MemberSpec extends ValueSpec {
  readonly length: number | undefined;
}

export interface StructSpec {
  readonly name: string;
  readonly doc: string;
  readonly members: readonly MemberSpec[];
}

export interface AttributeSpec extends ValueSpec {
  readonly id: number;
  /** `NETDEV_A_DEV_IFINDEX` */
  readonly kernelName: string;
  readonly many: boolean;
  readonly subType: string | undefined;
  readonly nested: string | undefined;
  /** The names of the numbers that are types, of `nest-type-value`. */
  readonly typeValue: readonly string[];
  readonly subMessage: string | undefined;
  readonly selector: string | undefined;
}

export interface SetSpec {
  readonly name: string;
  readonly doc: string;
  readonly attributes: readonly AttributeSpec[];
}

/** What a sub-message holds for a word. */
export interface FormatSpec {
  readonly at: Place;
  readonly word: string;
  readonly header: string | undefined;
  readonly set: string | undefined;
}

export interface GroupSpec {
  readonly name: string;
  /** In generic netlink, numbers are assigned at run time. */
  readonly number: number | undefined;
}

const PROTOCOLS = ['genetlink', 'genetlink-c', 'genetlink-legacy', 'netlink-raw'];

/**
 * Reads a parsed specification.
 *
 * @throws CodecError for one that contradicts itself, with the place in it
 */
export function readSpec(document: unknown): Spec {
  const notes: string[] = [];
  const root = new Place(document, [], notes);
  root.expect([
    ...['name', 'doc', 'protocol', 'protonum', 'version', 'uapi-header', 'kernel-policy'],
    ...['c-family-name', 'c-version-name', 'max-by-define', 'cmd-max-name', 'cmd-cnt-name'],
    ...['definitions', 'attribute-sets', 'sub-messages', 'operations', 'mcast-groups'],
    ...['kernel-family', 'uapi-header-name'],
  ]);
  const name = root.name();
  const protocol = root.text('protocol', 'genetlink');
  if (!PROTOCOLS.includes(protocol)) {
    throw root.error(`"${protocol}" is not one of ${PROTOCOLS.join(', ')}`, 'protocol');
  }
  const isRaw = protocol === 'netlink-raw';
  const protonum = root.integer('protonum');
  if (isRaw && protonum === undefined) throw root.error('"protonum" is missing');

  const definitions = root.list('definitions');
  const typed = (...types: string[]): Place[] =>
    definitions.filter((each) => types.includes(each.text('type')));
  for (const each of definitions) {
    const type = each.text('type');
    if (!['const', 'enum', 'flags', 'struct'].includes(type)) {
      each.note(`the type "${type}" is not known, and the definition is ignored`);
    }
  }
  const constants = constantsOf(typed('const'));
  const sets = setsOf(root, name, isRaw);
  return {
    name,
    doc: sentence(root),
    protonum: isRaw ? protonum : undefined,
    version: root.integer('version') ?? 1,
    enums: unique(typed('enum', 'flags'), enumOf),
    structs: unique(typed('struct'), (place) => structOf(place, constants)),
    sets,
    subMessages: unique(root.list('sub-messages'), (place) => {
      place.expect(['name', 'formats', 'doc']);
      return place.list('formats').map(formatOf);
    }),
    operations: readOperations(root, name, isRaw),
    groups: (root.inside('mcast-groups')?.list('list') ?? []).map((place) => {
      place.expect(['name', 'value', 'doc', 'c-define-name', 'flags']);
      return { name: place.name(), number: place.integer('value') };
    }),
    notes,
  };
}

function unique<T>(places: readonly Place[], read: (place: Place) => T): Map<string, T> {
  const found = new Map<string, T>();
  for (const place of places) {
    const name = place.name();
    if (found.has(name)) throw place.error(`"${name}" is defined twice`);
    found.set(name, read(place));
  }
  return found;
}

function constantsOf(places: readonly Place[]): ReadonlyMap<string, number> {
  const constants = new Map<string, number>();
  for (const place of places) {
    const value = place.either('value');
    if (typeof value === 'number') constants.set(place.name(), value);
  }
  return constants;
}

function enumOf(place: Place): EnumSpec {
  place.expect([
    ...['name', 'type', 'doc', 'entries', 'value-start', 'header', 'render-max', 'enum-name'],
    ...['name-prefix', 'scope', 'enum-cnt-name', 'enum-max-name'],
  ]);
  const numbers: Record<string, number> = {};
  const start = place.either('value-start') ?? 0;
  let next = typeof start === 'number' ? start : NaN;
  for (const entry of place.list('entries')) {
    entry.expect(['name', 'value', 'doc']);
    const name = entry.name();
    next = entry.integer('value') ?? next;
    if (Number.isNaN(next)) throw place.error(`${describe(start)} is not a number`, 'value-start');
    if (Object.hasOwn(numbers, name)) throw entry.error(`"${name}" is defined twice`);
    Object.defineProperty(numbers, name, { value: next++, enumerable: true });
  }
  return {
    name: place.name(),
    doc: sentence(place),
    isFlags: place.text('type') === 'flags',
    numbers,
  };
}

const valueOf = (place: Place, type: string): ValueSpec => ({
  at: place,
  name: place.name(),
  doc: sentence(place),
  type,
  byteOrder: place.text('byte-order', undefined),
  enum: place.text('enum', undefined),
  asFlags: place.flag('enum-as-flags'),
  hint: place.text('display-hint', undefined),
  struct: place.text('struct', undefined),
});

function structOf(place: Place, constants: ReadonlyMap<string, number>): StructSpec {
  place.expect(['name', 'type', 'doc', 'members', 'header', 'enum-name', 'name-prefix', 'scope']);
  const members = place.list('members').map((member) => {
    member.expect([
      ...['name', 'type', 'len', 'byte-order', 'doc', 'enum', 'enum-as-flags', 'display-hint'],
      'struct',
    ]);
    return { ...valueOf(member, member.text('type')), length: lengthOf(member, constants) };
  });
  return { name: place.name(), doc: sentence(place), members };
}

/** A number, a constant, or one less than a constant. */
function lengthOf(place: Place, constants: ReadonlyMap<string, number>): number | undefined {
  const given = place.either('len');
  if (typeof given !== 'string') return given;
  const [, name, minus] = /^([\w-]+?)( - 1)?$/.exec(given) ?? [];
  const constant = constants.get(name ?? '') ?? Number(name);
  if (!Number.isInteger(constant)) throw place.error(`there is no constant "${given}"`, 'len');
  return constant - (minus === undefined ? 0 : 1);
}

const ATTRIBUTE_KEYS = [
  ...['name', 'type', 'doc', 'value', 'type-value', 'byte-order', 'multi-attr', 'enum', 'header'],
  ...['nested-attributes', 'enum-as-flags', 'checks', 'sub-type', 'display-hint', 'name-prefix'],
  ...['struct', 'sub-message', 'selector', 'len', 'scope'],
];

/** A subset has the attributes of its set, with the keys that it gives itself in front. */
function setsOf(root: Place, family: string, isRaw: boolean): Map<string, SetSpec> {
  const places = root.list('attribute-sets');
  const found = new Map<string, SetSpec>();
  for (const isSubset of [false, true]) {
    for (const place of places) {
      const of = place.text('subset-of', undefined);
      if ((of !== undefined) !== isSubset) continue;
      place.expect([
        ...['name', 'name-prefix', 'enum-name', 'doc', 'subset-of', 'attributes', 'header'],
        ...['attr-cnt-name', 'attr-max-name', 'scope'],
      ]);
      const name = place.name();
      if (found.has(name)) throw place.error(`"${name}" is defined twice`);
      const prefix = place.text('name-prefix', undefined) ?? prefixOf(family, name, isRaw);
      const whole = of === undefined ? undefined : found.get(of);
      if (of !== undefined && whole === undefined) {
        throw place.error(
          `there is no attribute set "${of}" that is no subset itself`,
          'subset-of',
        );
      }
      const attributes = attributesOf(place, prefix, whole);
      found.set(name, { name, doc: sentence(place), attributes });
    }
  }
  return found;
}

/** Families of generic netlink name the family; raw ones have names of their own. */
function prefixOf(family: string, set: string, isRaw: boolean): string {
  if (isRaw) return '';
  return set === family ? `${family}-a-` : `${family}-a-${set}-`;
}

function attributesOf(place: Place, prefix: string, whole: SetSpec | undefined): AttributeSpec[] {
  const attributes = new Map<string, AttributeSpec>();
  const ids = new Map<number, string>();
  let next = 1;
  for (const each of place.list('attributes')) {
    each.expect(ATTRIBUTE_KEYS);
    const name = each.name();
    if (attributes.has(name) && whole === undefined) throw each.error(`"${name}" is defined twice`);
    const base = whole?.attributes.find((attribute) => attribute.name === name);
    if (whole !== undefined && base === undefined) {
      throw each.error(`"${whole.name}" has no attribute "${name}"`);
    }
    const id = base?.id ?? each.integer('value') ?? next;
    next = id + 1;
    if (id < 0 || id > 0x3fff) throw each.error(`${id} is not the number of an attribute`, 'value');
    const other = ids.get(id);
    if (other !== undefined && other !== name)
      throw each.error(`"${other}" has the number ${id} too`, 'value');
    ids.set(id, name);
    const own = each.text('name-prefix', undefined) ?? prefix;
    const kernelName = base?.kernelName ?? upper(own + name);
    attributes.set(name, attributeOf(each, base, id, kernelName));
  }
  return [...attributes.values()];
}

function attributeOf(
  place: Place,
  base: AttributeSpec | undefined,
  id: number,
  kernelName: string,
): AttributeSpec {
  const type = place.text('type', undefined) ?? base?.type;
  if (type === undefined) throw place.error('"type" is missing');
  const own = valueOf(place, type);
  const typeValue = place.words('type-value');
  return {
    ...own,
    doc: own.doc === '' && base !== undefined ? base.doc : own.doc,
    byteOrder: own.byteOrder ?? base?.byteOrder,
    enum: own.enum ?? base?.enum,
    asFlags: place.has('enum-as-flags') ? own.asFlags : (base?.asFlags ?? false),
    hint: own.hint ?? base?.hint,
    struct: own.struct ?? base?.struct,
    id,
    kernelName,
    many: place.has('multi-attr') ? place.flag('multi-attr') : (base?.many ?? false),
    subType: place.text('sub-type', base?.subType),
    nested: place.text('nested-attributes', base?.nested),
    typeValue: typeValue.length > 0 ? typeValue : (base?.typeValue ?? []),
    subMessage: place.text('sub-message', base?.subMessage),
    selector: place.text('selector', base?.selector),
  };
}

function formatOf(place: Place): FormatSpec {
  place.expect(['value', 'fixed-header', 'attribute-set', 'doc', 'name']);
  const word = place.either('value');
  if (word === undefined) throw place.error('"value" is missing');
  return {
    at: place,
    word: String(word),
    header: place.text('fixed-header', undefined),
    set: place.text('attribute-set', undefined),
  };
}
