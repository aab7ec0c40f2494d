/**
 * The format of the owner index: a hash table of fixed pages, read and written a page at a time.
 *
 * Page 0 is the header. Every other page holds 21 slots of 48 bytes; an owner's slots are in the
 * page that its hash selects, or in the next one where that page is full (its overflow word is
 * set). Each page ends with a checksum, which detects any damaged bit. Numbers are little-endian;
 * the file never leaves its machine.
 *
 *     slot    0 owner hash (8)   8 address (16, IPv4 mapped)   24 made at, ms (8)   32 boot (4)
 *             36 pid (4)   40 zero (8)
 *     header  0 magic (8)   8 pages (4)   12 slots in use for IPv4 (4)   16 and for IPv6 (4)
 *             20 of an earlier boot (4)   24 boot id (16)   40 device (8)   48 inode (8)
 *             56 mtime (8)   64 ctime (8)
 */
import type { Address } from '../../ip.ts';

export const PAGE = 1024;
export const SLOT = 48;
export const SLOTS = 21;
const OVERFLOW_AT = SLOTS * SLOT;
const CHECKSUM_AT = PAGE - 4;
const MAGIC = 0x35_74_6e_77_6f_73_74_6en; // "ntsownt5"

/** One lease in the index. */
export interface IndexEntry {
  readonly hash: bigint;
  readonly address: Address;
  /** Milliseconds since 1970; zero when another program made the lease. */
  readonly madeAt: number;
  /** The first 32 bits of the boot id of the boot in which the lease was first seen. */
  readonly boot: number;
  /** The process that made the lease and went on to make its attachment; zero when unknown. */
  readonly pid: number;
}

