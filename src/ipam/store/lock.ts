/**
 * The lease lock: flock(2) on the file `lock` of a network's directory, which the reference uses
 * too.
 *
 * Waiting happens inside flock(2), because the kernel then wakes one waiter after the other.
 * Polling has no such order, and two hundred polling waiters cost as much as the work that they
 * wait for. flock(2) has no time-out, so a timer interrupts it at the deadline; the error then
 * names the holder, found in /proc/locks (proc_locks(5)).
 */
import {
  ClosedError,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
} from '../../sys/files.ts';
import { EAGAIN, EINTR } from '../../sys/errno.ts';
import { LOCK_EX, LOCK_NB, LOCK_UN } from '../../sys/flock.ts';
import { libc } from '../../sys/libc.ts';
import { errnoOf, IpamError, storeError } from '../policy/errors.ts';

/** Milliseconds between two attempts in a worker thread, which a timer cannot interrupt. */
const PAUSE = 5;

/**
 * Milliseconds after which a waiter checks for signals, because one may have arrived just before
 * flock(2) began to wait.
 */
const LOOK = 1000;

export interface Lock {
  /** Works only once: a second close would close whatever has the descriptor number by then. */
  release(): void;
}

/**
 * Takes the exclusive lock on the file `path`, waiting up to `timeout` milliseconds. `whileWaiting`
 * is called after each interruption of the wait, and ends it by throwing.
 */
export function takeLock(path: string, timeout: number, whileWaiting = (): void => {}): Lock {
  const fd = openLockFile(path);
  try {
    waitForLock(fd, path, timeout, whileWaiting);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let held = true;
  return {
    release: () => {
      if (!held) throw new ClosedError('lock');
      held = false;
      libc().flock(fd, LOCK_UN);
      closeSync(fd);
    },
  };
}

/** What open(2) answers to a symbolic link with O_NOFOLLOW, and to a socket or a lost device. */
const SPECIAL: readonly unknown[] = ['ELOOP', 'ENXIO'];

/**
 * Opens only a regular file: opening a FIFO would wait for the other side, as it does in the
 * reference.
 */
function openLockFile(path: string): number {
  const { O_RDONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  let fd: number;
  try {
    fd = openSync(path, flags);
  } catch (error) {
    const errno = errnoOf(error);
    if (SPECIAL.includes(errno)) throw notRegular(path);
    if (errno !== 'ENOENT') throw storeError('open', path, error);
    try {
      return openSync(path, flags | O_CREAT, 0o600);
    } catch (failure) {
      throw storeError('open', path, failure);
    }
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw notRegular(path);
}

/** Throws when something else than a lock is in its place. */
export function requireLockable(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) throw notRegular(path);
}

const notRegular = (path: string): IpamError =>
  new IpamError('store', `open ${path}: not a regular file`, {
    details: 'the lease lock is a regular file; remove what is in its place',
  });

function waitForLock(fd: number, path: string, timeout: number, whileWaiting: () => void): void {
  if (tryLock(fd, path, LOCK_NB)) return;
  const deadline = performance.now() + timeout;
  const isMainThread = onMainThread();
  try {
    for (;;) {
      const left = deadline - performance.now();
      if (left <= 0) break;
      if (isMainThread) libc().interruptAfter(Math.min(left, LOOK));
      if (tryLock(fd, path, isMainThread ? 0 : LOCK_NB)) return;
      whileWaiting();
      if (!isMainThread) sleep(PAUSE);
    }
  } finally {
    if (isMainThread) libc().interruptAfter(0);
  }
  throw timedOut(fd, path, timeout);
}

/** proc(5), /proc/thread-self: the same on every runtime. */
function onMainThread(): boolean {
  try {
    const [, process, thread] =
      /^(\d+)\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
    return process !== undefined && process === thread;
  } catch {
    return false;
  }
}

/** False when another process holds it, or a signal came first. */
function tryLock(fd: number, path: string, flags: number): boolean {
  const result = libc().flock(fd, LOCK_EX | flags);
  if (result >= 0) return true;
  if (result === -EINTR || result === -EAGAIN) return false;
  throw new IpamError('lock', `flock ${path}: errno ${-result}`);
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function timedOut(fd: number, path: string, timeout: number): IpamError {
  const holders = lockHolders(fd).map((pid) => `pid ${pid} (${commandOf(pid)})`);
  const message = `lock ${path}: not free after ${timeout / 1000} s`;
  return new IpamError('lock', message, {
    details: holders.length > 0 ? `held by ${holders.join(', ')}` : 'the holder is not visible',
  });
}

/** Processes that hold a flock on the open file, without those that wait for it. */
export function lockHolders(fd: number): number[] {
  const { ino, dev } = fstatSync(fd, { bigint: true });
  const major = (dev >> 8n) & 0xfffn;
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff00n);
  const hex = (number: bigint): string => number.toString(16).padStart(2, '0');
  const device = `${hex(major)}:${hex(minor)}:${ino}`;
  // btrfs and overlayfs report another device in /proc/locks than in stat(2); the inode number is
  // the same.
  const lines = readText('/proc/locks')
    .split('\n')
    .map((line) => line.split(/\s+/).slice(1));
  const flocks = lines.filter(([kind]) => kind === 'FLOCK');
  const exact = flocks.filter((fields) => fields[4] === device);
  const found = exact.length > 0 ? exact : flocks.filter((f) => f[4]?.endsWith(`:${ino}`));
  return [...new Set(found.map((fields) => Number(fields[3])).filter((pid) => pid > 0))];
}

function commandOf(pid: number): string {
  const command = readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return command || readText(`/proc/${pid}/comm`).trim() || 'unknown command';
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
