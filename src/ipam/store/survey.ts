/**
 * Reading the lease files of a network, all of them or those that were changed, and with them an
 * owner index that matches the directory.
 */
import { fstatSync, type BigFileStats } from '../../sys/files.ts';
import { FOUND, hashOf, scanFiles } from '../../sys/scan.ts';
import { formatAddress, parseAddress, sameAddress, type Address } from '../../ip.ts';
import { bootTag, currentBootId } from './boot.ts';
import { storeError } from '../policy/errors.ts';
import type { LeaseDirectory } from './lease-directory.ts';
import {
  contentOf,
  decodeText,
  readLease,
  removeFile,
  UNFINISHED,
  type LeaseContent,
} from './lease-file.ts';
import { createIndex, indexFileOf, openIndex, type IndexEntry, type OwnerIndex } from './owners.ts';

/**
 * No time stamp of the directory shows that a file in it was overwritten in place, so that the
 * index knows another owner of it. Up to this number of leases, each call looks at the ctime of
 * each file, which takes half a microsecond; for more, that would be a large part of an ADD.
 */
const FEW = 256;

/** How far the mtime of a lease file may differ from the time in the index, in milliseconds. */
const TIME_SPAN = 10_000;

/** All characters of addresses. */
const CHARACTERS = '0123456789abcdef:.';

/** S_IFREG */
const REGULAR = 0o100000;

type Report = (line: string) => void;

/** A file with the name of a lease. */
export interface FoundLease {
  readonly name: string;
  readonly address: Address;
  readonly content: LeaseContent;
  /** `hashOf` its owner; zero where there is none. */
  readonly hash: number;
  /** Whether its attachment was still being made when the file's mode was last set. */
  readonly isUnfinished: boolean;
  /** The ctime and the mtime, in milliseconds. */
  readonly changedAt: number;
  readonly modifiedAt: number;
}

/** All leases in the directory `path`, in the order of the directory. */
export function eachLease(path: string, visit: (lease: FoundLease) => void): void {
  scan(path, 0, (record, at) => {
    const lease = leaseIn(record, at, path);
    if (lease !== undefined) visit(lease);
  });
}

function leaseIn(record: DataView, at: number, path: string): FoundLease | undefined {
  const address = addressIn(record, at);
  const content = address && contentIn(record, at, path);
  if (!content) return undefined;
  return {
    name: nameIn(record, at),
    address,
    content,
    hash: hashIn(record, at, path),
    isUnfinished: modeIn(record, at) === UNFINISHED,
    changedAt: record.getFloat64(at + FOUND.changed, true),
    modifiedAt: record.getFloat64(at + FOUND.modified, true),
  };
}

/** The mode of a regular file. */
const modeIn = (record: DataView, at: number): number =>
  record.getUint32(at + FOUND.mode, true) - REGULAR;

/** Bytes of records: some five hundred leases of containers. */
const BATCH = 64 * 1024;

/** Records of lease files, one after the other. */
export interface Batch {
  readonly bytes: Uint8Array;
  length: number;
  count: number;
}

/**
 * Divides the leases in the directory `path`: those whose owner has none of the `hashes`, and which
 * are complete and older than `before`, are added to `batches` as they are, and `visit` gets the
 * others. For most leases GC does nothing else, so its time is that of this function.
 */
export function divideLeases(
  path: string,
  hashes: ReadonlySet<number>,
  before: number,
  batches: Batch[],
  visit: (lease: FoundLease) => void,
): void {
  let batch: Batch | undefined;
  scan(path, 0, (record, at) => {
    const length = record.getUint32(at + FOUND.length, true);
    const hash = isPlain(record, at, before) && length <= BATCH ? hashIn(record, at, path) : 0;
    if (hash === 0 || hashes.has(hash)) {
      const lease = leaseIn(record, at, path);
      if (lease !== undefined) visit(lease);
      return;
    }
    if (batch === undefined || batch.length + length > BATCH) {
      batches.push((batch = { bytes: new Uint8Array(BATCH), length: 0, count: 0 }));
    }
    batch.bytes.set(new Uint8Array(record.buffer, at, length), batch.length);
    batch.length += length;
    batch.count++;
  });
}

/** Whether it is a complete lease for an IPv4 address, made and changed earlier. */
const isPlain = (record: DataView, at: number, before: number): boolean =>
  record.getUint32(at + FOUND.isIpv4, true) !== 0 &&
  record.getInt32(at + FOUND.error, true) === 0 &&
  modeIn(record, at) !== UNFINISHED &&
  record.getFloat64(at + FOUND.changed, true) < before &&
  record.getFloat64(at + FOUND.modified, true) < before;

/** Visits the leases of a batch, with the errno of `removeUnchanged`. */
export function eachInBatch(
  { bytes, length }: Batch,
  visit: (record: DataView, at: number, errno: number) => void,
): void {
  const record = new DataView(bytes.buffer);
  for (let at = 0; at < length; at += record.getUint32(at + FOUND.length, true)) {
    visit(record, at, record.getInt32(at + FOUND.error, true));
  }
}

/** The name of a lease file in a batch, and its owner. */
export function leaseInBatch(record: DataView, at: number): { name: string; key: string } {
  const nameLength = record.getUint16(at + FOUND.nameLength, true);
  const length = nameLength + record.getUint16(at + FOUND.textLength, true);
  // Name and owner are side by side: decoding twice takes longer than dividing the text.
  const both = decodeText(new Uint8Array(record.buffer, at + FOUND.name, length));
  const content = contentOf(both.slice(nameLength));
  return { name: both.slice(0, nameLength), key: 'key' in content ? content.key : '' };
}

