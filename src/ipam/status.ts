/**
 * STATUS: would an ADD find a free address and a writable directory? (CNI SPEC 1.1.0, "STATUS").
 *
 * It is polled every few seconds, so it takes no lock, and writes nothing unless the file system is
 * nearly full. It counts in the owner index while that is current, otherwise by the names in the
 * directory.
 */
import { accessSync, constants, fstatSync, lstatSync, statfsSync } from '../sys/files.ts';
import { formatAddress, parseAddress, type Address } from '../ip.ts';
import { currentBootId } from './store/boot.ts';
import type { HostLocalConfig } from './policy/config.ts';
import { requireOffered } from './policy/allocator.ts';
import { IpamError, storeError } from './policy/errors.ts';
import {
  directoryNames,
  isLeaseName,
  openLeaseDirectory,
  type LeaseDirectory,
} from './store/lease-directory.ts';
import { indexFileOf, openIndex, type AddressVisitor, type OwnerIndex } from './store/owners.ts';
import { requireReplaceable } from './store/lease-file.ts';
import { requireLockable } from './store/lock.ts';
import { rehearse } from './store/rehearsal.ts';
import { readResolvConf } from './policy/resolv-conf.ts';
import {
  formatRangeSet,
  outsideOfAll,
  rangeOf,
  requestedFrom,
  setSize,
  type RangeSet,
} from './policy/range-set.ts';

export interface RangeSetUsage {
  /** `start-end`, joined by commas. */
  readonly ranges: string;
  /** How many addresses the set can assign. */
  readonly size: bigint;
  readonly used: bigint;
  readonly free: bigint;
}

/**
 * Throws what makes every ADD fail until somebody acts: a set without any assignable address, a
 * request that no set can meet, files that cannot be read or written.
 *
 * A set that is used up is not such a case: the next DEL heals it. The specification lets a plugin
 * fail that "knows that it is not able to service ADD requests", but runtimes draw further
 * conclusions. containerd and CRI-O report `NetworkReady: false`, the kubelet makes the node
 * NotReady, and after five minutes its containers are evicted: all of them, because the node is
 * busy. The ADD that finds no address reports that itself. Users who schedule by STATUS set
 * `unavailableWhenFull`.
 */
export function checkStatus(
  config: HostLocalConfig,
  report?: (line: string) => void,
): readonly RangeSet[] {
  const { dataDir, name, rangeSets, requested, resolvConf, unavailableWhenFull } = config;
  if (resolvConf !== undefined) readResolvConf(resolvConf);
  checkWritable(dataDir, name, rangeSets.length);
  requireLockable(`${dataDir}/${name}/lock`);
  for (let set = 0; set < rangeSets.length; set++) {
    requireReplaceable(`${dataDir}/${name}/last_reserved_ip.${set}`);
  }
  requireRoomFor(requested, rangeSets);
  const empty = rangeSets.findIndex((set) => setSize(set) === 0n);
  if (empty < 0 && isRoomy(dataDir, name, rangeSets)) return rangeSets;
  const usage = storeUsage(config);
  const full = empty < 0 ? usage.findIndex(({ free }) => free <= 0n) : empty;
  if (full < 0) return rangeSets;
  const message = `no IP addresses available in range set: ${usage[full]!.ranges}`;
  if (empty < 0 && !unavailableWhenFull) {
    report?.(`${message} (${formatUsage(usage)})`);
    return rangeSets;
  }
  throw new IpamError('exhausted', message, { rangeSet: full, details: formatUsage(usage) });
}

/** Throws unless the requested addresses fit, assigned as ADD does it, one to each set. */
function requireRoomFor(requested: readonly Address[], rangeSets: readonly RangeSet[]): void {
  const wanted = new Map<string, Address>();
  for (const address of requested) wanted.set(formatAddress(address), address);
  for (const [rangeSet, set] of rangeSets.entries()) {
    const own = requestedFrom(set, wanted);
    if (!own) continue;
    const address = formatAddress(own);
    requireOffered(rangeOf(set, own)!, own, { address, rangeSet });
    wanted.delete(address);
  }
  if (wanted.size > 0) throw outsideOfAll(wanted);
}

/**
 * True when there are fewer leases of each family than addresses in every set: then no set can be
 * full, and counting is not needed.
 */
