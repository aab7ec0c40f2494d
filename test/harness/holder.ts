/** A process in a namespace that has sockets open, for tests that look at them from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Namespace, Teardown } from './namespace.ts';
import { SYSTEM_PATH } from './program.ts';

export interface Holder {
  readonly pid: number;
  /** Runs one more statement of Python in it, and waits until it has; returns what it printed. */
  run(statement: string): Promise<string>;
}

const LOOP = `
import os, socket, struct, sys
scope = globals()
print("ready", flush=True)
for line in sys.stdin:
    try:
        exec(eval(line), scope)
        print("done", flush=True)
    except OSError as error:
        print(os.strerror(error.errno).lower(), flush=True)
`;

/** Starts it inside, with the statements of Python that open its sockets. */
export async function holdSockets(
  t: Teardown,
  ns: Namespace,
  ...statements: string[]
): Promise<Holder> {
  const child = ns.run(() =>
    spawn('python3', ['-c', LOOP], {
      env: { PATH: SYSTEM_PATH },
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  t.teardown(() => void child.kill('SIGKILL'));
  child.stdout.setEncoding('utf8');
  const answer = async (): Promise<string> => {
    let text = '';
    while (!/(^|\n)(ready|done|[a-z -]+)\n$/.test(text)) {
      const [piece] = (await once(child.stdout, 'data')) as [string];
      text += piece;
    }
    return text.trim();
  };
  const run = (statement: string): Promise<string> => {
    const answered = answer();
    child.stdin.write(`${JSON.stringify(statement)}\n`);
    return answered;
  };
  await answer();
  for (const statement of statements) {
    const said = await run(statement);
    if (said !== 'done') throw new Error(`${statement}: ${said}`);
  }
  return { pid: child.pid!, run };
}
