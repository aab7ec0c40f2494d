/** This process as its caller made it, and programs that it runs. */
import { thisProcess } from './runtime.ts';

export interface ThisProcess {
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name it was called by. */
  readonly argv0: string;
  /** What came behind the name. */
  readonly args: readonly string[];
  /** Everything that may say what it was called as, the most telling first. */
  names(): string[];
  exit(code: number): never;
  /** Runs a program to its end; one without a slash in its name is looked for in PATH. */
  run(program: string, args: readonly string[], options: RunOptions): Ended;
}

export interface RunOptions {
  /** What it reads from its standard input; a program need not read it. */
  readonly input: Uint8Array;
  /** The whole environment; by default that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is killed; by default it may run for ever. */
  readonly timeout?: number;
  /** Bytes that it may write to each of its outputs. */
  readonly maxOutput: number;
}

/**
 * How a program ended: by an exit status, a signal, or, when it could not be run to its end, an
 * errno.
 */
export interface Ended {
  readonly status?: number;
  readonly signal?: string;
  /**
   * Why it did not start; ETIMEDOUT when it was killed at the deadline, ENOBUFS when it said too
   * much.
   */
  readonly errno?: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export { thisProcess };
