/** The less frequent file calls of the executables, with the names and errors of `node:fs`. */
import { EEXIST, EINTR, ENOENT, ENOTDIR } from './errno.ts';
import type { Files, RareFiles } from './file-types.ts';
import { checked, CONSTANTS, failed, O_CLOEXEC, textOf } from './files-by-calls.ts';
import './host.ts';

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** PATH_MAX */
const LONGEST_PATH = 4096;

interface MakeOptions {
  readonly recursive?: boolean;
  readonly mode?: number;
}

export function engineRareFiles(): RareFiles {
  const { O_DIRECTORY, O_NOFOLLOW } = host;
  return {
    constants: {
      ...CONSTANTS,
      O_DIRECTORY,
      O_NOFOLLOW,
    },
    accessSync: (path, mode) =>
      void checked(host.access(String(path), mode ?? 0), 'access', String(path)),
    mkdirSync: ((path: string, options: MakeOptions = {}) => {
      const { recursive = false, mode = 0o777 } = options;
      if (recursive) makeAll(path, mode);
      else checked(host.mkdir(path, mode), 'mkdir', path);
    }) as Files['mkdirSync'],
    readdirSync: ((path: string) => namesIn(path)) as Files['readdirSync'],
    readlinkSync: ((path: string) => {
      const bytes = new Uint8Array(LONGEST_PATH);
      const length = checked(host.readlink(path, bytes, bytes.length), 'readlink', path);
      return textOf(bytes.subarray(0, length));
    }) as Files['readlinkSync'],
    rmSync(path, options) {
      const result = host.unlink(String(path));
      if (result < 0 && !(result === -ENOENT && options?.force === true)) {
        failed(-result, 'rm', String(path));
      }
    },
    statfsSync: ((path: string) => {
      const view = new DataView(new ArrayBuffer(120));
      checked(host.statfs(path, new Uint8Array(view.buffer)), 'statfs', path);
      return statfsOf(view);
    }) as Files['statfsSync'],
  };
}

/** Makes the directory and its missing parents. Whatever exists already has to be a directory. */
function makeAll(path: string, mode: number): void {
  const result = host.mkdir(path, mode);
  if (result >= 0) return;
  if (result === -ENOENT) {
    const around = path.replace(/\/+[^/]*\/*$/, '');
    if (around === '' || around === path) failed(ENOENT, 'mkdir', path);
    makeAll(around, mode);
    // Another process may have made it in the meantime.
    const again = host.mkdir(path, mode);
    if (again < 0 && again !== -EEXIST) failed(-again, 'mkdir', path);
  } else if (result !== -EEXIST) failed(-result, 'mkdir', path);
  const fd = host.open(path, host.O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) failed(fd === -ENOTDIR ? EEXIST : -fd, 'mkdir', path);
  host.close(fd);
}

/** `struct linux_dirent64`, getdents(2): the length at 16, the name from 19 on. */
function namesIn(path: string): string[] {
  const fd = checked(host.open(path, host.O_DIRECTORY | O_CLOEXEC, 0), 'scandir', path);
  try {
    const names: string[] = [];
    const bytes = new Uint8Array(32 * 1024);
    const view = new DataView(bytes.buffer);
    for (;;) {
      const length = host.getdents(fd, bytes, bytes.length);
      if (length === -EINTR) continue;
      checked(length, 'scandir', path);
      if (length === 0) return names.sort();
      for (let at = 0; at < length; at += view.getUint16(at + 16, LITTLE)) {
        const name = textOf(bytes.subarray(at + 19, bytes.indexOf(0, at + 19)));
        if (name !== '.' && name !== '..') names.push(name);
      }
    }
  } finally {
    host.close(fd);
  }
}

/** `struct statfs`, statfs(2), on 64-bit Linux. */
function statfsOf(view: DataView): object {
  const at = (offset: number): number => Number(view.getBigInt64(offset, LITTLE));
  return {
    type: at(0),
    bsize: at(8),
    blocks: at(16),
    bfree: at(24),
    bavail: at(32),
    files: at(40),
    ffree: at(48),
  };
}
