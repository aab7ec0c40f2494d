/**
 * Makes modules of a TypeScript source and everything that it imports. `bundle.ts SOURCE FOLDER`
 * prints their names, the entry first.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** Replaces the binding for Node and Bun with that of the engine. */
const engineBinding: Plugin = {
  name: 'engine binding',
  setup({ onResolve }) {
    onResolve({ filter: /\/runtime\.ts$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, dirname(path), 'engine.ts'),
    }));
  },
};

const OPTIONS = {
  absWorkingDir: resolve(import.meta.dirname, '../..'),
  bundle: true,
  // A module for each set of functions that are needed together: what is not needed is not read.
  splitting: true,
  chunkNames: '[hash]',
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2023',
  supported: { using: true },
  // Names of modules follow from paths below this folder, wherever it and its packages are.
  preserveSymlinks: true,
  minify: true,
  metafile: true,
  plugins: [engineBinding],
} satisfies BuildOptions;

/** Describes the modules and what each is made from; writes nothing without a folder. */
export async function bundle(source: string, folder?: string): Promise<Metafile> {
  const into = folder === undefined ? { outdir: '.', write: false } : { outdir: folder };
  return (await build({ ...OPTIONS, entryPoints: { main: source }, ...into })).metafile;
}

if (import.meta.main) {
  const [source, folder] = process.argv.slice(2);
  const { outputs } = await bundle(source!, folder);
  const names = Object.keys(outputs).map((path) => basename(path));
  console.log(['main.js', ...names.filter((name) => name !== 'main.js').sort()].join('\n'));
}
