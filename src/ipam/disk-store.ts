/**
 * Leases on disk, shared with the reference: its files, its lock, and our owner index as a hint beside them.
 *
 * One session is one holding of the lock. A session either changes what it was asked to and answers, or throws and leaves the leases
 * as they were. Order within a session: lease files, marks, index pages, stamp, then fsync(2) of files and directory.
 */
import { closeSync, fstatSync, fsyncSync, statSync } from 'node:fs';
import { formatAddress, parseAddress, type Address } from './address.ts';
import { bootTag, currentBootId, isAlive } from './boot.ts';
import type { LeaseStoreConfig } from './config.ts';
import { storeError } from './errors.ts';
import {
  createTemporary,
  leaseNames,
  linkLease,
  openLeaseDirectory,
  readLease,
  readShort,
  removeFile,
  writeMark,
  type LeaseDirectory,
} from './lease-directory.ts';
import { takeLock } from './lock.ts';
import { formatKey, legacyKey, ownerKey, type Owner } from './owner.ts';
import {
  createIndex,
  DamagedIndex,
  isCurrent,
  openIndex,
  readEntries,
  type OwnerIndex,
} from './owner-index.ts';
import { hashOf, type IndexEntry } from './owner-table.ts';
import type { Leases, LeaseStore } from './store.ts';

export interface DiskLeases extends Leases {
  readonly directory: LeaseDirectory;
  /** Gives back everything that the owner holds, or else what old files give to its container. */
  releaseOwner(owner: Owner): Address[];
  /** What the index knows of a lease. */
  entry(address: Address): IndexEntry | undefined;
  /** Declares the owner's attachments complete: from now on only DEL or GC gives them back. */
  commit(owner: Owner): void;
  /** True for a lease that nothing alive holds: of an earlier boot, or of an ADD whose process died. */
  isAbandoned(address: Address): boolean;
}

export interface DiskStore extends LeaseStore {
  locked<T>(body: (leases: DiskLeases) => T): T;
  /** Like `locked`, but answers undefined, and makes nothing, where the network has no directory. */
  lockedIfPresent<T>(body: (leases: DiskLeases) => T): T | undefined;
}

export interface DiskStoreOptions {
  /** Told about everything that was repaired, one line each. */
  readonly report?: (line: string) => void;
  /** True while the caller has more to do before its attachment is complete; it then calls `commit`. */
  readonly pending?: boolean;
}

export function diskStore(config: LeaseStoreConfig, options: DiskStoreOptions = {}): DiskStore {
  const run = <T>(create: boolean, body: (leases: DiskLeases) => T): T | undefined => {
    const directory = openLeaseDirectory(config.dataDir, config.name, create);
    if (!directory) return undefined;
    try {
      const lock = takeLock(`${directory.path}/lock`, config.lockTimeout);
      try {
        return runSession(directory, config, options, body);
      } finally {
        lock.release();
      }
    } finally {
      directory.close();
    }
  };
  return {
    locked: <T>(body: (leases: DiskLeases) => T): T => run(true, body) as T,
    lockedIfPresent: (body) => run(false, body),
  };
}

function runSession<T>(
  directory: LeaseDirectory,
  config: LeaseStoreConfig,
  options: DiskStoreOptions,
  body: (leases: DiskLeases) => T,
): T {
  const session = openSession(directory, config, options);
  try {
    const answer = body(session.leases);
    session.finish();
    return answer;
  } catch (error) {
    session.undo();
    throw error;
  } finally {
    session.close();
  }
}

interface Session {
  readonly leases: DiskLeases;
  finish(): void;
  undo(): void;
  close(): void;
}

