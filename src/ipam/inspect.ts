/**
 * Looking into a data directory and repairing it, for people: who holds what since when, what is wrong, and what a repair would do.
 *
 * Nothing here needs a network configuration: a data directory and a network name are enough.
 */
import { lstatSync } from '../netlink/socket/files.ts';
import { parseAddress, type Address } from './address.ts';
import { bootTag, currentBootId, isAlive } from './boot.ts';
import { leaseStoreConfig, type LeaseStoreConfig } from './config.ts';
import { diskStore } from './disk-store.ts';
import { indexFileOf } from './index-rebuild.ts';
import {
  directoryNames,
  isLeaseName,
  leaseNames,
  openLeaseDirectory,
  type LeaseDirectory,
} from './lease-directory.ts';
import { isUnfinished, readLease, readShort } from './lease-file.ts';
import type { SessionOptions } from './lease-session.ts';
import { ownerKey, ownerOf, type FreedLease, type Owner } from './owner.ts';
import { readEntries } from './owner-pages.ts';
import { hashOf } from './owner-table.ts';

export interface LeaseInfo extends FreedLease {
  readonly network: string;
  /** When the lease was made, ISO 8601. */
  readonly since: string;
  /** `current`: made, or first seen, since the machine started. `unknown`: not in the index. */
  readonly boot: 'current' | 'earlier' | 'unknown';
  /** An ADD that is not complete: its process lives, or died. */
  readonly unfinished?: 'alive' | 'dead';
}

export interface Finding {
  readonly network: string;
  /** A file name in the network's directory. */
  readonly file: string;
  readonly problem: string;
  /** True when `reclaim` removes it. */
  readonly repairable: boolean;
}

export interface RepairOptions extends SessionOptions {
  /** True: only say what would be done. */
  readonly dryRun?: boolean;
  readonly lockTimeout?: number;
}

export interface RepairReport {
  readonly network: string;
  readonly dryRun: boolean;
  readonly freed: readonly FreedLease[];
  readonly healed: readonly string[];
}

/** Networks that have a directory. */
export function networks(dataDir: string): string[] {
  const isNetwork = (name: string): boolean =>
    !name.startsWith('.') &&
    lstatSync(`${dataDir}/${name}`, { throwIfNoEntry: false })?.isDirectory() === true;
  return directoryNames(dataDir).filter(isNetwork).sort();
}

/** All leases of a network in the order of their addresses; takes no lock. */
export function listLeases(dataDir: string, network: string): LeaseInfo[] {
  return withDirectory(dataDir, network, [], (directory) => {
    const known = directory.state ? readEntries(indexFileOf(directory.state)) : new Map();
    const boot = bootTag(currentBootId());
    return leaseNames(directory.path)
      .sort(byAddress)
      .flatMap((name): LeaseInfo[] => {
        const content = readLease(directory.path, name);
        if (!content || !('key' in content)) return [];
        const entry = known.get(name);
        const isKnown = entry?.hash === hashOf(content.key);
        const since = lstatSync(`${directory.path}/${name}`, { throwIfNoEntry: false })?.mtimeMs;
        const info: LeaseInfo = {
          network,
          address: name,
          ...ownerOf(content.key),
          since: new Date((isKnown ? entry.madeAt : since) ?? 0).toISOString(),
          boot: !isKnown ? 'unknown' : entry.boot === boot ? 'current' : 'earlier',
        };
        if (!isUnfinished(directory.path, name)) return [info];
        // Without the lock: one that the index does not know may be on its way into it.
        const isDead = isKnown && !(entry.boot === boot && isAlive(entry.pid, entry.madeAt));
        return [{ ...info, unfinished: isDead ? 'dead' : 'alive' }];
      });
  });
}

/** What is inconsistent in a network's directory; changes nothing. */
export function checkLeases(dataDir: string, network: string): Finding[] {
  return withDirectory(dataDir, network, [], (directory) => {
    const findings: Finding[] = [];
    const found = (file: string, problem: string, repairable = false): void =>
      void findings.push({ network, file, problem, repairable });
    for (const name of directoryNames(directory.path).sort()) {
      if (name === 'lock') continue;
      if (/^last_reserved_ip\.\d+$/.test(name)) checkMark(directory, name, found);
      else if (isLeaseName(name)) checkLease(directory, name, found);
      else found(name, 'not a file of a lease directory');
    }
    for (const lease of listLeases(dataDir, network)) {
      if (lease.boot === 'earlier') found(lease.address, 'lease of an earlier boot', true);
      else if (lease.unfinished === 'dead') found(lease.address, 'its ADD was cut off', true);
    }
    return findings;
  });
}

