/** How keys of a configuration are compared, and what there is to say of one that nobody reads. */
import { cut, excerpt } from './json-text.ts';
import type { JsonNode, JsonObject } from './json-text.ts';

/**
 * A key that no schema names. It is put into words only when somebody reads them, and only as long
 * as a message may be.
 */
export interface UnknownKey {
  readonly path: string;
  /** As it stands in the document, without the path to it. */
  readonly written: string;
  readonly value: JsonNode;
  /** What could stand there. */
  readonly known: readonly string[];
}

/** Unicode's simple case folding, as far as letters of declared keys can be its target. */
export function fold(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's');
}

/**
 * Whether two spellings mean one key. No letter of a declared key folds to a text of another
 * length.
 */
export function isSameKey(a: string, b: string): boolean {
  return a === b || (a.length === b.length && fold(a) === fold(b));
}

/** The keys of an object that are none of `known`; for readers that decode it themselves. */
export function unknownKeys(
  node: JsonObject,
  known: readonly string[],
  path: string,
): UnknownKey[] {
  const unknown: UnknownKey[] = [];
  for (const [written, value] of node.members) {
    if (written.includes('/') || known.some((key) => isSameKey(key, written))) continue;
    unknown.push({ path: `${path}.${written}`, written, value, known });
  }
  return unknown;
}

/**
 * The known key that is spelled most like one that nobody knows; undefined where none is like it.
 */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(written.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const key of known) {
    // So many letters have to come or go at least.
    if (Math.abs(written.length - key.length) >= least) continue;
    const distance = editDistance(fold(written), fold(key));
    if (distance >= least) continue;
    least = distance;
    best = key;
  }
  return best;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
 */
function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, previous[j - 2]! + 1);
      }
      next.push(cost);
    }
    previous = row;
    row = next;
  }
  return row[b.length]!;
}

/** The sentence that warns about a key nobody reads. */
export function describeUnknownKey({ path, written, value, known }: UnknownKey): string {
  const like = nearest(written, known);
  const hint = like === undefined ? '' : `; did you mean ${JSON.stringify(like)}?`;
  const where = JSON.stringify(cut(path, 128));
  return `unknown key ${where} (${excerpt(value)}) in the network configuration${hint}`;
}
