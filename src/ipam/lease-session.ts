/**
 * The leases of one network while their lock is held, in files.
 *
 * A session either changes what it was asked to, or gives back what it took. Order: lease files and marks, then the index pages and
 * the stamp, then fsync(2) of files and directory.
 */
import { closeSync, fsyncSync } from 'node:fs';
import { formatAddress, parseAddress, sameAddress, type Address } from './address.ts';
import { bootTag, currentBootId, isAlive } from './boot.ts';
import type { LeaseStoreConfig } from './config.ts';
import { isResting, rest } from './cooldown.ts';
import { storeError } from './errors.ts';
import { currentIndex, heal, indexFileOf, rebuildIndex } from './index-rebuild.ts';
import {
  createTemporary,
  leaseNames,
  linkLease,
  readLease,
  readMark,
  removeFile,
  writeMark,
  type LeaseDirectory,
} from './lease-directory.ts';
import { formatKey, legacyKey, ownerKey, type Owner } from './owner.ts';
import { DamagedIndex, readEntries, readPages, type OwnerIndex } from './owner-index.ts';
import { eachAddress, hashOf, type IndexEntry } from './owner-table.ts';
import { recall, remember } from './sticky.ts';
import { gapFinder, type Leases } from './store.ts';

export interface DiskLeases extends Leases {
  readonly directory: LeaseDirectory;
  /** Gives back everything that the owner holds, or else what old files give to its container. */
  releaseOwner(owner: Owner): Address[];
  /** Frees the leases of earlier boots, except those of `owner`, once for each boot. */
  reclaimEarlierBoots(owner?: Owner): Address[];
  /** What the index knows of a lease. */
  entry(address: Address): IndexEntry | undefined;
  /** Declares the owner's attachments complete: from now on only DEL or GC gives them back. */
  commit(owner: Owner): void;
  /** Who makes the attachment of an unfinished lease: `gone` after an earlier boot or when the process died. */
  makerOf(address: Address): 'alive' | 'gone' | undefined;
  /** True while a freed address should not be used again. */
  isResting(address: Address): boolean;
  /** The address that a sticky key had in a range set. */
  recall(key: string, set: number): Address | undefined;
  remember(key: string, set: number, address: Address): void;
  /** Removes the lease file if it is empty; true when it was. */
  heal(name: string): boolean;
}

export interface LeaseSession {
  readonly leases: DiskLeases;
  finish(): void;
  undo(): void;
  close(): void;
}

