/**
 * Inspecting and repairing a data directory, for people: who holds what since when, what is
 * inconsistent, and what a repair would do.
 *
 * Nothing here needs a network configuration: a data directory and a network name are enough.
 */
import { lstatSync, statSync } from '../sys/files.ts';
import { parseAddress, type Address } from '../ip.ts';
import { bootTag, currentBootId, isAlive } from './store/boot.ts';
import { leaseStoreConfig, type LeaseStoreConfig } from './policy/config.ts';
import { diskStore } from './store/disk-store.ts';
import { indexFileOf } from './store/index-rebuild.ts';
import {
  directoryNames,
  isForeignLink,
  isLeaseName,
  leaseNames,
  openLeaseDirectory,
  type LeaseDirectory,
} from './store/lease-directory.ts';
import { isUnfinished, readLease, readShort } from './store/lease-file.ts';
import type { SessionOptions } from './store/lease-session.ts';
import { takeLock } from './store/lock.ts';
import { ownerKey, ownerOf, type FreedLease, type Owner } from './policy/owner.ts';
import { readEntries } from './store/owner-pages.ts';
import { hashOf } from './store/owner-table.ts';

export interface LeaseInfo extends FreedLease {
  readonly network: string;
  /** When the lease was made, ISO 8601. */
  readonly since: string;
  /** `current`: made, or first seen, since the machine started. `unknown`: not in the index. */
  readonly boot: 'current' | 'earlier' | 'unknown';
  /** Set for an ADD that is not complete: whether its process is alive. */
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
  /** When true, only report what would be done. */
  readonly dryRun?: boolean;
  readonly lockTimeout?: number;
}

export interface RepairReport {
  readonly network: string;
  readonly dryRun: boolean;
  readonly freed: readonly FreedLease[];
  readonly healed: readonly string[];
}

/** The networks that have a directory. */
export function networks(dataDir: string): string[] {
  const isNetwork = (name: string): boolean => {
    const path = `${dataDir}/${name}`;
    if (name.startsWith('.') || isForeignLink(path)) return false;
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  };
  return directoryNames(dataDir).filter(isNetwork).sort();
}

/** All leases of a network, ordered by address; takes no lock. */
export const listLeases = (dataDir: string, network: string): LeaseInfo[] =>
  withDirectory(dataDir, network, [], (directory) => leasesIn(directory, network, false));

/**
 * An unfinished lease that is not in the index may be about to be added to it, but not while the
 * lock is held: its ADD would have added it before releasing the lock. Without an index this cannot
 * be decided.
 */
function leasesIn(directory: LeaseDirectory, network: string, isLocked: boolean): LeaseInfo[] {
  const file = directory.state && indexFileOf(directory.state);
  const known = file ? readEntries(file) : new Map();
  const isTold = file !== undefined && lstatSync(file, { throwIfNoEntry: false }) !== undefined;
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
      const isDead = isKnown
        ? entry.boot !== boot || !isAlive(entry.pid, entry.madeAt)
        : isLocked && isTold;
      return [{ ...info, unfinished: isDead ? 'dead' : 'alive' }];
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
  else if ('strange' in content) found(name, `not a lease (${content.strange})`);
  else if (!content.key.includes('\r\n')) found(name, 'names a container without an interface');
}

/** Frees one address, or everything that an owner holds. */
export function releaseLeases(
  dataDir: string,
  network: string,
  what: { readonly address: string } | Owner,
  options: RepairOptions = {},
): RepairReport {
  const isMeant = ({ address, containerId, ifname }: LeaseInfo): boolean =>
    'address' in what
      ? address === what.address
      : ifname !== undefined && ownerKey({ containerId, ifname }) === ownerKey(what);
  return repair(dataDir, network, options, isMeant);
}

/** Frees leases of earlier boots and of interrupted ADDs, and removes empty files. */
export function reclaimLeases(
  dataDir: string,
  network: string,
  options: RepairOptions = {},
): RepairReport {
  const isGone = ({ boot, unfinished }: LeaseInfo): boolean =>
    boot === 'earlier' || unfinished === 'dead';
  return repair(dataDir, network, options, isGone, tornIn);
}

const tornIn = ({ path }: LeaseDirectory): string[] =>
  leaseNames(path).filter((name) => 'torn' in (readLease(path, name) ?? {}));

/** A dry run and a real run follow the same plan, which is made with the lock held. */
function repair(
  dataDir: string,
  network: string,
  options: RepairOptions,
  isMeant: (lease: LeaseInfo) => boolean,
  tornOf: (directory: LeaseDirectory) => string[] = () => [],
): RepairReport {
  const { dryRun = false } = options;
  const config = storeConfig(dataDir, network, options);
  let freed: FreedLease[] = [];
  let torn: string[] = [];
  const survey = (directory: LeaseDirectory): void => {
    torn = tornOf(directory);
    freed = leasesIn(directory, network, true)
      .filter(isMeant)
      .map(({ address, containerId, ifname }) => ({
        address,
        containerId,
        ...(ifname === undefined ? {} : { ifname }),
      }));
  };
  if (dryRun) {
    withDirectory(dataDir, network, undefined, (directory) =>
      underLock(`${directory.path}/lock`, config.lockTimeout, () => survey(directory)),
    );
    return { network, dryRun, freed, healed: torn };
  }
  const healed = diskStore(config, { ...options, survey }).lockedIfPresent((leases) => {
    for (const { address } of freed) leases.free(parseAddress(address)!);
    for (const name of torn) leases.heal(name);
    return torn.filter((name) => readLease(leases.directory.path, name) === undefined);
  });
  return { network, dryRun, freed, healed: healed ?? [] };
}

/** Where there is no lock file nobody can hold the lock, and a dry run creates none. */
function underLock(path: string, timeout: number, body: () => void): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return body();
  const lock = takeLock(path, timeout);
  try {
    body();
  } finally {
    lock.release();
  }
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