function isRoomy(dataDir: string, name: string, rangeSets: readonly RangeSet[]): boolean {
  const directory = openLeaseDirectory(dataDir, name, 'read');
  if (!directory) return false;
  try {
    const isRoomy = withIndex(directory, ({ count4, count6 }) =>
      rangeSets.every((set) => setSize(set) > (set[0]!.family === 4 ? count4 : count6)),
    );
    return isRoomy === true;
  } finally {
    directory.close();
  }
}

/** How full each range set is. */
export function storeUsage({ dataDir, name, rangeSets }: HostLocalConfig): RangeSetUsage[] {
  const directory = openLeaseDirectory(dataDir, name, 'read');
  const counters = rangeSets.map(counterOf);
  if (directory) {
    try {
      count(directory, counters);
    } finally {
      directory.close();
    }
  }
  return rangeSets.map((set, index) => {
    const size = setSize(set);
    const used = BigInt(counters[index]!.used);
    return { ranges: formatRangeSet(set), size, used, free: size - used };
  });
}

/** For example `10.1.2.1-10.1.2.254: 17 used, 236 free`, for each set. */
export const formatUsage = (usage: readonly RangeSetUsage[]): string =>
  usage.map(({ ranges, used, free }) => `${ranges}: ${used} used, ${free} free`).join('; ');

interface Counter {
  used: number;
  readonly add: AddressVisitor;
}

/**
 * IPv4 values are compared as plain numbers: a hundred thousand of them are counted within two
 * milliseconds.
 */
function counterOf(set: RangeSet): Counter {
  const family = set[0]!.family;
  const convert = family === 4 ? Number : (value: bigint): bigint => value;
  const free = set
    .flatMap((range) => range.free)
    .map(({ from, to }) => ({ from: convert(from), to: convert(to) }));
  const counter: Counter = {
    used: 0,
    add: (of, value) => {
      if (of !== family) return;
      for (const { from, to } of free) if (value >= from && value <= to) counter.used++;
    },
  };
  return counter;
}

function count(directory: LeaseDirectory, counters: readonly Counter[]): void {
  const add: AddressVisitor = (family, value) => {
    for (const counter of counters) counter.add(family, value);
  };
  if (withIndex(directory, (index) => index.eachAddress(add)) === true) return;
  for (const counter of counters) counter.used = 0;
  for (const name of directoryNames(directory.path).filter(isLeaseName)) {
    const { family, value } = parseAddress(name)!;
    add(family, family === 4 ? Number(value) : value);
  }
}

/** Reads an index that matches the directory; undefined where there is none. */
function withIndex<T>(
  { state, fd }: LeaseDirectory,
  body: (index: OwnerIndex) => T,
): T | undefined {
  const index = state === undefined ? undefined : openIndex(indexFileOf(state));
  try {
    const stats = fstatSync(fd, { bigint: true });
    return index?.isCurrent(currentBootId(), stats) ? body(index) : undefined;
  } finally {
    index?.close();
  }
}

/** With fewer free blocks or inodes than this, STATUS tries whether an ADD has room. */
const TIGHT = 64;

/** Throws unless the directory, or its nearest existing parent, takes new files. */
function checkWritable(dataDir: string, name: string, sets: number): void {
  let path = `${dataDir}/${name}`;
  let space;
  try {
    while (path.includes('/') && lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      path = path.slice(0, path.lastIndexOf('/')) || '/';
      if (path === '/') break;
    }
    // With the dot, anything but a directory is ENOTDIR and not mistaken for missing permission.
    accessSync(`${path}/.`, constants.W_OK | constants.X_OK);
    space = statfsSync(path);
  } catch (error) {
    throw storeError('access', path, error);
  }
  // Some file systems do not count inodes and report zero of zero.
  if (space.bfree >= TIGHT && (space.files === 0 || space.ffree >= TIGHT)) return;
  const directory = openLeaseDirectory(dataDir, name, 'read');
  try {
    rehearse(directory?.scratch ?? path, `${dataDir}/${name}`, sets);
  } catch (error) {
    const { message, errno } = storeError('use', path, error);
    const details = `${space.bfree} blocks and ${space.ffree} inodes are free`;
    throw new IpamError('store', message, { details, ...(errno && { errno }) });
  } finally {
    directory?.close();
  }
}
