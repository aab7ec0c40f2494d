/**
 * Files by plain system calls, under the names and with the errors of `node:fs`.
 *
 * Bun takes a millisecond to load `node:fs`, a third of what an empty executable takes to run; so there the calls that every plugin makes
 * go to the C library, and only what is rarely called loads it. On Node this is `node:fs`.
 */
import { EINTR, ENOENT, errnoName, errnoText } from '../errno.ts';
import { bunFileCalls as libc } from './bun-files.ts';
import { libc as library } from './libc.ts';
import { statOf, STATX_SIZE, timespecs } from './statx.ts';

type Fs = typeof import('node:fs');
type Name =
  | 'accessSync'
  | 'closeSync'
  | 'fchmodSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'futimesSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'readlinkSync'
  | 'readSync'
  | 'renameSync'
  | 'rmSync'
  | 'statfsSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeSync';
type Files = Pick<Fs, Name>;

const whole = (): Fs => process.getBuiltinModule('node:fs');

/** open(2), include/uapi/asm-generic/fcntl.h and what x86 and arm64 have of their own. */
const isArm = process.arch === 'arm64';
export const constants = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NONBLOCK: 0o4000,
  O_DIRECTORY: isArm ? 0o40000 : 0o200000,
  O_NOFOLLOW: isArm ? 0o100000 : 0o400000,
  W_OK: 2,
  X_OK: 1,
} as const;
const O_CLOEXEC = 0o2000000;

/* Of statx(2), include/uapi/linux/fcntl.h. */
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

/** An error as `node:fs` throws it. */
function failed(errno: number, syscall: string, path?: string): never {
  const code = errnoName(errno);
  const on = path === undefined ? '' : ` '${path}'`;
  const error = new Error(`${code}: ${errnoText(errno)}, ${syscall}${on}`);
  throw Object.assign(error, { code, errno: -errno, syscall, ...(path && { path }) });
}

function checked(result: number, syscall: string, path?: string): number {
  return result < 0 ? failed(-result, syscall, path) : result;
}

function stat(
  fd: number,
  path: string,
  flags: number,
  syscall: string,
  options?: { bigint?: boolean; throwIfNoEntry?: boolean },
): unknown {
  const buffer = new DataView(new ArrayBuffer(STATX_SIZE));
  const result = libc().statx(fd, path, flags, buffer);
  if (result === -ENOENT && options?.throwIfNoEntry === false) return undefined;
  checked(result, syscall, path || undefined);
  return statOf(buffer, options?.bigint === true);
}

/* A call that a signal interrupted is made again in place: a function around each would be one more that a plugin runs for the first time. */

const openFile = (path: string, flags: string | number, mode = 0o666): number => {
  const number = typeof flags === 'number' ? flags : constants.O_RDONLY;
  let fd: number;
  do fd = libc().open(path, number | O_CLOEXEC, mode);
  while (fd === -EINTR);
  return checked(fd, 'open', path);
};

function readAll(fd: number): string {
  let bytes = new Uint8Array(4096);
  let length = 0;
  for (;;) {
    const room = bytes.subarray(length);
    const count = libc().read(fd, room, room.length);
    if (count === -EINTR) continue;
    checked(count, 'read');
    if (count === 0) return new TextDecoder().decode(bytes.subarray(0, length));
    length += count;
    if (length < bytes.length) continue;
    const larger = new Uint8Array(2 * length);
    larger.set(bytes);
    bytes = larger;
  }
}

/** Looked up at each call, so that whoever replaces one in `node:fs` replaces it here. */
function onNode(): Files {
  const fs = whole() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const names = Object.keys(byLibc);
  const calls = names.map((name) => [name, (...args: unknown[]) => fs[name]!(...args)]);
  return Object.fromEntries(calls) as Files;
}

/** In the forms in which this project calls them. */
const byLibc = {
  accessSync: (path, mode) => whole().accessSync(path, mode),
  closeSync: (fd) => void checked(libc().close(fd), 'close'),
  fchmodSync: (fd, mode) => void checked(libc().fchmod(fd, Number(mode)), 'fchmod'),
  fstatSync: (fd: number, options?: object) => stat(fd, '', AT_EMPTY_PATH, 'fstat', options),
  fsyncSync(fd) {
    let result: number;
    do result = libc().fsync(fd);
    while (result === -EINTR);
    checked(result, 'fsync');
  },
  futimesSync: (fd, atime, mtime) =>
    void checked(libc().futimens(fd, timespecs(Number(atime), Number(mtime))), 'futime'),
  linkSync: (from, to) =>
    void checked(libc().link(String(from), String(to)), 'link', `${from}' -> '${to}`),
  lstatSync: (path: string, options?: object) =>
    stat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 'lstat', options),
  mkdirSync: ((path, options) => whole().mkdirSync(path, options)) as Fs['mkdirSync'],
  openSync: (path, flags, mode) => openFile(String(path), flags ?? 0, Number(mode ?? 0o666)),
  readdirSync: ((path: string) => whole().readdirSync(path)) as Fs['readdirSync'],
  readFileSync(file: string | number) {
    if (typeof file === 'number') return readAll(file);
    const fd = openFile(file, constants.O_RDONLY);
    try {
      return readAll(fd);
    } finally {
      libc().close(fd);
    }
  },
  readlinkSync: ((path: string) => whole().readlinkSync(path)) as Fs['readlinkSync'],
  readSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number | null) {
    const room = bytes.subarray(offset);
    let count: number;
    do {
      count =
        position === null
          ? libc().read(fd, room, length)
          : libc().pread(fd, room, length, position);
    } while (count === -EINTR);
    return checked(count, 'read');
  },
  renameSync: (from, to) =>
    void checked(libc().rename(String(from), String(to)), 'rename', `${from}' -> '${to}`),
  rmSync: (path, options) => whole().rmSync(path, options),
  statfsSync: ((path: string) => whole().statfsSync(path)) as Fs['statfsSync'],
  statSync: (path: string, options?: object) => stat(AT_FDCWD, path, 0, 'stat', options),
  unlinkSync: (path) => void checked(libc().unlink(String(path)), 'unlink', String(path)),
  writeSync(
    fd: number,
    data: Uint8Array | string,
    offset?: number,
    length?: number,
    position?: number,
  ) {
    const all = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    const bytes = all.subarray(offset ?? 0);
    const count = length ?? bytes.length;
    let written: number;
    do {
      written =
        position === undefined
          ? libc().write(fd, bytes, count)
          : libc().pwrite(fd, bytes, count, position);
    } while (written === -EINTR);
    return checked(written, 'write');
  },
} as Files;

export const {
  accessSync,
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
}: Files = 'Bun' in globalThis ? byLibc : onNode();

/**
 * fsync(2) to be waited for later: where the C library can, one of its threads does it meanwhile. The function that is returned waits,
 * and throws what fsync(2) says; `fd` stays open until then.
 */
export function fsyncAside(fd: number): () => void {
  const wait = library().syncAside(fd);
  return wait === undefined ? () => fsyncSync(fd) : () => void checked(wait(), 'fsync');
}
