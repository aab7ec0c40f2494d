/**
 * The files in the directory of a network: leases and last-reserved marks.
 *
 * A file is never visible with partial content: it is written under a temporary name and then
 * linked (leases, which must be new) or renamed (marks, which may replace a file, or are
 * overwritten in place). No symbolic link is followed.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from '../../sys/files.ts';
import { EAGAIN, errnoName } from '../../sys/errno.ts';
import { LOCK_EX, LOCK_NB, LOCK_SH } from '../../sys/flock.ts';
import { libc } from '../../sys/libc.ts';
import { parseAddress, type Address } from '../../ip.ts';
import { errnoOf, IpamError, storeError, withStoreError } from '../policy/errors.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** More than any lease has; a longer file is not a lease. */
const LONGEST_LEASE = 4096;

/** The modes of a lease file, which show whether its attachment is complete. */
export const UNFINISHED = 0o400;
export const FINISHED = 0o600;

/**
 * The content of a lease file: `torn` when it is empty, `strange` when it is no regular file or
 * longer than any lease.
 */
export type LeaseContent =
  { readonly key: string } | { readonly torn: true } | { readonly strange: string };

/** Undefined when there is no such file. */
export function readLease(path: string, name: string): LeaseContent | undefined {
  const file = `${path}/${name}`;
  let text: string | undefined;
  try {
    text = readShort(file);
  } catch (error) {
    return { strange: errnoOf(error) ?? 'unreadable' };
  }
  if (text === undefined) return undefined;
  const content = contentOf(text);
  // Most leases are recognised by their content. Anything else may be a device, or of any length,
  // and is not ours to remove.
  if ('torn' in content || !content.key.includes('\r\n') || text.length >= LONGEST_LEASE / 4) {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) return { strange: 'not a regular file' };
    if (stats.size >= LONGEST_LEASE) return { strange: 'longer than any lease' };
  }
  return content;
}

/** A crash of the machine can leave a file of zero length, or filled with zero bytes. */
export function contentOf(text: string): { readonly key: string } | { readonly torn: true } {
  const key = text.replaceAll('\0', '').trim();
  return key === '' ? { torn: true } : { key };
}

/** Opens it without following a link and without blocking on a FIFO. */
export const openLease = (file: string): number =>
  openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

/** Whether the attachment of a lease was still being made when the file's mode was last set. */
export function isUnfinished(path: string, name: string): boolean {
  const stats = lstatSync(`${path}/${name}`, { throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & 0o777) === UNFINISHED;
}

/**
 * A complete lease that looks interrupted would some day be given to another owner, so a failure is
 * an error.
 */
export const setMode = (fd: number, mode: number, path: string): void =>
  withStoreError('chmod', path, () => fchmodSync(fd, mode));

/**
 * Sets the current time, by the exact clock, on a lease that becomes complete. The clock that file
 * systems use is one tick behind, and GC would take a lease made at the same moment for one older
 * than itself.
 */
export function noteTime(fd: number, path: string): void {
  const now = Date.now() / 1000;
  withStoreError('utime', path, () => futimesSync(fd, now, now));
}

/**
 * Shows that this process makes the attachment of a lease, until it closes the file or ends; false
 * if another one does.
 */
export function hold(fd: number, path: string): boolean {
  const result = libc().flock(fd, LOCK_EX | LOCK_NB);
  if (result < 0 && result !== -EAGAIN) {
    throw storeError('flock', path, { code: errnoName(-result) });
  }
  return result >= 0;
}

/** Whether a process has the lease open that is making its attachment. */
export function isHeld(file: string): boolean {
  let fd: number;
  try {
    fd = openLease(file);
  } catch {
    return false;
  }
  try {
    return libc().flock(fd, LOCK_SH | LOCK_NB) === -EAGAIN;
  } finally {
    closeRead(fd);
  }
}

/** The beginning of a file; undefined when there is none. */
export function readShort(file: string): string | undefined {
  let fd: number;
  try {
    fd = openLease(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = (shared ??= new Uint8Array(LONGEST_LEASE));
    const length = readSync(fd, bytes, 0, LONGEST_LEASE, 0);
    return decodeText(bytes.subarray(0, length));
  } finally {
    closeRead(fd);
  }
}

/** What has been read is valid: close(2) can only report failed writes. */
function closeRead(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The descriptor is closed in any case.
  }
}

/**
 * Throws for a lease that exists and cannot be read: it must not count as free, nor as somebody
 * else's.
 */
export function refuseUnreadable(path: string, name: string, content?: LeaseContent): void {
  if (content && 'strange' in content && content.strange === 'EIO') {
    throw new IpamError('store', `read ${path}/${name}: i/o error`, { errno: 'EIO' });
  }
}

let shared: Uint8Array | undefined;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export const decodeText = (bytes: Uint8Array): string => decoder.decode(bytes);

/**
 * Creates a file under a temporary name and leaves it open for syncing. A file left by a killed
 * process is removed, never overwritten.
 */
export function createTemporary(file: string, content: string, mode = FINISHED): number {
  let fd: number;
  try {
    fd = openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw storeError('open', file, error);
    // It may be a second name of a live lease, so truncating it would tear that lease.
    removeFile(file);
    fd = openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  }
  try {
    writeAll(fd, content);
  } catch (error) {
    closeSync(fd);
    removeFile(file);
    throw storeError('write', file, error);
  }
  return fd;
}

function writeAll(fd: number, content: string): void {
  const bytes = new TextEncoder().encode(content);
  let at = 0;
  while (at < bytes.length) at += writeSync(fd, bytes, at);
}

/** Gives the temporary file its lease name; false when the address is taken. */
export function linkLease(temporary: string, file: string): boolean {
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw storeError('link', file, error);
  }
}

/**
 * The address in a last-reserved mark; as in the reference, only content that is exactly an address
 * counts.
 */
export function readMark(file: string): Address | undefined {
  try {
    return parseAddress(readShort(file) ?? '');
  } catch {
    return undefined;
  }
}

/**
 * Replaces the complete content of a small file. A text that is no shorter than the old one is
 * written over it with one write(2), which a kill cannot interrupt half-way. Renaming a file over
 * another makes ext4 write it to the disk at once (`auto_da_alloc`), which takes as long as an
 * fsync(2).
 */
export function writeMark(file: string, content: string, temporary: string): void {
  if (overwrite(file, content)) return;
  closeSync(createTemporary(temporary, content));
  try {
    renameSync(temporary, file);
  } catch (error) {
    removeFile(temporary);
    throw storeError('rename', file, error);
  }
}

/** Throws for a directory in the place of a mark, which no file can replace. */
export function requireReplaceable(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw storeError('rename', file, { code: 'EISDIR' });
}

/** False when the file must be replaced instead: it is longer, missing, or not a regular file. */
function overwrite(file: string, content: string): boolean {
  const bytes = new TextEncoder().encode(content);
  let fd: number;
  try {
    fd = openSync(file, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > bytes.length) return false;
    return writeSync(fd, bytes) === bytes.length;
  } catch (error) {
    throw storeError('write', file, error);
  } finally {
    closeSync(fd);
  }
}

/** Removes a file; true when it existed. */
export function removeFile(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw storeError('remove', file, error);
  }
}
