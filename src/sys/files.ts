/** Files, as `node:fs` has them, on each runtime by what it has for them. */
import { checked } from './files-by-calls.ts';
import type { Files } from './file-types.ts';
import { libc } from './libc.ts';
import { openFiles } from './runtime.ts';

export type { BigFileStats, FileStats } from './statx.ts';
/** For what is made of an open file, and used after its end. */
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
 * fsync(2) to be waited for later: where the C library can, one of its threads does it meanwhile.
 * The function that is returned waits, and throws what fsync(2) says; `fd` stays open until then.
 */
export function fsyncAside(fd: number): () => void {
  const wait = libc().syncAside(fd);
  return wait === undefined ? () => fsyncSync(fd) : () => void checked(wait(), 'fsync');
}
