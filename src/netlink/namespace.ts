/**
 * Network namespaces: open one, open a socket in it, run a synchronous function in it, create and
 * delete named ones.
 *
 * setns(2) moves only the calling thread, so everything that runs inside must be synchronous: there
 * must be no `await` between entering and leaving. network_namespaces(7), ip-netns(8).
 */
import {
  closeSync,
  constants as fsConstants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
} from '../sys/files.ts';
import { EEXIST, EINVAL, ENOENT } from '../sys/errno.ts';
import { ClosedError, CodecError, netlinkError } from '../errors.ts';
import { libc } from '../sys/libc.ts';
import { NSFS_MAGIC, PROC_SUPER_MAGIC } from '../sys/layout.ts';
import { check } from '../sys/check.ts';
import { openSocket, type Socket, type SocketOptions } from './socket.ts';

const CLONE_NEWNET = 0x40000000;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 0x100000;
const MNT_DETACH = 2;

/** The directory of the names, shared with `ip netns`. */
export const NETNS_DIRECTORY = '/run/netns';

/** An open network namespace. */
export interface Namespace {
  /** Throws ClosedError once closed: the number may have been reused by then. */
  readonly fd: number;
  /** The path it was opened by. */
  readonly path: string;
  /** The device of its file, which identifies it together with `ino`. */
  readonly dev: number;
  readonly ino: number;
  /** Both as one text: equal for two paths of the same namespace. */
  readonly id: string;
  /**
   * Closes the descriptor; the namespace stays as long as something else holds it.
   *
   * @example using namespace = openNamespace('blue'); // is closed at the end of the block
   */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Opens a namespace by name (`ip netns` names have no slash) or by path: `/run/netns/blue`,
 * `/proc/4711/ns/net`.
 *
 * @throws NetlinkError ENOENT if it does not exist, EINVAL for a file that is not a network
 *   namespace, EACCES
 */
export function openNamespace(nameOrPath: string): Namespace {
  if (typeof nameOrPath !== 'string' || nameOrPath.includes('\0')) {
    throw netlinkError(EINVAL, 'open', {
      subject: typeof nameOrPath === 'string' ? nameOrPath : undefined,
      advice: 'not the name or path of a network namespace',
    });
  }
  const path = nameOrPath.includes('/') ? nameOrPath : `${NETNS_DIRECTORY}/${nameOrPath}`;
  const magic = libc().fstype(path);
  if (magic < 0) {
    const advice = -magic === ENOENT ? 'there is no such network namespace' : undefined;
    throw netlinkError(-magic, 'statfs', { subject: path, advice });
  }
  if (magic !== NSFS_MAGIC && magic !== PROC_SUPER_MAGIC) {
    throw netlinkError(EINVAL, 'open', { subject: path, advice: 'not a namespace file' });
  }
  return opened(path);
}

/**
 * Opens the namespace of the calling thread.
 *
 * @throws NetlinkError ENOENT if /proc is not mounted
 */
export const currentNamespace = (): Namespace => opened('/proc/thread-self/ns/net');

function opened(path: string): Namespace {
  let fd: number;
  try {
    fd = openSync(path, fsConstants.O_RDONLY);
  } catch (error) {
    throw fileError(error, 'open', path);
  }
  const { dev, ino } = fstatSync(fd);
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    get fd() {
      if (!open) throw new ClosedError('network namespace');
      return fd;
    },
    path,
    dev,
    ino,
    // Computed on demand: formatting numbers of that size is slow.
    get id() {
      return `${dev}:${ino}`;
    },
    close,
    [Symbol.dispose]: close,
  };
}

/** The error of a file function, which has its errno negated, as a NetlinkError. */
const fileError = (error: unknown, operation: string, path: string, advice?: string): Error =>
  netlinkError(-(error as NodeJS.ErrnoException).errno!, operation, { subject: path, advice });

/**
 * Runs `inside` in another namespace and returns, even after an error. `inside` must be
 * synchronous. If the return fails, the process is left in an unknown namespace: that error is
 * thrown, and nothing else should be done.
 *
 * @throws NetlinkError EPERM without CAP_SYS_ADMIN, setns(2)
 * @throws CodecError if `inside` returns a promise
 * @example
 * using blue = openNamespace('blue');
 * const links = inNamespace(blue, () => readFileSync('/proc/net/dev', 'utf8'));
 */
export function inNamespace<T>(namespace: Namespace, inside: () => T): T {
  const fd = namespace?.fd;
  if (!Number.isInteger(fd)) {
    throw netlinkError(EINVAL, 'setns', { advice: 'not an open network namespace' });
  }
  const home = currentNamespace();
  // Not `using`: its first use in a process costs 0.1 ms.
  try {
    const isHere = home.ino === namespace.ino && home.dev === namespace.dev;
    const result = isHere ? inside() : visit({ fd, path: namespace.path }, home, inside);
    if (result instanceof Promise) {
      throw new CodecError(
        'inNamespace: inside must be synchronous: a promise would continue in another namespace',
      );
    }
    return result;
  } finally {
    home.close();
  }
}

