/**
 * One plugin executable at work on a host of its own: a fresh namespace with a bridge that nobody
 * else uses, and fresh namespaces for its containers. The complete process is timed, from start to
 * exit, as a container runtime sees it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Attach, cniEnvironment } from '../scripts/cni-runtime.ts';
import { createNamespace, type Namespace } from '../test/harness/namespace.ts';
import { type Cost, launch } from './launch.ts';

export interface NetworkOptions {
  readonly masquerade: boolean;
  readonly dualStack: boolean;
}

export interface Program {
  readonly name: string;
  readonly binary: string;
  readonly host: Namespace;
  readonly network: object;
}

/** `folder` is where the leases go. */
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
  return { name, binary, host: createNamespace(), network };
}

export const callFor = (
  command: Attach['command'],
  { name, path }: Namespace,
): Required<Attach> => ({
  command,
  containerId: name,
  netns: path,
  ifname: 'eth0',
});

/** Makes one call, or with several containers one for each, all at once. */
export function costOf(
  { host, binary, network }: Program,
  command: Attach['command'],
  ...containers: readonly Namespace[]
): Cost {
  const calls = containers.map((container) => callFor(command, container));
  const env = cniEnvironment(binary, calls[0]!);
  const each = calls.map(({ containerId, netns }) => ({
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns,
  }));
  return host.run(() => launch(binary, env, network, each));
}

/** The same, timed in milliseconds. */
export const timeOf = (...of: Parameters<typeof costOf>): number => costOf(...of).milliseconds;
