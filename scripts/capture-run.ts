/**
 * Runs commands of other programs under strace(1), each in fresh namespaces, on whichever kernel
 * this process is on. `capture.ts` starts it here or inside user-mode Linux, with the jobs as one
 * JSON argument, and reads one line of JSON from it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNamespace } from '../test/harness/namespace.ts';
import { program, SYSTEM_PATH } from '../test/harness/program.ts';
import { type CapturedMessage, readTrace, TRACED } from './capture-trace.ts';

export interface CaptureJob {
  /** Shell commands that prepare what the command works on. */
  readonly setup: readonly string[];
  /**
   * The shell command that is traced. `$NS` and `$PEER` are the names of two fresh namespaces;
   * setup and command run in the first.
   */
  readonly command: string;
  /** Folders with programs that take precedence over those of the system, in the form of PATH. */
  readonly path?: string;
}

export interface CaptureRun {
  /** The version of the kernel: three numbers, without what a distribution adds. */
  readonly kernel: string;
  readonly messages: readonly CapturedMessage[];
  /** Why nothing was captured: a setup command that failed. */
  readonly failure?: string;
}

const kernel = /^\d+\.\d+(\.\d+)?/.exec(release())![0];

function capture({ setup, command, path = '' }: CaptureJob): CaptureRun {
  const scratch = mkdtempSync(join(tmpdir(), 'capture-'));
  const [here, peer] = [createNamespace(), createNamespace()];
  const shell = [
    'env',
    `PATH=${path}${SYSTEM_PATH}`,
    `NS=${here.name}`,
    `PEER=${peer.name}`,
    'sh',
    '-ec',
  ];
  const strace = ['strace', '-ff', '-o', join(scratch, 'log'), '-s', '0', '-e', `trace=${TRACED}`];
  const inside = (text: string, ...before: string[]): void => {
    const [first, ...rest] = [...before, ...shell, text];
    const { code, stderr } = here.run(() => program(first!, ...rest));
    // A request that the kernel refuses is worth capturing too.
    if (code !== 0 && before.length === 0) throw new Error(`${text}: exit ${code}: ${stderr}`);
  };
  try {
    for (const step of setup) inside(step);
    inside(command, ...strace, '-e', 'read=all', '-e', 'write=all', '-e', 'quiet=all');
    return { kernel, messages: readTrace(scratch) };
  } catch (error) {
    return { kernel, messages: [], failure: (error as Error).message };
  } finally {
    here.remove();
    peer.remove();
    rmSync(scratch, { recursive: true });
  }
}

if (import.meta.main) {
  const jobs = JSON.parse(process.argv[2]!) as CaptureJob[];
  console.log(JSON.stringify(jobs.map(capture)));
}
