/**
 * The declarations as they are published: each attribute set, struct and message is an interface
 * with a name, and each attribute has its documentation as the comment that an editor shows. The
 * compiler derives from `attrs({ … })` a mapped type over a type literal, which is unreadable in an
 * error: from `bridge: AttributeSet<Values<{ … }>, ValuesIn<{ … }>, { … }>` this makes `bridge:
 * AttributeSet<BridgeData, BridgeDataInput, BridgeDataSet>`.
 *
 * An interface is named for its place: the constant, then the keys that lead to it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';
import type { Codec } from '../src/netlink/codec/codec.ts';
import { attributesOf, setsOf } from '../src/netlink/codec/declared-sets.ts';
import type { Struct } from '../src/netlink/codec/struct.ts';
import { ctnetlink } from '../src/conntrack/ctnetlink.ts';
import { sockDiag } from '../src/diag/sock-diag.ts';
import { DECLARED_FAMILIES } from '../src/cli/genl-families.ts';
import { genericProtocol } from '../src/genl/generic.ts';
import { nftables } from '../src/nftables/nf-tables.ts';
import { rtnetlink } from '../src/rtnl/rtnetlink.ts';
import { trafficControl } from '../src/tc/traffic-control.ts';
import { packetLog } from '../src/nflog/packet-log.ts';
import { packetQueue } from '../src/nfqueue/packet-queue.ts';
import { ipsec } from '../src/xfrm/ipsec.ts';

/** What a value is called where it comes out of a codec, and where it goes in. */
type Side = 'out' | 'in';

/** The place of a type: the name that it would get, and the side. */
interface Place {
  readonly path: string;
  readonly side: Side;
  /** For types that the path alone does not distinguish. */
  readonly suffix?: string;
  /** It keeps its own name, although another type is equal: for kinds. */
  readonly own?: boolean;
}

/**
 * Writes names and comments into declaration files. Returns how many attributes and fields have a
 * comment.
 */
export function nameDeclarations(files: readonly string[]): number {
  const taken = new Set<string>();
  const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const named = new Map<string, string[]>();
  let documented = 0;
  for (const [file, text] of texts) {
    const naming = new Naming(file, text, taken);
    const written = naming.write();
    documented += naming.documented;
    if (naming.names.length === 0) continue;
    named.set(basename(file), naming.names);
    texts.set(file, written);
  }
  for (const [file, text] of texts) writeFileSync(file, text + exportsOf(file, text, named));
  return documented;
}

/**
 * A program that exports values of the library has to find a name for every type, so a file
 * re-exports the interfaces of the files that it imports.
 */
