/**
 * The documentation of each attribute, which stands in its declaration as a value, as the comment that an editor shows. Types that are derived
 * from a set keep the comments of its attributes, so the set is the only place that needs them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { nlmsgerrAttrs } from '../src/netlink/codec/ack.ts';
import type { Codec } from '../src/netlink/codec/codec.ts';
import { attributesOf, setsIn, setsOf } from '../src/netlink/codec/describe.ts';
import type { Struct } from '../src/netlink/codec/struct.ts';
import { nftables } from '../src/nftables/messages/nf-tables.ts';
import { rtnetlink } from '../src/rtnl/rtnetlink.ts';

/** What is said of an attribute or a field, by the keys of its set or struct and by its own. */
type Comments = ReadonlyMap<string, ReadonlyMap<string, string>>;

const SETS = [...setsOf(rtnetlink), ...setsOf(nftables), ...setsIn(nlmsgerrAttrs, 'ack')];

/** A set is known in a declaration by its keys. Where two have the same, both are told of. */
function commentsOfSets(): Comments {
  const comments = new Map<string, Map<string, string>>();
  for (const { set } of SETS) {
    const attributes = attributesOf(set);
    const keys = attributes.map(({ key }) => key).join();
    const known = comments.get(keys) ?? new Map<string, string>();
    for (const { key, name, doc } of attributes) {
      const text =
        doc === '' ? `\`${name}\`` : `${doc[0]!.toUpperCase()}${doc.slice(1)}. \`${name}\``;
      const before = known.get(key);
      known.set(key, before === undefined || before === text ? text : `${before}; ${text}`);
    }
    comments.set(keys, known);
  }
  return comments;
}

/** Fields have no text of their own: what is said of them is their unit. Those that only newer kernels have are declared apart. */
function commentsOfStructs(): Comments {
  const comments = new Map<string, Map<string, string>>();
  const codecs = SETS.flatMap(({ set }) => attributesOf(set).map(({ codec }) => codec));
  for (const { name, fields, plan } of codecs.flatMap(structsIn)) {
    for (const keys of [plan.keys.slice(0, plan.required), plan.keys.slice(plan.required)]) {
      const units = keys.flatMap((key): [string, string][] => {
        const { unit } = fields[key]!;
        return unit === undefined ? [] : [[key, `In ${unit}. \`struct ${name}\``]];
      });
      const values = keys.filter((key) => !key.startsWith('_'));
      if (units.length > 0) comments.set(values.join(), new Map(units));
    }
  }
  return comments;
}

function structsIn(codec: Codec<any, any>): Struct<any, any>[] {
  if ((codec as Partial<Struct<any, any>>).kind === 'struct') return [codec as Struct<any, any>];
  return (codec.inner?.() ?? []).flatMap(({ codec: inside }) => structsIn(inside));
}

/** The comments of the set with these keys; or, where a type says less of an attribute, of the smallest one that has them all. */
function commentsOf(comments: Comments, keys: readonly string[]): ReadonlyMap<string, string> {
  const exact = comments.get(keys.join());
  if (exact !== undefined || keys.length === 0) return exact ?? new Map<string, string>();
  const around = [...comments.values()].filter((known) => keys.every((key) => known.has(key)));
  return around.sort((a, b) => a.size - b.size)[0] ?? new Map<string, string>();
}

const isAttribute = ({ type }: ts.PropertySignature): boolean =>
  type !== undefined &&
  ts.isTypeReferenceNode(type) &&
  /^Attr(\$\d+)?$/.test(type.typeName.getText());

const keyOf = ({ name }: ts.PropertySignature): string =>
  ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();

/** Writes the comments into declaration files. Returns how many attributes and fields have one. */
export function documentDeclarations(files: readonly string[]): number {
  const comments = commentsOfSets();
  const structs = commentsOfStructs();
  let documented = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const parts: string[] = [];
    let written = 0;
    const insertions: [at: number, comment: string][] = [];
    const visit = (node: ts.Node): void => {
      const members = ts.isTypeLiteralNode(node) ? node.members.filter(ts.isPropertySignature) : [];
      const attributes = members.filter(isAttribute);
      const known =
        attributes.length > 0
          ? commentsOf(comments, attributes.map(keyOf))
          : structs.get(members.map(keyOf).join());
      for (const child of attributes.length > 0 ? attributes : members) {
        const comment = known?.get(keyOf(child));
        if (comment === undefined) continue;
        insertions.push([child.getStart(), `/** ${comment} */ `]);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
    insertions.sort(([a], [b]) => a - b);
    for (const [at, comment] of insertions) {
      parts.push(text.slice(written, at), comment);
      written = at;
    }
    documented += insertions.length;
    writeFileSync(file, parts.join('') + text.slice(written));
  }
  return documented;
}
