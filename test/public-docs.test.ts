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
  'src/diag/index.ts',
  'src/genl/index.ts',
  'src/rtnl/index.ts',
  'src/codec.ts',
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

for (const entry of ENTRIES) {
  const file = program.getSourceFile(resolve(ROOT, entry))!;

  test(`docs: each function of ${entry} has a doc comment`, (t) => {
    const functions = exportsOf(file).filter(isFunction);
    t.true(functions.length > 3);
    const bare = functions.filter((each) => each.getDocumentationComment(checker).length === 0);
    t.deepEqual(
      bare.map(({ name }) => name),
      [],
    );
  });

  test(`docs: ${entry} begins with an example`, (t) => {
    t.regex(file.text, /^\/\*\*(?:(?!\*\/)[\s\S])*@example/);
  });
}
