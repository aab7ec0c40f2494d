/**
 * `npm run tables`: prints the files `src/plugins/wire/tables-….ts` from the declarations, for the
 * attributes in `picks.ts`. A test prints them again and compares.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { connection } from '../src/conntrack/connection/message.ts';
import { familyIp, ipv4, ipv6, lladdr } from '../src/netlink/codec/address.ts';
import type { Attributes } from '../src/netlink/codec/attributes.ts';
import type { Kinds } from '../src/netlink/codec/by-kind.ts';
import { bool8, bytes, cstr, flag, type Codec, type Scalar } from '../src/netlink/codec/codec.ts';
import type { IntegerForm } from '../src/netlink/codec/integer.ts';
import type { AnyMessage } from '../src/netlink/codec/message.ts';
import type { Struct } from '../src/netlink/codec/struct.ts';
import { batch, generation } from '../src/nftables/messages/batch.ts';
import { chain } from '../src/nftables/chain/message.ts';
import { element } from '../src/nftables/element/message.ts';
import { hookNumber } from '../src/nftables/messages/hook.ts';
import { nftRule } from '../src/nftables/rule/message.ts';
import { nftSet } from '../src/nftables/set/message.ts';
import { table } from '../src/nftables/table/message.ts';
import { commentUserdata, elementUserdata } from '../src/nftables/messages/userdata.ts';
import * as picks from '../src/plugins/wire/picks.ts';
import { addr } from '../src/rtnl/addr/message.ts';
import { bridgeLink, link } from '../src/rtnl/link/message.ts';
import { neigh } from '../src/rtnl/neigh/message.ts';
import { nsid } from '../src/rtnl/nsid/message.ts';
import { nexthops, route } from '../src/rtnl/route/message.ts';
import { family16 } from '../src/rtnl/family.ts';
import { via } from '../src/rtnl/route/via.ts';

const FOLDER = resolve(import.meta.dirname, '../src/plugins/wire');
export const DECLARED = {
  rtnl: { link, bridgeLink, addr, route, neigh, nsid },
  ct: { connection },
  nft: { batch, generation, table, chain, rule: nftRule, set: nftSet, element },
} as const;
type Name = keyof typeof DECLARED;
export const NAMES = Object.keys(DECLARED) as Name[];

/** The attributes of a set that are wanted, by kind where the set has kinds. */
type Pick = true | { readonly [key: string]: Pick };

/** Codecs that the interpreter knows by a word. */
const WORDS = new Map<unknown, string>([
  [flag, 'flag'],
  [bool8, 'bool8'],
  [bytes, 'bytes'],
]);

/** A codec that the tables import. */
class Imported {
  readonly name: string;
  readonly file: string;

  constructor(name: string, file: string) {
    this.name = name;
    this.file = file;
  }

  toJSON(): string {
    return `codec ${this.name}`;
  }
}

const CODECS = new Map<unknown, Imported>([
  [cstr, new Imported('cstr', 'netlink/codec/text.ts')],
  [lladdr, new Imported('lladdr', 'netlink/codec/lladdr.ts')],
  [familyIp, new Imported('familyIp', 'netlink/codec/ip-address.ts')],
  // Their lengths distinguish them.
  [ipv4, new Imported('ip', 'netlink/codec/ip-address.ts')],
  [ipv6, new Imported('ip', 'netlink/codec/ip-address.ts')],
  [commentUserdata, new Imported('commentUserdata', 'nftables/messages/userdata.ts')],
  [elementUserdata, new Imported('elementUserdata', 'nftables/messages/userdata.ts')],
]);

/** The possible parts of a codec: declarations keep the parts that they are made of. */
type Declared = Codec<unknown> & {
  readonly attributes?: Attributes;
  readonly head?: Struct<unknown, unknown>;
  readonly body?: Declared;
  readonly name?: string;
  readonly fields?: Readonly<Record<string, Declared>>;
  readonly registry?: Kinds;
  readonly by?: readonly string[];
  readonly element?: Declared;
  readonly options?: { readonly id?: number };
  readonly base?: Scalar<number>;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly bits?: Readonly<Record<string, number>>;
};

/** The form of a value, as `forms.ts` has it. */
function formOf(codec: Declared, pick: Pick): unknown {
  const word = WORDS.get(codec) ?? CODECS.get(codec);
  if (word !== undefined) return word;
  if (codec === via) return ['via', formOf(family16, true)];
  if (codec === nexthops) {
    const [{ codec: element }] = nexthops.inner!() as [{ codec: Declared }];
    return ['records', formOf(element, pick)];
  }
  const { attributes, head, body, fields, registry, by, element, base, numbers, bits } = codec;
  if (head !== undefined) return ['headed', formOf(head as Declared, true), formOf(body!, pick)];
  if (attributes !== undefined) return setOf(attributes, pick);
  if (element !== undefined) {
    const word = codec.options!.id! | (element.flags ?? 0);
    return ['list', formOf(element, pick), word, codec.name];
  }
  if (fields !== undefined) {
    const { span, plan } = codec as unknown as Struct<unknown, unknown>;
    const all = plan.keys.flatMap((key, i) => {
      const at = plan.offsets[i]!;
      if (key.startsWith('_')) return [];
      return [key, at, at + plan.codecs[i]!.span, formOf(fields[key]!, true)];
    });
    return ['struct', codec.name, span, ...all];
  }
  if (registry !== undefined) {
    const forms = Object.entries(pick).flatMap(([kind, inner]) => {
      const found = registry.get(kind);
      if (found === undefined) throw new Error(`no kind "${kind}" is declared`);
      return [kind, formOf(found, inner)];
    });
    return ['kind', by![0], ...forms];
  }
  if (numbers !== undefined) return ['enum', wordFor(base!), ...Object.entries(numbers).flat()];
  if (bits !== undefined) return ['flags', wordFor(base!), ...Object.entries(bits).flat()];
  return wordFor(codec as unknown as Scalar<number>);
}

