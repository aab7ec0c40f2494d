/**
 * A session: the leases of one network while their lock is held.
 *
 * It either makes all the changes that it was asked for, or frees what it took. Order: lease files
 * and marks, then the owner index and the directory's stamp, then fsync(2) of files and directory.
 * What was freed is synced after the lock is released, and what a `pending` session took is synced
 * in the background, while the caller makes its link.
 */
import { ClosedError, closeSync, fsyncInBackground, fsyncSync } from '../../sys/files.ts';
import { FOUND, hashOf, removeUnchanged } from '../../sys/scan.ts';
import { formatAddress, sameAddress, type Address } from '../../ip.ts';
import type { LeaseStoreConfig } from '../policy/config.ts';
import { withStoreError } from '../policy/errors.ts';
import { formatKey, legacyKey, ownerKey, type Owner } from '../policy/owner.ts';
import { gapFinder, type Leases } from '../policy/leases.ts';
import { bootTag, currentBootId } from './boot.ts';
import { isResting, rest } from './cooldown.ts';
import type { LeaseDirectory } from './lease-directory.ts';
import {
  createTemporary,
  FINISHED,
  hold,
  isHeld,
  isUnfinished,
  linkLease,
  noteTime,
  openLease,
  readLease,
  readMark,
  refuseUnreadable,
  removeFile,
  setMode,
  UNFINISHED,
  writeMark,
} from './lease-file.ts';
import type { IndexEntry } from './owners.ts';
import { recall, remember } from './sticky.ts';
import {
  addressIn,
  currentIndex,
  eachInBatch,
  eachLease,
  heal,
  rebuiltIndex,
  type Batch,
} from './survey.ts';

