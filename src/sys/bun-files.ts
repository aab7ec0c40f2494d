/**
 * Files on Bun. Loading `node:fs` takes a millisecond, so the calls that every plugin makes go to
 * the C library.
 */
import { cstring } from './bun-ffi.ts';
import { call } from './bun-symbols.ts';
import type { Files } from './file-types.ts';
import { CONSTANTS, filesByCalls } from './files-by-calls.ts';

const whole = (): typeof import('node:fs') => process.getBuiltinModule('node:fs');

export function bunFiles(): Files {
  const open = call('open');
  const link = call('link');
  const rename = call('rename');
  const unlink = call('unlink');
  const statx = call('statx');
  // open(2): include/uapi/asm-generic/fcntl.h, and the values that x86 and arm64 define themselves.
  const isArm = process.arch === 'arm64';
  return filesByCalls(
    {
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
      statx: (fd, path, flags, mask, buffer) => statx(fd, cstring(path), flags, mask, buffer),
    },
    {
      constants: {
        ...CONSTANTS,
        O_DIRECTORY: isArm ? 0o40000 : 0o200000,
        O_NOFOLLOW: isArm ? 0o100000 : 0o400000,
      },
      accessSync: (path, mode) => whole().accessSync(path, mode),
      mkdirSync: ((path, options) => whole().mkdirSync(path, options)) as Files['mkdirSync'],
      readdirSync: ((path: string) => whole().readdirSync(path)) as Files['readdirSync'],
      readlinkSync: ((path: string) => whole().readlinkSync(path)) as Files['readlinkSync'],
      rmSync: (path, options) => whole().rmSync(path, options),
      statfsSync: ((path: string) => whole().statfsSync(path)) as Files['statfsSync'],
    },
  );
}
