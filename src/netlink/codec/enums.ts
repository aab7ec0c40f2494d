/**
 * Numbers with names: one of several (`enumOf`) or a mask of several (`flagsOf`).
 *
 * The names are those of iproute2 and nft. A number without a name stays a number, so unknown
 * values from a newer kernel are preserved.
 */
import type { Scalar } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { checkList } from './given.ts';
import { Mapped } from './mapped.ts';

/** A name of the set, or the number of a value without a name. */
export type Word<N extends string> = N | (number & {});

/** A number that stands for one name. */
export const enumOf = <const N extends string>(
  base: Scalar<number>,
  numbers: Readonly<Record<N, number>>,
): Scalar<Word<N>> & { readonly numbers: Readonly<Record<N, number>> } =>
  new Enumeration(base, numbers);

/**
 * A mask as the list of its names in bit order; bits without a name are combined in one number at
 * the end.
 */
export const flagsOf = <const N extends string>(
  base: Scalar<number>,
  bits: Readonly<Record<N, number>>,
): Scalar<readonly Word<N>[]> & { readonly bits: Readonly<Record<N, number>> } =>
  new Mask(base, bits);

class Enumeration<N extends string> extends Mapped<Word<N>> {
  declare readonly numbers: Readonly<Record<N, number>>;
  declare names: Names<N> | undefined;
  /** The word that was written last: most attributes have the same one throughout a dump. */
  declare last: Word<N> | undefined;
  declare lastNumber: number;

  constructor(base: Scalar<number>, numbers: Readonly<Record<N, number>>) {
    super(base);
    this.numbers = numbers;
    this.names = undefined;
    this.last = undefined;
    this.lastNumber = 0;
  }

  get type(): string {
    return `enum in ${this.base.type}`;
  }

  get known(): readonly (N | undefined)[] {
    return (this.names ??= namesOf(this.numbers)).small;
  }

  map(number: number): Word<N> {
    const { small, large } = this.names ?? (this.names = namesOf(this.numbers));
    return (number >= 0 && number < SMALL ? small[number] : large?.get(number)) ?? number;
  }

  number(word: Word<N>): number {
    if (typeof word === 'number') return word;
    if (word === this.last) return this.lastNumber;
    const number = numberOf(this.numbers, word);
    this.last = word;
    this.lastNumber = number;
    return number;
  }

  show(value: Word<N>): string {
    return String(value);
  }
}

/** The inverse. Most numbers are small, and an array finds those in a quarter of the time. */
interface Names<N> {
  readonly small: readonly (N | undefined)[];
  readonly large: Map<number, N> | undefined;
}

const SMALL = 256;

function namesOf<N extends string>(numbers: Readonly<Record<N, number>>): Names<N> {
  const small = new Array<N | undefined>(SMALL).fill(undefined);
  let large: Map<number, N> | undefined;
  for (const name in numbers) {
    const number = numbers[name];
    if (number >= 0 && number < SMALL) small[number] ??= name;
    else if (!(large ??= new Map<number, N>()).has(number)) large.set(number, name);
  }
  return { small, large };
}

/** Checks the type, because an object also has inherited properties (`constructor`). */
function numberOf(numbers: Readonly<Record<string, number>>, word: string): number {
  const number = numbers[word];
  if (typeof number === 'number') return number;
  throw new CodecError(`"${word}" is not one of ${Object.keys(numbers).join(', ')}`);
}

const NONE: readonly never[] = Object.freeze([]);
/**
 * Masks recur within a dump, so their arrays are shared; the limit keeps hostile input from filling
 * memory.
 */
const CACHE_SIZE = 256;

class Mask<N extends string> extends Mapped<readonly Word<N>[]> {
  declare readonly bits: Readonly<Record<N, number>>;
  declare small: (readonly Word<N>[] | undefined)[] | undefined;
  declare large: Map<number, readonly Word<N>[]> | undefined;
  /** The masks of lists that cannot change, such as those that `map` returns. */
  declare masks: WeakMap<readonly Word<N>[], number> | undefined;

  constructor(base: Scalar<number>, bits: Readonly<Record<N, number>>) {
    super(base);
    this.bits = bits;
    this.small = undefined;
    this.large = undefined;
    this.masks = undefined;
  }

  get type(): string {
    return `flags in ${this.base.type}`;
  }

  override get zero(): readonly Word<N>[] {
    return NONE;
  }

  get known(): readonly (readonly Word<N>[] | undefined)[] {
    return (this.small ??= new Array(SMALL));
  }

  map(mask: number): readonly Word<N>[] {
    if (mask === 0) return NONE;
    const isSmall = mask > 0 && mask < SMALL;
    const found = isSmall ? this.small?.[mask] : this.large?.get(mask);
    if (found !== undefined) return found;
    const words = split(this.bits, mask);
    if (isSmall) (this.small ??= new Array(SMALL))[mask] = words;
    else if ((this.large ??= new Map()).size < CACHE_SIZE) this.large.set(mask, words);
    return words;
  }

  number(words: readonly Word<N>[]): number {
    const known = this.masks?.get(words);
    if (known !== undefined) return known;
    checkList(words);
    let mask = 0;
    for (const word of words) mask |= typeof word === 'number' ? word : numberOf(this.bits, word);
    mask >>>= 0;
    if (Object.isFrozen(words)) (this.masks ??= new WeakMap()).set(words, mask);
    return mask;
  }

  show(value: readonly Word<N>[]): string {
    if (value.length === 0) return 'none';
    return value
      .map((word) => (typeof word === 'number' ? `0x${word.toString(16)}` : word))
      .join(',');
  }
}

function split<N extends string>(
  bits: Readonly<Record<N, number>>,
  mask: number,
): readonly Word<N>[] {
  const words: Word<N>[] = [];
  let rest = mask;
  for (const name in bits) {
    const bit = bits[name];
    if ((mask & bit) >>> 0 === bit >>> 0) {
      words.push(name);
      rest &= ~bit;
    }
  }
  if (rest !== 0) words.push(rest >>> 0);
  return Object.freeze(words);
}
