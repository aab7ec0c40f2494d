/**
 * Numbers with names: one of several (`enumOf`) or a mask of several (`flagsOf`).
 *
 * The names are iproute2's and nft's words. A number without a name stays a number, so that what a newer
 * kernel says survives.
 */
import type { Scalar } from './codec.ts';
import { CodecError } from './errors.ts';

/** A name of the set, or the number of a value that has none. */
export type Word<N extends string> = N | (number & {});

/** A number that stands for one name. */
export function enumOf<const N extends string>(
  base: Scalar<number>,
  numbers: Readonly<Record<N, number>>,
): Scalar<Word<N>> & { readonly numbers: Readonly<Record<N, number>> } {
  const names = new Map<number, N>();
  for (const [name, number] of Object.entries(numbers) as [N, number][]) {
    if (!names.has(number)) names.set(number, name);
  }
  const map = (number: number): Word<N> => names.get(number) ?? number;
  const toNumber = (word: Word<N>): number => {
    if (typeof word === 'number') return word;
    const number = (numbers as Record<string, number>)[word];
    if (number !== undefined && Object.hasOwn(numbers, word)) return number;
    throw new CodecError(`"${word}" is not one of ${Object.keys(numbers).join(', ')}`);
  };
  return {
    ...base,
    type: `enum in ${base.type}`,
    numbers,
    zero: map(0),
    map,
    get: (view, at, end) => map(base.get(view, at, end)),
    put: (writer, value) => base.put(writer, toNumber(value)),
    read: (view, at) => map(base.read(view, at)),
    write: (view, at, value) => base.write(view, at, toNumber(value)),
    show: String,
  };
}

const NONE: readonly never[] = Object.freeze([]);
/** Masks repeat within a dump, so their arrays are shared; the bound keeps hostile input from filling memory. */
const CACHE_SIZE = 256;

/** A mask, as the list of its names in bit order; bits without a name stay together in one number at the end. */
export function flagsOf<const N extends string>(
  base: Scalar<number>,
  bits: Readonly<Record<N, number>>,
): Scalar<readonly Word<N>[]> & { readonly bits: Readonly<Record<N, number>> } {
  const entries = Object.entries(bits) as [N, number][];
  const cache = new Map<number, readonly Word<N>[]>();
  const split = (mask: number): readonly Word<N>[] => {
    const words: Word<N>[] = [];
    let rest = mask;
    for (const [name, bit] of entries) {
      if ((mask & bit) >>> 0 === bit >>> 0) {
        words.push(name);
        rest &= ~bit;
      }
    }
    if (rest !== 0) words.push(rest >>> 0);
    return Object.freeze(words);
  };
  const map = (mask: number): readonly Word<N>[] => {
    if (mask === 0) return NONE;
    let words = cache.get(mask);
    if (words === undefined) {
      words = split(mask);
      if (cache.size < CACHE_SIZE) cache.set(mask, words);
    }
    return words;
  };
  const toNumber = (words: readonly Word<N>[]): number => {
    let mask = 0;
    for (const word of words) {
      const bit = typeof word === 'number' ? word : (bits as Record<string, number>)[word];
      if (bit === undefined || (typeof word === 'string' && !Object.hasOwn(bits, word))) {
        throw new CodecError(`"${word}" is not one of ${Object.keys(bits).join(', ')}`);
      }
      mask |= bit;
    }
    return mask >>> 0;
  };
  return {
    ...base,
    type: `flags in ${base.type}`,
    bits,
    zero: NONE,
    map,
    get: (view, at, end) => map(base.get(view, at, end)),
    put: (writer, value) => base.put(writer, toNumber(value)),
    read: (view, at) => map(base.read(view, at)),
    write: (view, at, value) => base.write(view, at, toNumber(value)),
    show: (value) =>
      value.length === 0
        ? 'none'
        : value
            .map((word) => (typeof word === 'number' ? `0x${word.toString(16)}` : word))
            .join(','),
  };
}
