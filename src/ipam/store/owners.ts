/**
 * The owner index `owners`: which addresses an owner holds, without reading every lease.
 *
 * It is an array with a slot for each lease, in three areas: a header, the owners as 32-bit hashes,
 * and the leases. The slots are divided into sixteen parts, and the hash selects the part of an
 * owner; a look-up reads the hashes of one part, and lets the engine search them. A free slot has
 * the hash zero. Where a part is full, the file doubles. Two owners may have the same hash, so
 * every answer is verified in the lease file. Numbers are in the host's order, because the file
 * never leaves its machine.
 *
 *     header   0 magic (4)   4 slots (4)   8 leases for IPv4 (4)   12 and for IPv6 (4)
 *              16 of an earlier boot, not checked yet (4)   20 zero (4)   24 boot id (16)
 *              40 device (8)   48 inode (8)   56 mtime (8)   64 ctime (8)   72 looked at (8)
 *     lease    0 address, its lowest word first (16)   16 family (4)   20 boot (4)
 *              24 made at, in milliseconds (8)
 *
 * The index is a hint. It is valid only while the network's directory has the stamp that the header
 * records: after each change we set the directory's mtime to a value in the recent past that no
 * clock will produce again, and record it together with ctime. Any entry that another program adds
 * or removes changes the mtime, however coarse the clock and however soon after ours; a process
 * that is killed between its change and the new stamp leaves the old stamp in the index. It is also
 * valid for one boot only, because it is not synced.
 */
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
  type BigFileStats,
} from '../../sys/files.ts';
import { sameAddress, type Address } from '../../ip.ts';
import { bootTag } from './boot.ts';
import { removeFile } from './lease-file.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

const MAGIC = 0x376e776f; // "own7"
const HEADER = 80;
const HASH = 4;
const LEASE = 32;
const LEASE_WORDS = LEASE / 4;
const PARTS = 16;
const FEWEST = 512;
/** Bytes read when the index is opened: header and hashes of the smallest index. */
const BEGINNING = HEADER + FEWEST * HASH;

/** Positions in the header: of words, and of pairs of words. */
const SLOTS = 1;
const IPV4 = 2;
const IPV6 = 3;
const EARLIER = 4;
const BOOT = 3;
const STAMP = 5;
const LOOKED = 9;

/** One lease in the index. */
export interface IndexEntry {
  readonly hash: number;
  readonly address: Address;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  /** The first 32 bits of the boot id of the boot in which the lease was first seen. */
  readonly boot: number;
}

/** IPv4 addresses as numbers, because a hundred thousand bigints would be slow. */
export type AddressVisitor = (family: 4 | 6, value: number | bigint) => void;

export interface OwnerIndex {
  /** The number of leases of each family. */
  readonly count4: number;
  readonly count6: number;
  /** How many leases of earlier boots `reclaimOnBoot` has not looked at yet. */
  earlier: number;
  /** When the lease files were last looked at, in milliseconds since 1970. */
  lookedAt: number;
  /** True while the directory is as the index recorded it, in the same boot. */
  isCurrent(bootId: bigint, directory: BigFileStats): boolean;
  find(hash: number): IndexEntry[];
  add(entry: IndexEntry): void;
  /** Replaces the entry of the same owner and address; false where there is none. */
  update(entry: IndexEntry): boolean;
  remove(hash: number, address: Address): boolean;
  entries(): IndexEntry[];
  /** Whether all leases are of this boot. */
  isAllOf(boot: number): boolean;
  /** Visits all addresses, quickly; false if they are not as many as the header says. */
  eachAddress(visit: AddressVisitor): boolean;
  /** Stamps the directory, and records that the index matches it as it is now. */
  confirm(directory: number): void;
  close(): void;
}

export const indexFileOf = (state: string): string => `${state}/owners`;