export interface DiskLeases extends Leases {
  readonly directory: LeaseDirectory;
  /**
   * Frees the leases of a batch that did not change since, as `removeUnchanged` does; returns how
   * many.
   */
  freeBatch(batch: Batch): number;
  /**
   * Frees everything that the owner holds, or else the leases of old files that name its container.
   */
  releaseOwner(owner: Owner): Address[];
  /** Frees the leases of earlier boots, except those of `owner`, once for each boot. */
  reclaimEarlierBoots(owner?: Owner): void;
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

export interface SessionOptions {
  /** Called with one line for each repair. */
  readonly report?: (line: string) => void;
  /** True while the caller has more to do before its attachment is complete. */
  readonly pending?: boolean;
  /**
   * False for a session that looks up no owner: an index that does not match the directory is then
   * left to the next session.
   */
  readonly mayRebuild?: boolean;
  /** Called with the lock held, before the session looks for things to repair. */
  readonly survey?: (directory: LeaseDirectory) => void;
  /** Called when a signal has interrupted the wait for the lock; if it throws, the wait ends. */
  readonly whileWaiting?: () => void;
}

/** What pending sessions took: open lease files, and fsync(2) under way. */
export interface Pending {
  readonly path: string;
  readonly mustSync: boolean;
  readonly fds: number[];
  readonly waits: (() => void)[];
}

export interface Session {
  readonly leases: DiskLeases;
  /** The leases of a `pending` session, which outlive it. */
  finish(): Pending | undefined;
  /**
   * Waits until freed leases are removed on the disk too, and begins to write those of `finish`,
   * which takes a while on a busy machine. The lock is free meanwhile.
   */
  settle(): void;
  undo(): void;
  close(): void;
}

const ended = (): never => {
  throw new ClosedError('lease session');
};

export function openSession(
  directory: LeaseDirectory,
  config: LeaseStoreConfig,
  { report = () => {}, pending = false, mayRebuild = true }: SessionOptions,
): Session {
  const { path, scratch, state } = directory;
  const boot = bootTag(currentBootId());
  const temporary = `${scratch}/lease.new`;
  const mode = pending ? UNFINISHED : FINISHED;
  const fileOf = (address: Address): string => `${path}/${formatAddress(address)}`;

  let index = currentIndex(directory, report, mayRebuild);
  let prepared: { readonly key: string; readonly fd: number } | undefined;
  const reserved: { readonly entry: IndexEntry; readonly fd: number }[] = [];
  const adopted: number[] = [];
  /**
   * The owner whose interrupted leases are being taken over. Needed because the first lease no
   * longer looks interrupted when the second is looked up.
   */
  let cutOff: string | undefined;
  const updated: IndexEntry[] = [];
  const freed: { readonly address: Address; readonly hash: number }[] = [];
  let isTouched = false;
  let isIndexUpdated = false;
  let isSettled = true;
  let isReindexed = false;
  let taken: Pending | undefined;

  // ---- Looking up.

  function keyOf(address: Address): string | undefined {
    const content = readLease(path, formatAddress(address));
    return content && 'key' in content ? content.key : undefined;
  }

  function reindex(): void {
    isReindexed = true;
    index?.close();
    index = rebuiltIndex(directory, report);
  }

  /** The addresses whose lease holds exactly `key`. */
  function holding(key: string, isAgain = false): Address[] {
    const hash = hashOf(key);
    const addresses: Address[] = [];
    if (index === undefined) {
      eachLease(path, ({ address, content }) => {
        if ('key' in content && content.key === key) addresses.push(address);
      });
      return addresses;
    }
    for (const { address } of index.find(hash)) {
      const content = readLease(path, formatAddress(address));
      refuseUnreadable(path, formatAddress(address), content);
      const found = content && 'key' in content ? content.key : '';
      if (found === key) addresses.push(address);
      if (isAgain || hashOf(found) === hash) continue;
      // The file was overwritten in place, and others may have been too.
      reindex();
      return holding(key, true);
    }
    return addresses;
  }

  /** Whether the ADD that made a lease, which holds `key`, died before it was complete. */
  function isCutOff(address: Address, key: string): boolean {
    const known = index?.find(hashOf(key)).find((entry) => sameAddress(entry.address, address));
    if (known !== undefined && known.boot !== boot) return true;
    return isUnfinished(path, formatAddress(address)) && !isHeld(fileOf(address));
  }

  function nextFree(from: Address, to: bigint): bigint | undefined {
    if (index !== undefined) {
      const gap = gapFinder(from, to, index.count4 + index.count6 + reserved.length);
      for (const { entry } of reserved) gap.take(entry.address.family, entry.address.value);
      if (index.eachAddress(gap.take)) return gap.first();
    }
    const leases: Address[] = [];
    eachLease(path, ({ address }) => void leases.push(address));
    const gap = gapFinder(from, to, leases.length);
    for (const { family, value } of leases) gap.take(family, value);
    return gap.first();
  }

  // ---- Changing.

  /**
   * Writes optional state of our own. Leases are correct without it, so a failure is only reported.
   */
  function help(note: () => void): void {
    try {
      note();
    } catch (error) {
      report(`${state}: ${(error as Error).message}`);
    }
  }

  const newEntry = (address: Address, key: string): IndexEntry => ({
    hash: hashOf(key),
    address,
    madeAt: Date.now(),
    boot,
  });

  /** The lease under its temporary name; it can be tried for many addresses. */
  function prepare(key: string): { readonly key: string; readonly fd: number } {
    if (prepared?.key === key) return prepared;
    discard();
    prepared = { key, fd: createTemporary(temporary, key, mode) };
    if (pending) hold(prepared.fd, temporary);
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
    reserved.push({ entry: newEntry(address, key), fd });
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
    if (cutOff !== key && !holding(key).some((own) => isCutOff(own, key))) return false;
    cutOff = key;
    const fd = openLease(fileOf(address));
    adopted.push(fd);
    if (pending && !hold(fd, fileOf(address))) return false;
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

  function freeBatch(batch: Batch): number {
    isTouched = true;
    const count = removeUnchanged(path, batch.bytes.subarray(0, batch.length));
    if (index === undefined && config.cooldown === 0) return count;
    eachInBatch(batch, (record, at, errno) => {
      const address = errno === 0 ? addressIn(record, at) : undefined;
      if (address === undefined) return;
      freed.push({ address, hash: record.getUint32(at + FOUND.hash, true) });
      if (config.cooldown > 0 && state) help(() => rest(state, address));
    });
    return count;
  }

  function reclaimEarlierBoots(owner?: Owner): void {
    if (index === undefined || index.earlier === 0) return;
    const own = owner && ownerKey(owner);
    for (const { address, hash, boot: madeIn } of index.entries()) {
      const key = madeIn === boot ? undefined : keyOf(address);
      if (key === undefined || key === own || hashOf(key) !== hash) continue;
      free(address, key);
      report(`${formatAddress(address)} freed: ${formatKey(key)} is of an earlier boot`);
    }
    index.earlier = 0;
    isTouched = true;
  }

  const leases: DiskLeases = {
    directory,
    owned: (owner) => [...holding(ownerKey(owner)), ...holding(legacyKey(owner))],
    holder: keyOf,
    reserve,
    adopt,
    free,
    freeBatch,
    lastReserved: (set) => readMark(`${path}/last_reserved_ip.${set}`),
    setLastReserved: (set, address) => {
      const file = `${path}/last_reserved_ip.${set}`;
      isTouched = true;
      writeMark(file, formatAddress(address), `${scratch}/mark.new`);
    },
    nextFree,
    releaseOwner: (owner) => {
      const [exact, legacy] = [ownerKey(owner), legacyKey(owner)];
      const own = holding(exact);
      const [found, key] = own.length > 0 ? [own, exact] : [holding(legacy), legacy];
      for (const address of found) free(address, key);
      return found;
    },
    reclaimEarlierBoots,
    isResting: (address) =>
      config.cooldown > 0 && state !== undefined && isResting(state, address, config.cooldown),
    recall: (key, set) => (state ? recall(state, key, set) : undefined),
    remember: (key, set, address) => help(() => state && remember(state, key, set, address)),
    reindex,
    heal: healLease,
  };

  // ---- The end of the session.

  function finish(): Pending | undefined {
    discard();
    const isChanged = reserved.length > 0 || isTouched;
    const mustSync = isChanged && config.durability === 'sync';
    if (isChanged) updateIndex();
    if (pending) {
      const fds = adopted.splice(0);
      for (const { fd } of reserved.splice(0)) fds.push(fd);
      if (fds.length > 0) taken = { path, mustSync, fds, waits: [] };
      return taken;
    }
    for (const { fd } of reserved) noteTime(fd, path);
    if (mustSync && reserved.length > 0) sync();
    else isSettled = !mustSync;
    return undefined;
  }

  function settle(): void {
    if (taken?.mustSync) for (const fd of taken.fds) taken.waits.push(fsyncInBackground(fd));
    if (!isSettled) sync();
  }

  /**
   * Updates the index to match the directory. A failure only means that the next session has to
   * rebuild it, so it is not an error.
   */
  function updateIndex(): void {
    isIndexUpdated = true;
    if (index === undefined) return;
    // The new index has some of the changes already.
    if (isReindexed) return reindex();
    try {
      for (const { address, hash } of freed) {
        if (!index.remove(hash, address)) {
          throw new Error(`it names another owner of ${formatAddress(address)}`);
        }
      }
      for (const { entry } of reserved) index.add(entry);
      for (const entry of updated) index.update(entry);
      index.confirm(directory.fd);
    } catch (error) {
      report(`owner index is stale: ${(error as Error).message}`);
    }
  }

  function sync(): void {
    withStoreError('fsync', path, () => {
      for (const { fd } of reserved) fsyncSync(fd);
      fsyncSync(directory.fd);
    });
  }

  /** Frees what this session took; what it freed stays free. */
  function undo(): void {
    try {
      discard();
      for (const { entry } of reserved) {
        isTouched = removeFile(fileOf(entry.address)) || isTouched;
      }
      for (const { fd } of reserved.splice(0)) closeSync(fd);
      updated.splice(0);
      // If the index already contains these leases it must not be confirmed; the next session
      // rebuilds it.
      if (isTouched && !isIndexUpdated) updateIndex();
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
    index?.close();
  }

  return { leases, finish, settle, undo, close };
}
