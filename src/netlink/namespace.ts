/**
 * Network namespaces: open one, make a socket in it, run a synchronous function in it, make and remove named ones.
 *
 * setns(2) moves the calling thread only, so everything that runs inside must be synchronous: between going and coming back
 * there may be no `await`. network_namespaces(7), ip-netns(8).
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
import { ClosedError, NetlinkError } from '../errors.ts';
import { libc } from '../sys/libc.ts';
import { check } from '../sys/check.ts';
import { openSocket, type Socket, type SocketOptions } from './socket.ts';

const CLONE_NEWNET = 0x40000000;
/* f_type of statfs(2): include/uapi/linux/magic.h. Kernels before 3.19 show namespace files as PROC. */
const NSFS_MAGIC = 0x6e736673;
const PROC_SUPER_MAGIC = 0x9fa0;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 0x100000;
const MNT_DETACH = 2;

/** Where `ip netns` keeps the names, and so do we. */
export const NETNS_DIRECTORY = '/run/netns';

/** An open network namespace. */
export interface Namespace {
  /** Throws when it is closed: the number may be somebody else's by then. */
  readonly fd: number;
  /** The path it was opened by. */
  readonly path: string;
  /** Which namespace it is, with `ino`: the device of its file. */
  readonly dev: number;
  readonly ino: number;
  /** Both as one text: equal for two paths to the same namespace. */
  readonly id: string;
  close(): void;
  [Symbol.dispose](): void;
}

/** A namespace by name (`ip netns` names have no slash) or by path: `/run/netns/blue`, `/proc/4711/ns/net`. */
export function openNamespace(nameOrPath: string): Namespace {
  if (typeof nameOrPath !== 'string' || nameOrPath.includes('\0')) {
    throw new NetlinkError(EINVAL, 'open', {
      subject: typeof nameOrPath === 'string' ? nameOrPath : undefined,
      advice: 'not the name or path of a network namespace',
    });
  }
  const path = nameOrPath.includes('/') ? nameOrPath : `${NETNS_DIRECTORY}/${nameOrPath}`;
  const magic = libc().fstype(path);
  if (magic < 0) {
    const advice = -magic === ENOENT ? 'there is no such network namespace' : undefined;
    throw new NetlinkError(-magic, 'statfs', { subject: path, advice });
  }
  if (magic !== NSFS_MAGIC && magic !== PROC_SUPER_MAGIC) {
    throw new NetlinkError(EINVAL, 'open', { subject: path, advice: 'not a namespace file' });
  }
  return opened(path);
}

/** The namespace that the calling thread is in. */
export const currentNamespace = (): Namespace => opened('/proc/thread-self/ns/net');

function opened(path: string): Namespace {
  const fd = openSync(path, fsConstants.O_RDONLY);
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
    // When somebody asks: numbers of that size take long to become texts.
    get id() {
      return `${dev}:${ino}`;
    },
    close,
    [Symbol.dispose]: close,
  };
}

/**
 * Runs `inside` in another namespace and comes back, also after an error. `inside` must be synchronous.
 * When the way back fails the process is in an unknown namespace: that error is thrown and nothing else should be done.
 */
export function inNamespace<T>(namespace: Namespace, inside: () => T): T {
  const { fd } = namespace;
  if (!Number.isInteger(fd)) {
    throw new NetlinkError(EINVAL, 'setns', { advice: 'not an open network namespace' });
  }
  const home = currentNamespace();
  // Not `using`: in a process that has done nothing yet that alone takes 0.1 ms.
  try {
    const isHere = home.ino === namespace.ino && home.dev === namespace.dev;
    return isHere ? inside() : visit({ fd, path: namespace.path }, home, inside);
  } finally {
    home.close();
  }
}

function visit<T>(namespace: Pick<Namespace, 'fd' | 'path'>, home: Namespace, inside: () => T): T {
  const c = libc();
  check(c.setns(namespace.fd, CLONE_NEWNET), 'setns', namespace.path);
  let result: T;
  try {
    result = inside();
  } finally {
    goHome(c.setns(home.fd, CLONE_NEWNET), home);
  }
  if (result instanceof Promise) {
    throw new TypeError(
      'what runs in a namespace must be synchronous: a Promise would go on in another one',
    );
  }
  return result;
}

/** The way back is tried again where it failed: nothing that comes after may be done in another namespace. */
function goHome(result: number, home: Namespace): void {
  if (result < 0)
    check(libc().setns(home.fd, CLONE_NEWNET), 'setns', 'the namespace that we came from');
}

/** A netlink socket in a namespace; without one, in the namespace of the calling thread. */
export function socketIn(
  namespace: Namespace | undefined,
  protocol: number,
  options?: SocketOptions,
): Socket {
  const open = (): Socket => openSocket(protocol, options);
  return namespace === undefined ? open() : inNamespace(namespace, open);
}

/** Makes a namespace under a name that `ip netns` knows too. */
export function createNamespace(name: string): Namespace {
  const path = namedPath(name);
  const c = libc();
  mkdirSync(NETNS_DIRECTORY, { recursive: true, mode: 0o755 });
  shareDirectory();
  claim(path);
  try {
    using home = currentNamespace();
    check(c.unshare(CLONE_NEWNET), 'unshare', name);
    try {
      check(c.mount('/proc/thread-self/ns/net', path, 'none', MS_BIND), 'mount', path);
    } finally {
      goHome(c.setns(home.fd, CLONE_NEWNET), home);
    }
    return openNamespace(path);
  } catch (error) {
    c.umount(path, MNT_DETACH);
    rmSync(path, { force: true });
    throw error;
  }
}

/** Makes the file that the namespace is mounted on. */
function claim(path: string): void {
  const { O_RDONLY, O_CREAT, O_EXCL } = fsConstants;
  try {
    closeSync(openSync(path, O_RDONLY | O_CREAT | O_EXCL, 0o400));
  } catch (error) {
    const errno = -(error as NodeJS.ErrnoException).errno!;
    const advice = errno === EEXIST ? 'a network namespace has this name' : undefined;
    throw new NetlinkError(errno, 'open', { subject: path, advice });
  }
}

/** The mount of a new namespace has to reach other mount namespaces, and its removal too: ip-netns(8) does the same. */
function shareDirectory(): void {
  const c = libc();
  const share = (): number => c.mount('', NETNS_DIRECTORY, 'none', MS_SHARED | MS_REC);
  if (share() !== -EINVAL) return;
  // Not a mount point yet, so there is nothing that could be shared.
  check(
    c.mount(NETNS_DIRECTORY, NETNS_DIRECTORY, 'none', MS_BIND | MS_REC),
    'mount',
    NETNS_DIRECTORY,
  );
  check(share(), 'mount', NETNS_DIRECTORY);
}

/** Removes a name. The namespace itself lives on while something else holds it open. */
export function deleteNamespace(name: string): void {
  const path = namedPath(name);
  check(libc().umount(path, MNT_DETACH), 'umount', path);
  rmSync(path);
}

/** The names in `/run/netns`. */
export function listNamespaces(): string[] {
  try {
    return readdirSync(NETNS_DIRECTORY).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function namedPath(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new NetlinkError(EINVAL, 'netns', { subject: name, advice: 'not a file name' });
  }
  return `${NETNS_DIRECTORY}/${name}`;
}