function visit<T>(namespace: Pick<Namespace, 'fd' | 'path'>, home: Namespace, inside: () => T): T {
  const c = libc();
  check(c.setns(namespace.fd, CLONE_NEWNET), 'setns', namespace.path);
  try {
    return inside();
  } finally {
    goHome(c.setns(home.fd, CLONE_NEWNET), home);
  }
}

/** Retries a failed return: nothing that follows may happen in another namespace. */
function goHome(result: number, home: Namespace): void {
  if (result < 0)
    check(libc().setns(home.fd, CLONE_NEWNET), 'setns', 'the original network namespace');
}

/**
 * A netlink socket in a namespace, or in the namespace of the calling thread.
 *
 * @throws NetlinkError EPERM, EPROTONOSUPPORT, see socket(2) and setns(2)
 */
export function socketIn(
  namespace: Namespace | undefined,
  protocol: number,
  options?: SocketOptions,
): Socket {
  if (!Number.isInteger(protocol)) {
    throw new CodecError('socketIn: protocol must be the number of a netlink protocol');
  }
  const open = (): Socket => openSocket(protocol, options);
  return namespace === undefined ? open() : inNamespace(namespace, open);
}

/**
 * Creates a namespace under a name that `ip netns` knows too.
 *
 * @throws NetlinkError EEXIST if the name is taken, EINVAL for a name with a slash, EPERM without
 *   CAP_SYS_ADMIN
 */
export function createNamespace(name: string): Namespace {
  const path = namedPath(name);
  const c = libc();
  try {
    mkdirSync(NETNS_DIRECTORY, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw fileError(error, 'mkdir', NETNS_DIRECTORY);
  }
  shareDirectory();
  claim(path);
  try {
    inNew(name, () => {
      check(c.mount('/proc/thread-self/ns/net', path, 'none', MS_BIND), 'mount', path);
    });
    return openNamespace(path);
  } catch (error) {
    c.umount(path, MNT_DETACH);
    rmSync(path, { force: true });
    throw error;
  }
}

/**
 * Creates a namespace without a name, which ends with the last descriptor, socket or process that
 * holds it.
 *
 * @throws NetlinkError EPERM without CAP_SYS_ADMIN, or when there are too many
 */
export const scratchNamespace = (): Namespace => inNew(undefined, currentNamespace);

function inNew<T>(name: string | undefined, inside: () => T): T {
  const c = libc();
  using home = currentNamespace();
  check(c.unshare(CLONE_NEWNET), 'unshare', name);
  try {
    return inside();
  } finally {
    goHome(c.setns(home.fd, CLONE_NEWNET), home);
  }
}

/** Creates the file that the namespace is mounted on. */
function claim(path: string): void {
  const { O_RDONLY, O_CREAT, O_EXCL } = fsConstants;
  try {
    closeSync(openSync(path, O_RDONLY | O_CREAT | O_EXCL, 0o400));
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).errno === -EEXIST;
    throw fileError(error, 'open', path, isTaken ? 'a network namespace has this name' : undefined);
  }
}

/**
 * The mount of a new namespace must propagate to other mount namespaces, and so must its removal;
 * ip-netns(8) does the same.
 */
function shareDirectory(): void {
  const c = libc();
  const share = (): number => c.mount('', NETNS_DIRECTORY, 'none', MS_SHARED | MS_REC);
  if (share() !== -EINVAL) return;
  // Not a mount point yet, so nothing can be shared.
  check(
    c.mount(NETNS_DIRECTORY, NETNS_DIRECTORY, 'none', MS_BIND | MS_REC),
    'mount',
    NETNS_DIRECTORY,
  );
  check(share(), 'mount', NETNS_DIRECTORY);
}

/**
 * Deletes a name. The namespace itself exists as long as something else holds it open.
 *
 * @throws NetlinkError ENOENT if the name does not exist, EINVAL for a file that is not a mount,
 *   EPERM
 */
export function deleteNamespace(name: string): void {
  const path = namedPath(name);
  check(libc().umount(path, MNT_DETACH), 'umount', path);
  try {
    rmSync(path);
  } catch (error) {
    throw fileError(error, 'unlink', path);
  }
}

/**
 * The names in `/run/netns`, sorted.
 *
 * @throws NetlinkError EACCES, ENOTDIR if the directory cannot be read
 */
export function listNamespaces(): string[] {
  try {
    return readdirSync(NETNS_DIRECTORY).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno === -ENOENT) return [];
    throw fileError(error, 'readdir', NETNS_DIRECTORY);
  }
}

function namedPath(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw netlinkError(EINVAL, 'netns', { subject: name, advice: 'not a file name' });
  }
  return `${NETNS_DIRECTORY}/${name}`;
}
