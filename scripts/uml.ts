/**
 * Runs a command inside user-mode Linux: a second, older kernel with different features than the
 * host's, run as an ordinary program (Debian's `user-mode-linux`). The host's file system is its
 * root, read-only, so the same checkout and the same programs run there; it boots in about a
 * second.
 *
 * By hand: `npm run uml -- ip -d link`. Input is empty; output and exit code are the command's.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildCni } from './build-cni.ts';
import { requirePackages } from './debian.ts';
import { type GuestOptions, type GuestResult, runByHand, runGuest } from './guest.ts';

export interface UmlOptions extends GuestOptions {
  /** Path of the kernel; the first `linux.uml` in PATH when not given. */
  readonly kernel?: string | undefined;
}

const ROOT = resolve(import.meta.dirname, '..');

/** Runs `command` in the current folder, in a separate kernel. */
export async function runInUml(
  command: readonly string[],
  options: UmlOptions = {},
): Promise<GuestResult> {
  requirePackages('user-mode-linux', 'iproute2', 'kmod');
  return runGuest(command, options, (job, scratch) => ({
    command: [
      options.kernel ?? 'linux.uml',
      'mem=1024M',
      `uml_dir=${scratch}`,
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      `init=${join(ROOT, 'scripts/guest-init.sh')}`,
      'con=null',
      'con0=null,fd:1',
      'loglevel=1',
      `job=${job}`,
      `checkout=${ROOT}`,
      'modules=/usr/lib/uml/modules',
    ],
    env: preload(),
  }));
}

/** All user-mode kernels in PATH: the user's own comes before Debian's. */
export function umlKernels(): string[] {
  requirePackages('user-mode-linux');
  const paths = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'linux.uml'));
  // /bin and /usr/bin are one folder.
  return [...new Set(paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)))];
}

/** See uml-xstate.c. */
function preload(): Record<string, string> {
  if (!/^flags.* amx_tile\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) return {};
  const source = join(ROOT, 'scripts/uml-xstate.c');
  const library = join(ROOT, '.cache/uml-xstate.so');
  if (!existsSync(library)) {
    requirePackages('tcc');
    mkdirSync(join(ROOT, '.cache'), { recursive: true });
    const built = spawnSync('tcc', ['-shared', '-nostdlib', '-o', library, source], {
      encoding: 'utf8',
    });
    if (built.status !== 0) throw new Error(`tcc ${source}: ${built.stderr.trim()}`);
  }
  return { LD_PRELOAD: library };
}

if (import.meta.main) {
  try {
    // Nothing can be built inside, where the checkout is read-only.
    buildCni();
  } catch (error) {
    process.stderr.write(`the CNI executables are not up to date: ${(error as Error).message}\n`);
  }
  await runByHand('user-mode Linux', runInUml);
}
