/** Reading and writing the pages of the owner index. */
import { closeSync, fstatSync, readSync, writeSync } from '../../sys/files.ts';
import { formatAddress } from '../../ip.ts';
import { openForUpdate } from './lease-file.ts';
import {
  decodeSlot,
  eachAddress,
  isIntact,
  isUsed,
  PAGE,
  SLOTS,
  type AddressVisitor,
  type IndexEntry,
} from './owner-table.ts';

/** A page with other content than was written: the index must be rebuilt. */
export class DamagedIndex extends Error {}

/** All entries of intact pages by address text, including entries that are no longer true. */
export function readEntries(file: string): Map<string, IndexEntry> {
  const entries = new Map<string, IndexEntry>();
  for (const page of readPages(file)) {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (!isUsed(page, slot)) continue;
      const entry = decodeSlot(page, slot);
      entries.set(formatAddress(entry.address), entry);
    }
  }
  return entries;
}

/** The intact pages of the table. */
export function* readPages(file: string): Generator<DataView> {
  let fd: number;
  try {
    fd = openForUpdate(file, false);
  } catch {
    return;
  }
  try {
    const size = fstatSync(fd).size;
    const bytes = new Uint8Array(size);
    const length = readSync(fd, bytes, 0, size, 0);
    for (let at = PAGE; at + PAGE <= length; at += PAGE) {
      const page = new DataView(bytes.buffer, at, PAGE);
      if (isIntact(page)) yield page;
    }
  } catch {
    return;
  } finally {
    closeSync(fd);
  }
}

/** Pages read at a time: the buffer fits into the processor's cache. */
const CHUNK = 256;

/**
 * Visits every address without verifying checksums, which takes longer than everything else for a
 * hundred thousand leases. Returns false when the number of slots in use is not `expected`: the
 * index is damaged, and the visited addresses must be ignored.
 */
export function visitAddresses(file: string, expected: number, visit: AddressVisitor): boolean {
  let fd: number;
  try {
    fd = openForUpdate(file, false);
  } catch {
    return false;
  }
  const bytes = new Uint8Array(CHUNK * PAGE);
  const view = new DataView(bytes.buffer);
  let found = 0;
  try {
    for (let at = PAGE; ; at += bytes.length) {
      const length = readSync(fd, bytes, 0, bytes.length, at);
      for (let page = 0; page + PAGE <= length; page += PAGE)
        found += eachAddress(view, visit, page);
      if (length < bytes.length) return found === expected;
    }
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}

export function readPage(fd: number, number: number): DataView {
  const bytes = new Uint8Array(PAGE);
  if (readSync(fd, bytes, 0, PAGE, number * PAGE) !== PAGE) {
    throw new DamagedIndex(`page ${number} is cut off`);
  }
  return new DataView(bytes.buffer);
}

export function writePage(fd: number, number: number, page: DataView): void {
  const bytes = new Uint8Array(page.buffer, page.byteOffset, PAGE);
  writeSync(fd, bytes, 0, PAGE, number * PAGE);
}
