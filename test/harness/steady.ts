/**
 * Two readings of a kernel whose state also changes by itself: carrier, a bond's monitor, duplicate
 * address detection.
 */
import { isDeepStrictEqual } from 'node:util';

/** More rounds than any link of the tests takes to settle (a bond's monitor looks every 100 ms). */
const ROUNDS = 100;

/**
 * What an oracle says, and what `ours` read at a time when it would have said just that: the oracle
 * is asked before and after, and all is read again when the two answers differ.
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
