/** Archives that have the same bytes whenever and wherever they are made. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/**
 * The files of a folder as an uncompressed tar archive, in the order of their names, owned by root;
 * hard links stay hard links.
 */
export function tar(folder: string, epoch: number, names: readonly string[] = ['.']): Buffer {
  const args = ['--create', '--format=gnu', '--sort=name', `--mtime=@${epoch}`];
  args.push('--owner=0', '--group=0', '--numeric-owner', '--mode=u+w,go-w', '-C', folder, ...names);
  const { status, stdout, stderr, error } = spawnSync('tar', args, { maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`tar ${folder}: ${error?.message ?? stderr.toString()}`);
  return stdout;
}

/** zlib writes neither a name nor a time. */
export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes, { level: 9 });

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** The lines of a `SHA256SUMS` file, for `sha256sum --check`. */
export function writeSums(folder: string, names: readonly string[]): void {
  const lines = names.map((name) => `${sha256(readFileSync(`${folder}/${name}`))}  ${name}\n`);
  writeFileSync(`${folder}/SHA256SUMS`, lines.join(''));
}
