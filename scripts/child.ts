/**
 * Child processes that cannot keep a script from ending. Each has its own process group, which is
 * killed when its time is over, when it has printed nothing for too long, or when the script is
 * interrupted.
 *
 * SIGKILL does not end a process in uninterruptible sleep, so a killed process is awaited only for
 * a moment.
 */
import { spawn } from 'node:child_process';

export type Command = readonly [program: string, ...args: string[]];

export interface ChildOptions {
  /** In addition to the environment of the script itself. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds until it is killed. */
  readonly limit?: number;
  /**
   * Seconds without output until it is killed: for programs that may take any time, as long as they
   * make progress.
   */
  readonly silence?: number;
  /** Gets standard output and standard error as they come. */
  readonly onOutput?: (text: string) => void;
}

export interface Run {
  /** Undefined when the program was killed. */
  readonly code: number | undefined;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Milliseconds for a killed process to end, and for the output of an ended one to be read. */
const GRACE = 2000;

const running = new Set<() => void>();

/** Runs a program until it ends or its time is over. Rejects only when it cannot be started. */
export function runChild([program, ...args]: Command, options: ChildOptions): Promise<Run> {
  const { env, limit, silence, onOutput } = options;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
  });
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended, and so has everything that it started.
    }
  };
  watchForSignals();
  running.add(killGroup);

  let output = '';
  let silent: NodeJS.Timeout | undefined;
  const listen = (text: string): void => {
    silent?.refresh();
    output += text;
    onOutput?.(text);
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);

  return new Promise((done, fail) => {
    let grace: NodeJS.Timeout | undefined;
    const finish = (code: number | undefined): void => {
      stopWaiting();
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
    const after = (seconds: number | undefined, why: string): NodeJS.Timeout | undefined => {
      const giveUp = (): void => {
        listen(`\n${program}: ${why} ${seconds} seconds\n`);
        finishSoon(undefined);
      };
      return seconds === undefined ? undefined : setTimeout(giveUp, seconds * 1000);
    };
    const timer = after(limit, 'not done after');
    silent = after(silence, 'killed: no output for');
    const stopWaiting = (): void => {
      clearTimeout(timer);
      clearTimeout(silent);
    };
    child.on('error', (error) => {
      stopWaiting();
      running.delete(killGroup);
      fail(error);
    });
    // The rest of its group would keep the pipes open.
    child.on('exit', (code) => finishSoon(code ?? undefined));
    child.on('close', (code) => finish(code ?? undefined));
  });
}

function watchForSignals(): void {
  if (process.listeners('exit').includes(killAll)) return;
  // Before other handlers remove what the children still use.
  process.prependListener('exit', killAll);
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(codes)) process.on(signal, () => process.exit(code));
}

const killAll = (): void => running.forEach((kill) => kill());
