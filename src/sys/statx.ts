/**
 * `struct statx`, statx(2), include/uapi/linux/stat.h, and its conversion to `fs.Stats`. The layout
 * is the same on every architecture.
 */
import type { BigIntStats, Stats } from 'node:fs';

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The size of the struct in bytes. */
export const STATX_SIZE = 256;
/** STATX_BASIC_STATS */
export const STATX_BASIC = 0x7ff;

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;

/** What every runtime reports about a file: a part of `fs.Stats`. */
export type FileStats = Pick<
  Stats,
  'dev' | 'ino' | 'size' | 'mode' | 'uid' | 'mtimeMs' | 'ctimeMs' | 'isDirectory' | 'isFile'
>;
export type BigFileStats = Pick<
  BigIntStats,
  'dev' | 'ino' | 'size' | 'mode' | 'mtimeNs' | 'ctimeNs' | 'isDirectory' | 'isFile'
>;

/** With `big`, numbers are bigints and times are in nanoseconds. */
export function statOf(view: DataView, big: boolean): FileStats | BigFileStats {
  const mode = view.getUint16(28, LITTLE);
  const isDirectory = (): boolean => (mode & S_IFMT) === S_IFDIR;
  const isFile = (): boolean => (mode & S_IFMT) === S_IFREG;
  const dev = makedev(view.getUint32(136, LITTLE), view.getUint32(140, LITTLE));
  if (!big) {
    return {
      dev,
      ino: number64(view, 32),
      size: number64(view, 40),
      mode,
      uid: view.getUint32(20, LITTLE),
      mtimeMs: timeMs(view, 112),
      ctimeMs: timeMs(view, 96),
      isDirectory,
      isFile,
    };
  }
  return {
    dev: BigInt(dev),
    ino: view.getBigUint64(32, LITTLE),
    size: view.getBigUint64(40, LITTLE),
    mode: BigInt(mode),
    mtimeNs: timeNs(view, 112),
    ctimeNs: timeNs(view, 96),
    isDirectory,
    isFile,
  };
}

const number64 = (view: DataView, at: number): number =>
  view.getUint32(LITTLE ? at : at + 4, LITTLE) +
  view.getInt32(LITTLE ? at + 4 : at, LITTLE) * 0x1_0000_0000;

const timeMs = (view: DataView, at: number): number =>
  number64(view, at) * 1e3 + view.getUint32(at + 8, LITTLE) / 1e6;

const timeNs = (view: DataView, at: number): bigint =>
  view.getBigInt64(at, LITTLE) * 1_000_000_000n + BigInt(view.getUint32(at + 8, LITTLE));

/**
 * `st_dev` of stat(2); makedev(3). The kernel's device numbers have 12 and 20 bits, so the result
 * has at most 44.
 */
const makedev = (major: number, minor: number): number =>
  (major & 0xfff) * 0x100 + (minor & 0xff) + (minor >>> 8) * 0x100000;

/** Two `struct timespec`, futimens(3), from seconds. */
export function timespecs(atime: number, mtime: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  let at = 0;
  for (const seconds of [atime, mtime]) {
    const whole = Math.floor(seconds);
    view.setBigInt64(at, BigInt(whole), LITTLE);
    view.setBigInt64(at + 8, BigInt(Math.floor((seconds - whole) * 1e9)), LITTLE);
    at += 16;
  }
  return new Uint8Array(view.buffer);
}
