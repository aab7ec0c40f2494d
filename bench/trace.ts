/**
 * What one call asks of the kernel, by strace(1): programs started, netlink sockets, datagrams and
 * the messages in them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTrace, TRACED } from '../scripts/capture-trace.ts';
import { type Attach, cniEnvironment } from '../scripts/cni-runtime.ts';
import type { Namespace } from '../test/harness/namespace.ts';
import type { Program } from './attach.ts';

export interface Calls {
  /** Executed programs, the plugin itself included. */
  readonly execve: number;
  readonly sockets: number;
  /** System calls that send netlink datagrams. */
  readonly sends: number;
  /** Netlink messages in those datagrams. */
  readonly messages: number;
}

/** Makes a call under strace. */
export function countCalls(
  program: Program,
  command: Attach['command'],
  { name, path }: Namespace,
): Calls {
  const folder = mkdtempSync(join(tmpdir(), 'bench-trace-'));
  const options = ['-ff', '-o', join(folder, 'log'), '-s', '0', '-e', `trace=execve,${TRACED}`];
  const call = { command, containerId: name, netns: path, ifname: 'eth0' };
  try {
    const run = program.host.run(() =>
      spawnSync(
        'strace',
        [...options, '-e', 'read=all', '-e', 'write=all', '-e', 'quiet=all', program.binary],
        {
          input: JSON.stringify(program.network),
          env: cniEnvironment(program.binary, call),
          encoding: 'utf8',
          timeout: 60_000,
          killSignal: 'SIGKILL',
        },
      ),
    );
    if (run.status !== 0) throw new Error(`strace ${program.name}: ${run.stdout}${run.stderr}`);
    const lines = readdirSync(folder).flatMap((log) =>
      readFileSync(join(folder, log), 'utf8').split('\n'),
    );
    const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
    return {
      execve: count(/^execve\(.* = 0$/),
      sockets: count(/^socket\(AF_NETLINK, .* = \d+$/),
      sends: count(/^send\w+\(.* = \d+$/),
      messages: readTrace(folder).filter(({ direction }) => direction === 'sent').length,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
