/** The interface of a subcommand of `netlink-ts`, and its input and output. */

export interface Output {
  /** Standard output. */
  write(text: string): void;
  /** Standard error: notes besides the result. */
  note(text: string): void;
  /** Whether standard output is a terminal that shows colours. */
  readonly colours: boolean;
  /**
   * The width of the terminal in characters; undefined without a terminal, where lines are not
   * limited.
   */
  readonly width?: number | undefined;
  /** All of standard input. */
  readInput(): Uint8Array;
}

export interface Command {
  /** One line for the list of subcommands. */
  readonly summary: string;
  /** Its own help. */
  readonly help: string;
  /** Returns the exit code. Throws UsageError for arguments that it does not understand. */
  run(args: readonly string[], output: Output): number | Promise<number>;
}

/** Invalid arguments; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
