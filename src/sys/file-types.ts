/**
 * The file functions that this project calls: those of `node:fs`, with the signatures that it uses.
 */
import type { BigFileStats, FileStats } from './statx.ts';

type Fs = typeof import('node:fs');
type Name =
  | 'accessSync'
  | 'closeSync'
  | 'fchmodSync'
  | 'fsyncSync'
  | 'futimesSync'
  | 'linkSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'readlinkSync'
  | 'readSync'
  | 'renameSync'
  | 'rmSync'
  | 'statfsSync'
  | 'unlinkSync'
  | 'writeSync';

/** Constants of open(2) and access(2). Some have other values on other architectures. */
type Constant =
  | 'O_RDONLY'
  | 'O_WRONLY'
  | 'O_RDWR'
  | 'O_CREAT'
  | 'O_EXCL'
  | 'O_NONBLOCK'
  | 'O_DIRECTORY'
  | 'O_NOFOLLOW'
  | 'W_OK'
  | 'X_OK';

/** A `stat` that returns no more than all runtimes provide. */
export interface Stat<Of> {
  (of: Of, options: { bigint: true }): BigFileStats;
  (of: Of, options: { throwIfNoEntry: false }): FileStats | undefined;
  (of: Of): FileStats;
}

export interface Files extends Pick<Fs, Name> {
  readonly fstatSync: Stat<number>;
  readonly lstatSync: Stat<string>;
  readonly statSync: Stat<string>;
  readonly constants: Readonly<Record<Constant, number>>;
}

/** Functions that plugins rarely call, and values that need no call. */
export type RareFiles = Pick<
  Files,
  | 'constants'
  | 'accessSync'
  | 'mkdirSync'
  | 'readdirSync'
  | 'readlinkSync'
  | 'rmSync'
  | 'statfsSync'
>;

/**
 * The file calls that nearly every plugin makes. Each returns a result like a system call, as in
 * `Libc`.
 */
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
  /** Fills `buffer`, a `struct statx`, with the fields in `mask`. */
  statx(fd: number, path: string, flags: number, mask: number, buffer: Uint8Array): number;
}