function scan(path: string, since: number, visit: (record: DataView, at: number) => void): void {
  try {
    scanFiles(path, since, CHARACTERS, visit);
  } catch (error) {
    throw storeError('open', path, error);
  }
}

export function addressIn(record: DataView, at: number): Address | undefined {
  if (record.getUint32(at + FOUND.isIpv4, true) !== 0) {
    return { family: 4, value: BigInt(record.getUint32(at + FOUND.ipv4, true)) };
  }
  const name = nameIn(record, at);
  const address = name.includes(':') ? parseAddress(name) : undefined;
  return address !== undefined && formatAddress(address) === name ? address : undefined;
}

function nameIn(record: DataView, at: number): string {
  const length = record.getUint16(at + FOUND.nameLength, true);
  return decodeText(new Uint8Array(record.buffer, at + FOUND.name, length));
}

function contentIn(record: DataView, at: number, path: string): LeaseContent | undefined {
  if (record.getInt32(at + FOUND.error, true) !== 0) return readLease(path, nameIn(record, at));
  const start = at + FOUND.name + record.getUint16(at + FOUND.nameLength, true);
  const length = record.getUint16(at + FOUND.textLength, true);
  return contentOf(decodeText(new Uint8Array(record.buffer, start, length)));
}

/**
 * The hash of the owner in a lease; zero where there is none. The record has it, unless there may
 * be white space outside ASCII around the owner.
 */
function hashIn(record: DataView, at: number, path: string): number {
  const hash = record.getUint32(at + FOUND.hash, true);
  if (hash !== 0) {
    const start = at + FOUND.name + record.getUint16(at + FOUND.nameLength, true);
    const end = start + record.getUint16(at + FOUND.textLength, true) - 1;
    if (record.getUint8(start) < 0x80 && record.getUint8(end) < 0x80) return hash;
  } else if (record.getInt32(at + FOUND.error, true) === 0) return 0;
  const content = contentIn(record, at, path);
  return content && 'key' in content ? hashOf(content.key) : 0;
}

/**
 * The index on the disk if it matches the directory, or else a new one. Undefined where none can be
 * kept, or none is made; the caller then reads the lease files. The caller holds the lock, so no
 * lease is partly written.
 */
export function currentIndex(
  directory: LeaseDirectory,
  report: Report,
  mayRebuild: boolean,
): OwnerIndex | undefined {
  if (!directory.state) return undefined;
  const index = openIndex(indexFileOf(directory.state));
  const stats = fstatSync(directory.fd, { bigint: true });
  if (index?.isCurrent(currentBootId(), stats) && knowsChanges(index, directory.path, stats)) {
    return index;
  }
  index?.close();
  return mayRebuild ? rebuiltIndex(directory, report) : undefined;
}

/**
 * When the directory was changed last: no later change of a file has an earlier time. Our own clock
 * would not do, because that of file systems may be far behind on a busy machine.
 */
const lastChange = ({ ctimeNs }: BigFileStats): number => Number(ctimeNs / 1_000_000n) - 1;

/** Whether the index has the leases that were changed since the last look, if there are few. */
function knowsChanges(index: OwnerIndex, path: string, stats: BigFileStats): boolean {
  const count = index.count4 + index.count6;
  if (count > FEW) return true;
  // A clock that was set back gives new changes old times.
  const since = index.lookedAt > Date.now() ? 0 : index.lookedAt;
  index.lookedAt = lastChange(stats);
  if (count === 0) return true;
  let isTrue = true;
  scan(path, since, (record, at) => {
    if (!isTrue) return;
    const address = addressIn(record, at);
    if (address === undefined) return;
    const hash = hashIn(record, at, path);
    isTrue = hash !== 0 && index.find(hash).some((entry) => sameAddress(entry.address, address));
  });
  return isTrue;
}

/**
 * A new index from all lease files. Files without any content are removed. What the old index knew
 * about an unchanged lease is kept.
 */
export function rebuiltIndex(
  { path, state, fd }: LeaseDirectory,
  report: Report,
): OwnerIndex | undefined {
  if (!state) return undefined;
  const file = indexFileOf(state);
  const lookedAt = lastChange(fstatSync(fd, { bigint: true }));
  const bootId = currentBootId();
  const boot = bootTag(bootId);
  const earlier = earlierEntries(file, boot);
  const entries: IndexEntry[] = [];
  scan(path, 0, (record, at) => {
    const address = addressIn(record, at);
    if (address === undefined) return;
    const hash = hashIn(record, at, path);
    if (hash !== 0) {
      const madeAt = record.getFloat64(at + FOUND.modified, true);
      const before = earlier?.get(formatAddress(address));
      const isSame = before?.hash === hash && Math.abs(madeAt - before.madeAt) < TIME_SPAN;
      entries.push({ hash, address, madeAt, boot: isSame ? before.boot : boot });
      return;
    }
    const content = contentIn(record, at, path);
    if (content && 'torn' in content) heal(path, nameIn(record, at), report);
  });
  try {
    const index = createIndex(file, bootId, entries);
    index.lookedAt = lookedAt;
    index.confirm(fd);
    return index;
  } catch (error) {
    report(`owner index not written: ${(error as Error).message}`);
    return undefined;
  }
}

/**
 * The entries by address where there are leases of another boot. The same owner may have got the
 * same address again since then, from the reference: the time shows that.
 */
function earlierEntries(file: string, boot: number): Map<string, IndexEntry> | undefined {
  const index = openIndex(file);
  try {
    if (index === undefined || index.isAllOf(boot)) return undefined;
    return new Map(index.entries().map((entry) => [formatAddress(entry.address), entry]));
  } catch {
    return undefined;
  } finally {
    index?.close();
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
