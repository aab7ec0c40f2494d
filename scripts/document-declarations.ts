/**
 * The documentation of each attribute, which stands in its declaration as a value, as the comment that an editor shows. Types that are derived
 * from a set keep the comments of its attributes, so the set is the only place that needs them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { nlmsgerrAttrs } from '../src/netlink/ack.ts';
import { attributesOf, setsIn, setsOf } from '../src/netlink/describe.ts';
import { nftables } from '../src/nftables/protocol.ts';
import { rtnetlink } from '../src/rtnl/protocol.ts';

/** What is said of an attribute, by the keys of its set and by its own. */
type Comments = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A set is known in a declaration by its keys. Where two have the same, both are told of. */
function commentsOfSets(): Comments {
  const comments = new Map<string, Map<string, string>>();
  const sets = [...setsOf(rtnetlink), ...setsOf(nftables), ...setsIn(nlmsgerrAttrs, 'ack')];
  for (const { set } of sets) {
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

/** The comments of the set with these keys; or, where a type says less of an attribute, of the smallest one that has them all. */
function commentsOf(comments: Comments, keys: readonly string[]): ReadonlyMap<string, string> {
  const exact = comments.get(keys.join());
  if (exact !== undefined || keys.length === 0) return exact ?? new Map<string, string>();
  const around = [...comments.values()].filter((known) => keys.every((key) => known.has(key)));
  return around.sort((a, b) => a.size - b.size)[0] ?? new Map<string, string>();
}

/** The properties of a type literal that are attributes. */
function attributeMembers(node: ts.TypeLiteralNode): ts.PropertySignature[] {
  return node.members.filter(
    (member): member is ts.PropertySignature =>
      ts.isPropertySignature(member) &&
      member.type !== undefined &&
      ts.isTypeReferenceNode(member.type) &&
      /^Attr(\$\d+)?$/.test(member.type.typeName.getText()),
  );
}

const keyOf = ({ name }: ts.PropertySignature): string =>
  ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();

/** Writes the comments into declaration files. Returns how many attributes have one. */
export function documentDeclarations(files: readonly string[]): number {
  const comments = commentsOfSets();
  let documented = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const parts: string[] = [];
    let written = 0;
    const insertions: [at: number, comment: string][] = [];
    const visit = (node: ts.Node): void => {
      const members = ts.isTypeLiteralNode(node) ? attributeMembers(node) : [];
      const known = commentsOf(comments, members.map(keyOf));
      for (const child of members) {
        const comment = known.get(keyOf(child));
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
