/**
 * Owner index: which addresses an owner holds, without reading every lease file.
 *
 * The index is a hint. It is valid only while the network's directory has the stamp that the index
 * recorded: after each change we set the directory's mtime to a value in the recent past that no
 * clock will produce again, and record it together with ctime. Any entry that another program adds
 * or removes changes the mtime, however coarse the clock and however soon after ours; a process
 * that is killed between its change and the new stamp leaves the old stamp in the index. In both
 * cases the index is rebuilt from the lease files. It is also valid for one boot only, because its
 * pages are not synced. Every answer is verified in the lease file.
 */
import {
  closeSync,
  fstatSync,
  futimesSync,
  renameSync,
  writeSync,
  type BigFileStats,
} from '../../sys/files.ts';
import { sameAddress, type Address } from '../../ip.ts';
import { openForUpdate, openReplacement } from './lease-file.ts';
import { DamagedIndex, readEntries, readPage, writePage } from './owner-pages.ts';
import {
  clearSlot,
  decodeHeader,
  decodeSlot,
  encodeHeader,
  encodeSlot,
  isIntact,
  isUsed,
  overflows,
  PAGE,
  pageOf,
  seal,
  setOverflow,
  SLOT,
  SLOTS,
  type Header,
  type IndexEntry,
  type Stamp,
} from './owner-table.ts';

/** The share of slots in use above which the table doubles. */
const FULL = 0.7;
const FEWEST_PAGES = 8;

export interface OwnerIndex {
  readonly header: Readonly<Header>;
  find(hash: bigint): IndexEntry[];
  add(entry: IndexEntry): void;
  /** Replaces the entry of the same owner and address. */
  update(entry: IndexEntry): void;
  /** False where there is no such entry. */
  remove(hash: bigint, address: Address): boolean;
  reclaimed(): void;
  /** Records that the index matches the directory as it is now. */
  confirm(directory: number): void;
  close(): void;
}

/** Opens the index file; undefined when there is none that can be read. */
export function openIndex(file: string): OwnerIndex | undefined {
  let fd: number;
  try {
    fd = openForUpdate(file, false);
  } catch {
    return undefined;
  }
  try {
    const header = decodeHeader(readPage(fd, 0));
    if (header && header.pages >= 1 && fstatSync(fd).size === (header.pages + 1) * PAGE) {
      return indexOn(fd, file, header);
    }
  } catch {
    // A file that is too short or not a regular file counts as missing.
  }
  closeSync(fd);
  return undefined;
}

/** Writes a new index over whatever exists. */
export function createIndex(
  file: string,
  bootId: bigint,
  entries: readonly IndexEntry[],
  earlier: number,
): OwnerIndex {
  const header: Header = {
    pages: pagesFor(entries.length),
    count4: 0,
    count6: 0,
    earlier,
    bootId,
    stamp: { dev: 0n, ino: 0n, mtimeNs: 0n, ctimeNs: 0n },
  };
  return indexOn(writeTable(file, header, entries), file, header);
}

/** True while the directory is as the index recorded it, in the same boot. */
export function isCurrent(header: Header, bootId: bigint, directory: BigFileStats): boolean {
  const { dev, ino, mtimeNs, ctimeNs } = header.stamp;
  return (
    header.bootId === bootId &&
    directory.mtimeNs === mtimeNs &&
    directory.ctimeNs === ctimeNs &&
    directory.ino === ino &&
    directory.dev === dev
  );
}

