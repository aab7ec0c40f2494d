/**
 * The library as it is published: `dist/*.{js,d.ts}`, one entry for each subpath of `exports`, by
 * tsup. Nothing is done when no source has changed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { nameDeclarations } from './name-declarations.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, 'library.sha256');
const TSUP = 'node_modules/tsup/dist/cli-default.js';
/** buffer-layout ships no types; ours are published with the declarations that use them. */
const LAYOUT_TYPES = 'buffer-layout.d.ts';

/** Builds what is out of date; false when there was nothing to do. */
export function buildLibrary(): boolean {
  const wanted = sourcesHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return false;
  mkdirSync(DIST, { recursive: true });
  // Only the library's own files: the executables beside it are rebuilt when their sources change.
  for (const file of globSync('*.{js,d.ts,map,sha256}', { cwd: DIST })) {
    rmSync(join(DIST, file));
  }
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [TSUP], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  if (status !== 0) throw new Error(`tsup: ${error?.message ?? `${stdout}${stderr}`}`);
  // A type that is used but not exported can cause errors in the declarations of users.
  process.stderr.write(stderr);
  shipLayoutTypes();
  const declarations = globSync('*.d.ts', { cwd: DIST, exclude: [LAYOUT_TYPES] }).sort();
  nameDeclarations(declarations.map((file) => join(DIST, file)));
  requireExports();
  writeFileSync(STAMP, wanted);
  return true;
}

function shipLayoutTypes(): void {
  copyFileSync(join(ROOT, 'src/netlink/codec', LAYOUT_TYPES), join(DIST, LAYOUT_TYPES));
  for (const file of globSync('*.d.ts', { cwd: DIST })) {
    const path = join(DIST, file);
    const text = readFileSync(path, 'utf8');
    if (file === LAYOUT_TYPES) continue;
    const layout = text.includes("'buffer-layout'");
    const types = layout ? `/// <reference path="./${LAYOUT_TYPES}" />\n` : '';
    // For `using` and `Symbol.dispose`, which no target includes yet.
    writeFileSync(path, `/// <reference lib="esnext.disposable" />\n${types}${text}`);
  }
}

/** The subpaths of `exports` with the files that they name. */
export function exportedFiles(): Map<string, string[]> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<'types' | 'default', string>>;
  };
  return new Map(
    Object.entries(exports).map(([subpath, target]) => [
      subpath,
      typeof target === 'string' ? [target] : Object.values(target),
    ]),
  );
}

function requireExports(): void {
  for (const [subpath, files] of exportedFiles()) {
    const missing = files.find((file) => !existsSync(join(ROOT, file)));
    if (missing !== undefined) throw new Error(`exports ${subpath}: there is no ${missing}`);
  }
}

/** The hash of everything that can change the library. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts'];
  const sources = globSync(
    ['src/**/*.ts', 'scripts/{build-library,name-declarations}.ts', ...settings],
    { cwd: ROOT },
  );
  for (const file of sources.sort()) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}
