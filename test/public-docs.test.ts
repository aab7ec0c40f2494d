/** The documentation of what the package exports, as an editor shows it. */
import { existsSync, readFileSync } from 'node:fs';
import { normalize, resolve } from 'node:path';
import test from 'ava';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
/** The entries of the package: `ENTRY` is `src/ENTRY/index.ts` or `src/ENTRY.ts`. */
const ENTRIES = Object.keys(
  (JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as { exports: object }).exports,
)
  .filter((path) => path !== './package.json')
  .map((path) => [`src/${path}/index.ts`, `src/${path}.ts`].map((each) => normalize(each)))
  .map((paths) => paths.find((path) => existsSync(resolve(ROOT, path)))!);
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

const throwsOf = (symbol: ts.Symbol): string[] =>
  symbol
    .getJsDocTags(checker)
    .filter(({ name }) => name === 'throws')
    .map(({ text }) => ts.displayPartsToString(text));

/** What stands beside the class: an errno, the code of an IpamError or a CniError, or the page. */
const CODES: Readonly<Record<string, RegExp>> = {
  NetlinkError: /\bE[A-Z0-9]{3,}\b|errno|\(2\)|refusal/,
  IpamError: /`\w+`/,
  CniError: /^CniError \d|for whatever|\bwork\b/,
};
/** Errors that others get: the owner of a socket that is destroyed. */
const OF_OTHERS = ['ECONNABORTED'];
/** Whether a `@throws` begins with a class, and has a code for each class that has codes. */
function isPrecise(text: string): boolean {
  const classes = text.match(/\b(?:[A-Z][a-z]+)*Error\b/g) ?? [];
  return (
    /^(?:[A-Z][a-z]+)*Error\b/.test(text) &&
    classes.every((name) => CODES[name]?.test(text) ?? true)
  );
}

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

  test(`docs: each error that a function of ${entry} throws has its class, and its code`, (t) => {
    const vague = exportsOf(file)
      .filter(isFunction)
      .flatMap((symbol) => throwsOf(symbol).map((text) => `${symbol.name}: ${text}`))
      .filter((text) => !isPrecise(text.slice(text.indexOf(':') + 2)));
    t.deepEqual(vague, []);
  });

  test(`docs: each errno that a function of ${entry} mentions is one that it throws`, (t) => {
    const untold = exportsOf(file)
      .filter(isFunction)
      .flatMap((symbol) => {
        const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
        const thrown = throwsOf(symbol).join();
        return (text.match(/\bE[A-Z0-9]{3,}\b/g) ?? [])
          .filter((errno) => !thrown.includes(errno) && !OF_OTHERS.includes(errno))
          .map((errno) => `${symbol.name}: ${errno}`);
      });
    t.deepEqual(untold, []);
  });

  test(`docs: ${entry} begins with an example`, (t) => {
    t.regex(file.text, /^\/\*\*(?:(?!\*\/)[\s\S])*@example/);
  });
}