export interface SessionOptions {
  /** Told about everything that was repaired, one line each. */
  readonly report?: (line: string) => void;
  /** True while the caller has more to do before its attachment is complete; it then calls `commit`. */
  readonly pending?: boolean;
}

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
  const bootId = currentBootId();
  const boot = bootTag(bootId);
  const temporary = `${scratch}/lease.new`;
  const fileOf = (address: Address): string => `${path}/${formatAddress(address)}`;

  let index = currentIndex(directory, bootId, report);
  let prepared: { readonly key: string; readonly fd: number } | undefined;
  const reserved: Reservation[] = [];
  const freed: { readonly address: Address; readonly hash: bigint }[] = [];
  const updated: IndexEntry[] = [];
  let isTouched = false;
  let isIndexed = false;

  /** An index operation; a damaged index is rebuilt and asked again. */
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

  /** A note of our own; without it leases are still right, so failing is only told. */
  function help(note: () => void): void {
    try {
      note();
    } catch (error) {
      report(`${directory.state}: ${(error as Error).message}`);
    }
  }

  function keyOf(address: Address): string | undefined {
    const content = readLease(path, formatAddress(address));
    return content && 'key' in content ? content.key : undefined;
  }

  /** Addresses whose lease file holds exactly `key`. */
  function holding(key: string): Address[] {
    const known = ask((current) => current.find(hashOf(key)));
    const candidates =
      known?.map(({ address }) => address) ??
      leaseNames(path).flatMap((name) => parseAddress(name) ?? []);
    return candidates.filter((address) => keyOf(address) === key);
  }

  function newEntry(address: Address, key: string): IndexEntry {
    const pid = pending ? process.pid : 0;
    return { hash: hashOf(key), address, madeAt: Date.now(), boot, pid };
  }

  /** The lease under its temporary name; many addresses may be tried with it. */
  function prepare(key: string): { readonly key: string; readonly fd: number } {
    if (prepared?.key === key) return prepared;
    discard();
    help(() => index?.announce({ hash: hashOf(key), madeAt: Date.now(), pid: process.pid }));
    prepared = { key, fd: createTemporary(temporary, key) };
    return prepared;
  }

  function discard(): void {
    if (!prepared) return;
    closeSync(prepared.fd);
    prepared = undefined;
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

  function free(address: Address): void {
    const key = keyOf(address);
    if (!removeFile(fileOf(address))) return;
    isTouched = true;
    if (key !== undefined) freed.push({ address, hash: hashOf(key) });
    if (config.cooldown > 0 && state) help(() => rest(state, address));
  }

  function entry(address: Address): IndexEntry | undefined {
    const key = keyOf(address);
    if (key === undefined) return undefined;
    const entries = ask((current) => current.find(hashOf(key)));
    return entries?.find((known) => sameAddress(known.address, address));
  }

  /** Undefined for a lease that is complete, or that the index does not know. */
  function makerOf(address: Address): 'alive' | 'gone' | undefined {
    const known = entry(address);
    return known && stateOf(known);
  }

  function stateOf({ boot: madeIn, pid, madeAt }: IndexEntry): 'alive' | 'gone' | undefined {
    if (madeIn !== boot) return 'gone';
    if (pid === 0) return undefined;
    return isAlive(pid, madeAt) ? 'alive' : 'gone';
  }

  /** A commit marks one lease after the other, so one that is not marked speaks for all of its owner. */
  function adopt(address: Address, owner: Owner): boolean {
    const key = ownerKey(owner);
    const entries = ask((current) => current.find(hashOf(key))) ?? [];
    if (keyOf(address) !== key || !entries.some((known) => stateOf(known) === 'gone')) return false;
    updated.push(newEntry(address, key));
    report(`${formatAddress(address)} given to ${formatKey(key)} again: its last ADD was cut off`);
    return true;
  }

  function reclaimEarlierBoots(owner: Owner | undefined): Address[] {
    if (!index || !state || index.header.earlier === 0) return [];
    const own = owner && ownerKey(owner);
    const reclaimed: Address[] = [];
    for (const known of readEntries(indexFileOf(state)).values()) {
      if (known.boot === boot) continue;
      const key = keyOf(known.address);
      if (key === undefined || key === own || hashOf(key) !== known.hash) continue;
      free(known.address);
      reclaimed.push(known.address);
      report(`${formatAddress(known.address)} freed: ${formatKey(key)} is of an earlier boot`);
    }
    index.reclaimed();
    isTouched = true;
    return reclaimed;
  }

  function nextFree(from: Address, to: bigint): bigint | undefined {
    if (index && state) {
      const { count4, count6 } = index.header;
      const gap = gapFinder(from, to, count4 + count6 + reserved.length);
      for (const page of readPages(indexFileOf(state))) eachAddress(page, gap.take);
      for (const { address } of reserved) gap.take(address.family, address.value);
      return gap.first();
    }
    const names = leaseNames(path);
    const gap = gapFinder(from, to, names.length);
    for (const name of names) {
      const { family, value } = parseAddress(name)!;
      gap.take(family, value);
    }
    return gap.first();
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
    nextFree,
    releaseOwner: (owner) => {
      const exact = holding(ownerKey(owner));
      const found = exact.length > 0 ? exact : holding(legacyKey(owner));
      found.forEach(free);
      return found;
    },
    reclaimEarlierBoots,
    entry,
    commit: (owner) => {
      for (const known of ask((current) => current.find(hashOf(ownerKey(owner)))) ?? []) {
        if (known.pid !== 0) updated.push({ ...known, pid: 0 });
      }
    },
    makerOf,
    isResting: (address) =>
      config.cooldown > 0 && state !== undefined && isResting(state, address, config.cooldown),
    recall: (key, set) => (state ? recall(state, key, set) : undefined),
    remember: (key, set, address) => help(() => state && remember(state, key, set, address)),
    heal: healLease,
  };

  function finish(): void {
    discard();
    if (reserved.length > 0 || isTouched) {
      describe();
      if (config.durability === 'sync') sync();
    } else if (updated.length > 0) {
      ask((current) => updated.forEach((changed) => current.update(changed)));
    }
  }

  /** Brings the index up to date. Failing here costs the next session a rebuild and is no reason to fail. */
  function describe(): void {
    if (!index) return;
    isIndexed = true;
    try {
      for (const { hash, address } of freed) index.remove(hash, address);
      for (const reservation of reserved) index.add(reservation.entry);
      for (const changed of updated) index.update(changed);
      index.confirm(directory.fd);
    } catch (error) {
      report(`owner index is stale: ${(error as Error).message}`);
    }
  }

  function sync(): void {
    try {
      for (const { fd } of reserved) fsyncSync(fd);
      fsyncSync(directory.fd);
    } catch (error) {
      throw storeError('fsync', path, error);
    }
  }

  /** Gives back what this session took; what it freed stays free. */
  function undo(): void {
    try {
      discard();
      for (const { address } of reserved) isTouched = removeFile(fileOf(address)) || isTouched;
      for (const { fd } of reserved.splice(0)) closeSync(fd);
      updated.splice(0);
      // An index that already counts these leases must not be confirmed; the next session rebuilds it.
      if (isTouched && !isIndexed) describe();
    } catch (error) {
      report(`leases not given back: ${(error as Error).message}`);
    }
  }

  function close(): void {
    if (prepared) closeSync(prepared.fd);
    for (const { fd } of reserved) closeSync(fd);
    index?.close();
  }

  return { leases, finish, undo, close };
}
