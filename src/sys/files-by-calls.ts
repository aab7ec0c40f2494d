/**
 * Files by plain system calls, with the names and errors of `node:fs`: for a runtime that has no
 * such module, or takes long to load it.
 */
import { EINTR, ENOENT, errnoName, errnoText } from './errno.ts';
import type { FileCalls, Files, RareFiles } from './file-types.ts';
import { STATX_BASIC, STATX_SIZE, statOf, timespecs } from './statx.ts';

const O_RDONLY = 0;
/** The constants that are the same on every architecture, include/uapi/asm-generic/fcntl.h. */
export const CONSTANTS = {
  O_RDONLY,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NONBLOCK: 0o4000,
  W_OK: 2,
  X_OK: 1,
} as const;
export const O_CLOEXEC = 0o2000000;

/* Of statx(2), include/uapi/linux/fcntl.h. */
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

/** An error as `node:fs` throws it. */
export function failed(errno: number, syscall: string, path?: string): never {
  const code = errnoName(errno);
  const on = path === undefined ? '' : ` '${path}'`;
  const error = new Error(`${code}: ${errnoText(errno)}, ${syscall}${on}`);
  throw Object.assign(error, { code, errno: -errno, syscall, ...(path && { path }) });
}

export function checked(result: number, syscall: string, path?: string): number {
  return result < 0 ? failed(-result, syscall, path) : result;
}

/**
 * The text of a file, a name or a link. A leading byte order mark is kept: without it, a name would
 * be that of another file.
 */
export const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** All file functions, with the signatures that this project uses. */
export function filesByCalls(calls: FileCalls, rare: RareFiles): Files {
  const statx = new Uint8Array(STATX_SIZE);
  const statxView = new DataView(statx.buffer);

  function stat(
    fd: number,
    path: string,
    flags: number,
    syscall: string,
    options?: { bigint?: boolean; throwIfNoEntry?: boolean },
  ): unknown {
    const result = calls.statx(fd, path, flags, STATX_BASIC, statx);
    if (result === -ENOENT && options?.throwIfNoEntry === false) return undefined;
    checked(result, syscall, path || undefined);
    return statOf(statxView, options?.bigint === true);
  }

  /* A call that a signal interrupted is repeated in place: a wrapper function would be one more
   * function that a plugin runs for the first time. */

  const openFile = (path: string, flags: string | number, mode = 0o666): number => {
    const number = typeof flags === 'number' ? flags : O_RDONLY;
    let fd: number;
    do fd = calls.open(path, number | O_CLOEXEC, mode);
    while (fd === -EINTR);
    return checked(fd, 'open', path);
  };

  function readAll(fd: number): string {
    let bytes = new Uint8Array(4096);
    let length = 0;
    for (;;) {
      const room = bytes.subarray(length);
      const count = calls.read(fd, room, room.length);
      if (count === -EINTR) continue;
      checked(count, 'read');
      if (count === 0) return textOf(bytes.subarray(0, length));
      length += count;
      if (length < bytes.length) continue;
      const larger = new Uint8Array(2 * length);
      larger.set(bytes);
      bytes = larger;
    }
  }

  return {
    ...rare,
    closeSync(fd) {
      const result = calls.close(fd);
      // Linux has closed it all the same, and the number may be in use again: close(2).
      if (result !== -EINTR) checked(result, 'close');
    },
    fchmodSync: (fd, mode) => void checked(calls.fchmod(fd, Number(mode)), 'fchmod'),
    fstatSync: (fd: number, options?: object) => stat(fd, '', AT_EMPTY_PATH, 'fstat', options),
    fsyncSync(fd) {
      let result: number;
      do result = calls.fsync(fd);
      while (result === -EINTR);
      checked(result, 'fsync');
    },
    futimesSync: (fd, atime, mtime) =>
      void checked(calls.futimens(fd, timespecs(Number(atime), Number(mtime))), 'futime'),
    linkSync: (from, to) =>
      void checked(calls.link(String(from), String(to)), 'link', `${from}' -> '${to}`),
    lstatSync: (path: string, options?: object) =>
      stat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 'lstat', options),
    openSync: (path, flags, mode) => openFile(String(path), flags ?? 0, Number(mode ?? 0o666)),
    readFileSync(file: string | number) {
      if (typeof file === 'number') return readAll(file);
      const fd = openFile(file, O_RDONLY);
      try {
        return readAll(fd);
      } finally {
        calls.close(fd);
      }
    },
    readSync(
      fd: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
    ) {
      const room = offset === 0 ? bytes : bytes.subarray(offset);
      let count: number;
      do {
        count =
          position === null
            ? calls.read(fd, room, length)
            : calls.pread(fd, room, length, position);
      } while (count === -EINTR);
      return checked(count, 'read');
    },
    renameSync: (from, to) =>
      void checked(calls.rename(String(from), String(to)), 'rename', `${from}' -> '${to}`),
    statSync: (path: string, options?: object) => stat(AT_FDCWD, path, 0, 'stat', options),
    unlinkSync: (path) => void checked(calls.unlink(String(path)), 'unlink', String(path)),
    writeSync(
      fd: number,
      data: Uint8Array | string,
      offset?: number,
      length?: number,
      position?: number,
    ) {
      const all = typeof data === 'string' ? new TextEncoder().encode(data) : data;
      const bytes = offset ? all.subarray(offset) : all;
      const count = length ?? bytes.length;
      let written: number;
      do {
        written =
          position === undefined
            ? calls.write(fd, bytes, count)
            : calls.pwrite(fd, bytes, count, position);
      } while (written === -EINTR);
      return checked(written, 'write');
    },
  } as Files;
}
