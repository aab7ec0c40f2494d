/**
 * Bundles many test files into one. AVA runs each test file in a separate process, which costs more
 * than a second for each, and more inside user-mode Linux; a single file costs that once. Both
 * kernels run the same bundle.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const ROOT = resolve(import.meta.dirname, '..');
const TESTS = join(ROOT, 'test');
const AVA = join(TESTS, 'harness/bundled-ava.ts');
/** Below `.cache`, so that packages resolve as they do for the sources. */
export const KERNEL_BUNDLE = '.cache/kernel-tests/kernel.test.js';
/** Those that need Debian's own kernel. */
export const EMULATED_BUNDLE = '.cache/emulated-tests/emulated.test.js';
export const PURE_BUNDLE = '.cache/pure-tests/pure.test.js';

/** Writes a bundle of test files, whose names are relative to `test/`. */
export async function bundleTests(bundle: string, files: readonly string[]): Promise<void> {
  await build({
    config: false,
    // tsup needs an entry that exists; the plugin replaces it with the imports.
    entry: { [basename(bundle, '.js')]: import.meta.filename },
    outDir: join(ROOT, dirname(bundle)),
    format: 'esm',
    target: 'node24',
    outExtension: () => ({ js: '.js' }),
    // Source maps put the TypeScript lines into the stack of a failure.
    sourcemap: 'inline',
    splitting: false,
    silent: true,
    esbuildPlugins: [testFiles(files)],
  });
}

function testFiles(names: readonly string[]): Plugin {
  const entry = names.flatMap((name) => [
    `import 'enter:${name.replace(/\.test\.ts$/, '').replaceAll('/', ' › ')}';`,
    `import ${JSON.stringify(join(TESTS, name))};`,
  ]);
  return {
    name: 'bundle-tests',
    setup(esbuild) {
      esbuild.onResolve({ filter: /./ }, ({ path, kind }) =>
        kind === 'entry-point' ? { path, namespace: 'entry' } : undefined,
      );
      esbuild.onLoad({ filter: /./, namespace: 'entry' }, () => ({
        contents: entry.join('\n'),
        resolveDir: ROOT,
      }));
      esbuild.onResolve({ filter: /^enter:/ }, ({ path }) => ({ path, namespace: 'enter' }));
      esbuild.onLoad({ filter: /./, namespace: 'enter' }, ({ path }) => ({
        contents: `import { enterFile } from ${JSON.stringify(AVA)}; enterFile(${JSON.stringify(path.slice(6))});`,
        resolveDir: ROOT,
      }));
      esbuild.onResolve({ filter: /^ava$/ }, ({ importer }) =>
        importer === AVA ? { path: 'ava', external: true } : { path: AVA },
      );
      // Packages are not bundled, whatever tsup would do.
      esbuild.onResolve({ filter: /^[^./]/ }, ({ path }) => ({ path, external: true }));
      // A file keeps its own path, although its code moves into the bundle.
      esbuild.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8')
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
          .replaceAll('import.meta.filename', JSON.stringify(path))
          .replaceAll('import.meta.main', 'false'),
        loader: 'ts',
      }));
    },
  };
}
