/**
 * Executes a plugin as a container runtime does, and never longer than it may take. CNI SPEC 1.1.0,
 * section 2, "Execution Protocol".
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { inNamespace, type Namespace } from '../netlink/namespace.ts';

export type Command = 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC' | 'VERSION';

export interface Answer {
  /** The exit status; undefined if a signal ended the plugin. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** It was killed because it did not finish in time. */
  readonly late: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON; undefined if it is empty or not one JSON document. */
  readonly json: unknown;
}

export interface Execution {
  readonly binary: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string | Uint8Array;
  /** Where it runs. */
  readonly netns: Namespace;
  readonly cwd: string;
  /** Milliseconds after which it is killed. */
  readonly timeout: number;
}

/** Bytes of output, above which a plugin is killed. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/** Rejects only if the plugin cannot be executed at all. */
export function execute(execution: Execution): Promise<Answer> {
  const { binary, env, input, netns, cwd, timeout } = execution;
  // A process group of its own, so that its children are killed with it.
  const child = inNamespace(netns, () =>
    spawn(binary, [], { env: { ...env }, cwd, detached: true }),
  );
  return new Promise((done, fail) => {
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let late = false;
    let size = 0;
    const finish = (code: number | null, signal: string | null): void => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out).toString();
      const stderr = Buffer.concat(err).toString();
      const [exit, by] = [code ?? undefined, signal ?? undefined];
      done({ code: exit, signal: by, late, stdout, stderr, json: parsed(stdout) });
    };
    const stop = (): void => {
      late = true;
      kill(child);
      // Whoever left the group may hold the pipes open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(stop, timeout);
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      into.push(chunk);
      if ((size += chunk.length) > MAX_OUTPUT) stop();
    };
    child.stdout.on('data', collect(out));
    child.stderr.on('data', collect(err));
    child.once('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    child.once('close', finish);
    // A plugin need not read its input: EPIPE says nothing about it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** How a call ended, in the words of a report. */
export function outcome({ code, signal, late, stdout, stderr, json }: Answer): string {
  if (late) return 'did not finish in time and was killed';
  if (signal !== undefined) return `was ended by ${signal}`;
  const { msg, details } = (json ?? {}) as { msg?: unknown; details?: unknown };
  const words = [msg, details].filter((part) => typeof part === 'string' && part !== '');
  const said = words.length > 0 ? words.join('; ') : (stdout.trim() || stderr.trim()).slice(0, 300);
  return `exit ${code}${said === '' ? '' : `: ${said}`}`;
}
