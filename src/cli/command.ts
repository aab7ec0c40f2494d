/** What a subcommand of `netlink-ts` is, and what it reads from and writes to. */

export interface Output {
  /** Standard output. */
  write(text: string): void;
  /** Standard error: what the user should know beside the result. */
  note(text: string): void;
  /** Whether standard output is a terminal that shows colours. */
  readonly colours: boolean;
  /** How many characters fit into a line of the terminal; undefined where there is none, and lines are as long as they are. */
  readonly width?: number | undefined;
  /** All of standard input. */
  readInput(): Uint8Array;
}

export interface Command {
  /** One line for the list of subcommands. */
  readonly summary: string;
  /** Its own help. */
  readonly help: string;
  /** Returns the exit code. Throws UsageError for words that it does not understand. */
  run(args: readonly string[], output: Output): number | Promise<number>;
}

/** Words on the command line that mean nothing; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
