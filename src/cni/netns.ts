/**
 * Network namespaces as CNI_NETNS names them: whether a path is one, and whether it is our own.
 *
 * The checks are those of the reference: the file system's magic number
 * (`include/uapi/linux/magic.h`), and device and inode number of the namespace file, which are
 * equal only for the same namespace (`namespaces(7)`).
 */
import { statSync } from '../sys/files.ts';
import { errnoText, ENOENT, ENOTDIR } from '../sys/errno.ts';
import { NSFS_MAGIC, PROC_SUPER_MAGIC } from '../sys/layout.ts';
import { libc } from '../sys/libc.ts';
import { CniError, INVALID_ENVIRONMENT_VARIABLES, INVALID_NETNS, IO_FAILURE } from './errors.ts';

/** Throws unless `path` is a namespace file; the message says what it is instead. */
export function requireNetns(path: string): void {
  const problem = netnsProblem(path);
  if (problem !== undefined) throw noNetns(path, problem.text);
}

export function noNetns(path: string, reason: string, cause?: unknown): CniError {
  const msg = `failed to open netns ${JSON.stringify(path)}: ${reason}`;
  const details = 'CNI_NETNS must name a network namespace';
  return new CniError(INVALID_ENVIRONMENT_VARIABLES, msg, details, cause);
}

/**
 * For DEL: false when the namespace is gone, which is not an error; throws when the path is
 * something else.
 */
export function netnsExists(path: string): boolean {
  if (path === '') return false;
  const problem = netnsProblem(path);
  if (problem === undefined || problem.isMissing) return problem === undefined;
  // A path that cannot be examined may be a namespace: DEL has to be repeated.
  const code = problem.isOther ? INVALID_ENVIRONMENT_VARIABLES : IO_FAILURE;
  throw new CniError(code, problem.text, 'CNI_NETNS');
}

interface Problem {
  readonly text: string;
  /** Nothing is at the path. */
  readonly isMissing: boolean;
  /** Something else is at the path. */
  readonly isOther: boolean;
}

function netnsProblem(path: string): Problem | undefined {
  const magic = libc().fstype(path);
  if (magic === NSFS_MAGIC || magic === PROC_SUPER_MAGIC) return undefined;
  const quoted = JSON.stringify(path);
  if (magic < 0) {
    const text = `failed to Statfs ${quoted}: ${errnoText(-magic)}`;
    return { text, isMissing: magic === -ENOENT, isOther: magic === -ENOTDIR };
  }
  const text = `unknown FS magic on ${quoted}: ${magic.toString(16)}`;
  return { text, isMissing: false, isOther: true };
}

/** Whether `path` is the namespace of this thread. False for a path that cannot be examined. */
export function isOwnNetns(path: string): boolean {
  // `thread-self`, because setns(2) moves a thread and not the process.
  const own = statSync('/proc/thread-self/ns/net');
  try {
    const theirs = statSync(path);
    return own.dev === theirs.dev && own.ino === theirs.ino;
  } catch {
    return false;
  }
}

/**
 * Refuses to work in the namespace that the plugin itself runs in, before anything is changed
 * there.
 */
export function refuseOwnNetns(path: string, isOwn: (path: string) => boolean): void {
  if (path === '') return;
  let own: boolean;
  try {
    own = isOwn(path);
  } catch (error) {
    throw new CniError(INVALID_NETNS, "get plugin's netns failed", String(error), error);
  }
  if (own) {
    const msg = "plugin's netns and netns from CNI_NETNS should not be the same";
    throw new CniError(INVALID_NETNS, msg);
  }
}
