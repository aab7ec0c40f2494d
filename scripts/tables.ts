/**
 * `npm run tables`: prints `src/plugins/wire/tables.ts` from the declarations of rtnetlink, for the
 * attributes in `picks.ts`. A test prints it again and compares.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { familyIp, lladdr } from '../src/netlink/codec/address.ts';
import type { Attributes } from '../src/netlink/codec/attributes.ts';
import type { Kinds } from '../src/netlink/codec/by-kind.ts';
import { bool8, cstr, flag, type Codec, type Scalar } from '../src/netlink/codec/codec.ts';
import type { IntegerForm } from '../src/netlink/codec/integer.ts';
import type { AnyMessage } from '../src/netlink/codec/message.ts';
import type { Struct } from '../src/netlink/codec/struct.ts';
import { picks } from '../src/plugins/wire/picks.ts';
import { addr } from '../src/rtnl/addr/message.ts';
import { bridgeLink, link } from '../src/rtnl/link/message.ts';
import { neigh } from '../src/rtnl/neigh/message.ts';
import { nsid } from '../src/rtnl/nsid/message.ts';
import { nexthops, route } from '../src/rtnl/route/message.ts';
import { family16 } from '../src/rtnl/family.ts';
import { via } from '../src/rtnl/route/via.ts';

const FILE = resolve(import.meta.dirname, '../src/plugins/wire/tables.ts');
export const DECLARED = { link, bridgeLink, addr, route, neigh, nsid };

/** Which attributes of a set are wanted; by its kinds, where it has some. */
type Pick = true | { readonly [key: string]: Pick };

/** Codecs that a table has a word for. */
const WORDS = new Map<unknown, string>([
  [cstr, 'text'],
  [lladdr, 'lladdr'],
  [familyIp, 'ip'],
  [flag, 'flag'],
  [bool8, 'bool8'],
]);

/** The possible parts of a codec: declarations keep the parts that they are made of. */
type Parts = Codec<unknown> & {
  readonly attributes?: Attributes;
  readonly head?: Struct<unknown, unknown>;
  readonly body?: Parts;
  readonly name?: string;
  readonly fields?: Readonly<Record<string, Parts>>;
  readonly registry?: Kinds;
  readonly by?: readonly string[];
  readonly base?: Scalar<number>;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly bits?: Readonly<Record<string, number>>;
};

/** The form of a value, as `interpreter.ts` reads it. */
function formOf(codec: Parts, pick: Pick): unknown {
  const word = WORDS.get(codec);
  if (word !== undefined) return word;
  if (codec === via) return ['via', formOf(family16, true)];
  if (codec === nexthops) {
    const [{ codec: element }] = nexthops.inner!() as [{ codec: Parts }];
    return ['records', 'rtnexthop', formOf(element, pick)];
  }
  const { attributes, head, body, fields, registry, by, base, numbers, bits } = codec;
  if (head !== undefined) return ['headed', formOf(head as Parts, true), attributesOf(body!, pick)];
  if (attributes !== undefined) return ['set', attributesOf(codec, pick)];
  if (fields !== undefined) {
    const { span, plan } = codec as unknown as Struct<unknown, unknown>;
    const forms = plan.keys.map((key, i) => {
      const at = plan.offsets[i]!;
      return [key, at, at + plan.codecs[i]!.span, formOf(fields[key]!, true)];
    });
    return ['struct', codec.name, span, forms.filter(([key]) => !String(key).startsWith('_'))];
  }
  if (registry !== undefined) {
    const forms = Object.keys(pick).map((kind) => {
      const found = registry.get(kind);
      if (found === undefined) throw new Error(`no kind "${kind}" is declared`);
      return [kind, formOf(found, (pick as Exclude<Pick, true>)[kind]!)];
    });
    return ['kind', by![0], Object.fromEntries(forms)];
  }
  if (numbers !== undefined) return ['enum', base!.type, Object.entries(numbers).flat()];
  if (bits !== undefined) return ['flags', base!.type, Object.entries(bits).flat()];
  const { integer, unit } = codec as Partial<Scalar<number>>;
  if (integer !== undefined) return unit === undefined ? codec.type : typeOf(integer);
  throw new Error(`tables have no form for ${codec.type}`);
}

/** The name of an integer form. */
const typeOf = ({ span, signed }: IntegerForm): string => `${signed ? 's' : 'u'}${8 * span}`;

function attributesOf({ attributes = {} }: Parts, pick: Pick): object {
  const keys = pick === true ? Object.keys(attributes) : Object.keys(pick);
  const entries = keys.map((key) => {
    const attribute = attributes[key];
    if (attribute === undefined) throw new Error(`no attribute "${key}" is declared`);
    const { id, name, codec, many } = attribute;
    const form = formOf(codec as Parts, pick === true ? true : pick[key]!);
    const word = id | (codec.flags ?? 0);
    return [id, [key, name, form, word, ...(many === true ? [true] : [])]] as const;
  });
  const numbers = entries.map(([id, [key]]) => [key, id]);
  return [Object.fromEntries(entries), Object.fromEntries(numbers)];
}

/** Parts that occur several times are written once. */
class Printer {
  readonly counts = new Map<string, number>();
  readonly names = new Map<string, string>();
  readonly lines: string[] = [];

  count(part: unknown): void {
    if (typeof part !== 'object' || part === null) return;
    const text = JSON.stringify(part);
    const count = (this.counts.get(text) ?? 0) + 1;
    this.counts.set(text, count);
    if (count === 1) Object.values(part).forEach((inner) => this.count(inner));
  }

  print(part: unknown): string {
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const text = JSON.stringify(part);
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const inner = Array.isArray(part)
      ? `[${part.map((each) => this.print(each)).join(', ')}]`
      : `{${Object.entries(part).map(([key, each]) => `${JSON.stringify(key)}: ${this.print(each)}`)}}`;
    if (this.counts.get(text) === 1 || text.length < SHORT) return inner;
    const name = `part${this.names.size + 1}`;
    this.names.set(text, name);
    this.lines.push(`const ${name} = ${inner} as const;`);
    return name;
  }
}

/** Shorter parts are not worth a name. */
const SHORT = 40;

/** The text of `tables.ts`. */
export async function tablesText(): Promise<string> {
  const printer = new Printer();
  const tables = Object.entries(DECLARED).map(([key, declared]) => {
    const { name, types, family } = declared as AnyMessage;
    const form = formOf(declared as unknown as Parts, picks[key as keyof typeof picks]);
    return [key, { name, types, ...(family === undefined ? {} : { family }), form }] as const;
  });
  for (const [, table] of tables) printer.count(table);
  for (const [key, table] of tables) {
    const text = printer.print(table);
    printer.lines.push(`export const ${key}: Table = ${text};`);
  }
  const text = [
    '/** Printed by `npm run tables` from the declarations and `picks.ts`: change those. */',
    "import type { Table } from './interpreter.ts';",
    '',
    ...printer.lines,
  ].join('\n');
  return format(text, { ...(await resolveConfig(FILE)), parser: 'typescript' });
}

if (import.meta.main) writeFileSync(FILE, await tablesText());
