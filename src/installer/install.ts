/**
 * Puts the plugins into a folder of the host that runtimes execute them from, while they may be
 * executing them: each name changes from the old file to the complete new one at once, by
 * rename(2).
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from '../sys/files.ts';
import { EINTR } from '../sys/errno.ts';
import { LOCK_EX } from '../sys/flock.ts';
import { libc } from '../sys/libc.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
/** What a copy is called until it is complete. The lock on the folder makes one name enough. */
const INCOMPLETE = '.netlink-ts.new';

/**
 * Copies every file of `from` to `to`, which is made if it is missing, and returns the names. Other
 * files of `to` stay. Hard links stay hard links.
 *
 * @throws the error of `node:fs` for what the system refuses.
 */
export function install(from: string, to: string): string[] {
  const names = readdirSync(from).sort();
  for (const name of names)
    if (!statSync(`${from}/${name}`).isFile())
      throw new Error(`${from}/${name}: not a regular file`);
  mkdirSync(to, { recursive: true, mode: 0o755 });
  const folder = openSync(to, O_RDONLY | O_DIRECTORY);
  try {
    // Two at a time would write to one file. The kernel releases the lock of a process that ends.
    while (libc().flock(folder, LOCK_EX) === -EINTR);
    /** The name under which a source file was installed first, by its inode. */
    const installed = new Map<number, string>();
    for (const name of names) put(`${from}/${name}`, to, name, installed);
    fsyncSync(folder);
    return names;
  } finally {
    // Of an installation that failed, or after a rename(2) of a name over its own file.
    rmSync(`${to}/${INCOMPLETE}`, { force: true });
    closeSync(folder);
  }
}

function put(source: string, to: string, name: string, installed: Map<number, string>): void {
  const incomplete = `${to}/${INCOMPLETE}`;
  const fd = openSync(source, O_RDONLY);
  try {
    const { ino } = fstatSync(fd);
    // Left by an installation that was killed.
    rmSync(incomplete, { force: true });
    const first = installed.get(ino);
    if (first === undefined || !linked(`${to}/${first}`, incomplete)) copy(fd, incomplete);
    renameSync(incomplete, `${to}/${name}`);
    installed.set(ino, first ?? name);
  } finally {
    closeSync(fd);
  }
}

/** False on a file system without hard links. */
function linked(first: string, second: string): boolean {
  try {
    linkSync(first, second);
    return true;
  } catch {
    return false;
  }
}

/** On the disk, and executable for everyone, before it has its name. */
function copy(source: number, path: string): void {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o700);
  try {
    const bytes = new Uint8Array(64 * 1024);
    for (;;) {
      const length = readSync(source, bytes, 0, bytes.length, null);
      if (length === 0) break;
      for (let at = 0; at < length;) at += writeSync(fd, bytes, at, length - at);
    }
    fchmodSync(fd, 0o755);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
