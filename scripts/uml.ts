/**
 * Runs a command inside user-mode Linux: a second, older kernel with different features than the
 * host's, run as an ordinary program (Debian's `user-mode-linux`). The host's file system is its
 * root, read-only, so the same checkout and the same programs run there; it boots in about a
 * second.
 *
 * By hand: `npm run uml -- ip -d link`. Input is empty; output and exit code are the command's.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildCni } from './build-cni.ts';
import { runChild } from './child.ts';
import { requirePackages } from './debian.ts';

export interface UmlOptions {
  /** Path of the kernel; the first `linux.uml` in PATH when not given. */
  readonly kernel?: string | undefined;
  /** Environment of the command, in addition to PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Everything, including the boot, ends after this many seconds. */
  readonly timeout?: number;
  /** It ends too when nothing was printed for this many seconds. */
  readonly silence?: number;
  /** Gets the command's output as it arrives. */
  readonly onOutput?: (text: string) => void;
}

export interface UmlResult {
  /** The command's exit code; undefined when the kernel ended before the command did. */
  readonly code: number | undefined;
  /**
   * Standard output and standard error together; the kernel's own messages when `code` is
   * undefined.
   */
  readonly output: string;
}

const ROOT = resolve(import.meta.dirname, '..');
const BEGIN = '--- uml: begin ---\n';
const END = /--- uml: end (\d+) ---\n/;

/** Runs `command` in the current folder, in a separate kernel. */
export async function runInUml(
  command: readonly string[],
  options: UmlOptions = {},
): Promise<UmlResult> {
  requirePackages('user-mode-linux', 'iproute2', 'kmod');
  const scratch = mkdtempSync(join(tmpdir(), 'uml-'));
  const clean = (): void => rmSync(scratch, { recursive: true, force: true });
  // Also when the script is interrupted.
  process.once('exit', clean);
  try {
    const job = join(scratch, 'job');
    writeFileSync(job, jobScript(command, options.env ?? {}));
    return await boot(scratch, job, options);
  } finally {
    process.off('exit', clean);
    clean();
  }
}

/** All user-mode kernels in PATH: the user's own comes before Debian's. */
export function umlKernels(): string[] {
  requirePackages('user-mode-linux');
  const paths = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'linux.uml'));
  // /bin and /usr/bin are one folder.
  return [...new Set(paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)))];
}

/** A word for the shell. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function jobScript(command: readonly string[], env: Readonly<Record<string, string>>): string {
  const all = { NETLINK_TS_PREPARED: '1', ...env };
  const exports = Object.entries(all).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [...exports, `cd ${quote(process.cwd())}`, command.map(quote).join(' '), ''].join('\n');
}

async function boot(scratch: string, job: string, options: UmlOptions): Promise<UmlResult> {
  let text = '';
  let told: number | undefined;
  const listen = (chunk: string): void => {
    text += chunk;
    const begin = text.indexOf(BEGIN);
    if (begin < 0 || options.onOutput === undefined) return;
    told ??= begin + BEGIN.length;
    // The end marker is not part of the output; text that may be the beginning of one waits for
    // more.
    const end = text.search(END);
    const safe = end >= 0 ? end : text.lastIndexOf('\n') + 1;
    if (safe > told) options.onOutput(text.slice(told, safe));
    told = Math.max(told, safe);
  };
  await runChild(
    [
      options.kernel ?? 'linux.uml',
      'mem=1024M',
      `uml_dir=${scratch}`,
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      `init=${join(ROOT, 'scripts/uml-init.sh')}`,
      'con=null',
      'con0=null,fd:1',
      'loglevel=1',
      `job=${job}`,
      `checkout=${ROOT}`,
    ],
    { env: preload(), ...limitsOf(options), onOutput: listen },
  );
  const end = END.exec(text);
  const begin = text.indexOf(BEGIN);
  if (begin < 0 || end === null) return { code: undefined, output: text };
  return { code: Number(end[1]), output: text.slice(begin + BEGIN.length, end.index) };
}

/** If neither is given, the limit is short. */
function limitsOf({ timeout, silence }: UmlOptions): { limit?: number; silence?: number } {
  if (timeout === undefined && silence === undefined) return { limit: 60 };
  return { ...(timeout && { limit: timeout }), ...(silence && { silence }) };
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
  const { code, output } = await runInUml(process.argv.slice(2), {
    silence: 1200,
    onOutput: (text) => process.stdout.write(text),
  });
  if (code === undefined) process.stderr.write(`user-mode Linux ended early:\n${output}`);
  process.exitCode = code ?? 1;
}
