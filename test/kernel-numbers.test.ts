/**
 * Where numbers of the kernel stand: each in one file, as does each table of words for them, and
 * none in a plugin but in the tables that are printed from the declarations.
 */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');

interface Source {
  readonly path: string;
  readonly file: ts.SourceFile;
}

const sources: readonly Source[] = globSync('src/**/*.ts', { cwd: ROOT })
  .sort()
  .filter((path) => !path.includes('/wire/tables-'))
  .map((path) => {
    const text = readFileSync(resolve(ROOT, path), 'utf8');
    return { path, file: ts.createSourceFile(path, text, ts.ScriptTarget.Latest) };
  });

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

/** Names as the kernel's headers write them, with a prefix; and errno(3). */
const NAME = /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|E[A-Z0-9]{3,})$/;
/** Constants of our own whose names look like that. */
const OWN = new Set(['MAX_NAME']);

const isNumber = (node: ts.Node | undefined): boolean =>
  node !== undefined &&
  (ts.isNumericLiteral(node) ||
    (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand)));

/** `const NAME = 1`, `NAME: 1` and `attr('NAME', 1, …)`. */
function nameOf(node: ts.Node): string | undefined {
  if (ts.isVariableDeclaration(node) && isNumber(node.initializer) && ts.isIdentifier(node.name)) {
    return node.name.text;
  }
  if (ts.isPropertyAssignment(node) && isNumber(node.initializer)) {
    return 'text' in node.name ? node.name.text : undefined;
  }
  if (ts.isCallExpression(node) && isNumber(node.arguments[1])) {
    const [name] = node.arguments;
    return name !== undefined && ts.isStringLiteral(name) ? name.text : undefined;
  }
  return undefined;
}

/** Numbers that two sets of attributes have, with codecs of their own. */
const IN_TWO_SETS = [
  ...['IFLA_ALT_IFNAME', 'RTA_DST'],
  // Of devlink, and of the port of a link.
  ...['DEVLINK_ATTR_BUS_NAME', 'DEVLINK_ATTR_DEV_NAME', 'DEVLINK_ATTR_PORT_INDEX'],
  // Of a qdisc or a class, and of a filter or a chain.
  ...['TCA_KIND', 'TCA_OPTIONS', 'TCA_STATS', 'TCA_RATE', 'TCA_CHAIN', 'TCA_DUMP_FLAGS'],
  ...['TCA_EXT_WARN_MSG'],
];

test('kernel numbers: no name has its number in two files', (t) => {
  const places = new Map<string, Set<string>>();
  for (const { path, file } of sources) {
    visit(file, (node) => {
      const name = nameOf(node);
      if (name === undefined || !NAME.test(name) || OWN.has(name)) return;
      places.set(name, (places.get(name) ?? new Set()).add(path));
    });
  }
  t.true(places.size > 1500, `${places.size} names`);
  const double = [...places].filter(([, paths]) => paths.size > 1);
  t.deepEqual(
    double.filter(([name]) => !IN_TWO_SETS.includes(name)),
    [],
  );
});

/** Constants of the kernel, by name. */
const CONSTANTS = new Map<string, number>();
for (const { file } of sources) {
  visit(file, (node) => {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name)) return;
    const { initializer } = node;
    if (!NAME.test(node.name.text) || initializer === undefined) return;
    if (ts.isNumericLiteral(initializer)) CONSTANTS.set(node.name.text, Number(initializer.text));
  });
}

/** `tcp: 6`, `tcp: IPPROTO_TCP` and `tcp: ip.IPPROTO_TCP` as `tcp 6`. */
function pairOf(member: ts.ObjectLiteralElementLike): string | undefined {
  if (!ts.isPropertyAssignment(member) || !('text' in member.name)) return undefined;
  const { initializer: value } = member;
  const last = ts.isPropertyAccessExpression(value) ? value.name : value;
  const number = ts.isNumericLiteral(last)
    ? Number(last.text)
    : ts.isIdentifier(last) && CONSTANTS.get(last.text);
  return typeof number === 'number' ? `${member.name.text} ${number}` : undefined;
}