type Found = (file: string, problem: string, repairable?: boolean) => void;

function checkMark({ path }: LeaseDirectory, name: string, found: Found): void {
  try {
    const text = readShort(`${path}/${name}`) ?? '';
    if (!parseAddress(text)) found(name, `not an address: ${JSON.stringify(text)}`);
  } catch {
    found(name, 'not a regular file');
  }
}

function checkLease({ path }: LeaseDirectory, name: string, found: Found): void {
  const content = readLease(path, name);
  if (!content) return;
  if ('torn' in content) found(name, 'empty, left by a crash', true);
  else if ('strange' in content) found(name, `not a regular file (${content.strange})`);
  else if (!content.key.includes('\r\n')) found(name, 'names a container without an interface');
}

/** Frees one address, or all that an owner holds. */
export function releaseLeases(
  dataDir: string,
  network: string,
  what: { readonly address: string } | Owner,
  options: RepairOptions = {},
): RepairReport {
  const isMeant = (name: string, key: string): boolean =>
    'address' in what ? name === what.address : key === ownerKey(what);
  return repair(dataDir, network, options, isMeant, false);
}

/** Frees leases of earlier boots and of ADDs that were cut off, and removes empty files. */
export function reclaimLeases(
  dataDir: string,
  network: string,
  options: RepairOptions = {},
): RepairReport {
  return repair(dataDir, network, options, undefined, true);
}

function repair(
  dataDir: string,
  network: string,
  options: RepairOptions,
  isMeant: ((name: string, key: string) => boolean) | undefined,
  isHealing: boolean,
): RepairReport {
  const { dryRun = false } = options;
  const torn: string[] = [];
  const config = storeConfig(dataDir, network, options);
  // Opening a session heals on its own, so what is empty is noted before.
  withDirectory(dataDir, network, undefined, ({ path }) => {
    if (!isHealing) return;
    torn.push(...leaseNames(path).filter((name) => 'torn' in (readLease(path, name) ?? {})));
  });
  const freed: FreedLease[] = [];
  const choose = (name: string, key: string, isGone: () => boolean): boolean =>
    isMeant ? isMeant(name, key) : isGone();
  if (dryRun) {
    for (const { address, containerId, ifname, boot, unfinished } of listLeases(dataDir, network)) {
      const key = ifname === undefined ? containerId : `${containerId}\r\n${ifname}`;
      if (choose(address, key, () => boot === 'earlier' || unfinished === 'dead')) {
        freed.push({ address, ...ownerOf(key) });
      }
    }
    return { network, dryRun, freed, healed: torn };
  }
  const healed = diskStore(config, options).lockedIfPresent((leases) => {
    for (const name of leaseNames(leases.directory.path)) {
      const address = parseAddress(name)!;
      const key = leases.holder(address);
      if (key === undefined || !choose(name, key, () => leases.makerOf(address) === 'gone'))
        continue;
      leases.free(address);
      freed.push({ address: name, ...ownerOf(key) });
    }
    for (const name of torn) leases.heal(name);
    return torn.filter((name) => readLease(leases.directory.path, name) === undefined);
  });
  return { network, dryRun, freed, healed: healed ?? [] };
}

function storeConfig(
  dataDir: string,
  name: string,
  { lockTimeout }: RepairOptions,
): LeaseStoreConfig {
  const config = leaseStoreConfig({ name, ipam: { dataDir } });
  return lockTimeout === undefined ? config : { ...config, lockTimeout };
}

function withDirectory<T>(
  dataDir: string,
  network: string,
  absent: T,
  body: (directory: LeaseDirectory) => T,
): T {
  const { name } = storeConfig(dataDir, network, {});
  const directory = openLeaseDirectory(dataDir, name, 'read');
  if (!directory) return absent;
  try {
    return body(directory);
  } finally {
    directory.close();
  }
}

function byAddress(a: string, b: string): number {
  const [first, second] = [order(parseAddress(a)!), order(parseAddress(b)!)];
  return first < second ? -1 : first > second ? 1 : 0;
}

const order = ({ family, value }: Address): bigint => (BigInt(family) << 128n) | value;
