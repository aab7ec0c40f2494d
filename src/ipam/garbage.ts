/**
 * GC: frees the leases whose owner the runtime does not list (CNI SPEC 1.1.0, "GC").
 *
 * The leases are read without the lock, so that ADDs can continue meanwhile; only those that look
 * stale are read again, under the lock. A lease made after GC began is not touched, because the
 * runtime's list cannot contain it.
 */
import { lstatSync, type FileStats } from '../sys/files.ts';
import { releaseConfig, type LeaseStoreConfig, type NetworkConfig } from './policy/config.ts';
import { forgetRested } from './store/cooldown.ts';
import { IpamError, withStoreError } from './policy/errors.ts';
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
import type { DiskLeases, ScannedLease, SessionOptions } from './store/session.ts';
import { diskStore } from './store/store.ts';
import { eachLease } from './store/survey.ts';

/** What GC did. */
export interface GcReport {
  readonly network: string;
  readonly freed: readonly FreedLease[];
  /** Empty files that a crash left. */
  readonly healed: readonly string[];
  /** Leases that stay. */
  readonly kept: number;
  /** Unlisted leases that stay: younger than this GC, or of an ADD under way. */
  readonly young: number;
}

/** The number of leases of each kind that `describeGc` names. */
const NAMED = 10;

/** The report as a sentence for an operator; undefined where only listed leases were found. */
export function describeGc({ network, freed, healed, kept, young }: GcReport): string | undefined {
  const clauses: string[] = [];
  const add = (word: string, items: readonly string[], count: number): void => {
    if (count === 0) return;
    const more = count > NAMED ? ` and ${count - NAMED} more` : '';
    clauses.push(`${word} ${items.join(', ')}${more}`);
  };
  const named = freed
    .slice(0, NAMED)
    .map(({ address, containerId, ifname }) =>
      [`${address} of`, containerId, ...(ifname === undefined ? [] : [ifname])].join(' '),
    );
  add('freed', named, freed.length);
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
 * The number of leases freed while the lock is held once, so that an ADD need not wait for all of
 * them.
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
  const scan = scanLeases(config.dataDir, config.name, listed);
  const freed = new Set<StaleLease>();
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
    const { name, key } = lease;
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
      leases.freeScanned(lease);
      freed.add(lease);
    }
  };
  for (const [name, content] of scan.strange) {
    attempt(() => refuseUnreadable(`${config.dataDir}/${config.name}`, name, content));
  }
  // On the disk, and in the index if it is stale, all that was freed is noted once.
  const sweeping = diskStore({ ...config, durability: 'async' }, { ...options, mayRebuild: false });
  for (let at = 0; at < scan.stale.length; at += BATCH) {
    sweeping.lockedIfPresent((leases) => {
      for (const lease of scan.stale.slice(at, at + BATCH)) attempt(() => sweep(leases, lease));
    });
  }
  if (freed.size > 0 && config.durability === 'sync') attempt(() => syncLeases(config));
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
    throw new IpamError('store', `${errors.length} leases not freed: ${errors[0]}`, {
      cause: errors[0],
    });
  }
  const report = (lease: StaleLease): FreedLease => ({
    address: lease.name,
    ...ownerOf(lease.key),
  });
  return {
    network: config.name,
    freed: scan.stale.filter((lease) => freed.has(lease)).map(report),
    healed,
    kept: scan.kept,
    young,
  };
}

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
      details: 'without the list of attachments in use nothing can be called stale',
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

interface StaleLease extends ScannedLease {
  readonly key: string;
  readonly changedAt: number;
}

interface Scan {
  readonly stale: StaleLease[];
  readonly torn: string[];
  readonly strange: [name: string, content: LeaseContent][];
  kept: number;
}

function scanLeases(dataDir: string, name: string, listed: ReadonlySet<string>): Scan {
  const scan: Scan = { stale: [], torn: [], strange: [], kept: 0 };
  const directory = openLeaseDirectory(dataDir, name, 'read');
  if (!directory) return scan;
  try {
    eachLease(directory.path, ({ name, address, content, hash, changedAt }) => {
      if ('strange' in content) scan.strange.push([name, content]);
      else if ('torn' in content) scan.torn.push(name);
      else if (listed.has(content.key)) scan.kept++;
      else {
        const { key } = content;
        scan.stale.push({ name, address, hash, key, changedAt });
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
