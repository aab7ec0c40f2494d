/**
 * Looking up leases while their lock is held: through the owner index where there is one, otherwise
 * by reading the lease files.
 *
 * Every answer of the index is verified in the lease file, and a damaged index is rebuilt and
 * searched again.
 */
import { formatAddress, sameAddress, type Address } from '../../ip.ts';
import { bootTag, currentBootId, isAlive } from './boot.ts';
import { currentIndex, indexFileOf, rebuildIndex } from './index-rebuild.ts';
import { leasesIn, type LeaseDirectory } from './lease-directory.ts';
import { isUnfinished, readLease, refuseUnreadable } from './lease-file.ts';
import { type OwnerIndex } from './owner-index.ts';
import { DamagedIndex, readEntries, readPages } from './owner-pages.ts';
import { eachAddress, hashOf, type IndexEntry } from './owner-table.ts';
import { gapFinder } from '../policy/store.ts';

/**
 * The process that makes the attachment of a lease: `gone` when it died or the machine was
 * rebooted; undefined when the attachment is complete. For a lease that is not in the index the
 * process has died before adding it, because otherwise it would still hold the lock.
 */
export type Maker = 'alive' | 'gone' | undefined;

export interface LeaseChanges {
  readonly added: readonly IndexEntry[];
  readonly updated: readonly IndexEntry[];
  readonly freed: readonly { readonly address: Address; readonly hash: bigint }[];
}

export interface LeaseLookup {
  /** The first 32 bits of this boot's id. */
  readonly boot: number;
  /** The content of a lease; undefined where there is none. */
  keyOf(address: Address): string | undefined;
  /** Addresses whose lease holds exactly `key`. */
  holding(key: string): Address[];
  /** `key` is the content of the lease, if it has just been read. */
  makerOf(address: Address, key?: string): Maker;
  /** Leases of earlier boots that have not been looked up yet. */
  earlierLeases(): { readonly address: Address; readonly key: string }[];
  /**
   * The first free address from `from` to `to`; `reserved` are addresses that are not in the index
   * yet.
   */
  nextFree(from: Address, to: bigint, reserved: readonly Address[]): bigint | undefined;
  /**
   * Reads all lease files: a file may have been overwritten in place, which does not change the
   * directory.
   */
  rebuild(): void;
  /**
   * Updates the index to match the directory. A failure only means that the next session has to
   * rebuild it, so it is not an error.
   */
  describe(changes: LeaseChanges): void;
  close(): void;
}

export function openLookup(directory: LeaseDirectory, report: (line: string) => void): LeaseLookup {
  const { path, state } = directory;
  const bootId = currentBootId();
  const boot = bootTag(bootId);
  let index = currentIndex(directory, bootId, report);

  function ask<A>(question: (index: OwnerIndex) => A): A | undefined {
    if (!index) return undefined;
    try {
      return question(index);
    } catch (error) {
      if (!(error instanceof DamagedIndex)) throw error;
      report(`owner index rebuilt: ${error.message}`);
      index.close();
      index = rebuildIndex(directory, bootId, report);
      return index && question(index);
    }
  }

  function keyOf(address: Address): string | undefined {
    const content = readLease(path, formatAddress(address));
    return content && 'key' in content ? content.key : undefined;
  }

  function holding(key: string): Address[] {
    const known = ask((current) => current.find(hashOf(key)));
    const addresses: Address[] = [];
    for (const { address } of known ?? leasesIn(path)) {
      const content = readLease(path, formatAddress(address));
      // The index says that this lease is the owner's.
      if (known) refuseUnreadable(path, formatAddress(address), content);
      if (content && 'key' in content && content.key === key) addresses.push(address);
    }
    return addresses;
  }

  function makerOf(address: Address, key = keyOf(address)): Maker {
    if (key === undefined) return undefined;
    const entries = ask((current) => current.find(hashOf(key))) ?? [];
    const known = entries.find((entry) => sameAddress(entry.address, address));
    if (known !== undefined && known.boot !== boot) return 'gone';
    if (!index || !isUnfinished(path, formatAddress(address))) return undefined;
    return known !== undefined && isAlive(known.pid, known.madeAt) ? 'alive' : 'gone';
  }

  function earlierLeases(): { readonly address: Address; readonly key: string }[] {
    if (!index || !state || index.header.earlier === 0) return [];
    const found = [];
    for (const { address, hash, boot: madeIn } of readEntries(indexFileOf(state)).values()) {
      const key = madeIn === boot ? undefined : keyOf(address);
      if (key !== undefined && hashOf(key) === hash) found.push({ address, key });
    }
    index.reclaimed();
    return found;
  }

  function nextFree(from: Address, to: bigint, reserved: readonly Address[]): bigint | undefined {
    const leases = index ? [] : leasesIn(path);
    const known = index
      ? index.header.count4 + index.header.count6 + reserved.length
      : leases.length;
    const gap = gapFinder(from, to, known);
    if (index && state) {
      for (const page of readPages(indexFileOf(state))) eachAddress(page, gap.take);
      for (const { family, value } of reserved) gap.take(family, value);
    }
    for (const { address } of leases) gap.take(address.family, address.value);
    return gap.first();
  }

  return {
    boot,
    keyOf,
    holding,
    makerOf,
    earlierLeases,
    nextFree,
    rebuild: () => {
      index?.close();
      index = rebuildIndex(directory, bootId, report);
    },
    describe: ({ added, updated, freed }) => {
      if (!index) return;
      try {
        for (const { hash, address } of freed) {
          if (!index.remove(hash, address)) {
            throw new Error(`it names another owner of ${formatAddress(address)}`);
          }
        }
        for (const entry of added) index.add(entry);
        for (const entry of updated) index.update(entry);
        index.confirm(directory.fd);
      } catch (error) {
        report(`owner index is stale: ${(error as Error).message}`);
      }
    },
    close: () => index?.close(),
  };
}
