/**
 * Plugins that have been started but have not got their input yet, as with a runtime that is slow
 * to write it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Teardown } from './namespace.ts';
import { type Finished, SYSTEM_PATH } from './program.ts';

export interface Held {
  readonly pid: number;
  /** Waits until it has begun to read its input. */
  reading(): Promise<void>;
  /** Writes its input, and waits until it ends. */
  finish(config: unknown): Promise<Finished>;
  /** Writes its input without waiting. */
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
    // before a document is ignored.
    reading: () =>
      new Promise((resolve) => child.stdin.write(' '.repeat(1 << 20), () => resolve())),
  };
}

/** A command whose process exists, and that executes a plugin when `go` is called. */
export function beforeExec(
  t: Teardown,
  plugin: string,
): { command: [string, ...string[]]; go(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'before-exec-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const gate = join(folder, 'gate');
  execFileSync('mkfifo', [gate]);
  return {
    command: ['/bin/sh', '-c', 'read line < "$0"; exec "$1"', gate, plugin],
    go: () => writeFileSync(gate, '\n'),
  };
}
