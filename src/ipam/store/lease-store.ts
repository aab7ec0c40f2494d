/**
 * The lease store of a network on disk: opens its directory, holds its lock for one session, and
 * keeps what `pending` sessions took until their attachment is complete.
 *
 * A pending lease has the mode 0400, and its process keeps it open under flock(2). If nobody holds
 * that lock, the ADD was cut off, and the same owner may take the lease over.
 */
import { closeSync } from '../../sys/files.ts';
import type { LeaseStoreConfig } from '../policy/config.ts';
import { errnoOf, storeError, withStoreError } from '../policy/errors.ts';
import type { LeaseStore } from '../policy/leases.ts';
import { openLeaseDirectory, syncDirectory, type Access } from './lease-directory.ts';
import { FINISHED, noteTime, setMode } from './lease-file.ts';
import { takeLock } from './lock.ts';
import {
  openSession,
  type DiskLeases,
  type Pending,
  type Session,
  type SessionOptions,
} from './session.ts';

export interface DiskStore extends LeaseStore {
  locked<T>(body: (leases: DiskLeases) => T): T;
  /**
   * Like `locked`, but where the network has no directory it returns undefined and creates nothing.
   */
  lockedIfPresent<T>(body: (leases: DiskLeases) => T): T | undefined;
  /**
   * Waits until what `pending` sessions took is on the disk, and marks it as complete: from now on
   * only DEL or GC frees it. If it throws, the leases are still pending.
   */
  complete(): void;
  /** Ends what `pending` sessions took, after it was completed or freed. */
  close(): void;
}

export function diskStore(config: LeaseStoreConfig, options: SessionOptions = {}): DiskStore {
  const pending: Pending[] = [];

  function run<T>(access: Access, body: (leases: DiskLeases) => T): T | undefined {
    const directory = openLeaseDirectory(config.dataDir, config.name, access);
    if (!directory) return undefined;
    try {
      const lock = takeLock(`${directory.path}/lock`, config.lockTimeout, options.whileWaiting);
      let session: Session;
      let answer: T;
      try {
        options.survey?.(directory);
        session = openSession(directory, config, options);
        answer = runSession(session, directory.path, body);
      } finally {
        letGo(lock.release);
      }
      session.settle();
      return answer;
    } finally {
      letGo(directory.close);
    }
  }

  function runSession<T>(session: Session, path: string, body: (leases: DiskLeases) => T): T {
    try {
      const answer = body(session.leases);
      const taken = session.finish();
      if (taken !== undefined) pending.push(taken);
      return answer;
    } catch (error) {
      session.undo();
      throw errnoOf(error)?.startsWith('E') ? storeError('use', path, error) : error;
    } finally {
      letGo(session.close);
    }
  }

  /** What has to be on the disk was synced before, so an error of close(2) does not matter. */
  function letGo(close: () => void): void {
    try {
      close();
    } catch (error) {
      options.report?.(`${config.name}: ${(error as Error).message}`);
    }
  }

  /** Waits for all, even after one failed, because the C library is still working on the others. */
  function arrive({ waits, path }: Pending): void {
    let failure: unknown;
    for (const wait of waits.splice(0)) {
      try {
        wait();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw storeError('fsync', path, failure);
  }

  return {
    locked: <T>(body: (leases: DiskLeases) => T): T => run('create', body) as T,
    lockedIfPresent: (body) => run('write', body),
    complete: () => {
      for (const taken of pending) {
        const { path, fds, mustSync } = taken;
        arrive(taken);
        // Most of its work was done by the earlier sync.
        if (mustSync) withStoreError('fsync', path, () => syncDirectory(path));
        for (const fd of fds) {
          noteTime(fd, path);
          setMode(fd, FINISHED, path);
        }
      }
    },
    close: () => {
      for (const taken of pending.splice(0)) {
        letGo(() => arrive(taken));
        for (const fd of taken.fds) letGo(() => closeSync(fd));
      }
    },
  };
}
