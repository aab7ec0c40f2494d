/**
 * The tools that build the executables: QuickJS-ng's C sources and zig, a C compiler that includes
 * musl for every architecture. Both come from the Python package index by `pip`, which is
 * configured with the mirrors, proxies and certificates of the machine, and are pinned by their
 * hashes; they are stored below `.cache` and nowhere in the project.
 *
 * Nothing of a download is executed by fetching it. zig is a wheel, which is unpacked. QuickJS-ng
 * is a source distribution, for which pip runs a build backend: we supply our own, `stand-in`,
 * which does nothing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { requirePackages } from '../debian.ts';

const PINS = join(import.meta.dirname, 'requirements.txt');
const STAND_IN = join(import.meta.dirname, 'stand-in');
const CACHE = resolve(import.meta.dirname, '../../.cache/engine');

export interface Toolchain {
  /** The folder of the engine's C files. */
  readonly engine: string;
  readonly zig: string;
  /** The folder for what is made from them; a different one when something else is pinned. */
  readonly cache: string;
}

/** Fetches what is missing. */
export function toolchain(): Toolchain {
  const pins = createHash('sha256').update(readFileSync(PINS)).digest('hex').slice(0, 16);
  const cache = join(CACHE, `${process.arch}-${pins}`);
  if (!existsSync(cache)) fetch(cache);
  const [engine] = globSync('quickjs_ng-*/upstream-quickjs', { cwd: cache });
  if (engine === undefined) throw new Error(`${cache}: no engine in it; remove the folder`);
  return { engine: join(cache, engine), zig: join(cache, 'ziglang/zig'), cache };
}

function fetch(cache: string): void {
  requirePackages('python3-pip');
  console.error('fetching the engine and its compiler (100 MB, once)');
  const made = `${cache}.${process.pid}`;
  try {
    mkdirSync(made, { recursive: true });
    // No cache: one copy of 100 MB is enough.
    const common = ['--no-deps', '--no-cache-dir', '--require-hashes', '--quiet', '-r', PINS];
    pip('download', '--no-build-isolation', '--use-pep517', '-d', made, ...common);
    const [source] = globSync('quickjs_ng-*.tar.gz', { cwd: made });
    const [wheel] = globSync('ziglang-*.whl', { cwd: made });
    if (source === undefined || wheel === undefined)
      throw new Error(`pip left no files in ${made}`);
    run('tar', '-xzf', join(made, source), '-C', made);
    run('python3', '-m', 'zipfile', '-e', join(made, wheel), made);
    run('chmod', '+x', join(made, 'ziglang/zig'));
    for (const file of [source, wheel]) rmSync(join(made, file));
    renameSync(made, cache);
  } catch (error) {
    // Another process may have finished first.
    if (!existsSync(cache)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

const pip = (...args: string[]): void => run('pip3', ...args);

function run(program: string, ...args: string[]): void {
  const { status, error, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: STAND_IN, PYTHONDONTWRITEBYTECODE: '1' },
    timeout: 600_000,
    killSignal: 'SIGKILL',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stderr}`);
}

/**
 * The licences of what is linked into each executable; each requires that its text is distributed
 * with it.
 */
export function licences(): string {
  const { engine, zig } = toolchain();
  const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');
  // The LICENSE in its distribution is that of the Python package around it.
  const head = /^\/\*([^]*?)\*\//.exec(read(engine, 'quickjs.c'))![1]!;
  const parts = {
    'QuickJS-ng, the engine': head.replaceAll(/^ \* ?/gm, ''),
    'musl, the C library': read(dirname(zig), 'lib/libc/musl/COPYRIGHT'),
    'zig, parts of its runtime': read(dirname(zig), 'LICENSE'),
  };
  return Object.entries(parts)
    .map(([title, text]) => `${title}\n\n${text.trim()}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** Runs the C compiler in a folder. */
export function compileC({ zig, cache }: Toolchain, cwd: string, ...args: string[]): void {
  const caches = join(cache, 'zig-cache');
  const { status, error, stderr } = spawnSync(zig, ['cc', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ZIG_GLOBAL_CACHE_DIR: caches, ZIG_LOCAL_CACHE_DIR: caches },
    timeout: 600_000,
    killSignal: 'SIGKILL',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`zig cc ${args.join(' ')}\n${stderr}`);
}