function setOf(attributes: Attributes, pick: Pick): unknown[] {
  const wanted = pick === true ? Object.keys(attributes) : Object.keys(pick);
  let prefix = '';
  const all: unknown[] = [];
  wanted.forEach((key, i) => {
    const attribute = attributes[key];
    if (attribute === undefined) throw new Error(`no attribute "${key}" is declared`);
    const { id, name, codec, many } = attribute;
    const tail = key.replace(/[A-Z]/g, '_$&').toUpperCase();
    if (i === 0) prefix = name.slice(0, -tail.length);
    if (name !== prefix + tail) throw new Error(`${name} is not ${prefix}${tail}`);
    let form = formOf(codec as Declared, pick === true ? true : pick[key]!);
    if (many === true) form = ['many', form];
    if (codec.flags !== undefined) form = ['flagged', form, codec.flags];
    all[2 * id] = key;
    all[2 * id + 1] = form;
  });
  return ['set', prefix, ...Array.from(all, (each) => each ?? 0)];
}

/** Parts that occur several times are written once. */
class Printer {
  readonly counts = new Map<string, number>();
  readonly names = new Map<string, string>();
  readonly lines: string[] = [];
  readonly imports = new Set<string>();

  count(part: unknown): void {
    if (typeof part !== 'object' || part === null || part instanceof Imported) return;
    const text = JSON.stringify(part);
    const count = (this.counts.get(text) ?? 0) + 1;
    this.counts.set(text, count);
    if (count === 1) Object.values(part).forEach((inner) => this.count(inner));
  }

  /** Broken after commas: one element a line would be a thousand lines. */
  line(text: string): void {
    let line = '';
    for (const [piece] of text.matchAll(/.+?, |.+$/g)) {
      if (line.length + piece.trimEnd().length > WIDTH) {
        this.lines.push(line.trimEnd());
        line = '  ';
      }
      line += piece;
    }
    this.lines.push(line);
  }

  print(part: unknown): string {
    if (part instanceof Imported) {
      this.imports.add(`import { ${part.name} } from '../../${part.file}';`);
      return part.name;
    }
    if (typeof part === 'string') return `'${part}'`;
    if (typeof part !== 'object' || part === null) return String(part);
    const text = JSON.stringify(part);
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const inner = Array.isArray(part)
      ? `[${part.map((each) => this.print(each)).join(', ')}]`
      : `{ ${Object.entries(part)
          .map(([key, each]) => `${key}: ${this.print(each)}`)
          .join(', ')} }`;
    if (this.counts.get(text) === 1 || text.length < SHORT) return inner;
    const name = `part${this.names.size + 1}`;
    this.names.set(text, name);
    this.line(`const ${name} = ${inner} as const;`);
    return name;
  }
}

/** The width of a line. */
const WIDTH = 100;
/** Shorter parts are not given a name. */
const SHORT = 40;

/** The word for an integer form: `u32`, `be32`, `sbe32`. */
function wordFor({ integer, big, type }: Scalar<number> & { readonly big?: IntegerForm }): string {
  const form = integer ?? big;
  if (form === undefined) throw new Error(`tables have no form for ${type}`);
  const { span, signed, little } = form;
  if (span === 1 || little) return `${signed ? 's' : 'u'}${8 * span}`;
  return `${signed ? 's' : ''}be${8 * span}`;
}

export const fileOf = (name: Name): string => resolve(FOLDER, `tables-${name}.ts`);

/** The text of a file. */
export function tablesText(file: Name): string {
  const tables = Object.entries(DECLARED[file]).map(([key, declared]) => {
    const { name, types, family } = declared as AnyMessage;
    const pick = (picks[file] as Readonly<Record<string, Pick>>)[key]!;
    const form = formOf(declared as unknown as Declared, pick);
    return [key, [name, types, form, ...(family === undefined ? [] : [family])]] as const;
  });
  const printer = new Printer();
  for (const [, table] of tables) printer.count(table);
  for (const [key, table] of tables) {
    const [name, types, form, ...family] = table;
    const [head, tail] = [[name, types], family].map((part) =>
      part.map((each) => printer.print(each)),
    );
    const text = [...head!, `() => ${printer.print(form)}`, ...tail!].join(', ');
    printer.line(`export const ${key}: Table = [${text}];`);
  }
  // A number that the declarations leave to the caller, because it depends on the family.
  if (file === 'nft') {
    printer.lines.push(`export const POSTROUTING = ${hookNumber('inet', 'postrouting')};`);
  }
  const text = [
    '/** Printed by `npm run tables` from the declarations and `picks.ts`: change those. */',
    ...[...printer.imports].sort(),
    "import type { Table } from './forms.ts';",
    '',
    ...printer.lines,
    '',
  ].join('\n');
  return text;
}

if (import.meta.main) {
  for (const name of NAMES) writeFileSync(fileOf(name), tablesText(name));
}
