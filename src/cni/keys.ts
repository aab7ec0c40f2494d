/** How keys of a configuration are compared, and how a key that nothing reads is reported. */
import { cut, excerpt } from './json-text.ts';
import type { JsonNode, JsonObject } from './json-text.ts';

/**
 * A key that is in no schema. The text of the warning is built only when it is needed, and its
 * length is limited.
 */
export interface UnknownKey {
  readonly path: string;
  /** The key as written in the document, without its path. */
  readonly written: string;
  readonly value: JsonNode;
  /** The keys that are valid here. */
  readonly known: readonly string[];
}

/** Unicode's simple case folding, for the characters that fold to a letter of a declared key. */
export function fold(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's');
}

/**
 * Whether two spellings are the same key. No character that folds to a letter of a declared key
 * changes the length of the text.
 */
export function isSameKey(a: string, b: string): boolean {
  return a === b || (a.length === b.length && fold(a) === fold(b));
}

/** The keys of an object that are not in `known`; for readers that decode the object themselves. */
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

/** The known key that is most similar to an unknown one; undefined where none is similar. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(written.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const key of known) {
    // The difference in length is a lower bound of the distance.
    if (Math.abs(written.length - key.length) >= least) continue;
    const distance = editDistance(fold(written), fold(key));
    if (distance >= least) continue;
    least = distance;
    best = key;
  }
  return best;
}

/**
 * The number of insertions, deletions, replacements and swaps of neighbours that turn one word into
 * the other.
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

/** The warning about a key that nothing reads. */
export function describeUnknownKey({ path, written, value, known }: UnknownKey): string {
  const like = nearest(written, known);
  const hint = like === undefined ? '' : `; did you mean ${JSON.stringify(like)}?`;
  const where = JSON.stringify(cut(path, 128));
  return `unknown key ${where} (${excerpt(value)}) in the network configuration${hint}`;
}
