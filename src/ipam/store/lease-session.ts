/**
 * The leases of one network in files, while their lock is held.
 *
 * A session either makes all the changes that it was asked for, or frees what it took. Order: lease
 * files and marks, then the index pages and the stamp, then fsync(2) of files and directory. Where
 * nothing was taken, the fsync(2) comes after the lock is released.
 */
import { ClosedError, closeSync, fsyncSync } from '../../sys/files.ts';
import { thisProcess } from '../../sys/process.ts';
import { formatAddress, type Address } from '../../ip.ts';
import type { LeaseStoreConfig } from '../policy/config.ts';
import { isResting, rest } from './cooldown.ts';
import { storeError } from '../policy/errors.ts';
import { heal } from './index-rebuild.ts';
import type { LeaseDirectory } from './lease-directory.ts';
import {
  createTemporary,
  FINISHED,
  linkLease,
  openLease,
  readLease,
  readMark,
  removeFile,
  UNFINISHED,
  writeMark,
} from './lease-file.ts';
import { openLookup, type Maker } from './lease-lookup.ts';
import { formatKey, legacyKey, ownerKey, type Owner } from '../policy/owner.ts';
import { hashOf, type IndexEntry } from './owner-table.ts';
import { noteTime, pendingLeases, setMode, type PendingLeases } from './pending-leases.ts';
import { recall, remember } from './sticky.ts';
import type { Leases } from '../policy/store.ts';

export interface DiskLeases extends Leases {
  readonly directory: LeaseDirectory;
  /**
   * Frees everything that the owner holds, or else the leases of old files that name its container.
   */
  releaseOwner(owner: Owner): Address[];
  /** Frees the leases of earlier boots, except those of `owner`, once for each boot. */
  reclaimEarlierBoots(owner?: Owner): void;
  makerOf(address: Address, key?: string): Maker;
  /** True while a freed address should not be used again. */
  isResting(address: Address): boolean;
  /** The address that a sticky key had in a range set. */
  recall(key: string, set: number): Address | undefined;
  remember(key: string, set: number, address: Address): void;
  /** Rebuilds the index from the lease files. */
  reindex(): void;
  /** Removes the lease file if it is empty; true when it was. */
  heal(name: string): boolean;
}

export interface LeaseSession {
  readonly leases: DiskLeases;
  /** The leases of a `pending` session, which outlive it. */
  finish(): PendingLeases | undefined;
  /**
   * Waits until freed leases are also removed on the disk, and begins to write those of `finish`.
   * Nobody waits for the lock meanwhile.
   */
  settle(): void;
  undo(): void;
  close(): void;
}

export interface SessionOptions {
  /** Called with one line for each repair. */
  readonly report?: (line: string) => void;
  /** True while the caller has more to do before its attachment is complete. */
  readonly pending?: boolean;
  /** Called with the lock held, before the session looks for things to repair. */
  readonly survey?: (directory: LeaseDirectory) => void;
  /** Called when a signal has interrupted the wait for the lock; if it throws, the wait ends. */
  readonly whileWaiting?: () => void;
}

const ended = (): never => {
  throw new ClosedError('lease session');
};

interface Reservation {
  readonly address: Address;
  readonly entry: IndexEntry;
  readonly fd: number;
}

