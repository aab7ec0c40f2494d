/**
 * The leases of an attachment that is still being made. They outlive their session as open files:
 * when the attachment is complete, their mode says so, and neither lock nor index is needed for
 * that.
 */
import { closeSync, fchmodSync, fsyncAside, futimesSync } from '../../sys/files.ts';
import { storeError } from '../policy/errors.ts';
import { syncDirectory } from './lease-directory.ts';
import { FINISHED } from './lease-file.ts';

export interface PendingLeases {
  /**
   * Waits until they are on the disk, and declares the attachment complete: from now on only DEL or
   * GC gives them back.
   */
  complete(): void;
  /** Before they are given back. */
  abandon(): void;
}

/**
 * Takes over the descriptors of leases in the directory `path`; with `mustSync` the disk works
 * while the caller makes its link.
 */
export function pendingLeases(fds: number[], path: string, mustSync: boolean): PendingLeases {
  const waits: (() => void)[] = [];
  if (mustSync) for (const fd of fds) waits.push(fsyncAside(fd));
  /** All of them, also after one that failed: the C library still writes about the others. */
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
    complete: () => {
      try {
        arrive();
        // What was synced before is most of its work.
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
 * A whole lease that looked cut off would be given to somebody else some day, so failing is an
 * error.
 */
export function setMode(fd: number, mode: number, path: string): void {
  tell('chmod', path, () => fchmodSync(fd, mode));
}

/**
 * The time of now on a lease that becomes complete, from the exact clock. That of files is one tick
 * behind, and GC would take a lease of the same moment for one that is older than itself.
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
