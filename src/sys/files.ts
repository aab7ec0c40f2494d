/** File functions in the form of `node:fs`, implemented on each runtime by what it offers. */
import { checked } from './files-by-calls.ts';
import type { Files } from './file-types.ts';
import { libc } from './libc.ts';
import { openFiles } from './runtime.ts';

export type { BigFileStats, FileStats } from './statx.ts';
/** For objects that hold an open file and are used after it was closed. */
export { ClosedError } from '../errors.ts';

export const {
  constants,
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
}: Files = openFiles();

/**
 * Starts an fsync(2) whose result is awaited later: where the C library can, one of its threads
 * does it in the background. The returned function waits, and throws the error of fsync(2); `fd`
 * has to stay open until then.
 */
export function fsyncInBackground(fd: number): () => void {
  const wait = libc().aioFsync(fd);
  return wait === undefined ? () => fsyncSync(fd) : () => void checked(wait(), 'fsync');
}
