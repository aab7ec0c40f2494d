/**
 * Times programs from start to exit, as a container runtime sees them, by a small launcher in C
 * (launch.c).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Arch, FLAGS, target } from '../scripts/engine/objects.ts';
import { compileC, toolchain } from '../scripts/engine/toolchain.ts';
import { FOLDER } from './floor.ts';

/** What the processes of one launch took. */
export interface Cost {
  /** From the first start to the last exit. */
  readonly milliseconds: number;
  readonly faults: number;
  /** Processor time in milliseconds, which other work on the machine changes least. */
  readonly processor: number;
  /**
   * How often they waited for something other than a processor: a disk, a lock, a timer. A process
   * that never does has one wait, at its end.
   */
  readonly waits: number;
}

/** Milliseconds, long enough for GC of 100,000 leases on a busy machine. */
const LONGEST = 300_000;

let launcher: string | undefined;

/**
 * Builds the launcher if need be. Nothing can be built inside user-mode Linux, so the script that
 * starts it builds before.
 */
export function buildLauncher(): string {
  const source = join(import.meta.dirname, 'launch.c');
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const file = join(FOLDER, `launch-${hash}`);
  if (existsSync(file)) return file;
  mkdirSync(FOLDER, { recursive: true });
  const made = `${file}.${process.pid}`;
  compileC(
    toolchain(),
    FOLDER,
    ...target(process.arch as Arch),
    ...FLAGS,
    '-static',
    source,
    '-o',
    made,
  );
  renameSync(made, file);
  return file;
}

/**
 * Runs a program to its end in the namespace of this thread; with `each`, one process for each of
 * these additions to the environment, all at once. All must succeed.
 */
export function launch(
  binary: string,
  env: NodeJS.ProcessEnv,
  input: object,
  each: readonly Readonly<Record<string, string>>[] = [],
): Cost {
  launcher ??= buildLauncher();
  const pairs = each.map((added) =>
    Object.entries(added)
      .map((pair) => pair.join('='))
      .join(','),
  );
  const { status, stdout, stderr, error } = spawnSync(launcher, [binary, ...pairs], {
    env,
    input: JSON.stringify(input),
    encoding: 'utf8',
    timeout: LONGEST,
    killSignal: 'SIGKILL',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${binary} ${env['CNI_COMMAND']}: exit ${status}: ${stderr}`);
  const [nanoseconds, faults, microseconds, waits] = stdout.split(' ').map(Number);
  return {
    milliseconds: nanoseconds! / 1e6,
    faults: faults!,
    processor: microseconds! / 1e3,
    waits: waits!,
  };
}
