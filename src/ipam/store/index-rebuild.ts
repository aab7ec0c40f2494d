/**
 * Opening an owner index that matches the current directory: the one on disk, or a new one built
 * from the lease files.
 *
 * A rebuild reads every lease, so it also heals: a file without any content is removed. What the
 * old index had about a lease that is still the same is kept. The caller holds the lock, so no
 * lease is partly written.
 */
import { fstatSync, lstatSync } from '../../sys/files.ts';
import type { Address } from '../../ip.ts';
import { bootTag } from './boot.ts';
import { leasesIn, type LeaseDirectory } from './lease-directory.ts';
import { readLease, removeFile } from './lease-file.ts';
import { createIndex, isCurrent, openIndex, type OwnerIndex } from './owner-index.ts';
import { readEntries } from './owner-pages.ts';
import { hashOf, type IndexEntry } from './owner-table.ts';

/** How far the mtime of a lease file may differ from the time in the index, in milliseconds. */
const TIME_SPAN = 10_000;

type Report = (line: string) => void;

export const indexFileOf = (state: string): string => `${state}/owners`;

/** Undefined where no index can be kept; the caller then reads the lease files. */
export function currentIndex(
  directory: LeaseDirectory,
  bootId: bigint,
  report: Report,
): OwnerIndex | undefined {
  if (!directory.state) return undefined;
  const opened = openIndex(indexFileOf(directory.state));
  const stats = fstatSync(directory.fd, { bigint: true });
  if (opened && isCurrent(opened.header, bootId, stats)) return opened;
  opened?.close();
  return rebuildIndex(directory, bootId, report);
}

export function rebuildIndex(
  { path, state, fd }: LeaseDirectory,
  bootId: bigint,
  report: Report,
): OwnerIndex | undefined {
  if (!state) return undefined;
  const file = indexFileOf(state);
  const boot = bootTag(bootId);
  const known = readEntries(file);
  const entries: IndexEntry[] = [];
  for (const { name, address } of leasesIn(path)) {
    const content = readLease(path, name);
    if (!content || 'strange' in content) continue;
    if ('torn' in content) heal(path, name, report);
    else {
      const hash = hashOf(content.key);
      entries.push(recognise(`${path}/${name}`, address, hash, boot, known.get(name)));
    }
  }
  const earlier = entries.filter((entry) => entry.boot !== boot).length;
  try {
    const created = createIndex(file, bootId, entries, earlier);
    created.confirm(fd);
    return created;
  } catch (error) {
    report(`owner index not written: ${(error as Error).message}`);
    return undefined;
  }
}

/** Removes an empty lease file; false when that fails. */
export function heal(path: string, name: string, report: Report): boolean {
  try {
    removeFile(`${path}/${name}`);
  } catch (error) {
    report(`${path}/${name} is empty and stays: ${(error as Error).message}`);
    return false;
  }
  report(`removed ${path}/${name}: empty, left by a crash`);
  return true;
}

function recognise(
  file: string,
  address: Address,
  hash: bigint,
  boot: number,
  before: IndexEntry | undefined,
): IndexEntry {
  if (before?.hash === hash && before.boot === boot && before.pid === 0) return before;
  const madeAt = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isFrom = (time: number): boolean => Math.abs(madeAt - time) < TIME_SPAN;
  // The same owner may have got the same address again, from the reference, after a crash or a
  // reboot.
  if (before?.hash === hash && isFrom(before.madeAt)) return before;
  return { hash, address, madeAt, boot, pid: 0 };
}
