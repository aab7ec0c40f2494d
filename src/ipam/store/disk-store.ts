/**
 * The lease store on disk: opens the directory, holds its lock for one session, and closes both.
 */
import type { LeaseStoreConfig } from '../policy/config.ts';
import { errnoOf, storeError } from '../policy/errors.ts';
import { openLeaseDirectory, type Access } from './lease-directory.ts';
import {
  openSession,
  type DiskLeases,
  type LeaseSession,
  type SessionOptions,
} from './lease-session.ts';
import { takeLock } from './lock.ts';
import type { PendingLeases } from './pending-leases.ts';
import type { LeaseStore } from '../policy/store.ts';

export interface DiskStore extends LeaseStore {
  locked<T>(body: (leases: DiskLeases) => T): T;
  /**
   * Like `locked`, but where the network has no directory it returns undefined and creates nothing.
   */
  lockedIfPresent<T>(body: (leases: DiskLeases) => T): T | undefined;
  /** Marks as complete what `pending` sessions took, once it is on the disk. */
  complete(): void;
  /** Called before what `pending` sessions took is freed. */
  abandon(): void;
}

export function diskStore(config: LeaseStoreConfig, options: SessionOptions = {}): DiskStore {
  const pending: PendingLeases[] = [];
  const run = <T>(access: Access, body: (leases: DiskLeases) => T): T | undefined => {
    const directory = openLeaseDirectory(config.dataDir, config.name, access);
    if (!directory) return undefined;
    try {
      const lock = takeLock(`${directory.path}/lock`, config.lockTimeout, options.whileWaiting);
      let session: LeaseSession;
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
  };
  const runSession = <T>(
    session: LeaseSession,
    path: string,
    body: (leases: DiskLeases) => T,
  ): T => {
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
  };
  /** What has to be on the disk was synced before, so an error of close(2) does not matter. */
  const letGo = (close: () => void): void => {
    try {
      close();
    } catch (error) {
      options.report?.(`${config.name}: ${(error as Error).message}`);
    }
  };
  return {
    locked: <T>(body: (leases: DiskLeases) => T): T => run('create', body) as T,
    lockedIfPresent: (body) => run('write', body),
    complete: () => {
      for (const taken of pending.splice(0)) taken.complete();
    },
    abandon: () => {
      for (const taken of pending.splice(0)) letGo(taken.abandon);
    },
  };
}
