/**
 * Inspecting and repairing a data directory, for people: who holds what since when, what is
 * inconsistent, and what a repair would do.
 *
 * Nothing here needs a network configuration: a data directory and a network name are enough.
 */
import { lstatSync, statSync } from '../sys/files.ts';
import { hashOf } from '../sys/scan.ts';
import { formatAddress, parseAddress, type Address } from '../ip.ts';
import { bootTag, currentBootId } from './store/boot.ts';
import { leaseStoreConfig, type LeaseStoreConfig } from './policy/config.ts';
import {
  directoryNames,
  isForeignLink,
  isLeaseName,
  openLeaseDirectory,
  type LeaseDirectory,
} from './store/lease-directory.ts';
import { isHeld, readLease, readShort } from './store/lease-file.ts';
import { takeLock } from './store/lock.ts';
import { ownerKey, ownerOf, type FreedLease, type Owner } from './policy/owner.ts';
import { indexFileOf, openIndex } from './store/owners.ts';
import type { SessionOptions } from './store/session.ts';
import { diskStore } from './store/lease-store.ts';
import { eachLease } from './store/survey.ts';

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
  withDirectory(dataDir, network, [], (directory) => leasesIn(directory, network));

function leasesIn({ path, state }: LeaseDirectory, network: string): LeaseInfo[] {
  const boot = bootTag(currentBootId());
  const index = state === undefined ? undefined : openIndex(indexFileOf(state));
  const known = new Map<string, number>();
  for (const { address, hash, boot: madeIn } of index?.entries() ?? []) {
    known.set(`${formatAddress(address)} ${hash}`, madeIn);
  }
  index?.close();
  const found: { readonly order: bigint; readonly info: LeaseInfo }[] = [];
  eachLease(path, ({ name, address, content, modifiedAt, isUnfinished }) => {
    if (!('key' in content)) return;
    const madeIn = known.get(`${name} ${hashOf(content.key)}`);
    const info: LeaseInfo = {
      network,
      address: name,
      ...ownerOf(content.key),
      since: new Date(modifiedAt).toISOString(),
      boot: madeIn === undefined ? 'unknown' : madeIn === boot ? 'current' : 'earlier',
      ...(isUnfinished && { unfinished: isHeld(`${path}/${name}`) ? 'alive' : 'dead' }),
    };
    found.push({ order: order(address), info });
  });
  found.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  return found.map(({ info }) => info);
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
  directoryNames(path)
    .filter(isLeaseName)
    .filter((name) => 'torn' in (readLease(path, name) ?? {}));

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
    freed = leasesIn(directory, network)
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

/** Without a lock file nobody can hold the lock, and a dry run creates none. */
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

const order = ({ family, value }: Address): bigint => (BigInt(family) << 128n) | value;