function indexOn(opened: number, file: string, header: Header): OwnerIndex {
  let fd = opened;
  /** The last page that was read, which is usually the next one to be read too. */
  let held: { readonly number: number; readonly page: DataView } | undefined;
  let isWritten = true;
  const next = (page: number): number => (page % header.pages) + 1;
  const load = (number: number): DataView => {
    if (held?.number === number) return held.page;
    flush();
    const page = readPage(fd, number);
    if (!isIntact(page)) throw new DamagedIndex(`${file}: page ${number} is damaged`);
    held = { number, page };
    return page;
  };
  /**
   * Marks the held page as changed; it is written when another page is read, or with the header.
   */
  const store = (): void => {
    isWritten = false;
  };
  const flush = (): void => {
    if (held !== undefined && !isWritten) writePage(fd, held.number, seal(held.page));
    isWritten = true;
  };
  const writeHeader = (): void => writePage(fd, 0, encodeHeader(header));

  /** Visits the slots of one owner until `visit` returns true. */
  const search = (
    hash: bigint,
    visit: (page: DataView, slot: number) => boolean | void,
  ): boolean => {
    // As numbers: making a bigint of each slot of each page takes longer than everything else.
    const [high, low] = [Number(hash >> 32n), Number(hash & 0xffffffffn)];
    let number = pageOf(hash, header.pages);
    for (let seen = 0; seen < header.pages; seen++) {
      const page = load(number);
      for (let slot = 0; slot < SLOTS; slot++) {
        const at = slot * SLOT;
        if (page.getUint32(at, true) !== low || page.getUint32(at + 4, true) !== high) continue;
        if (visit(page, slot)) return true;
      }
      if (!overflows(page)) return false;
      number = next(number);
    }
    return false;
  };
  const change = (entry: IndexEntry, put: (page: DataView, slot: number) => void): boolean =>
    search(entry.hash, (page, slot) => {
      if (!sameAddress(decodeSlot(page, slot).address, entry.address)) return false;
      put(page, slot);
      store();
      return true;
    });

  /**
   * The old table stays open until the new one is in place, so that a full disk does not lose both.
   */
  const grow = (): void => {
    flush();
    held = undefined;
    const entries = [...readEntries(file).values()];
    const bigger = { ...header, pages: pagesFor(entries.length + 1) };
    const grown = writeTable(file, bigger, entries);
    closeSync(fd);
    fd = grown;
    Object.assign(header, bigger);
  };

  const index: OwnerIndex = {
    get header() {
      return header;
    },
    find: (hash) => {
      const found: IndexEntry[] = [];
      search(hash, (page, slot) => void found.push(decodeSlot(page, slot)));
      return found;
    },
    add: (entry) => {
      if (header.count4 + header.count6 + 1 > header.pages * SLOTS * FULL) {
        grow();
      }
      insert(entry, pageOf(entry.hash, header.pages), next, load, store);
      tally(header, entry.address, 1);
    },
    update: (entry) => void change(entry, (page, slot) => encodeSlot(page, slot, entry)),
    remove: (hash, address) => {
      const entry = { hash, address, madeAt: 0, boot: 0, pid: 0 };
      const isRemoved = change(entry, clearSlot);
      if (isRemoved) tally(header, address, -1);
      return isRemoved;
    },
    reclaimed: () => {
      header.earlier = 0;
    },
    confirm: (directory) => {
      flush();
      header.stamp = stampDirectory(directory);
      writeHeader();
    },
    close: () => closeSync(fd),
  };
  return index;
}

function tally(header: Header, { family }: Address, change: number): void {
  if (family === 4) header.count4 += change;
  else header.count6 += change;
}

function insert(
  entry: IndexEntry,
  first: number,
  next: (page: number) => number,
  load: (page: number) => DataView,
  store: () => void,
): void {
  for (let number = first; ; number = next(number)) {
    const page = load(number);
    for (let slot = 0; slot < SLOTS; slot++) {
      if (isUsed(page, slot)) continue;
      encodeSlot(page, slot, entry);
      store();
      return;
    }
    if (!overflows(page)) {
      setOverflow(page);
      store();
    }
  }
}

/**
 * Stamps the directory. The mtime is one or two seconds old with random digits below the second:
 * old enough that no clock gives it to a later change, even where a file system only stores
 * seconds.
 */
function stampDirectory(directory: number): Stamp {
  const now = Date.now() / 1000;
  futimesSync(directory, now, now - 2 - Math.random());
  const { dev, ino, mtimeNs, ctimeNs } = fstatSync(directory, { bigint: true });
  return { dev, ino, mtimeNs, ctimeNs };
}

function pagesFor(entries: number): number {
  let pages = FEWEST_PAGES;
  while (entries > (pages * SLOTS * FULL) / 1.2) pages *= 2;
  return pages;
}

/** Builds a complete table in memory and puts it in place; the descriptor stays open. */
function writeTable(file: string, header: Header, entries: readonly IndexEntry[]): number {
  const bytes = new Uint8Array((header.pages + 1) * PAGE);
  const view = (number: number): DataView => new DataView(bytes.buffer, number * PAGE, PAGE);
  const next = (page: number): number => (page % header.pages) + 1;
  for (const entry of entries) {
    insert(entry, pageOf(entry.hash, header.pages), next, view, () => {});
  }
  header.count4 = 0;
  header.count6 = 0;
  for (const { address } of entries) tally(header, address, 1);
  for (let number = 1; number <= header.pages; number++) seal(view(number));
  // The header is written last, by `confirm`: until then the new table matches no directory.
  const blank = encodeHeader({ ...header, stamp: { dev: 0n, ino: 0n, mtimeNs: 0n, ctimeNs: 0n } });
  bytes.set(new Uint8Array(blank.buffer), 0);
  const replacement = `${file}.new`;
  const writing = openReplacement(replacement);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(writing, bytes, at);
  } finally {
    closeSync(writing);
  }
  renameSync(replacement, file);
  return openForUpdate(file, false);
}
