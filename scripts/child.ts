/**
 * Child processes that cannot keep a script from ending: each in a process group of its own with a time
 * limit, killed with everything it started when the limit is over or the script is interrupted.
 *
 * A process in uninterruptible sleep does not die of SIGKILL, so nobody waits for one longer than a moment.
 */
import { spawn } from 'node:child_process';

export type Command = readonly [program: string, ...args: string[]];

export interface ChildOptions {
  /** Beside the environment of the script itself. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds until it is killed. */
  readonly limit: number;
  /** Gets standard output and standard error as they come. */
  readonly onOutput?: (text: string) => void;
}

export interface Run {
  /** Undefined when the program did not come to an end by itself. */
  readonly code: number | undefined;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Milliseconds for a killed process to die, and for what a dead one wrote to be read. */
const GRACE = 2000;

const running = new Set<() => void>();

/** Runs a program to its end or to the limit. Rejects only when it cannot be started. */
export function runChild([program, ...args]: Command, options: ChildOptions): Promise<Run> {
  const { env, limit, onOutput } = options;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
  });
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended, and so has all that it started.
    }
  };
  watchForSignals();
  running.add(killGroup);

  let output = '';
  const listen = (text: string): void => {
    output += text;
    onOutput?.(text);
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);

  return new Promise((done, fail) => {
    let grace: NodeJS.Timeout | undefined;
    const finish = (code: number | undefined): void => {
      clearTimeout(timer);
      clearTimeout(grace);
      running.delete(killGroup);
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      done({ code, output });
    };
    const finishSoon = (code: number | undefined): void => {
      killGroup();
      grace ??= setTimeout(finish, GRACE, code);
    };
    const timer = setTimeout(() => {
      listen(`\n${program}: not done after ${limit} seconds\n`);
      finishSoon(undefined);
    }, limit * 1000);
    child.on('error', (error) => {
      clearTimeout(timer);
      running.delete(killGroup);
      fail(error);
    });
    // What is left of its group would keep the pipes open.
    child.on('exit', (code) => finishSoon(code ?? undefined));
    child.on('close', (code) => finish(code ?? undefined));
  });
}

function watchForSignals(): void {
  if (process.listeners('exit').includes(killAll)) return;
  // Before others remove what the children still use.
  process.prependListener('exit', killAll);
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(codes)) process.on(signal, () => process.exit(code));
}

const killAll = (): void => running.forEach((kill) => kill());
