/**
 * Runs other programs for the tests: by their system paths, with the output as text.
 *
 * PATH is fixed because `node_modules/.bin`, which npm puts first, holds a program named `nft` that
 * has nothing to do with nftables.
 */
import { spawn } from './spawn.ts';

export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

export interface Finished {
  /** Exit code, or -1 when a signal ended the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end in the namespace that the calling thread is in. */
export function program(command: string, ...args: string[]): Finished {
  return spawn(command, args, { env: { ...process.env, PATH: SYSTEM_PATH } });
}

/** Its standard output; a failure is an error with the program's own message. */
export function outputOf(command: string, ...args: string[]): string {
  const { code, stdout, stderr } = program(command, ...args);
  if (code === 0) return stdout;
  throw new Error(`${[command, ...args].join(' ')}: exit ${code}: ${stderr.trim()}`);
}
