/**
 * The tools that build the executables: QuickJS-ng's C sources and zig, a C compiler that includes
 * musl for every architecture. Both come from the Python package index by `pip`, which is
 * configured with the mirrors, proxies and certificates of the machine, and are pinned by their
 * hashes; they are stored below `.cache` and nowhere in the project.
 *
 * Fetching executes nothing of a download. zig is a wheel, which is unpacked. QuickJS-ng is a
 * source distribution, for which pip runs a build backend: we supply our own, `stand-in`, which
 * does nothing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { requirePackages } from '../debian.ts';

const PINS = join(import.meta.dirname, 'requirements.txt');
const STAND_IN = join(import.meta.dirname, 'stand-in');
/** What we change of the engine; docs/internals.md says why. */
const PATCH = join(import.meta.dirname, 'quickjs.patch');
const CACHE = resolve(import.meta.dirname, '../../.cache/engine');

export interface Toolchain {
  /** The folder of the engine's patched C files; each patch has its own folder. */
  readonly engine: string;
  readonly zig: string;
  /** The folder for what is made from them; each set of pinned versions has its own. */
  readonly cache: string;
}

/** Fetches what is missing. */
export function toolchain(): Toolchain {
  const pins = createHash('sha256').update(readFileSync(PINS)).digest('hex').slice(0, 16);
  const cache = join(CACHE, `${process.arch}-${pins}`);
  if (!existsSync(cache)) fetch(cache);
  return { engine: patched(cache), zig: join(cache, 'ziglang/zig'), cache };
}

function patched(cache: string): string {
  return made({ cache }, 'quickjs', readFileSync(PATCH, 'utf8'), (into) => {
    const [upstream] = globSync('quickjs_ng-*/upstream-quickjs', { cwd: cache });
    if (upstream === undefined) throw new Error(`${cache}: no engine in it; remove the folder`);
    requirePackages('patch');
    cpSync(join(cache, upstream), into, { recursive: true });
    run('patch', '--quiet', '--fuzz=0', '-p1', '-d', into, '-i', PATCH);
  });
}

/** A folder of the cache that is complete or missing, named by the hash of what it is made from. */
export function made(
  { cache }: Pick<Toolchain, 'cache'>,
  name: string,
  from: string,
  make: (into: string) => void,
): string {
  const hash = createHash('sha256').update(from).digest('hex').slice(0, 16);
  const folder = join(cache, `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  const scratch = `${folder}.${process.pid}`;
  try {
    mkdirSync(scratch, { recursive: true });
    make(scratch);
    renameSync(scratch, folder);
  } catch (error) {
    // Another process may have finished first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
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