export function openSession(
  directory: LeaseDirectory,
  config: LeaseStoreConfig,
  { report = () => {}, pending = false }: SessionOptions,
): LeaseSession {
  const { path, scratch, state } = directory;
  const lookup = openLookup(directory, report);
  const { keyOf, holding } = lookup;
  const temporary = `${scratch}/lease.new`;
  const mode = pending ? UNFINISHED : FINISHED;
  const fileOf = (address: Address): string => `${path}/${formatAddress(address)}`;

  let prepared: { readonly key: string; readonly fd: number } | undefined;
  const reserved: Reservation[] = [];
  const adopted: number[] = [];
  /**
   * The owner whose interrupted leases are being taken over. Needed because the first lease no
   * longer looks interrupted when the second is looked up.
   */
  let cutOff: string | undefined;
  const freed: { readonly address: Address; readonly hash: bigint }[] = [];
  const updated: IndexEntry[] = [];
  let isTouched = false;
  let isDescribed = false;
  let isSettled = true;
  let taken: PendingLeases | undefined;

  /**
   * Writes optional state of our own. Leases are correct without it, so a failure is only reported.
   */
  function help(note: () => void): void {
    try {
      note();
    } catch (error) {
      report(`${directory.state}: ${(error as Error).message}`);
    }
  }

  function newEntry(address: Address, key: string): IndexEntry {
    const pid = pending ? thisProcess.pid : 0;
    return { hash: hashOf(key), address, madeAt: Date.now(), boot: lookup.boot, pid };
  }

  /** The lease under its temporary name; it can be tried for many addresses. */
  function prepare(key: string): { readonly key: string; readonly fd: number } {
    if (prepared?.key === key) return prepared;
    discard();
    prepared = { key, fd: createTemporary(temporary, key, mode) };
    return prepared;
  }

  function discard(): void {
    if (!prepared) return;
    const { fd } = prepared;
    // Cleared first: the descriptor is closed even when close(2) fails.
    prepared = undefined;
    closeSync(fd);
    removeFile(temporary);
  }

  function healLease(name: string): boolean {
    const content = readLease(path, name);
    if (!content || !('torn' in content)) return false;
    const isHealed = heal(path, name, report);
    isTouched ||= isHealed;
    return isHealed;
  }

  function reserve(address: Address, owner: Owner): boolean {
    const key = ownerKey(owner);
    const { fd } = prepare(key);
    const file = fileOf(address);
    const isNew =
      linkLease(temporary, file) ||
      (healLease(formatAddress(address)) && linkLease(temporary, file));
    if (!isNew) return false;
    reserved.push({ address, entry: newEntry(address, key), fd });
    prepared = undefined;
    removeFile(temporary);
    return true;
  }

  /**
   * The leases of one owner are completed one after the other, so if one is incomplete, the
   * attachment is.
   */
  function adopt(address: Address, owner: Owner): boolean {
    const key = ownerKey(owner);
    if (keyOf(address) !== key) return false;
    if (cutOff !== key && !holding(key).some((own) => lookup.makerOf(own) === 'gone')) return false;
    cutOff = key;
    const fd = openLease(fileOf(address));
    adopted.push(fd);
    setMode(fd, mode, path);
    updated.push(newEntry(address, key));
    isTouched = true;
    report(`${formatAddress(address)} given to ${formatKey(key)} again: its last ADD was cut off`);
    return true;
  }

  function free(address: Address, key = keyOf(address)): void {
    if (!removeFile(fileOf(address))) return;
    isTouched = true;
    if (key !== undefined) freed.push({ address, hash: hashOf(key) });
    if (config.cooldown > 0 && state) help(() => rest(state, address));
  }

  const leases: DiskLeases = {
    directory,
    owned: (owner) => [...holding(ownerKey(owner)), ...holding(legacyKey(owner))],
    holder: keyOf,
    reserve,
    adopt,
    free,
    lastReserved: (set) => readMark(`${path}/last_reserved_ip.${set}`),
    setLastReserved: (set, address) => {
      const file = `${path}/last_reserved_ip.${set}`;
      isTouched = true;
      writeMark(file, formatAddress(address), `${scratch}/mark.new`);
    },
    nextFree: (from, to) =>
      lookup.nextFree(
        from,
        to,
        reserved.map(({ address }) => address),
      ),
    releaseOwner: (owner) => {
      const [exact, legacy] = [ownerKey(owner), legacyKey(owner)];
      const own = holding(exact);
      const [found, key] = own.length > 0 ? [own, exact] : [holding(legacy), legacy];
      for (const address of found) free(address, key);
      return found;
    },
    reclaimEarlierBoots: (owner) => {
      const own = owner && ownerKey(owner);
      for (const { address, key } of lookup.earlierLeases()) {
        isTouched = true;
        if (key === own) continue;
        free(address);
        report(`${formatAddress(address)} freed: ${formatKey(key)} is of an earlier boot`);
      }
    },
    makerOf: lookup.makerOf,
    isResting: (address) =>
      config.cooldown > 0 && state !== undefined && isResting(state, address, config.cooldown),
    recall: (key, set) => (state ? recall(state, key, set) : undefined),
    remember: (key, set, address) => help(() => state && remember(state, key, set, address)),
    reindex: lookup.rebuild,
    heal: healLease,
  };

  function finish(): PendingLeases | undefined {
    discard();
    const isChanged = reserved.length > 0 || isTouched;
    const mustSync = isChanged && config.durability === 'sync';
    if (isChanged) describe();
    if (pending) {
      const kept = adopted.splice(0);
      for (const { fd } of reserved.splice(0)) kept.push(fd);
      if (kept.length > 0) return (taken = pendingLeases(kept, path, mustSync));
    }
    for (const { fd } of reserved) noteTime(fd, path);
    if (mustSync && reserved.length > 0) sync();
    else isSettled = !mustSync;
    return undefined;
  }

  function settle(): void {
    taken?.begin();
    if (!isSettled) sync();
  }

  function describe(): void {
    isDescribed = true;
    const added: IndexEntry[] = [];
    for (const { entry } of reserved) added.push(entry);
    lookup.describe({ added, updated, freed });
  }

  function sync(): void {
    try {
      for (const { fd } of reserved) fsyncSync(fd);
      fsyncSync(directory.fd);
    } catch (error) {
      throw storeError('fsync', path, error);
    }
  }

  /** Frees what this session took; what it freed stays free. */
  function undo(): void {
    try {
      discard();
      for (const { address } of reserved) isTouched = removeFile(fileOf(address)) || isTouched;
      for (const { fd } of reserved.splice(0)) closeSync(fd);
      updated.splice(0);
      // If the index already contains these leases it must not be confirmed; the next session
      // rebuilds it.
      if (isTouched && !isDescribed) describe();
    } catch (error) {
      report(`leases not given back: ${(error as Error).message}`);
    }
  }

  function close(): void {
    if (prepared) closeSync(prepared.fd);
    for (const { fd } of reserved) closeSync(fd);
    for (const fd of adopted) closeSync(fd);
    // A caller that kept this object would change leases without the lock.
    for (const name in leases) if (name !== 'directory') Object.assign(leases, { [name]: ended });
    lookup.close();
  }

  return { leases, finish, settle, undo, close };
}