/** Two enumerations of the kernel, or two tools, that agree on some words by chance. */
const IN_TWO_TABLES = [
  // `IPS_*` in the words of conntrack(8) and of nft(8).
  'src/conntrack/connection/message.ts src/nftables/messages/expr-conntrack.ts',
  // `NFT_PAYLOAD_*_HEADER` and `TCF_LAYER_*`.
  'src/nftables/messages/expr-match.ts src/tc/filter/ematch-kinds.ts',
  // `ETH_P_*` in the words of ip(8) and of tc(8).
  'src/rtnl/link/kinds/bareudp.ts src/tc/protocols.ts',
  // `FR_ACT_*` has the numbers of `RTN_*`.
  'src/rtnl/route/message.ts src/rtnl/rule/message.ts',
  // `TCA_MPLS_ACT_*` and `TCA_VLAN_ACT_*`.
  'src/tc/action/kinds/mpls-label.ts src/tc/action/kinds/vlan-tag.ts',
];

test('kernel numbers: no two files have a table with the same three words', (t) => {
  const tables: { readonly path: string; readonly pairs: ReadonlySet<string> }[] = [];
  for (const { path, file } of sources) {
    visit(file, (node) => {
      if (!ts.isObjectLiteralExpression(node)) return;
      const pairs = new Set(node.properties.map(pairOf).filter((each) => each !== undefined));
      if (pairs.size >= 3) tables.push({ path, pairs });
    });
  }
  t.true(tables.length > 150, `${tables.length} tables`);
  const double = tables.flatMap((one, i) =>
    tables.slice(i + 1).flatMap((other) => {
      const both = [...one.pairs].filter((pair) => other.pairs.has(pair));
      return one.path === other.path || both.length < 3
        ? []
        : [{ files: `${one.path} ${other.path}`, both }];
    }),
  );
  const known = double.filter(({ files }) => IN_TWO_TABLES.includes(files));
  t.deepEqual(known.map(({ files }) => files).sort(), IN_TWO_TABLES);
  t.deepEqual(
    double.filter((each) => !known.includes(each)),
    [],
  );
});

/** Not of the kernel's messages: SHA-512, the format of tables, structs of getsockopt(2). */
const OTHER_FORMATS = ['attach/hash.ts', 'wire/interpreter.ts', 'masquerade/legacy-rules.ts'];
/**
 * What a plugin counts, waits for, cuts off or computes with bits. A number that a message carries
 * does not belong here, but in the declaration or the constants of its family.
 */
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  'attach/addressing.ts': [4, 31],
  'attach/attachment.ts': [2, 3, 5, 11, 16, 32, 33, 0xfc, 0xfe, 256],
  'attach/container.ts': [1280, 5000],
  'attach/ended.ts': [0o600, 0o700, 1000, 3600000],
  'attach/mtu.ts': [68],
  'attach/process-start.ts': [10, 19, 1000, 1000000],
  'attach/send.ts': [2],
  'attach/signals.ts': [2, 15, 0o022],
  'attach/trial.ts': [16],
  'attach/under-way.ts': [15],
  'bridge/add.ts': [2],
  'bridge/await-port.ts': [20, 5000],
  'bridge/bridge-mac.ts': [10],
  'bridge/config.ts': [2, 15, 16, 65535],
  'bridge/flush-conntrack.ts': [6],
  'bridge/gc.ts': [0x10000000, 0x60000000],
  'bridge/vlan-gateway.ts': [11],
  'bridge/vlan.ts': [4094],
  'masquerade/add.ts': [1000],
  'masquerade/exceptions.ts': [4],
  'masquerade/iptables.ts': [2, 3, 64, 1000, 1024],
  'masquerade/members.ts': [2, 256],
  'masquerade/others-rules.ts': [8, 16, 0xff, 0xff00],
  'masquerade/rule-names.ts': [
    2, 3, 8, 16, 24, 0x20, 0x2d, 0x2e, 0x30, 0x39, 0x5f, 0x61, 100, 0x7a, 127, 255, 0xff00,
  ],
  'masquerade/rule.ts': [8, 0xff00],
  'masquerade/verdicts.ts': [0xff],
  'wire/nft-ask.ts': [10],
  'wire/tally.ts': [2],
};

test('kernel numbers: a plugin has none, and its own are listed', (t) => {
  const found: Record<string, number[]> = {};
  for (const { path, file } of sources) {
    const name = /^src\/plugins\/(.*)/.exec(path)?.[1];
    if (name === undefined || OTHER_FORMATS.includes(name)) continue;
    const numbers = new Set<number>();
    visit(file, (node) => {
      // 0 and 1 are everywhere.
      if (ts.isNumericLiteral(node) && Number(node.text) > 1) numbers.add(Number(node.text));
    });
    if (numbers.size > 0) found[name] = [...numbers].sort((a, b) => a - b);
  }
  t.deepEqual(found, NUMBERS);
});
