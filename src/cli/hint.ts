/** Suggests the word that may have been meant: `links` for `link`, `bridge` for `brige`. */

/** The edit distance of two words: letters inserted, deleted, changed or swapped. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const step = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + step);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, before[j - 2]! + 1);
      }
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** Names in `ip` and `bridge` for what has another name here. */
const ALSO: Readonly<Record<string, string>> = {
  addresses: 'addrs',
  address: 'addrs',
  neighbours: 'neighs',
  neighbors: 'neighs',
  interfaces: 'links',
  interface: 'links',
  netns: 'nsids',
  netconf: 'netconfs',
  prefix: 'prefixes',
  addrlabel: 'addrLabels',
  vni: 'vniFilters',
  vnis: 'vniFilters',
};

export function hint(word: string, words: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const also = ALSO[lower];
  if (also !== undefined && words.includes(also)) return also;
  const far = Math.max(1, Math.floor(lower.length / 3));
  const near = words
    .map((each) => ({ each, steps: distance(lower, each) }))
    .filter(({ steps }) => steps <= far)
    .sort((a, b) => a.steps - b.steps);
  return near[0]?.each ?? words.find((each) => lower.length > 1 && each.startsWith(lower));
}

/** `; did you mean links?` for the end of an error, or nothing. */
export function didYouMean(word: string, words: readonly string[]): string {
  const found = hint(word, words);
  return found === undefined || found === word ? '' : `; did you mean ${found}?`;
}
