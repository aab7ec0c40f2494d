/**
 * The directory of one network as files: lease files, last-reserved marks, the lock, and our own state beside it.
 *
 *     <dataDir>/<network>/10.1.2.3             "<container id>\r\n<interface>", the reference's format byte for byte; not to be
 *                                              written (0400) while the attachment is being made, 0600 when it is complete
 *     <dataDir>/<network>/last_reserved_ip.0   "10.1.2.3"
 *     <dataDir>/<network>/lock                 empty, for flock(2)
 *     <dataDir>/.netlink-ts/<network>/         ours: owner index, temporary files, marks of cooldown and sticky
 *
 * A network name cannot begin with a dot, so the two never meet. A file appears whole: it is written under a temporary name and
 * then linked (leases, which must be new) or renamed (marks, which may replace, and may be written over). No symbolic link below
 * the data directory is followed.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from '../netlink/socket/files.ts';
import type { Stats } from 'node:fs';
import { formatAddress, parseAddress, type Address } from './address.ts';
import { errnoOf, IpamError, storeError } from './errors.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } =
  constants;

/** Longer than any lease; what is longer is none. */
const LONGEST_LEASE = 4096;

/** The modes of a lease file, which tell whether its attachment is complete. */
export const UNFINISHED = 0o400;
export const FINISHED = 0o600;

/** The folder of our own state inside the data directory. */
const STATE = '.netlink-ts';

export interface LeaseDirectory {
  readonly path: string;
  /** An open descriptor of `path`, for fsync(2) and futimens(3). */
  readonly fd: number;
  /** Our own folder, or undefined where it cannot be used. */
  readonly state: string | undefined;
  /** Where temporary files go: a folder of the same file system. */
  readonly scratch: string;
  close(): void;
}

/** The content of a lease file: `torn` when it says nothing, `strange` when it is no regular file. */
export type LeaseContent =
  { readonly key: string } | { readonly torn: true } | { readonly strange: string };

/**
 * What a caller is about to do: `create` makes what is missing, `write` makes only our own folder, `read` makes nothing.
 */
export type Access = 'create' | 'write' | 'read';

/** Opens the directory of a network; undefined when there is none and none is to be made. */
export function openLeaseDirectory(
  dataDir: string,
  name: string,
  access: Access,
): LeaseDirectory | undefined {
  const path = `${dataDir}/${name}`;
  const fd = openDirectory(path) ?? (access === 'create' ? createDirectory(path) : undefined);
  if (fd === undefined) return undefined;
  const state = openState(`${dataDir}/${STATE}`, name, fd, access);
  return { path, fd, state, scratch: state ?? path, close: () => closeSync(fd) };
}

function openDirectory(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw storeError('open', path, error);
  }
}

/** fsync(2) of a directory: of the names in it. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function createDirectory(path: string): number {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storeError('mkdir', path, error);
  }
  const fd = openDirectory(path);
  if (fd === undefined) {
    throw new IpamError('store', `open ${path}: no such file or directory`, { errno: 'ENOENT' });
  }
  return fd;
}

/** Our state is a help, not a need: where it cannot be used (read-only, another device, a link) we work without. */
function openState(
  parent: string,
  name: string,
  network: number,
  access: Access,
): string | undefined {
  const path = `${parent}/${name}`;
  try {
    const mayMake = access !== 'read';
    if (!realDirectory(parent, mayMake)) return undefined;
    const stats = realDirectory(path, mayMake);
    return stats && stats.dev === fstatSync(network).dev ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Makes sure of a real directory. */
export function ownDirectory(path: string): void {
  realDirectory(path, true);
}

/** What a real directory is, which may be made; undefined when it is to be there and is not. */
function realDirectory(path: string, mayMake: boolean): Stats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return stats;
  if (!mayMake) return undefined;
  if (stats !== undefined) throw new IpamError('store', `${path}: not a directory`);
  mkdirSync(path, { mode: 0o700 });
  return lstatSync(path);
}

/** Names in the directory that are the text of an address. */
export function leaseNames(path: string): string[] {
  return directoryNames(path).filter(isLeaseName);
}

export function directoryNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw storeError('open', path, error);
  }
}

export function isLeaseName(name: string): boolean {
  const address = parseAddress(name);
  return address !== undefined && formatAddress(address) === name;
}

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
  // A crash of the machine can leave a file of zero bytes in length or in content.
  const key = (text.includes('\0') ? text.replaceAll('\0', '') : text).trim();
  return key === '' ? { torn: true } : { key };
}

/** Opens a lease that is there, for its mode. */
export const openLease = (file: string): number =>
  openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

/** Whether the attachment of a lease was still being made when somebody last wrote about it. */
export function isUnfinished(path: string, name: string): boolean {
  const stats = lstatSync(`${path}/${name}`, { throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & 0o777) === UNFINISHED;
}

/** The start of a file, without following a link and without waiting at a FIFO; undefined when there is none. */
export function readShort(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = (shared ??= new Uint8Array(LONGEST_LEASE));
    const length = readSync(fd, bytes, 0, LONGEST_LEASE, 0);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length));
  } finally {
    closeSync(fd);
  }
}

let shared: Uint8Array | undefined;

/** A new file under a temporary name, open for syncing; a left-over of a killed process is removed, never written to. */
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

/** Gives the temporary file its name as a lease; false when the address is taken. */
export function linkLease(temporary: string, file: string): boolean {
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw storeError('link', file, error);
  }
}

/** The address in a last-reserved mark; as in the reference, only a content that is exactly an address counts. */
export function readMark(file: string): Address | undefined {
  try {
    return parseAddress(readShort(file) ?? '');
  } catch {
    return undefined;
  }
}

/**
 * Replaces the content of a small file, whole. A text that is no shorter than the old one goes over it: one write(2), which a kill
 * does not cut in two. A file that is renamed over another one is written to the disk there and then by ext4 (`auto_da_alloc`),
 * which takes as long as an fsync(2).
 */
export function writeMark(file: string, content: string, temporary: string): void {
  const bytes = new TextEncoder().encode(content);
  if (overwrite(file, bytes)) return;
  closeSync(createTemporary(temporary, content));
  try {
    renameSync(temporary, file);
  } catch (error) {
    removeFile(temporary);
    throw storeError('rename', file, error);
  }
}

/** False when the file must be replaced: it is longer, or not there, or no regular file. */
function overwrite(file: string, bytes: Uint8Array): boolean {
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

/** Removes a file; true when it was there. */
export function removeFile(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw storeError('remove', file, error);
  }
}

export const openForUpdate = (file: string, create: boolean): number =>
  openSync(file, O_RDWR | O_NOFOLLOW | (create ? O_CREAT : 0), 0o600);

export const openReplacement = (file: string): number => {
  removeFile(file);
  return openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
};
