/** Durations as nft writes them: `1h30m`. */
export function durationText(milliseconds: bigint): string {
  const parts: string[] = [];
  let rest = milliseconds;
  for (const [word, length] of [
    ['d', 86_400_000n],
    ['h', 3_600_000n],
    ['m', 60_000n],
    ['s', 1000n],
    ['ms', 1n],
  ] as const) {
    if (rest >= length) parts.push(`${rest / length}${word}`);
    rest %= length;
  }
  return parts.join('') || '0s';
}
