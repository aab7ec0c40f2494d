/**
 * Command-line numbers, and random numbers with a seed, so that a failing run can be made again.
 */

/** The number of `--name=NUMBER`. */
export function option(name: string, fallback: number): number {
  const word = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return word === undefined ? fallback : Number(word.slice(name.length + 3));
}

export interface Random {
  readonly seed: number;
  /** A whole number from 0 to `below` - 1. */
  next(below: number): number;
}

/** mulberry32, a small public-domain generator, seeded by `--seed` or the clock. */
export function seededRandom(): Random {
  const seed = option('seed', Date.now() % 100_000);
  let word = seed;
  return {
    seed,
    next: (below) => {
      word = (word + 0x6d2b79f5) | 0;
      let mixed = Math.imul(word ^ (word >>> 15), 1 | word);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    },
  };
}
