/**
 * `bundle.ts SOURCE FOLDER`: makes modules of a TypeScript source and everything that it imports;
 * prints their names, the entry first.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const [source, folder] = process.argv.slice(2);

/** Replaces the binding for Node and Bun with that of the engine. */
const engineBinding: Plugin = {
  name: 'engine binding',
  setup({ onResolve }) {
    onResolve({ filter: /\/runtime\.ts$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, dirname(path), 'engine.ts'),
    }));
  },
};

const { metafile } = await build({
  absWorkingDir: resolve(import.meta.dirname, '../..'),
  entryPoints: { main: source! },
  outdir: folder!,
  bundle: true,
  // A module for each set of functions that are needed together: what is not needed is not read.
  splitting: true,
  chunkNames: '[hash]',
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2023',
  supported: { using: true },
  minify: true,
  metafile: true,
  plugins: [engineBinding],
});
const names = Object.keys(metafile.outputs).map((path) => basename(path));
console.log(['main.js', ...names.filter((name) => name !== 'main.js').sort()].join('\n'));