function openSession(
  directory: LeaseDirectory,
  config: LeaseStoreConfig,
  { report = () => {}, pending = false }: DiskStoreOptions,
): Session {
  const { path, scratch } = directory;
  const bootId = currentBootId();
  const boot = bootTag(bootId);
  const indexFile = directory.state && `${directory.state}/owners`;
  const temporary = `${scratch}/lease.new`;
  const fileOf = (address: Address): string => `${path}/${formatAddress(address)}`;

  let index = openCurrentIndex();
  let prepared: { readonly key: string; readonly fd: number } | undefined;
  const reserved: { address: Address; entry: IndexEntry; fd: number }[] = [];
  const freed: { address: Address; hash: bigint }[] = [];
  const updated: IndexEntry[] = [];
  let isTouched = false;
  let isIndexed = false;

  function openCurrentIndex(): OwnerIndex | undefined {
    if (!indexFile) return undefined;
    const opened = openIndex(indexFile);
    const stats = fstatSync(directory.fd, { bigint: true });
    if (opened && isCurrent(opened.header, bootId, stats)) return opened;
    opened?.close();
    return rebuild(indexFile, opened);
  }

  /** Reads every lease file; what the old index knows about an unchanged lease is kept. */
  function rebuild(file: string, old: OwnerIndex | undefined): OwnerIndex | undefined {
    const known = readEntries(file);
    const entries: IndexEntry[] = [];
    for (const name of leaseNames(path)) {
      const content = readLease(path, name);
      const address = parseAddress(name);
      if (!content || !address || 'strange' in content) continue;
      if ('torn' in content) heal(name);
      else entries.push(recognise(name, address, hashOf(content.key), known, old));
    }
    const earlier = entries.filter((entry) => entry.boot !== boot).length;
    try {
      const created = createIndex(file, bootId, entries, earlier);
      created.confirm(directory.fd);
      return created;
    } catch (error) {
      report(`owner index not written: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Under the lock nobody is writing a lease, so a file without a word in it is what a crash left. */
  function heal(name: string): void {
    removeFile(`${path}/${name}`);
    report(`removed ${path}/${name}: empty, left by a crash`);
  }

  function recognise(
    name: string,
    address: Address,
    hash: bigint,
    known: Map<string, IndexEntry>,
    old: OwnerIndex | undefined,
  ): IndexEntry {
    const before = known.get(name);
    if (before?.hash === hash) return before;
    const intent = old?.header.intent;
    if (intent?.hash === hash && old?.header.bootId === bootId) {
      const made = statSync(`${path}/${name}`).mtimeMs;
      if (Math.abs(made - intent.madeAt) < INTENT_SPAN) {
        return { hash, address, madeAt: intent.madeAt, boot, pid: intent.pid };
      }
    }
    return { hash, address, madeAt: 0, boot, pid: 0 };
  }

  /** An index operation; a damaged index is rebuilt and asked again. */
  function ask<A>(question: (index: OwnerIndex) => A): A | undefined {
    if (!index) return undefined;
    try {
      return question(index);
    } catch (error) {
      if (!(error instanceof DamagedIndex)) throw error;
      report(`owner index rebuilt: ${error.message}`);
      index.close();
      index = rebuild(indexFile!, undefined);
      return index && question(index);
    }
  }

  function contentOf(address: Address): string | undefined {
    const content = readLease(path, formatAddress(address));
    return content && 'key' in content ? content.key : undefined;
  }

  /** Addresses whose lease file holds exactly `key`. */
  function holding(key: string): Address[] {
    const found = ask((current) => current.find(hashOf(key)));
    const candidates =
      found?.map(({ address }) => address) ??
      leaseNames(path).flatMap((name) => parseAddress(name) ?? []);
    return candidates.filter((address) => contentOf(address) === key);
  }

  function newEntry(address: Address, key: string): IndexEntry {
    const pid = pending ? process.pid : 0;
    return { hash: hashOf(key), address, madeAt: Date.now(), boot, pid };
  }

  function prepare(key: string): { readonly key: string; readonly fd: number } {
    if (prepared?.key === key) return prepared;
    discard();
    const announced = { hash: hashOf(key), madeAt: Date.now(), pid: process.pid };
    index?.announce(announced);
    prepared = { key, fd: createTemporary(temporary, key) };
    return prepared;
  }

  function discard(): void {
    if (!prepared) return;
    closeSync(prepared.fd);
    prepared = undefined;
    removeFile(temporary);
  }

  function reserve(address: Address, owner: Owner): boolean {
    const key = ownerKey(owner);
    const { fd } = prepare(key);
    const file = fileOf(address);
    if (!linkLease(temporary, file)) {
      const content = readLease(path, formatAddress(address));
      if (!content || !('torn' in content)) return false;
      heal(formatAddress(address));
      isTouched = true;
      if (!linkLease(temporary, file)) return false;
    }
    reserved.push({ address, entry: newEntry(address, key), fd });
    prepared = undefined;
    removeFile(temporary);
    return true;
  }

  function free(address: Address): void {
    const key = contentOf(address);
    if (!removeFile(fileOf(address))) return;
    isTouched = true;
    if (key !== undefined) freed.push({ address, hash: hashOf(key) });
  }

  function entry(address: Address): IndexEntry | undefined {
    const key = contentOf(address);
    if (key === undefined) return undefined;
    const text = formatAddress(address);
    return ask((current) =>
      current.find(hashOf(key)).find((found) => formatAddress(found.address) === text),
    );
  }

  function isAbandoned(address: Address): boolean {
    const known = entry(address);
    if (!known) return false;
    if (known.boot !== boot) return true;
    return known.pid !== 0 && !isAlive(known.pid, known.madeAt);
  }

  const leases: DiskLeases = {
    directory,
    owned: (owner) => [...holding(ownerKey(owner)), ...holding(legacyKey(owner))],
    holder: contentOf,
    reserve,
    adopt: (address, owner) => {
      const key = ownerKey(owner);
      if (contentOf(address) !== key || !isAbandoned(address)) return false;
      updated.push(newEntry(address, key));
      report(
        `${formatAddress(address)} given again to ${formatKey(key)}: its last ADD was cut off`,
      );
      return true;
    },
    free,
    lastReserved: (set) => readMark(`${path}/last_reserved_ip.${set}`),
    setLastReserved: (set, address) => {
      const file = `${path}/last_reserved_ip.${set}`;
      writeMark(file, formatAddress(address), `${scratch}/mark.new`);
      isTouched = true;
    },
    taken: () => new Set(leaseNames(path)),
    releaseOwner: (owner) => {
      const exact = holding(ownerKey(owner));
      const found = exact.length > 0 ? exact : holding(legacyKey(owner));
      found.forEach(free);
      return found;
    },
    entry,
    commit: (owner) => {
      const hash = hashOf(ownerKey(owner));
      for (const found of ask((current) => current.find(hash)) ?? []) {
        if (found.pid !== 0) updated.push({ ...found, pid: 0 });
      }
    },
    isAbandoned,
  };

  function finish(): void {
    discard();
    if (reserved.length > 0 || freed.length > 0 || isTouched) {
      updateIndex();
      if (config.durability === 'sync') sync();
    } else if (updated.length > 0) {
      ask((current) => updated.forEach((changed) => current.update(changed)));
    }
  }

  /** Failing here only costs the next session a rebuild, so it is no reason to fail. */
  function updateIndex(): void {
    if (!index) return;
    isIndexed = true;
    try {
      for (const { hash, address } of freed) index.remove(hash, address);
      for (const { entry } of reserved) index.add(entry);
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
      // An index that already counts these leases must not be confirmed; it is rebuilt in the next session.
      if (isTouched && !isIndexed) updateIndex();
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

/** How far the time of a lease may be from its announcement, in milliseconds. */
const INTENT_SPAN = 10_000;

/** The reference takes only a content that is exactly an address for a mark. */
function readMark(file: string): Address | undefined {
  try {
    return parseAddress(readShort(file) ?? '');
  } catch {
    return undefined;
  }
}
