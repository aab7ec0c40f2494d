/**
 * A data directory for one test, the calls of ours and of the reference on it, and what lies in it.
 * Not a test itself.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { formatAddress } from '../../src/ip.ts';
import { currentBootId } from '../../src/ipam/store/boot.ts';
import { hostLocal, type HostLocal, type IpamResult } from '../../src/ipam/index.ts';
import { UNFINISHED } from '../../src/ipam/store/lease-file.ts';
import { createIndex, openIndex, type IndexEntry } from '../../src/ipam/store/owners.ts';
import { REFERENCE, referencePlugin } from '../../scripts/reference.ts';

export interface LeaseFolder {
  readonly dataDir: string;
  /** The directory of network `net`. */
  readonly path: string;
  /** What was reported, one line each. */
  readonly reports: string[];
  ipam(more?: Record<string, unknown>, network?: Record<string, unknown>): HostLocal;
  reference(command: string, containerId: string, more?: Record<string, unknown>): Answer;
  /** Address files with their content. */
  leases(): Record<string, string>;
  read(name: string): string;
}

export interface Answer {
  readonly status: number | null;
  readonly output: string;
  readonly ips: string[];
}

export function leaseFolder(
  t: ExecutionContext,
  ranges: string[][] = [['10.1.2.0/24']],
): LeaseFolder {
  const dataDir = mkdtempSync(join(tmpdir(), 'ipam-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const path = join(dataDir, 'net');
  const reports: string[] = [];
  const configuration = (more: Record<string, unknown>): Record<string, unknown> => ({
    type: 'host-local',
    dataDir,
    ranges: ranges.map((set) => set.map((subnet) => ({ subnet }))),
    ...more,
  });
  return {
    dataDir,
    path,
    reports,
    ipam: (more = {}, network = {}) =>
      hostLocal(
        { name: 'net', cniVersion: '1.0.0', ipam: configuration(more), ...network },
        { report: (line) => reports.push(line) },
      ),
    reference: (command, containerId, more = {}) => {
      const { cniArgs = '', ifname = 'eth0', ...rest } = more as Record<string, string>;
      const input = JSON.stringify({ name: 'net', cniVersion: '1.0.0', ipam: configuration(rest) });
      return runReference(command, containerId, ifname, cniArgs, input);
    },
    leases: () => {
      const names = readdirSync(path).filter((name) => /^[0-9a-f.:]+$/.test(name));
      return Object.fromEntries(
        names.map((name) => [name, readFileSync(join(path, name), 'utf8')]),
      );
    },
    read: (name) => readFileSync(join(path, name), 'utf8'),
  };
}

function runReference(
  command: string,
  containerId: string,
  ifname: string,
  cniArgs: string,
  input: string,
): Answer {
  const env = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: '/x',
    CNI_IFNAME: ifname,
    CNI_PATH: REFERENCE,
    CNI_ARGS: cniArgs,
  };
  const { status, stdout } = spawnSync(referencePlugin('host-local'), {
    env,
    input,
    encoding: 'utf8',
  });
  const result = status === 0 && stdout ? (JSON.parse(stdout) as IpamResult) : undefined;
  return { status, output: stdout, ips: result?.ips.map(({ address }) => address) ?? [] };
}

/**
 * Three leases: of an earlier boot, of an ADD that was cut off, and a good one; then an empty file.
 */
export function damaged(folder: LeaseFolder): void {
  for (const id of ['old', 'cut', 'fine']) folder.ipam().add(eth0(id));
  rewriteIndex(folder, currentBootId(), (entry, address) =>
    address === '10.1.2.2' ? { ...entry, boot: 7 } : entry,
  );
  chmodSync(join(folder.path, '10.1.2.3'), UNFINISHED);
  writeFileSync(join(folder.path, '10.1.2.9'), '');
}

/** Replaces the index by one with changed entries, which matches no directory. */
export function rewriteIndex(
  { dataDir }: LeaseFolder,
  bootId: bigint,
  change: (entry: IndexEntry, address: string) => IndexEntry,
): void {
  const file = join(dataDir, '.netlink-ts/net/owners');
  const index = openIndex(file)!;
  const entries = index.entries().map((entry) => change(entry, formatAddress(entry.address)));
  index.close();
  createIndex(file, bootId, entries).close();
}

export const eth0 = (containerId: string) => ({ containerId, ifname: 'eth0' });

export const addressesOf = (result: IpamResult): string[] =>
  result.ips.map(({ address }) => address);
