/**
 * A node as a container runtime sees it: a namespace that stands for the host, others for
 * containers, and attachments made by running plugins in them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freshNamespace, type Namespace, type Row, type Teardown } from './namespace.ts';
import { execPlugin, ourPlugin, type PluginCall, type PluginOutput } from './plugin.ts';
import { stateOf } from './state.ts';

export interface Node {
  readonly host: Namespace;
  /** Where the leases are. */
  readonly dataDir: string;
  /** A configuration with `host-local` ranges; `keys` are added to it. */
  config(subnets: readonly string[], keys?: Row): Row;
  /** Executes a plugin on the host. */
  call(
    command: PluginCall['command'],
    config: unknown,
    call?: Partial<PluginCall>,
    binary?: string,
  ): PluginOutput;
  /** ADD in a new container, which must succeed. */
  attach(config: unknown, call?: Partial<PluginCall>, binary?: string): Attached;
  /** Everything that an attachment may change, as lines; see `changes`. */
  snapshot(...containers: readonly Namespace[]): string[];
  /**
   * What is different from an earlier snapshot. The kernel may still be at work, so differences
   * count when they have not gone away after some seconds.
   */
  changes(before: readonly string[], ...containers: readonly Namespace[]): string[];
  /** The lease files by name, with what is in them. */
  leases(): Record<string, string>;
}

/** A container, and what ADD answered. */
export interface Attached {
  readonly container: Namespace;
  readonly result: CniResult;
}

export function freshNode(t: Teardown): Node {
  const host = freshNamespace(t);
  host.exec('ip', 'link', 'set', 'lo', 'up');
  const dataDir = mkdtempSync(join(tmpdir(), 'leases-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const node: Node = {
    host,
    dataDir,
    config: (subnets, keys = {}) => ({
      cniVersion: '1.0.0',
      name: 'net1',
      type: 'bridge',
      bridge: 'br0',
      ...(subnets.length === 0
        ? {}
        : { ipam: { type: 'host-local', dataDir, ranges: subnets.map((subnet) => [{ subnet }]) } }),
      ...keys,
    }),
    call: (command, config, call = {}, binary = ourPlugin('bridge')) =>
      host.run(() =>
        execPlugin(binary, { command, containerId: 'c1', ifname: 'eth0', ...call }, config),
      ),
    attach: (config, call, binary) => {
      const container = freshNamespace(t);
      const all = { netns: container.path, ...call };
      return { container, result: succeeded(node.call('ADD', config, all, binary)) };
    },
    snapshot: (...containers) => [
      ...[host, ...containers].flatMap((each, i) => stateOf(each).map((line) => `${i}: ${line}`)),
      ...Object.entries(node.leases()).map(([name, text]) => `${name} ${JSON.stringify(text)}`),
    ],
    changes: (before, ...containers) =>
      lasting(() => changes(before, node.snapshot(...containers))),
    leases: () => leaseFiles(dataDir),
  };
  return node;
}

/** The result of a call that must succeed; an error with its output when it did not. */
export function succeeded({ code, json, stdout, stderr }: PluginOutput): CniResult {
  if (code !== 0) throw new Error(`exit ${code}: ${stdout}${stderr}`);
  return json as CniResult;
}

/** The error object of a call that must fail. */
export function failed({ code, json, stdout }: PluginOutput): CniFailure {
  if (code !== 1) throw new Error(`exit ${code}: ${stdout}`);
  return json as CniFailure;
}

/** A result of spec version 1.x. */
export interface CniResult {
  readonly cniVersion: string;
  readonly interfaces: readonly { name: string; mac: string; sandbox?: string }[];
  readonly ips: readonly { address: string; gateway?: string; interface: number }[];
  readonly routes?: readonly { dst: string; gw?: string }[];
  readonly dns?: Row;
}

export interface CniFailure {
  readonly cniVersion?: string;
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

/** Which lines of a snapshot were removed, and which were added. */
export function changes(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}

/** Milliseconds in which the kernel is done with what it does in the background. */
const SETTLED = 10_000;

/** Differences that stay. */
export const lasting = (differences: () => string[]): string[] =>
  eventually(differences, ({ length }) => length === 0, SETTLED);

function leaseFiles(directory: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    // Leases are named by their addresses. The other files are records and hints of the store.
    if (!entry.isFile() || !/^[0-9a-f.:]+$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(directory.length + 1)] = readFileSync(path, 'utf8');
  }
  return files;
}
