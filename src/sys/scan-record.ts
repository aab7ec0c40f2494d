/** The record of one file that `scanFiles` found, src/host/scan.h. */

/** Offsets in a record, which ends with the name and the content. */
export const FOUND = {
  length: 0,
  nameLength: 4,
  textLength: 6,
  mode: 8,
  /** Why it was not read, an errno: EINVAL if it is not regular, EFBIG if it is long. */
  error: 12,
  hash: 16,
  /** Whether the name is an IPv4 address, and the address as a number. */
  isIpv4: 20,
  ipv4: 24,
  /** The ctime, and the mtime, in milliseconds. */
  changed: 32,
  modified: 40,
  name: 48,
} as const;

/** A file of this length or longer is not small, and is not read. */
export const SHORT = 4096;

/**
 * Calls `visit` with a record for each file in the directory `path` whose name consists of
 * `characters` and does not begin with a dot, and whose ctime is `since` or later (milliseconds).
 * The bytes are valid until `visit` returns.
 *
 * @throws like `node:fs` when the directory cannot be read
 */
export type ScanFiles = (
  path: string,
  since: number,
  characters: string,
  visit: (record: DataView, at: number) => void,
) => void;

/**
 * Removes the files of the directory `path` that still match their records, and sets `error` in
 * each record: zero, why it was not removed, or ESTALE if it has changed since. Returns how many
 * were removed.
 *
 * @throws like `node:fs` when the directory cannot be opened
 */
export type RemoveUnchanged = (path: string, records: Uint8Array) => number;

/**
 * FNV-1a of the UTF-8 bytes of a text: the hash in the record of a file with this content, whose
 * NUL bytes and surrounding white space do not count. Zero only for the empty text.
 */
export function hashOf(text: string): number {
  const bytes = new TextEncoder().encode(text);
  const { length } = bytes;
  let hash = 0x811c9dc5;
  for (let at = 0; at < length; at++) {
    hash ^= bytes[at]!;
    // Times 0x01000193. In the executables, `Math.imul` takes as long as all the rest.
    hash = ((hash << 24) + hash * 0x193) | 0;
  }
  return length === 0 ? 0 : hash >>> 0 || 1;
}
