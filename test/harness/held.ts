/**
 * Plugins that have been started and not yet been given their input, as a runtime may do that is
 * slow to write.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Finished, SYSTEM_PATH } from './program.ts';

export interface Held {
  readonly pid: number;
  /** Waits until it has begun to read its input. */
  reading(): Promise<void>;
  /** Gives it its input, and waits for its end. */
  finish(config: unknown): Promise<Finished>;
  /** Gives it its input, and goes on. */
  feed(config: unknown): void;
  readonly ended: Promise<Finished>;
}

/** Starts a plugin in the namespace that the thread is in; `parameters` are the CNI parameters. */
export function startPlugin(
  command: readonly [string, ...string[]],
  parameters: Readonly<Record<string, string>>,
): Held {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { PATH: SYSTEM_PATH, CNI_PATH: dirname(program), ...parameters },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code: (code as number | null) ?? -1, stdout, stderr }),
  );
  const feed = (config: unknown): void => void child.stdin.end(JSON.stringify(config));
  return {
    pid: child.pid!,
    ended,
    feed,
    finish(config) {
      feed(config);
      return ended;
    },
    // More than a pipe or a socket holds: it is written when the other side reads. White space
    // before a document means nothing.
    reading: () =>
      new Promise((resolve) => child.stdin.write(' '.repeat(1 << 20), () => resolve())),
  };
}
