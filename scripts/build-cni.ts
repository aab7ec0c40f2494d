/**
 * The CNI executables: all plugins bundled and compiled by Bun into one file, `dist/cni/bin/bridge`, and
 * a hard link to it for every other plugin; it chooses by the name it is called by. Beside it
 * `dist/cni/bundle.js`, the same for Node.
 *
 * Nothing is done when no source changed since, so that every script can ask at its start.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = 'src/plugins/main.ts';
const DIST = 'dist/cni';
const STAMP = `${DIST}/sources.sha256`;
/** Every other name of the executable; a plugin is linked when its folder exists. */
const LINKS = ['host-local', 'static', 'loopback', 'ipvlan'];

/**
 * The executable runs as root in whatever folder a runtime starts it from, so it reads no settings
 * from there. Bytecode alone saves 3 ms of 11.
 */
const COMPILE = [
  '--compile',
  '--minify',
  '--bytecode',
  // Each plugin in a file of its own inside the executable: behind an `import()` in one common file every module is a function
  // of its own, and 2 ms slower.
  '--format=esm',
  '--splitting',
  // Small chunks are folded into larger ones: fewer files to find at a start, and functions that are not called cost nothing.
  '--min-chunk-size=1000000',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--no-compile-autoload-tsconfig',
  '--no-compile-autoload-package-json',
  // A plugin is over before compiling its code again, better, could pay: 0.5 ms of 8.5.
  '--compile-jit-policy=100',
];

/** Builds what is out of date; false when there was nothing to do. */
export function buildCni(): boolean {
  // Whoever starts many programs builds before them; inside user-mode Linux nothing can be built.
  if (process.env['NETLINK_TS_PREPARED'] === '1') return false;
  const dist = join(ROOT, DIST);
  const wanted = sourcesHash();
  const isFresh = (): boolean => {
    const stamp = join(ROOT, STAMP);
    return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  };
  if (isFresh()) return false;
  // Built beside and put in place whole: an interrupted build, or two at a time, leave nothing half done.
  const made = `${dist}.${process.pid}`;
  const bin = join(made, 'bin');
  try {
    mkdirSync(bin, { recursive: true });
    compileCni(MAIN, join(bin, 'bridge'));
    bun('build', '--target=node', '--minify', '--outfile', join(made, 'bundle.js'), MAIN);
    for (const name of LINKS) {
      if (existsSync(join(ROOT, 'src/plugins', name)))
        linkSync(join(bin, 'bridge'), join(bin, name));
    }
    writeFileSync(join(made, basename(STAMP)), wanted);
    rmSync(dist, { recursive: true, force: true });
    renameSync(made, dist);
  } catch (error) {
    // Another build of the same sources may have put itself there meanwhile.
    if (!isFresh()) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return true;
}

/** Compiles one source as the plugins are. */
export const compileCni = (source: string, executable: string): void =>
  bun('build', ...COMPILE, '--outfile', executable, source);

/** Of everything that can change the executable. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  const sources = globSync(['src/**/*.ts', 'package-lock.json', 'scripts/build-cni.ts'], {
    cwd: ROOT,
  });
  for (const file of sources.sort()) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function bun(...args: string[]): void {
  const run = spawnSync(join(ROOT, 'node_modules/.bin/bun'), args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`bun ${args.join(' ')}\n${run.stdout}${run.stderr}`);
}

if (import.meta.main) console.log(buildCni() ? `${DIST} is built` : `${DIST} is up to date`);
