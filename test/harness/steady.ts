/**
 * Compares two readings of a kernel whose state also changes by itself: carrier, a bond's monitor,
 * duplicate address detection.
 */
import { isDeepStrictEqual } from 'node:util';

/** More rounds than any link of the tests takes to settle (a bond's monitor looks every 100 ms). */
const ROUNDS = 100;

/**
 * The answer of an oracle, and what `ours` read while that answer was valid: the oracle is called
 * before and after, and everything is read again when its two answers differ.
 */
export function steady<T, U>(oracle: () => T, ours: () => U): [theirs: T, ours: U] {
  let before = oracle();
  for (let round = 0; round < ROUNDS; round++) {
    const read = ours();
    const after = oracle();
    if (isDeepStrictEqual(before, after)) return [after, read];
    before = after;
  }
  throw new Error(`no two answers of the oracle were the same in ${ROUNDS} rounds`);
}