/** Opens the index file; undefined when there is none that can be read. */
export function openIndex(file: string): OwnerIndex | undefined {
  let fd: number;
  try {
    fd = openSync(file, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const bytes = new Uint8Array(BEGINNING);
    const length = readSync(fd, bytes, 0, BEGINNING, 0);
    const words = new Uint32Array(bytes.buffer);
    const slots = words[SLOTS]!;
    const isWhole =
      length === BEGINNING &&
      words[0] === MAGIC &&
      slots >= FEWEST &&
      slots % FEWEST === 0 &&
      fstatSync(fd).size === HEADER + slots * (HASH + LEASE);
    if (isWhole) return indexOn(fd, file, bytes);
  } catch {
    // An index that cannot be read counts as missing.
  }
  closeSync(fd);
  return undefined;
}

/** Writes a new index over whatever exists. It is not valid before it is confirmed. */
export function createIndex(
  file: string,
  bootId: bigint,
  entries: readonly IndexEntry[],
): OwnerIndex {
  let slots = FEWEST;
  while (slots < entries.length * 1.25) slots *= 2;
  let bytes: Uint8Array | undefined;
  while ((bytes = table(slots, entries)) === undefined) slots *= 2;
  const header = new Uint32Array(bytes.buffer, 0, HEADER / 4);
  const wide = new BigUint64Array(bytes.buffer, 0, HEADER / 8);
  const boot = bootTag(bootId);
  header[0] = MAGIC;
  header[SLOTS] = slots;
  wide[BOOT] = bootId >> 64n;
  wide[BOOT + 1] = BigInt.asUintN(64, bootId);
  for (const entry of entries) {
    header[entry.address.family === 4 ? IPV4 : IPV6]!++;
    if (entry.boot !== boot) header[EARLIER]!++;
  }
  return indexOn(written(file, bytes), file, bytes.slice(0, BEGINNING));
}

/** The bytes of an index with these entries, but for the header; undefined if a part is full. */
function table(slots: number, entries: readonly IndexEntry[]): Uint8Array | undefined {
  const bytes = new Uint8Array(HEADER + slots * (HASH + LEASE));
  const hashes = new Uint32Array(bytes.buffer, HEADER, slots);
  const leases = new Uint8Array(bytes.buffer, HEADER + slots * HASH);
  const size = slots / PARTS;
  const used = new Uint32Array(PARTS);
  for (const entry of entries) {
    const part = entry.hash % PARTS;
    if (used[part] === size) return undefined;
    const slot = part * size + used[part]!++;
    hashes[slot] = entry.hash;
    leases.set(encoded(entry), slot * LEASE);
  }
  return bytes;
}

/** Puts a new file in place, so that a full disk does not lose the old one; it stays open. */
function written(file: string, bytes: Uint8Array): number {
  const temporary = `${file}.new`;
  removeFile(temporary);
  const fd = openSync(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    renameSync(temporary, file);
    return fd;
  } catch (error) {
    closeSync(fd);
    // On a full disk it would take the room that a lease needs.
    removeFile(temporary);
    throw error;
  }
}

function indexOn(opened: number, file: string, beginning: Uint8Array): OwnerIndex {
  let fd = opened;
  const header = new Uint32Array(beginning.slice(0, HEADER).buffer);
  const wide = new BigUint64Array(header.buffer);
  const times = new Float64Array(header.buffer);
  const parts = new Map<number, Uint32Array>();

  const hashAt = (slot: number): number => HEADER + slot * HASH;
  const leaseAt = (slot: number): number => hashAt(header[SLOTS]!) + slot * LEASE;
  const firstOf = (hash: number): number => (hash % PARTS) * (header[SLOTS]! / PARTS);

  function read(at: number, length: number): Uint32Array {
    const bytes = new Uint8Array(length);
    readSync(fd, bytes, 0, length, at);
    return new Uint32Array(bytes.buffer);
  }

  /** The hashes in the part that `hash` selects. */
  function partOf(hash: number): Uint32Array {
    const first = firstOf(hash);
    let part = parts.get(first);
    if (part === undefined) {
      const size = header[SLOTS]! / PARTS;
      part =
        header[SLOTS] === FEWEST
          ? new Uint32Array(beginning.buffer, beginning.byteOffset + hashAt(first), size)
          : read(hashAt(first), size * HASH);
      parts.set(first, part);
    }
    return part;
  }

  const hashes = (): Uint32Array => read(hashAt(0), header[SLOTS]! * HASH);
  const leases = (): Uint32Array => read(leaseAt(0), header[SLOTS]! * LEASE);
  const entryAt = (slot: number, hash: number): IndexEntry =>
    decoded(hash, read(leaseAt(slot), LEASE), 0);

  /** Visits the slots of an owner until `visit` returns true. */
  function search(hash: number, visit: (slot: number, entry: IndexEntry) => boolean): boolean {
    const first = firstOf(hash);
    const part = partOf(hash);
    for (let at = part.indexOf(hash); at >= 0; at = part.indexOf(hash, at + 1)) {
      if (visit(first + at, entryAt(first + at, hash))) return true;
    }
    return false;
  }

  function change(hash: number, address: Address, make: (slot: number) => void): boolean {
    return search(hash, (slot, entry) => {
      if (!sameAddress(entry.address, address)) return false;
      make(slot);
      return true;
    });
  }

  function writeHash(slot: number, selector: number, hash: number): void {
    partOf(selector)[slot - firstOf(selector)] = hash;
    writeSync(fd, new Uint8Array(Uint32Array.of(hash).buffer), 0, HASH, hashAt(slot));
  }

  function entries(): IndexEntry[] {
    const found: IndexEntry[] = [];
    const all = hashes();
    const words = leases();
    for (let slot = 0; slot < all.length; slot++) {
      if (all[slot] !== 0) found.push(decoded(all[slot]!, words, slot * LEASE_WORDS));
    }
    return found;
  }

  /** Doubles each part. */
  function grow(): void {
    const slots = header[SLOTS]!;
    const size = slots / PARTS;
    const grown = new Uint8Array(HEADER + 2 * slots * (HASH + LEASE));
    const words = new Uint32Array(grown.buffer);
    const [all, known] = [hashes(), leases()];
    const newHashes = HEADER / 4;
    const newLeases = newHashes + 2 * slots;
    header[SLOTS] = 2 * slots;
    words.set(header);
    for (let at = 0; at < slots; at += size) {
      words.set(all.subarray(at, at + size), newHashes + 2 * at);
      const from = at * LEASE_WORDS;
      words.set(known.subarray(from, from + size * LEASE_WORDS), newLeases + 2 * from);
    }
    try {
      const replaced = fd;
      fd = written(file, grown);
      closeSync(replaced);
      parts.clear();
    } catch (error) {
      header[SLOTS] = slots;
      throw error;
    }
  }

  return {
    get count4() {
      return header[IPV4]!;
    },
    get count6() {
      return header[IPV6]!;
    },
    get earlier() {
      return header[EARLIER]!;
    },
    set earlier(value) {
      header[EARLIER] = value;
    },
    get lookedAt() {
      return times[LOOKED]!;
    },
    set lookedAt(value) {
      times[LOOKED] = value;
    },
    isCurrent: (bootId, { dev, ino, mtimeNs, ctimeNs }) =>
      wide[STAMP + 2] === BigInt.asUintN(64, mtimeNs) &&
      wide[STAMP + 3] === BigInt.asUintN(64, ctimeNs) &&
      wide[STAMP] === dev &&
      wide[STAMP + 1] === ino &&
      wide[BOOT] === bootId >> 64n &&
      wide[BOOT + 1] === BigInt.asUintN(64, bootId),
    find: (hash) => {
      const found: IndexEntry[] = [];
      search(hash, (_, entry) => found.push(entry) < 0);
      return found;
    },
    add: (entry) => {
      const { hash, address } = entry;
      let at = partOf(hash).indexOf(0);
      while (at < 0) {
        grow();
        at = partOf(hash).indexOf(0);
      }
      const slot = firstOf(hash) + at;
      writeSync(fd, encoded(entry), 0, LEASE, leaseAt(slot));
      writeHash(slot, hash, hash);
      header[address.family === 4 ? IPV4 : IPV6]!++;
    },
    update: (entry) =>
      change(entry.hash, entry.address, (slot) => {
        writeSync(fd, encoded(entry), 0, LEASE, leaseAt(slot));
      }),
    remove: (hash, address) =>
      change(hash, address, (slot) => {
        writeHash(slot, hash, 0);
        header[address.family === 4 ? IPV4 : IPV6]!--;
      }),
    entries,
    eachAddress: (visit) => {
      const all = hashes();
      const words = leases();
      let count = 0;
      for (let slot = 0, at = 0; at < words.length; slot++, at += LEASE_WORDS) {
        if (all[slot] === 0) continue;
        count++;
        if (words[at + 4] === 4) visit(4, words[at]!);
        else visit(6, valueOf(words, at));
      }
      return count === header[IPV4]! + header[IPV6]!;
    },
    isAllOf: (boot) => {
      const all = hashes();
      const words = leases();
      for (let slot = 0, at = 5; at < words.length; slot++, at += LEASE_WORDS) {
        if (words[at] !== boot && all[slot] !== 0) return false;
      }
      return true;
    },
    confirm: (directory) => {
      // One or two seconds old with random digits below the second: old enough that no clock gives
      // it to a later change, even where a file system only stores seconds.
      const now = Date.now() / 1000;
      futimesSync(directory, now, now - 2 - Math.random());
      const { dev, ino, mtimeNs, ctimeNs } = fstatSync(directory, { bigint: true });
      wide[STAMP] = dev;
      wide[STAMP + 1] = ino;
      wide[STAMP + 2] = mtimeNs;
      wide[STAMP + 3] = ctimeNs;
      writeSync(fd, new Uint8Array(header.buffer), 0, HEADER, 0);
    },
    close: () => closeSync(fd),
  };
}

function encoded({ address: { family, value }, boot, madeAt }: IndexEntry): Uint8Array {
  const words = new Uint32Array(LEASE_WORDS);
  if (family === 4) words[0] = Number(value);
  else for (let at = 0; at < 4; at++) words[at] = Number((value >> BigInt(32 * at)) & 0xffffffffn);
  words[4] = family;
  words[5] = boot;
  new Float64Array(words.buffer)[3] = madeAt;
  return new Uint8Array(words.buffer);
}

function decoded(hash: number, words: Uint32Array, at: number): IndexEntry {
  const family = words[at + 4] === 4 ? 4 : 6;
  const value = family === 4 ? BigInt(words[at]!) : valueOf(words, at);
  const madeAt = new Float64Array(words.buffer)[(at + 6) / 2]!;
  return { hash, address: { family, value }, boot: words[at + 5]!, madeAt };
}

const valueOf = (words: Uint32Array, at: number): bigint =>
  (BigInt(words[at + 3]!) << 96n) |
  (BigInt(words[at + 2]!) << 64n) |
  (BigInt(words[at + 1]!) << 32n) |
  BigInt(words[at]!);