function exportsOf(file: string, text: string, named: ReadonlyMap<string, string[]>): string {
  const own = named.get(basename(file));
  const lines = own === undefined ? [] : [`export type { ${own.join(', ')} };`];
  if (isChunk(file)) return lines.map((line) => `${line}\n`).join('');
  for (const [other, names] of named) {
    const module = `./${other.replace(/\.d\.ts$/, '.js')}`;
    if (other === basename(file) || !text.includes(`from '${module}'`)) continue;
    lines.push(`export type { ${names.join(', ')} } from '${module}';`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Not an entry, but a chunk that several entries share. */
const isChunk = (file: string): boolean => /-[\w-]{8}\.d\.ts$/.test(file);

class Naming {
  readonly names: string[] = [];
  documented = 0;
  readonly #source: ts.SourceFile;
  readonly #taken: Set<string>;
  readonly #bodies = new Map<string, string>();
  #made: string[] = [];

  constructor(file: string, text: string, taken: Set<string>) {
    this.#source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    this.#taken = taken;
    for (const [name] of text.matchAll(/\b[A-Z]\w+/g)) taken.add(name);
  }

  write(): string {
    const parts = new Map<ts.Statement, string>();
    // Messages first: what a set shares with a message is named for the message.
    const { statements } = this.#source;
    const isMessage = (statement: ts.Statement): boolean =>
      /^declare const \w+: Message</.test(statement.getText());
    for (const statement of [
      ...statements.filter(isMessage),
      ...statements.filter((each) => !isMessage(each)),
    ]) {
      const text = this.#render(statement, { path: pascal(nameOf(statement)), side: 'out' });
      const made = this.#made.join('');
      this.#made = [];
      parts.set(statement, made === '' ? text : text.replace(/^\s*/, (space) => `${space}${made}`));
    }
    return `${statements.map((statement) => parts.get(statement)).join('')}\n`;
  }

  /**
   * The text of a node with the white space and comments before it, types that have a name
   * replaced by it.
   */
  #render(node: ts.Node, place: Place): string {
    const lead = node.getFullText().slice(0, node.getLeadingTriviaWidth());
    const shape = this.#shape(node, place);
    if (shape !== undefined) return lead + shape;
    let text = '';
    let written = node.getFullStart();
    const children: [ts.Node, Place][] = [];
    ts.forEachChild(node, (child) => void children.push([child, placeOf(child, node, place)]));
    for (const [child, at] of children) {
      text += node.getSourceFile().text.slice(written, child.getFullStart());
      text += this.#render(child, at);
      written = child.getEnd();
    }
    return text + node.getSourceFile().text.slice(written, node.getEnd());
  }

  #bare(node: ts.Node, place: Place): string {
    return this.#render(node, place).trim();
  }

  /**
   * The name of a type that gets one; for a set that stays a literal, the literal with comments.
   */
  #shape(node: ts.Node, place: Place): string | undefined {
    if (ts.isTypeReferenceNode(node) && /^Values(In)?(\$\d+)?$/.test(node.typeName.getText())) {
      const [literal] = node.typeArguments ?? [];
      if (literal === undefined || !isSet(literal)) return undefined;
      const lines = literal.members.map((member) => this.#attribute(member, place));
      return this.#define(place, lines, this.#unknown(node.typeName.getText()));
    }
    if (ts.isIntersectionTypeNode(node)) {
      const struct = this.#struct(node, place);
      if (struct !== undefined) return this.#define(place, struct);
      const head = headOf(node);
      if (head === undefined) return undefined;
      const fields = this.#struct(head, place)!.filter((line) => !/^ *rest\?:/.test(line));
      const attrs = (node.types[1] as ts.TypeLiteralNode).members.map((member) => {
        return `    ${this.#bare(member, { ...place, suffix: 'Attributes' })}\n`;
      });
      const suffix = place.suffix ?? '';
      return this.#define({ ...place, suffix }, [...fields, ...attrs]);
    }
    if (!ts.isTypeLiteralNode(node) || node.members.length === 0) return undefined;
    if (!isSet(node)) return this.#fields(node, place);
    const lines = node.members.map((member) => this.#declared(member, place));
    const inSet = ts.isTypeReferenceNode(node.parent) && isNamed(node.parent, 'AttributeSet');
    if (!inSet) return `{\n${lines.join('')}}`;
    return this.#define({ ...place, side: 'out', suffix: 'Set' }, lines);
  }

  /**
   * The fields of a struct where they stand alone, with their units; undefined where there are
   * none.
   */
  #fields(literal: ts.TypeLiteralNode, place: Place): string | undefined {
    const units = UNITS.get(literal.members.map(keyOf).join());
    if (units === undefined) return undefined;
    const lines = literal.members.map((member) => this.#field(member, place, units));
    return `{\n${lines.join('')}}`;
  }

  #field(
    member: ts.TypeElement,
    { path, side }: Place,
    units?: ReadonlyMap<string, string>,
  ): string {
    const key = keyOf(member);
    const unit = units?.get(key);
    if (unit !== undefined) this.documented++;
    const text = this.#bare(member, { path: path + pascal(key), side });
    return `    ${unit === undefined ? '' : `/** ${unit} */ `}${text}\n`;
  }

  /** The type for unknown attributes, next to `Values` or `ValuesIn`. */
  #unknown(values: string): string {
    const name = `UnknownAttrs${values.includes('In') ? 'In' : ''}`;
    const isThere = new RegExp(`^(import .*|interface )\\b${name}\\b`, 'm');
    return isThere.test(this.#source.text) ? name : `${values}<{}>`;
  }

  /** `readonly mtu?: number;` */
  #attribute(member: ts.PropertySignature, { path, side }: Place): string {
    const [output, input] = argumentsOf(member);
    const at = { path: path + pascal(keyOf(member)), side };
    const type = this.#bare((side === 'out' ? output : input)!, at);
    const value = side === 'out' ? type : `${type} | undefined`;
    return `    ${this.#commentOf(member)}readonly ${member.name.getText()}?: ${value};\n`;
  }

  /** `readonly mtu: Attr<number, number>;` */
  #declared(member: ts.PropertySignature, { path }: Place): string {
    const at = path + pascal(keyOf(member));
    const [output, input] = argumentsOf(member);
    const types = [
      this.#bare(output!, { path: at, side: 'out' }),
      this.#bare(input!, { path: at, side: 'in' }),
    ];
    const { typeName } = member.type as ts.TypeReferenceNode;
    const comment = this.#commentOf(member);
    return `    ${comment}readonly ${member.name.getText()}: ${typeName.getText()}<${types.join(', ')}>;\n`;
  }

  /** The kernel's name and the documentation are the last two arguments of the type. */
  #commentOf(member: ts.PropertySignature): string {
    const [, , name, doc] = argumentsOf(member).map(literalText);
    if (name === undefined) return '';
    this.documented++;
    if (doc === undefined || doc === '') return `/** \`${name}\` */ `;
    return `/** ${doc[0]!.toUpperCase()}${doc.slice(1)}. \`${name}\` */ `;
  }

  /** The fields of the type that `struct` makes; undefined for other intersections. */
  #struct({ types }: ts.IntersectionTypeNode, place: Place): string[] | undefined {
    const last = types.at(-1)!;
    if (!ts.isTypeLiteralNode(last) || last.members.map(keyOf).join() !== 'rest') return undefined;
    const isLater = (part: ts.TypeNode): part is ts.TypeReferenceNode =>
      ts.isTypeReferenceNode(part) && isNamed(part, 'Partial');
    const literals = types.map((part) => (isLater(part) ? part.typeArguments![0]! : part));
    if (!literals.every(ts.isTypeLiteralNode)) return undefined;
    return literals.flatMap((literal, i) => {
      const units = UNITS.get(literal.members.map(keyOf).join());
      const fields = literal.members.map((member) => this.#field(member, place, units));
      if (!isLater(types[i]!)) return fields;
      return fields.map((field) => field.replace(/(readonly \w+):/, '$1?:'));
    });
  }

  #define(place: Place, lines: readonly string[], extended?: string): string {
    const name = place.path + (place.suffix ?? '') + (place.side === 'in' ? 'Input' : '');
    const body = `${extended === undefined ? '' : ` extends ${extended}`} {\n${lines.join('')}}`;
    const known = this.#bodies.get(body);
    if (known === name || (known !== undefined && place.own !== true)) return known;
    let unique = name;
    for (let i = 2; this.#taken.has(unique); i++) unique = `${name}${i}`;
    this.#taken.add(unique);
    this.names.push(unique);
    this.#bodies.set(body, known ?? unique);
    this.#made.push(`interface ${unique}${body}\n`);
    return unique;
  }
}

