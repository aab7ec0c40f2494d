/** The lease store on disk: opens the directory, holds its lock for one session, and lets go of both. */
import type { LeaseStoreConfig } from './config.ts';
import { errnoOf, storeError } from './errors.ts';
import { openLeaseDirectory, type Access } from './lease-directory.ts';
import { openSession, type DiskLeases, type SessionOptions } from './lease-session.ts';
import { takeLock } from './lock.ts';
import type { LeaseStore } from './store.ts';

export interface DiskStore extends LeaseStore {
  locked<T>(body: (leases: DiskLeases) => T): T;
  /** Like `locked`, but answers undefined, and makes nothing, where the network has no directory. */
  lockedIfPresent<T>(body: (leases: DiskLeases) => T): T | undefined;
  /** Waits until what `pending` sessions took is on the disk. */
  settle(): void;
  /** The same for what will be given back: it need not have got there. */
  abandon(): void;
}

export function diskStore(config: LeaseStoreConfig, options: SessionOptions = {}): DiskStore {
  const unsettled: (() => void)[] = [];
  const run = <T>(access: Access, body: (leases: DiskLeases) => T): T | undefined => {
    const directory = openLeaseDirectory(config.dataDir, config.name, access);
    if (!directory) return undefined;
    try {
      const lock = takeLock(`${directory.path}/lock`, config.lockTimeout);
      try {
        return runSession();
      } finally {
        letGo(lock.release);
      }

      function runSession(): T {
        const session = openSession(directory!, config, options);
        try {
          const answer = body(session.leases);
          const wait = session.finish();
          if (wait !== undefined) unsettled.push(wait);
          return answer;
        } catch (error) {
          session.undo();
          throw errnoOf(error)?.startsWith('E') ? storeError('use', directory!.path, error) : error;
        } finally {
          letGo(session.close);
        }
      }
    } finally {
      letGo(directory.close);
    }
  };
  /** What has to be on the disk was synced before; an error of close(2) takes nothing of it back. */
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
    settle: () => {
      for (const wait of unsettled.splice(0)) wait();
    },
    abandon: () => {
      for (const wait of unsettled.splice(0)) letGo(wait);
    },
  };
}
