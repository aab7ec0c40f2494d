/** `struct statx`, statx(2), include/uapi/linux/stat.h, and what `fs.Stats` says of it. The same on every architecture. */

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes of it. */
export const STATX_SIZE = 256;
/** STATX_BASIC_STATS */
export const STATX_BASIC = 0x7ff;

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;

/** As far as this project asks; with `big`, numbers are bigints and times are in nanoseconds. */
export function statOf(view: DataView, big: boolean): object {
  const mode = view.getUint16(28, LITTLE);
  const ino = view.getBigUint64(32, LITTLE);
  const size = view.getBigUint64(40, LITTLE);
  const dev = makedev(view.getUint32(136, LITTLE), view.getUint32(140, LITTLE));
  const mtimeNs = timeNs(view, 112);
  const isDirectory = (): boolean => (mode & S_IFMT) === S_IFDIR;
  const isFile = (): boolean => (mode & S_IFMT) === S_IFREG;
  const kind = { isDirectory, isFile };
  if (big)
    return { dev, ino, size, mode: BigInt(mode), mtimeNs, ctimeNs: timeNs(view, 96), ...kind };
  const numbers = { dev: Number(dev), ino: Number(ino), size: Number(size), mode };
  return { ...numbers, mtimeMs: Number(mtimeNs) / 1e6, ...kind };
}

const timeNs = (view: DataView, at: number): bigint =>
  view.getBigInt64(at, LITTLE) * 1_000_000_000n + BigInt(view.getUint32(at + 8, LITTLE));

/** `st_dev` of stat(2); makedev(3). */
const makedev = (major: number, minor: number): bigint =>
  (BigInt(major & 0xfff) << 8n) |
  (BigInt(major >>> 12) << 44n) |
  BigInt(minor & 0xff) |
  (BigInt(minor >>> 8) << 20n);

/** Two `struct timespec`, futimens(3), from seconds. */
export function timespecs(atime: number, mtime: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  [atime, mtime].forEach((seconds, i) => {
    const whole = Math.floor(seconds);
    view.setBigInt64(16 * i, BigInt(whole), LITTLE);
    view.setBigInt64(16 * i + 8, BigInt(Math.floor((seconds - whole) * 1e9)), LITTLE);
  });
  return new Uint8Array(view.buffer);
}
