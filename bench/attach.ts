/**
 * One plugin executable at work on a host of its own: a fresh namespace with a bridge that nobody else uses, and fresh
 * namespaces for its containers. What is timed is the whole process, from start to exit, as a container runtime sees it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Attach, cniEnvironment, execPlugin } from '../scripts/cni-runtime.ts';
import { createNamespace, type Namespace } from '../test/harness/namespace.ts';

export interface NetworkOptions {
  readonly masquerade: boolean;
  readonly dualStack: boolean;
}

export interface Program {
  readonly name: string;
  readonly binary: string;
  readonly host: Namespace;
  readonly network: object;
  /** The network in a file, for processes that are started without waiting. */
  readonly file: string;
}

/** `folder` takes the leases. */
export function prepare(
  name: string,
  binary: string,
  folder: string,
  { masquerade, dualStack }: NetworkOptions,
): Program {
  const dataDir = join(folder, name);
  mkdirSync(dataDir);
  const ranges = [[{ subnet: '198.18.0.0/16' }]];
  if (dualStack) ranges.push([{ subnet: '2001:db8:18::/64' }]);
  const network = {
    cniVersion: '1.0.0',
    name: 'bench',
    type: 'bridge',
    bridge: 'bench0',
    isDefaultGateway: true,
    ...(masquerade && { ipMasq: true }),
    ipam: { type: 'host-local', dataDir, ranges },
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(network));
  return { name, binary, host: createNamespace(), network, file };
}

export const callFor = (command: Attach['command'], { name, path }: Namespace): Attach => ({
  command,
  containerId: name,
  netns: path,
  ifname: 'eth0',
});

/** Milliseconds of one call. */
export function timeCall(
  program: Program,
  command: Attach['command'],
  container: Namespace,
): number {
  const call = callFor(command, container);
  const answer = program.host.run(() => execPlugin(program.binary, call, program.network));
  if (answer.code !== 0) {
    throw new Error(`${program.name} ${command}: exit ${answer.code}: ${answer.stdout}`);
  }
  return answer.milliseconds;
}

/** Milliseconds until the last of several calls, started at once, has ended. */
export async function timeTogether(
  program: Program,
  command: Attach['command'],
  containers: readonly Namespace[],
): Promise<number> {
  const started = performance.now();
  const codes = program.host.run(() =>
    containers.map((container) => {
      const input = openSync(program.file, 'r');
      const env = cniEnvironment(program.binary, callFor(command, container));
      const child = spawn(program.binary, { env, stdio: [input, 'ignore', 'inherit'] });
      closeSync(input);
      return once(child, 'exit');
    }),
  );
  for (const [code] of (await Promise.all(codes)) as [number | null][]) {
    if (code !== 0) throw new Error(`${program.name} ${command}: exit ${code}`);
  }
  return performance.now() - started;
}
