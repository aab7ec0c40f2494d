/** The calls on files that `files.ts` makes on Bun. Each answers like a system call, as those of `Libc` do. */
import { cstring } from './bun-ffi.ts';
import { call } from './bun-symbols.ts';
import { STATX_BASIC } from './statx.ts';

export interface FileCalls {
  open(path: string, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, bytes: Uint8Array, length: number): number;
  write(fd: number, bytes: Uint8Array, length: number): number;
  pread(fd: number, bytes: Uint8Array, length: number, position: number): number;
  pwrite(fd: number, bytes: Uint8Array, length: number, position: number): number;
  fsync(fd: number): number;
  fchmod(fd: number, mode: number): number;
  /** `times` is two `struct timespec`. */
  futimens(fd: number, times: Uint8Array): number;
  link(from: string, to: string): number;
  rename(from: string, to: string): number;
  unlink(path: string): number;
  /** Fills `buffer`, a `struct statx`. */
  statx(fd: number, path: string, flags: number, buffer: DataView): number;
}

let opened: FileCalls | undefined;

export function bunFileCalls(): FileCalls {
  if (opened !== undefined) return opened;
  const open = call('open');
  const link = call('link');
  const rename = call('rename');
  const unlink = call('unlink');
  const statx = call('statx');
  return (opened = {
    open: (path, flags, mode) => open(cstring(path), flags, mode),
    close: call('close'),
    read: call('read'),
    write: call('write'),
    pread: call('pread'),
    pwrite: call('pwrite'),
    fsync: call('fsync'),
    fchmod: call('fchmod'),
    futimens: call('futimens'),
    link: (from, to) => link(cstring(from), cstring(to)),
    rename: (from, to) => rename(cstring(from), cstring(to)),
    unlink: (path) => unlink(cstring(path)),
    statx: (fd, path, flags, buffer) => statx(fd, cstring(path), flags, STATX_BASIC, buffer),
  });
}
