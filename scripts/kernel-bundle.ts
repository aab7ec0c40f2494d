/**
 * All kernel tests as one file. AVA runs each test file in a process of its own, which costs two
 * seconds apiece inside user-mode Linux; one file costs them once. Both kernels run the same one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const ROOT = resolve(import.meta.dirname, '..');
const TESTS = join(ROOT, 'test');
const AVA = join(TESTS, 'harness/bundled-ava.ts');
/** Below `.cache`, so that packages resolve as they do for the sources. */
export const KERNEL_BUNDLE = '.cache/kernel-tests/kernel.test.js';

/** Writes the bundle and tells how many test files are in it. */
export async function bundleKernelTests(): Promise<number> {
  const files = readdirSync(join(TESTS, 'kernel'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  await build({
    config: false,
    // tsup wants an entry that exists; the plugin puts the imports in its place.
    entry: { 'kernel.test': import.meta.filename },
    outDir: join(ROOT, dirname(KERNEL_BUNDLE)),
    format: 'esm',
    target: 'node24',
    outExtension: () => ({ js: '.js' }),
    // Source maps put the TypeScript lines into the stack of a failure.
    sourcemap: 'inline',
    splitting: false,
    silent: true,
    esbuildPlugins: [testFiles(files)],
  });
  return files.length;
}

function testFiles(names: readonly string[]): Plugin {
  const entry = names.flatMap((name) => [
    `import 'enter:kernel › ${name.replace(/\.test\.ts$/, '').replaceAll('/', ' › ')}';`,
    `import ${JSON.stringify(join(TESTS, 'kernel', name))};`,
  ]);
  return {
    name: 'kernel-tests',
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
      // Packages stay outside, whatever tsup makes of them.
      esbuild.onResolve({ filter: /^[^./]/ }, ({ path }) => ({ path, external: true }));
      // A file keeps its own place, though its code moves into the bundle.
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

if (import.meta.main) console.log(`${await bundleKernelTests()} files in ${KERNEL_BUNDLE}`);
