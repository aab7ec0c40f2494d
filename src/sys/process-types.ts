/** This process as its caller started it, and programs that it runs. */
export interface ThisProcess {
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name that the process was called by. */
  readonly argv0: string;
  /** The arguments after the name. */
  readonly args: readonly string[];
  /** Every name that the process may have been called by, the most reliable first. */
  names(): string[];
  exit(code: number): never;
  /** Runs a program to its end; a name without a slash is looked up in PATH. */
  run(program: string, args: readonly string[], options: RunOptions): Ended;
}

export interface RunOptions {
  /** Standard input of the program; it need not read it. */
  readonly input: Uint8Array;
  /** The complete environment; by default that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the program is killed; by default there is no limit. */
  readonly timeout?: number;
  /** The largest number of bytes that it may write to each of its outputs. */
  readonly maxOutput: number;
}

/**
 * How a program ended: an exit status, a signal, or an errno when it could not be run to its end.
 */
export interface Ended {
  readonly status?: number;
  readonly signal?: string;
  /**
   * Why it did not start; ETIMEDOUT when it was killed at the deadline, ENOBUFS when it wrote more
   * than allowed.
   */
  readonly errno?: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}
