/**
 * GC: frees the leases whose owner the runtime does not list (CNI SPEC 1.1.0, "GC").
 *
 * The leases are read without the lock, so that ADDs can continue meanwhile; only those that look
 * stale are read again, under the lock. A lease made after GC began is not touched, because the
 * runtime's list cannot contain it.
 */
import { ENOENT, errnoName, ESTALE } from '../sys/errno.ts';
import { lstatSync, type FileStats } from '../sys/files.ts';
import { hashOf } from '../sys/scan.ts';
import { releaseConfig, type LeaseStoreConfig, type NetworkConfig } from './policy/config.ts';
import { forgetRested } from './store/cooldown.ts';
import { IpamError, storeError, withStoreError } from './policy/errors.ts';
import { fieldsOf, listOf } from './policy/fields.ts';
import { openLeaseDirectory, syncDirectory } from './store/lease-directory.ts';
import {
  isHeld,
  type LeaseContent,
  readLease,
  refuseUnreadable,
  removeFile,
  UNFINISHED,
} from './store/lease-file.ts';
import { ownerKey, ownerOf, type FreedLease } from './policy/owner.ts';
import { forgetUnused } from './store/sticky.ts';
import type { DiskLeases, SessionOptions } from './store/session.ts';
import { diskStore } from './store/lease-store.ts';
import {
  addressIn,
  divideLeases,
  eachInBatch,
  leaseInBatch,
  type Batch,
  type FoundLease,
} from './store/survey.ts';

/** What GC did. */
export interface GcReport {
  readonly network: string;
  /** How many leases were freed. */
  readonly count: number;
  /**
   * All of them. The list is made when it is read: for many leases that takes as long as freeing
   * them.
   */
  readonly freed: readonly FreedLease[];
  /** The first ten of them. */
  readonly first: readonly FreedLease[];
  /** Empty files that a crash left. */
  readonly healed: readonly string[];
  /** Leases that stay. */
  readonly kept: number;
  /** Unlisted leases that stay: they are younger than this GC, or their ADD is under way. */
  readonly young: number;
}

/** The number of leases of each kind that `describeGc` names. */
const NAMED = 10;

/** The report as a sentence for an operator; undefined where only listed leases were found. */
export function describeGc(report: GcReport): string | undefined {
  const { network, count, first, healed, kept, young } = report;
  const clauses: string[] = [];
  const add = (word: string, items: readonly string[], count: number): void => {
    if (count === 0) return;
    const more = count > NAMED ? ` and ${count - NAMED} more` : '';
    clauses.push(`${word} ${items.join(', ')}${more}`);
  };
  const named = first.map(({ address, containerId, ifname }) =>
    [`${address} of`, containerId, ...(ifname === undefined ? [] : [ifname])].join(' '),
  );
  add('freed', named, count);
  add('removed empty', healed.slice(0, NAMED), healed.length);
  if (young > 0)
    clauses.push(`left ${young} unlisted, younger than this GC or of an ADD under way`);
  if (clauses.length === 0) return undefined;
  return `GC of leases of ${network}: ${clauses.join('; ')}; kept ${kept}`;
}

export interface GcOptions extends SessionOptions {
  /** When GC began, in milliseconds since 1970; by default now. Pass the start of the process. */
  readonly startedAt?: number;
}

/**
 * The number of leases that are freed in one hold of the lock, so that an ADD need not wait for all
 * of them.
 */
const BATCH = 500;

/**
 * `valid` is the value of `cni.dev/valid-attachments`; without it no lease can be considered stale.
 */
export function collectGarbage(
  network: NetworkConfig,
  valid: unknown,
  options: GcOptions = {},
): GcReport {
  const config = releaseConfig(network, options.report);
  const startedAt = options.startedAt ?? Date.now();
  const listed = listedKeys(valid);
  const scan = scanLeases(config.dataDir, config.name, listed, startedAt);
  const others: FreedLease[] = [];
  let count = 0;
  const healed: string[] = [];
  let young = 0;
  const errors: unknown[] = [];
  const attempt = (body: () => void): void => {
    try {
      body();
    } catch (error) {
      errors.push(error);
    }
  };
  const sweep = (leases: DiskLeases, lease: StaleLease): void => {
    const { name, address, key } = lease;
    const { path } = leases.directory;
    const stats = lstatSync(`${path}/${name}`, { throwIfNoEntry: false });
    if (stats === undefined) return;
    // Only a lease that was changed since the scan has to be read again.
    if (stats.ctimeMs !== lease.changedAt) {
      const content = readLease(path, name);
      refuseUnreadable(path, name, content);
      if (!content || !('key' in content) || content.key !== key) return;
    }
    const isUnderWay = (stats.mode & 0o777) === UNFINISHED && isHeld(`${path}/${name}`);
    if (isUnderWay || timeOf(stats) >= startedAt) young++;
    else {
      leases.free(address, key);
      others.push(freedLease(name, key));
      count++;
    }
  };
  /** Frees a batch as scanned; a lease that was changed since the scan is read again. */
  const sweepBatch = (leases: DiskLeases, batch: Batch): void => {
    const done = leases.freeBatch(batch);
    count += done;
    if (done === batch.count) return;
    eachInBatch(batch, (record, at, errno) => {
      if (errno === 0 || errno === ENOENT) return;
      const { name, key } = leaseInBatch(record, at);
      if (errno !== ESTALE) errors.push(unremoved(`${leases.directory.path}/${name}`, errno));
      else {
        const address = addressIn(record, at)!;
        attempt(() => sweep(leases, { name, address, key, changedAt: NaN }));
      }
    });
  };
  for (const [name, content] of scan.strange) {
    attempt(() => refuseUnreadable(`${config.dataDir}/${config.name}`, name, content));
  }
  // Everything that was freed is synced once, and also indexed once if the index is stale.
  const sweeping = diskStore({ ...config, durability: 'async' }, { ...options, mayRebuild: false });
  for (const batch of scan.batches) {
    sweeping.lockedIfPresent((leases) => attempt(() => sweepBatch(leases, batch)));
  }
  for (let at = 0; at < scan.stale.length; at += BATCH) {
    sweeping.lockedIfPresent((leases) => {
      for (const lease of scan.stale.slice(at, at + BATCH)) attempt(() => sweep(leases, lease));
    });
  }
  if (count > 0 && config.durability === 'sync') attempt(() => syncLeases(config));
  diskStore(config, options).lockedIfPresent((leases) => {
    for (const name of scan.torn) {
      attempt(() => {
        leases.heal(name);
        // Opening the session may have healed it already.
        if (!readLease(leases.directory.path, name)) healed.push(name);
      });
    }
    if (config.reclaimOnBoot) attempt(() => void leases.reclaimEarlierBoots());
    attempt(() => tidy(leases, config.cooldown));
  });
  if (errors.length > 0) {
    const leases = errors.length === 1 ? '1 lease' : `${errors.length} leases`;
    const [cause] = errors;
    throw new IpamError('store', `${leases} not freed: ${(cause as Error).message}`, { cause });
  }
  let all: FreedLease[] | undefined;
  return {
    network: config.name,
    count,
    first: freedIn(scan.batches, others, NAMED),
    get freed() {
      return (all ??= freedIn(scan.batches, others, Infinity));
    },
    healed,
    kept: scan.kept,
    young,
  };
}

