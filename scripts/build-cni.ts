/**
 * The CNI executables: one static file with all plugins, `dist/cni/bin/bridge`, and a hard link to
 * it for every other plugin; it chooses by the name it is called by. `LICENSES` next to it has the
 * licence texts that have to be distributed with it.
 *
 * By hand: `node scripts/build-cni.ts` for this machine, `node scripts/build-cni.ts arm64` (or
 * `x64`) for another architecture.
 *
 * Nothing is done when no source has changed, so every script can call it at its start.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { makeExecutable } from './engine/executable.ts';
import type { Arch } from './engine/objects.ts';
import { licences } from './engine/toolchain.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = 'src/host/main.ts';
const STAMP = 'sources.sha256';
/** The other names of the executable; a plugin is linked when its folder exists. */
const LINKS = ['host-local', 'static', 'loopback', 'ipvlan'];

/** The folder of the executables for an architecture. */
export const cniFolder = (arch: Arch): string =>
  arch === process.arch ? 'dist/cni' : `dist/cni-${arch}`;

/** Builds what is out of date; false when there was nothing to do. */
export function buildCni(arch = process.arch as Arch, { sanitized = false } = {}): boolean {
  // A script that starts many programs builds before them; inside user-mode Linux nothing can be
  // built.
  if (process.env['NETLINK_TS_PREPARED'] === '1') return false;
  const dist = join(ROOT, cniFolder(arch));
  const wanted = sourcesHash() + (sanitized ? ' sanitized' : '');
  const isFresh = (): boolean => {
    const stamp = join(dist, STAMP);
    return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  };
  if (isFresh()) return false;
  // Built in another folder and then renamed: an interrupted build, or two at the same time, leave
  // nothing incomplete.
  const made = `${dist}.${process.pid}`;
  const bin = join(made, 'bin');
  try {
    mkdirSync(bin, { recursive: true });
    makeExecutable(MAIN, join(bin, 'bridge'), arch, { sanitized });
    for (const name of LINKS) {
      if (existsSync(join(ROOT, 'src/plugins', name)))
        linkSync(join(bin, 'bridge'), join(bin, name));
    }
    writeFileSync(join(made, 'LICENSES'), licences());
    writeFileSync(join(made, STAMP), wanted);
    rmSync(dist, { recursive: true, force: true });
    renameSync(made, dist);
  } catch (error) {
    // Another build of the same sources may have finished meanwhile.
    if (!isFresh()) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return true;
}

/** The hash of everything that can change the executable. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  const sources = globSync(
    [
      'src/**/*.{ts,c,h}',
      'package.json',
      'package-lock.json',
      'scripts/build-cni.ts',
      'scripts/engine/*',
    ],
    { cwd: ROOT },
  );
  for (const file of sources.sort()) {
    const path = join(ROOT, file);
    if (statSync(path).isFile()) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex');
}

if (import.meta.main) {
  const arch = (process.argv[2] ?? process.arch) as Arch;
  console.log(`${cniFolder(arch)} is ${buildCni(arch) ? 'built' : 'up to date'}`);
}
