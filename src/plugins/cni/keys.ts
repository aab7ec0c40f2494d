/** How keys of a configuration are compared, and what there is to say of one that nobody reads. */
import { excerpt } from './json-text.ts';
import type { JsonObject } from './json-text.ts';

/** A key that no schema names, with its value and the known key that is spelled most like it. */
export interface UnknownKey {
  readonly path: string;
  readonly value: string;
  readonly nearest?: string;
}

/** Unicode's simple case folding, as far as letters of declared keys can be its target. */
export function fold(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's');
}

/** The keys of an object that are none of `known`; for readers that decode it themselves. */
export function unknownKeys(
  node: JsonObject,
  known: readonly string[],
  path: string,
): UnknownKey[] {
  const unknown: UnknownKey[] = [];
  for (const [written, value] of node.members) {
    if (known.includes(written) || written.includes('/')) continue;
    const folded = fold(written);
    if (known.some((key) => fold(key) === folded)) continue;
    const here = `${path}.${written}`;
    unknown.push({ path: here, value: excerpt(value), ...nearest(written, known) });
  }
  return unknown;
}

/** The known key that is spelled most like one that nobody knows, where one is like it. */
export function nearest(written: string, known: readonly string[]): { nearest?: string } {
  const limit = Math.max(1, Math.floor(written.length / 3));
  let best: { nearest?: string } = {};
  let least = limit + 1;
  for (const key of known) {
    const distance = editDistance(fold(written), fold(key));
    if (distance < least) {
      least = distance;
      best = { nearest: key };
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
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
export function describeUnknownKey({ path, value, nearest }: UnknownKey): string {
  const hint = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  return `unknown key ${JSON.stringify(path)} (${value}) in the network configuration${hint}`;
}