/** Output, input, declaration: in the order of the arguments of a type. */
const CODECS = /^(AttributeSet|Message|Headed|Struct|Codec|Scalar|Attr)(\$\d+)?$/;

function placeOf(child: ts.Node, parent: ts.Node, place: Place): Place {
  if (ts.isTypeReferenceNode(parent) && CODECS.test(parent.typeName.getText())) {
    const side = parent.typeArguments?.indexOf(child as ts.TypeNode) === 1 ? 'in' : 'out';
    const root = /^(Message|Struct)/.exec(parent.typeName.getText())?.[0];
    const suffix = root === undefined ? {} : { suffix: root };
    return { ...place, ...suffix, side };
  }
  if (ts.isPropertySignature(parent) && ts.isTypeLiteralNode(parent.parent)) {
    if (ts.isVariableDeclaration(parent.parent.parent)) {
      return { ...place, path: pascal(keyOf(parent)) + place.path, own: true };
    }
  }
  return place;
}

/** `Omit<…, "rest"> & { attrs: … }`: the struct of the type that `headed` makes. */
function headOf({ types }: ts.IntersectionTypeNode): ts.IntersectionTypeNode | undefined {
  const [head, body] = types;
  if (types.length !== 2 || !ts.isTypeReferenceNode(head!) || !isNamed(head, 'Omit')) return;
  if (!ts.isTypeLiteralNode(body!) || keyOf(body.members[0]!) !== 'attrs') return;
  const [struct] = head.typeArguments!;
  return ts.isIntersectionTypeNode(struct!) ? struct : undefined;
}