/** The times and identity of a network's directory when the index was confirmed. */
export interface Stamp {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

export interface Header {
  pages: number;
  count4: number;
  count6: number;
  /** Slots of earlier boots that `reclaimOnBoot` has not checked yet. */
  earlier: number;
  bootId: bigint;
  stamp: Stamp;
}

export function decodeHeader(page: DataView): Header | undefined {
  if (!isIntact(page) || page.getBigUint64(0, true) !== MAGIC) return undefined;
  return {
    pages: page.getUint32(8, true),
    count4: page.getUint32(12, true),
    count6: page.getUint32(16, true),
    earlier: page.getUint32(20, true),
    bootId: (page.getBigUint64(24, true) << 64n) | page.getBigUint64(32, true),
    stamp: {
      dev: page.getBigUint64(40, true),
      ino: page.getBigUint64(48, true),
      mtimeNs: page.getBigInt64(56, true),
      ctimeNs: page.getBigInt64(64, true),
    },
  };
}

export function encodeHeader(header: Header): DataView {
  const page = new DataView(new ArrayBuffer(PAGE));
  page.setBigUint64(0, MAGIC, true);
  page.setUint32(8, header.pages, true);
  page.setUint32(12, header.count4, true);
  page.setUint32(16, header.count6, true);
  page.setUint32(20, header.earlier, true);
  page.setBigUint64(24, header.bootId >> 64n, true);
  page.setBigUint64(32, BigInt.asUintN(64, header.bootId), true);
  page.setBigUint64(40, header.stamp.dev, true);
  page.setBigUint64(48, header.stamp.ino, true);
  page.setBigInt64(56, header.stamp.mtimeNs, true);
  page.setBigInt64(64, header.stamp.ctimeNs, true);
  return seal(page);
}

/** The page of a hash. Hashes in ascending order have pages in ascending order. */
export const pageOf = (hash: bigint, pages: number): number =>
  Math.floor((topOf(hash) * pages) / 0x1_0000_0000) + 1;

/** The upper half of a hash. */
export const topOf = (hash: bigint): number => Number(hash >> 32n);

export const isUsed = (page: DataView, slot: number): boolean =>
  page.getUint32(slot * SLOT, true) !== 0 || page.getUint32(slot * SLOT + 4, true) !== 0;

export function decodeSlot(page: DataView, slot: number): IndexEntry {
  const at = slot * SLOT;
  const high = page.getBigUint64(at + 8, false);
  const low = page.getBigUint64(at + 16, false);
  const address: Address =
    high === 0n && low >> 32n === 0xffffn
      ? { family: 4, value: low & 0xffffffffn }
      : { family: 6, value: (high << 64n) | low };
  return {
    hash: page.getBigUint64(at, true),
    address,
    madeAt: page.getFloat64(at + 24, true),
    boot: page.getUint32(at + 32, true),
    pid: page.getUint32(at + 36, true),
  };
}

export function encodeSlot(page: DataView, slot: number, entry: IndexEntry): void {
  const at = slot * SLOT;
  const { family, value } = entry.address;
  const mapped = family === 4 ? (0xffffn << 32n) | value : value;
  page.setBigUint64(at, entry.hash, true);
  page.setBigUint64(at + 8, mapped >> 64n, false);
  page.setBigUint64(at + 16, BigInt.asUintN(64, mapped), false);
  page.setFloat64(at + 24, entry.madeAt, true);
  page.setUint32(at + 32, entry.boot, true);
  page.setUint32(at + 36, entry.pid, true);
}

export function clearSlot(page: DataView, slot: number): void {
  new Uint8Array(page.buffer, page.byteOffset + slot * SLOT, SLOT).fill(0);
}

/** IPv4 addresses as numbers, because a hundred thousand bigints would be slow. */
export type AddressVisitor = (family: 4 | 6, value: number | bigint) => void;

/** Visits every address of the page that begins at `start`, and returns how many there are. */
export function eachAddress(page: DataView, visit: AddressVisitor, start = 0): number {
  let used = 0;
  for (let slot = start; slot < start + SLOTS * SLOT; slot += SLOT) {
    if (page.getUint32(slot) === 0 && page.getUint32(slot + 4) === 0) continue;
    used++;
    const at = slot + 8;
    if (
      page.getUint32(at + 8) === 0xffff &&
      page.getUint32(at) === 0 &&
      page.getUint32(at + 4) === 0
    ) {
      visit(4, page.getUint32(at + 12));
    } else {
      visit(6, (page.getBigUint64(at) << 64n) | page.getBigUint64(at + 8));
    }
  }
  return used;
}

export const overflows = (page: DataView): boolean => page.getUint32(OVERFLOW_AT, true) !== 0;

export const setOverflow = (page: DataView): void => page.setUint32(OVERFLOW_AT, 1, true);

/** Writes the checksum; the page is then ready for the disk. */
export function seal(page: DataView): DataView {
  page.setUint32(CHECKSUM_AT, checksum(page), true);
  return page;
}

export const isIntact = (page: DataView): boolean =>
  page.getUint32(CHECKSUM_AT, true) === checksum(page);

/**
 * A checksum of words in host order; the file never leaves its machine. Every word is counted
 * its own odd number of times, so no changed bit and no two swapped words go unnoticed. It uses
 * only additions, because the loop runs in a process that has compiled nothing yet.
 */
function checksum(page: DataView): number {
  const words = new Uint32Array(page.buffer, page.byteOffset, CHECKSUM_AT / 4);
  // Not zero, which is the sum of a page that was never written; and far below the limit of exact
  // integers.
  let sum = 0x811c9dc5;
  let sums = 0;
  for (let at = 0; at < CHECKSUM_AT / 4; at++) {
    sum += words[at]!;
    sums += sum;
  }
  return (sum + 2 * sums) % 0x1_0000_0000;
}

const encoder = new TextEncoder();

/**
 * 64 bits of an owner key. If two owners have the same hash, both lease files are read; nothing
 * else happens.
 */
export function hashOf(key: string): bigint {
  const bytes = encoder.encode(key.padEnd(Math.ceil(key.length / 4) * 4, '\0'));
  // In host order, like the checksum. Text that is not ASCII may have up to three more bytes, which
  // are in no complete word.
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul((b ^ word) + 0x7feb352d, 0x846ca68b);
    b ^= b >>> 13;
  }
  const hash = (BigInt(mix(a)) << 32n) | BigInt(mix(b ^ key.length));
  // Zero marks a free slot.
  return hash === 0n ? 1n : hash;
}

function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
