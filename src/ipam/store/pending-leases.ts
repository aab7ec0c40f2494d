/**
 * The leases of an attachment that is still being made. They outlive their session as open files:
 * when the attachment is complete their mode is changed, which needs neither lock nor index.
 */
import { closeSync, fchmodSync, fsyncAside, futimesSync } from '../../sys/files.ts';
import { storeError } from '../policy/errors.ts';
import { syncDirectory } from './lease-directory.ts';
import { FINISHED } from './lease-file.ts';

export interface PendingLeases {
  /**
   * Begins to write them to the disk. Called when the lock is released: on a busy machine it takes
   * a while until the thread runs that does it.
   */
  begin(): void;
  /**
   * Waits until they are on the disk, and marks the attachment as complete: from now on only DEL or
   * GC frees them.
   */
  complete(): void;
  /** Called before they are freed. */
  abandon(): void;
}

/**
 * Takes over the descriptors of leases in the directory `path`. With `mustSync` they are written to
 * the disk in the background while the caller makes its link.
 */
export function pendingLeases(fds: number[], path: string, mustSync: boolean): PendingLeases {
  const waits: (() => void)[] = [];
  /**
   * Waits for all of them, even after one failed, because the C library is still working on the
   * others.
   */
  const arrive = (): void => {
    let failure: unknown;
    for (const wait of waits.splice(0)) {
      try {
        wait();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw storeError('fsync', path, failure);
  };
  const closeAll = (): void => {
    for (const fd of fds.splice(0)) closeSync(fd);
  };
  return {
    begin: () => {
      if (mustSync) for (const fd of fds) waits.push(fsyncAside(fd));
    },
    complete: () => {
      try {
        arrive();
        // Most of its work was done by the earlier sync.
        if (mustSync) tell('fsync', path, () => syncDirectory(path));
        for (const fd of fds) {
          noteTime(fd, path);
          setMode(fd, FINISHED, path);
        }
      } finally {
        closeAll();
      }
    },
    abandon: () => {
      try {
        arrive();
      } finally {
        closeAll();
      }
    },
  };
}

/**
 * A complete lease that looks interrupted would some day be given to another owner, so a failure is
 * an error.
 */
export function setMode(fd: number, mode: number, path: string): void {
  tell('chmod', path, () => fchmodSync(fd, mode));
}

/**
 * Sets the current time, by the exact clock, on a lease that becomes complete. The clock that file
 * systems use is one tick behind, and GC would take a lease made at the same moment for one older
 * than itself.
 */
export function noteTime(fd: number, path: string): void {
  const now = Date.now() / 1000;
  tell('utime', path, () => futimesSync(fd, now, now));
}

function tell(operation: string, path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw storeError(operation, path, error);
  }
}