const isNamed = ({ typeName }: ts.TypeReferenceNode, name: string): boolean =>
  typeName.getText().replace(/\$\d+$/, '') === name;

type SetLiteral = Omit<ts.TypeLiteralNode, 'members'> & {
  readonly members: ts.NodeArray<ts.PropertySignature>;
};

const isSet = (node: ts.Node): node is ts.Node & SetLiteral =>
  ts.isTypeLiteralNode(node) &&
  node.members.every(
    (member) =>
      ts.isPropertySignature(member) &&
      member.type !== undefined &&
      ts.isTypeReferenceNode(member.type) &&
      isNamed(member.type, 'Attr'),
  );

const argumentsOf = ({ type }: ts.PropertySignature): readonly ts.TypeNode[] =>
  (type as ts.TypeReferenceNode).typeArguments ?? [];

const literalText = (type: ts.TypeNode): string | undefined =>
  ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? type.literal.text : undefined;

const keyOf = ({ name }: ts.TypeElement): string =>
  name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name))
    ? name.text
    : (name?.getText() ?? '');

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations[0]!.name.getText();
  }
  return (statement as Partial<ts.DeclarationStatement>).name?.getText() ?? '';
}

const pascal = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Generic families under arbitrary ids. */
const everyFamily = genericProtocol(DECLARED_FAMILIES.map((family, i) => [family, 32 + i]));

/**
 * Fields of structs have no documentation of their own except their unit. Found by the keys of the
 * struct; those of newer kernels are separate.
 */
const UNITS: ReadonlyMap<string, ReadonlyMap<string, string>> = unitsOfStructs();

function unitsOfStructs(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  const sets = [
    rtnetlink,
    nftables,
    everyFamily,
    sockDiag,
    ctnetlink,
    trafficControl,
    ipsec,
    packetLog,
    packetQueue,
  ].flatMap(setsOf);
  const codecs = sets.flatMap(({ set }) => attributesOf(set).map(({ codec }) => codec));
  for (const { name, fields, plan } of codecs.flatMap(structsIn)) {
    for (const keys of [plan.keys.slice(0, plan.required), plan.keys.slice(plan.required)]) {
      const units = keys.flatMap((key): [string, string][] => {
        const { unit } = fields[key]!;
        return unit === undefined ? [] : [[key, `In ${unit}. \`struct ${name}\``]];
      });
      const values = keys.filter((key) => !key.startsWith('_'));
      if (units.length > 0) found.set(values.join(), new Map(units));
    }
  }
  return found;
}

function structsIn(codec: Codec<any, any>): Struct<any, any>[] {
  if ((codec as Partial<Struct<any, any>>).kind === 'struct') return [codec as Struct<any, any>];
  return (codec.inner?.() ?? []).flatMap(({ codec: inside }) => structsIn(inside));
}
