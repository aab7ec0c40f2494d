/**
 * A plugin that stops after each message to the kernel until it is told to continue, so that a test
 * can change anything meanwhile.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { execEnvironment, forgetCallAtTheEnd, ourPlugin, type PluginCall } from './plugin.ts';
import type { Finished } from './program.ts';
import type { Teardown } from './namespace.ts';

export interface Stepped {
  /** Waits until it has stopped after its next send; false when it has ended. */
  stopped(): Promise<boolean>;
  goOn(): void;
  /** Sends it a signal; a stopped plugin receives it when it continues. */
  tell(signal: NodeJS.Signals): void;
  /** Its stderr also contains the output of strace. */
  readonly ended: Promise<Finished>;
}

/**
 * Starts `bridge` in the namespace that the thread is in. `sends` are the sends after which it
 * stops, in the syntax of strace(1): `1` is the first, `1+` are all.
 */
export function startStepped(
  t: Teardown,
  call: PluginCall,
  config: unknown,
  sends: string,
  trace = 'sendto',
): Stepped {
  const binary = ourPlugin('bridge');
  const input = JSON.stringify(config);
  if (call.command === 'ADD') forgetCallAtTheEnd(call, input);
  const inject = `inject=sendto:signal=SIGSTOP:when=${sends}`;
  // With -D it is the plugin that is our child.
  const child = spawn('/usr/bin/strace', ['-D', '-e', `trace=${trace}`, '-e', inject, binary], {
    env: execEnvironment(binary, call),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stderr);
  const told: string[] = [];
  let stops = 0;
  lines.on('line', (line) => {
    told.push(line);
    if (line.endsWith('--- stopped by SIGSTOP ---')) stops++;
  });
  let isOver = false;
  const over = once(lines, 'close').then(() => (isOver = true));
  const ended = Promise.all([once(child, 'exit'), text(child.stdout), over]).then(
    ([[code], stdout]) => ({
      code: (code as number | null) ?? -1,
      stdout,
      stderr: told.join('\n'),
    }),
  );
  child.stdin.end(input);
  return {
    ended,
    async stopped() {
      while (stops === 0 && !isOver) await Promise.race([once(lines, 'line'), over]);
      return stops-- > 0;
    },
    goOn: () => void child.kill('SIGCONT'),
    tell: (signal) => void child.kill(signal),
  };
}