/** The leases that are freed, at most so many. */
function freedIn(
  batches: readonly Batch[],
  others: readonly FreedLease[],
  most: number,
): FreedLease[] {
  const freed: FreedLease[] = [];
  for (const batch of batches) {
    if (freed.length >= most) break;
    eachInBatch(batch, (record, at, errno) => {
      if (errno !== 0 || freed.length >= most) return;
      const { name, key } = leaseInBatch(record, at);
      freed.push(freedLease(name, key));
    });
  }
  return [...freed, ...others].slice(0, most);
}

function freedLease(address: string, key: string): FreedLease {
  const { containerId, ifname } = ownerOf(key);
  return ifname === undefined ? { address, containerId } : { address, containerId, ifname };
}

const unremoved = (path: string, errno: number): unknown =>
  storeError('remove', path, { code: errnoName(errno) });

function syncLeases({ dataDir, name }: LeaseStoreConfig): void {
  const path = `${dataDir}/${name}`;
  withStoreError('fsync', path, () => syncDirectory(path));
}

/** The owners that are in use: exact keys, and container ids for files of old versions. */
function listedKeys(valid: unknown): ReadonlySet<string> {
  const path = 'cni.dev/valid-attachments';
  if (valid === undefined || valid === null) {
    throw new IpamError('config', `missing ${path}`, {
      path,
      details: 'without the list of attachments in use nothing counts as stale',
    });
  }
  const keys = new Set<string>();
  for (const [index, item] of listOf(valid, path).entries()) {
    const fields = fieldsOf(item, `${path}[${index}]`);
    const containerId = fields.text('containerID') ?? '';
    keys.add(ownerKey({ containerId, ifname: fields.text('ifname') ?? '' }));
    keys.add(containerId.trim());
  }
  return keys;
}

interface StaleLease extends Pick<FoundLease, 'name' | 'address' | 'changedAt'> {
  readonly key: string;
}

interface Scan {
  /** Stale leases that are freed as they are, unless they change. */
  readonly batches: Batch[];
  /** All other stale leases. */
  readonly stale: StaleLease[];
  readonly torn: string[];
  readonly strange: [name: string, content: LeaseContent][];
  kept: number;
}

function scanLeases(
  dataDir: string,
  name: string,
  listed: ReadonlySet<string>,
  startedAt: number,
): Scan {
  const scan: Scan = { batches: [], stale: [], torn: [], strange: [], kept: 0 };
  const directory = openLeaseDirectory(dataDir, name, 'read');
  if (!directory) return scan;
  try {
    const hashes = new Set(Array.from(listed, hashOf));
    divideLeases(directory.path, hashes, startedAt, scan.batches, (lease) => {
      const { name, address, content, changedAt } = lease;
      if ('strange' in content) scan.strange.push([name, content]);
      else if ('torn' in content) scan.torn.push(name);
      else if (listed.has(content.key)) scan.kept++;
      else {
        const { key } = content;
        scan.stale.push({ name, address, key, changedAt });
      }
    });
  } finally {
    directory.close();
  }
  return scan;
}

/** When a lease was made. The time of ours is exact, unlike the clock of the file system. */
const timeOf = ({ ctimeMs, mtimeMs }: FileStats): number => Math.max(ctimeMs, mtimeMs);

export function isYounger(path: string, name: string, startedAt: number): boolean {
  const stats = lstatSync(`${path}/${name}`, { throwIfNoEntry: false });
  return stats !== undefined && timeOf(stats) >= startedAt;
}

/** Removes expired files of `cooldown`, and temporary files of killed processes. */
function tidy({ directory: { scratch, state } }: DiskLeases, cooldown: number): void {
  for (const name of ['lease.new', 'mark.new', 'sticky.new', 'owners.new']) {
    removeFile(`${scratch}/${name}`);
  }
  if (!state) return;
  forgetRested(state, cooldown);
  forgetUnused(state);
}
