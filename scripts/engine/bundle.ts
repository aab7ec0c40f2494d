/**
 * Makes modules of a TypeScript source and everything that it imports. `bundle.ts SOURCE FOLDER`
 * prints their names, the entry first.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * The calls that have to be fast, as the files that each imports, one after the other. Files that
 * are needed by the same of these calls become one module. Otherwise an ADD of `bridge` would read
 * 27 modules, and linking each takes as long as reading 3 KB.
 */
const FAST = [
  ['bridge/index.ts', 'bridge/add.ts'],
  ['bridge/index.ts', 'bridge/del.ts', 'masquerade/rule-tables.ts'],
  ['ipvlan/index.ts', 'ipvlan/add.ts'],
  ['host-local/commands.ts'],
  ['loopback/commands.ts'],
].map((files) => ['src/cni/run.ts', ...files.map((file) => `src/plugins/${file}`)]);

/**
 * Files that the executables replace by another one with the same exports: the binding to the
 * engine, and shorter lists of what a plugin reads.
 */
const REPLACED: Readonly<Record<string, string>> = {
  'src/sys/runtime.ts': 'src/sys/engine.ts',
  'src/rtnl/link/kinds.ts': 'src/plugins/attach/link-kinds.ts',
};

const replacements: Plugin = {
  name: 'replacements',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
      const other = REPLACED[relative(ROOT, join(resolveDir, path))];
      return other === undefined ? undefined : { path: join(ROOT, other) };
    });
  },
};

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  // A module for each set of functions that are needed together: what is not needed is not read.
  splitting: true,
  chunkNames: '[hash]',
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2023',
  supported: { using: true },
  // The names of modules are paths relative to this folder, so they do not depend on where it is.
  preserveSymlinks: true,
  minify: true,
  metafile: true,
} satisfies BuildOptions;

/** The files that each file imports. */
type Graph = Metafile['inputs'];

/** The files and everything that is evaluated before them, in that order. */
function importedBy(graph: Graph, files: readonly string[]): Set<string> {
  const visited = new Set<string>();
  const imported = new Set<string>();
  const visit = (file: string): void => {
    if (visited.has(file) || graph[file] === undefined) return;
    visited.add(file);
    for (const { path, kind } of graph[file].imports) if (kind === 'import-statement') visit(path);
    imported.add(file);
  };
  files.forEach(visit);
  return imported;
}

/** Our files that become one module, with a name for each; those of the entry are the first. */
function groupsOf(graph: Graph, entry: string): Map<string, string[]> {
  const calls = [[entry], ...FAST].map((files) => importedBy(graph, files));
  const groups = new Map<string, string[]>();
  for (const file of importedBy(graph, [entry, ...FAST.flat()])) {
    if (file === entry || !file.startsWith('src/')) continue;
    // Every call needs the entry and what it imports.
    const names = calls[0]!.has(file)
      ? 'all'
      : calls.flatMap((call, at) => (call.has(file) ? at : []));
    const group = `group:${names.toString()}`;
    groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  return groups;
}

/** The groups of which a file needs any, and the groups of which any of those needs any. */
function neededBy(graph: Graph, groups: Map<string, string[]>, file: string): string[] {
  let names = ['group:all'];
  for (;;) {
    const known = names.length;
    const files = importedBy(graph, [...names.flatMap((name) => groups.get(name) ?? []), file]);
    names = [...groups.keys()].filter((name) => groups.get(name)!.some((each) => files.has(each)));
    if (names.length === known) return names;
  }
}

/**
 * esbuild puts files into the same module when the same `import()` need them. So each `import()`
 * first imports all files of the groups that it needs any file of.
 */
function grouped(graph: Graph, entry: string): Plugin {
  const groups = groupsOf(graph, entry);
  const imports = Object.values(graph).flatMap((file) => file.imports);
  const loaded = imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path);
  const importing = (files: readonly string[]): string =>
    files.map((file) => `import ${JSON.stringify(file)};`).join('');
  return {
    name: 'groups',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^group:/ }, ({ path }) => ({ path, namespace: 'group' }));
      onLoad({ filter: /^/, namespace: 'group' }, ({ path }) => ({
        contents: importing(groups.get(path)!.map((file) => `./${file}`)),
        resolveDir: ROOT,
      }));
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = relative(ROOT, path);
        if (!loaded.includes(file)) return undefined;
        const names = neededBy(graph, groups, file);
        return { contents: importing(names) + readFileSync(path, 'utf8'), loader: 'ts' };
      });
    },
  };
}

/** Describes the modules and what each is made from; writes nothing without a folder. */
export async function bundle(source: string, folder?: string): Promise<Metafile> {
  for (const file of [...FAST.flat(), ...Object.entries(REPLACED).flat()]) {
    if (!existsSync(join(ROOT, file))) throw new Error(`${file}: there is no such file any more`);
  }
  const options = { ...OPTIONS, entryPoints: { main: source } };
  const into = folder === undefined ? { outdir: '.', write: false } : { outdir: folder };
  const dry = { ...options, outdir: '.', write: false, plugins: [replacements] };
  const { inputs } = (await build(dry)).metafile;
  const plugins = [replacements, grouped(inputs, relative(ROOT, resolve(ROOT, source)))];
  return (await build({ ...options, ...into, plugins })).metafile;
}

if (import.meta.main) {
  const [source, folder] = process.argv.slice(2);
  const { outputs } = await bundle(source!, folder);
  const names = Object.keys(outputs).map((path) => basename(path));
  console.log(['main.js', ...names.filter((name) => name !== 'main.js').sort()].join('\n'));
}
