/** The documentation of what the package exports, as an editor shows it. */
import { resolve } from 'node:path';
import test from 'ava';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
/** Entry points whose exported functions all have a doc comment. */
const ENTRIES = [
  'src/index.ts',
  'src/netlink/index.ts',
  'src/nftables/index.ts',
  'src/conntrack/index.ts',
  'src/tc/index.ts',
  'src/xfrm/index.ts',
  'src/nfqueue/index.ts',
  'src/nflog/index.ts',
  'src/uevent/index.ts',
  'src/ynl/index.ts',
  'src/diag/index.ts',
  'src/genl/index.ts',
  'src/ethtool/index.ts',
  'src/devlink/index.ts',
  'src/rtnl/index.ts',
  'src/wireguard/index.ts',
  'src/codec.ts',
  'src/ipam/index.ts',
  'src/cni/index.ts',
];
/** Where programs begin: each has an example. */
const ENTRY_POINTS = [
  ...[
    'open',
    'openNftables',
    'openGenl',
    'openDiag',
    'openConntrack',
    'openWireguard',
    'openEthtool',
    'openTc',
    'openXfrm',
    'openNfqueue',
    'openNflog',
    'monitorUevents',
    'ynl',
    'connect',
    'monitor',
    'message',
    'struct',
  ],
  ...['hostLocal', 'staticIpam', 'main', 'runPlugin', 'decodeConfig', 'inNamespace', 'genlFamily'],
];
/**
 * Functions that throw nothing of their own: they declare, or read what they are given as far as it
 * goes.
 */
const CANNOT_FAIL = [
  'getPolicyDefault',
  ...['attr', 'attrs', 'manyAttr', 'byKind', 'kinds', 'enumOf', 'flagsOf', 'message', 'protocol'],
  ...['numbered', 'headed', 'lazy', 'list', 'nested', 'packed', 'records', 'struct', 'scalar'],
  ...['blob', 'counted', 'mapped', 'toJson', 'fakeSocket', 'deadlineIn'],
  ...[
    'accept',
    'drop',
    'leave',
    'counter',
    'notrack',
    'getGeneration',
    'flushExpectations',
    'listFamilies',
    'listAddrLabels',
    'listNsids',
  ],
  ...['listMdb', 'processIo', 'toCniError', 'isObject', 'anything', 'boolean', 'cidr', 'integer'],
  ...['ip', 'optional', 'raw', 'record', 'string'],
];

const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
const program = ts.createProgram(
  ENTRIES.map((path) => resolve(ROOT, path)),
  options,
);
const checker = program.getTypeChecker();

/** The exports of a module, with aliases resolved to what they stand for. */
const exportsOf = (file: ts.SourceFile): ts.Symbol[] =>
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(file)!)
    .map((each) =>
      (each.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(each) : each,
    );

const isFunction = (symbol: ts.Symbol): boolean =>
  symbol.valueDeclaration !== undefined &&
  checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;

const tagsOf = (symbol: ts.Symbol): string[] => symbol.getJsDocTags().map(({ name }) => name);

test('docs: a function that programs begin with has an example', (t) => {
  const all = ENTRIES.flatMap((entry) => exportsOf(program.getSourceFile(resolve(ROOT, entry))!));
  for (const name of ENTRY_POINTS) {
    const found = all.filter((each) => each.name === name && isFunction(each));
    t.true(found.length > 0, name);
    t.true(
      found.every((each) => tagsOf(each).includes('example')),
      name,
    );
  }
  const unused = CANNOT_FAIL.filter((name) => !all.some((each) => each.name === name));
  t.deepEqual(unused, [], 'names of functions that are gone');
});

for (const entry of ENTRIES) {
  const file = program.getSourceFile(resolve(ROOT, entry))!;

  test(`docs: each function of ${entry} has a doc comment`, (t) => {
    const functions = exportsOf(file).filter(isFunction);
    t.true(functions.length > 0);
    const bare = functions.filter((each) => each.getDocumentationComment(checker).length === 0);
    t.deepEqual(
      bare.map(({ name }) => name),
      [],
    );
  });

  test(`docs: each function of ${entry} says what it throws`, (t) => {
    const silent = exportsOf(file)
      .filter(isFunction)
      .filter((each) => !tagsOf(each).includes('throws') && !CANNOT_FAIL.includes(each.name))
      .map(({ name }) => name);
    t.deepEqual(silent, []);
  });

  test(`docs: ${entry} begins with an example`, (t) => {
    t.regex(file.text, /^\/\*\*(?:(?!\*\/)[\s\S])*@example/);
  });
}
