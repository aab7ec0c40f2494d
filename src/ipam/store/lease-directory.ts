/**
 * The directory of one network as files: lease files, last-reserved marks, the lock, and our own
 * state beside it.
 *
 *     <dataDir>/<network>/10.1.2.3             "<container id>\r\n<interface>", the reference's
 *                                              format byte for byte; read-only (0400) while the
 *                                              attachment is being made, 0600 when it is complete
 *     <dataDir>/<network>/last_reserved_ip.0   "10.1.2.3"
 *     <dataDir>/<network>/lock                 empty, for flock(2)
 *     <dataDir>/.netlink-ts/<network>/         ours: owner index, temporary files, marks of
 *                                              cooldown and sticky
 *
 * A network name cannot begin with a dot, so it cannot collide with our folder. The directory of a
 * network may be a symbolic link, as for the reference, if only the owner of the data directory can
 * have created it; no other symbolic link is followed.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
  type FileStats,
} from '../../sys/files.ts';
import { formatAddress, parseAddress } from '../../ip.ts';
import { errnoOf, IpamError, storeError } from '../policy/errors.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

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

/**
 * What a caller is about to do: `create` makes everything that is missing, `write` makes only our
 * own folder, `read` makes nothing.
 */
export type Access = 'create' | 'write' | 'read';

/** Opens the directory of a network; undefined when there is none and none may be made. */
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
    // For a symbolic link the kernel reports ENOTDIR, because a directory is asked for.
    if (errnoOf(error) !== 'ENOTDIR' || !isSymbolicLink(path))
      throw storeError('open', path, error);
    if (isForeignLink(path)) throw storeError('open', path, { code: 'ELOOP' });
    return openLinked(path);
  }
}

/** Undefined where the link is dangling. */
function openLinked(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw storeError('open', path, error);
  }
}

/** Whether the network's directory is a symbolic link that somebody else may have placed there. */
export const isForeignLink = (path: string): boolean =>
  isSymbolicLink(path) && !mayHoldLinks(path.slice(0, path.lastIndexOf('/')));

/**
 * Whether only its owner and root can create a link in a directory, so that its links can be
 * followed.
 */
function mayHoldLinks(path: string): boolean {
  const { uid, mode } = statSync(path);
  return (uid === 0 || uid === statSync('/proc/self').uid) && (mode & 0o022) === 0;
}

/** fsync(2) of a directory that was opened before; makes its entries durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY);
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

function isSymbolicLink(path: string): boolean {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Our own state is optional: where it cannot be used (read-only, another device, a link) we work
 * without it.
 */
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

/** Makes the directory, or throws unless it is a real one. */
export function ownDirectory(path: string): void {
  realDirectory(path, true);
}

/**
 * The status of a real directory, which is created if `mayMake`; undefined when it is missing and
 * may not be created.
 */
function realDirectory(path: string, mayMake: boolean): FileStats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return stats;
  if (!mayMake) return undefined;
  if (stats !== undefined) throw new IpamError('store', `${path}: not a directory`);
  mkdirSync(path, { mode: 0o700 });
  return lstatSync(path);
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
