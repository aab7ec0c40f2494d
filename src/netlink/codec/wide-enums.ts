/**
 * Names for integers of eight bytes, and of those that have four or eight: one of several
 * (`wideEnumOf`) or a mask of several (`wideFlagsOf`), as `enums.ts` has them for smaller ones.
 */
import { checkedFunction } from './arguments.ts';
import type { Writer } from './bytes.ts';
import type { Codec, Remark } from './codec.ts';
import type { BigInput } from './integer.ts';
import { CodecError } from '../../errors.ts';
import { checkList } from './given.ts';

/** A name, or the number of a value without a name. */
type WideWord<N extends string> = N | (number & {}) | bigint;

type Wide = Codec<number | bigint, BigInput> | Codec<bigint, BigInput>;

/**
 * A number that stands for one name.
 *
 * @throws CodecError for arguments of the wrong type
 *
 * @example wideEnumOf(uint, { host: 0, port: 1 })
 */
export const wideEnumOf = checkedFunction(
  'wideEnumOf',
  'base: object, numbers: object',
  <const N extends string>(
    base: Wide,
    numbers: Readonly<Record<N, number>>,
  ): Codec<WideWord<N>> & { readonly numbers: Readonly<Record<N, number>> } =>
    new WideEnumeration<N>(base, numbers),
);

/**
 * A mask as the list of its names; bits without a name are combined in one number at the end.
 *
 * @throws CodecError for arguments of the wrong type
 *
 * @example wideFlagsOf(u64, { basic: 1, redirect: 2 })
 */
export const wideFlagsOf = checkedFunction(
  'wideFlagsOf',
  'base: object, bits: object',
  <const N extends string>(
    base: Wide,
    bits: Readonly<Record<N, number>>,
  ): Codec<readonly WideWord<N>[]> & { readonly bits: Readonly<Record<N, number>> } =>
    new WideMask<N>(base, bits),
);

/** The note of a number in eight bytes that fits into four. */
const EIGHT = 'eight bytes';

abstract class WideNames<T> implements Codec<T> {
  declare readonly base: Codec<number | bigint, BigInput>;

  constructor(base: Wide) {
    this.base = base as Codec<number | bigint, BigInput>;
  }

  abstract get type(): string;
  abstract show(value: T): string;
  abstract map(number: bigint): T;
  abstract number(value: T): bigint;

  get notes(): true {
    return true;
  }

  get(view: DataView, at: number, end: number, remark?: Remark): T {
    const found = this.base.get(view, at, end);
    const number = BigInt(found);
    if (remark !== undefined && typeof found === 'bigint' && found !== this.shortest(number)) {
      remark.form = EIGHT;
    }
    return this.map(number);
  }

  put(writer: Writer, value: T, note?: string): void {
    const number = this.number(value);
    this.base.put(writer, note === EIGHT ? number : this.shortest(number));
  }

  /** The form in which the base writes the fewest bytes. */
  shortest(number: bigint): number | bigint {
    const isSmall = 'four' in this.base && number >= -(2n ** 31n) && number < 2n ** 32n;
    return isSmall ? Number(number) : number;
  }
}

const wordOf = (number: bigint): number | bigint =>
  Number.isSafeInteger(Number(number)) ? Number(number) : number;

function numberOf(numbers: Readonly<Record<string, number>>, word: unknown): bigint {
  if (typeof word === 'bigint' || Number.isInteger(word)) return BigInt(word as number);
  if (typeof word === 'string') {
    if (Object.hasOwn(numbers, word)) return BigInt(numbers[word]!);
    // From JSON.
    if (/^-?\d+$/.test(word)) return BigInt(word);
  }
  throw new CodecError(`"${String(word)}" is not one of ${Object.keys(numbers).join(', ')}`);
}

class WideEnumeration<N extends string> extends WideNames<WideWord<N>> {
  declare readonly numbers: Readonly<Record<N, number>>;

  constructor(base: Wide, numbers: Readonly<Record<N, number>>) {
    super(base);
    this.numbers = numbers;
  }

  get type(): string {
    return `enum in ${this.base.type}`;
  }

  map(number: bigint): WideWord<N> {
    for (const name in this.numbers) if (BigInt(this.numbers[name]) === number) return name;
    return wordOf(number);
  }

  number(value: WideWord<N>): bigint {
    return numberOf(this.numbers, value);
  }

  show(value: WideWord<N>): string {
    return String(value);
  }
}

class WideMask<N extends string> extends WideNames<readonly WideWord<N>[]> {
  declare readonly bits: Readonly<Record<N, number>>;

  constructor(base: Wide, bits: Readonly<Record<N, number>>) {
    super(base);
    this.bits = bits;
  }

  get type(): string {
    return `flags in ${this.base.type}`;
  }

  map(number: bigint): readonly WideWord<N>[] {
    const mask = BigInt.asUintN(64, number);
    const words: WideWord<N>[] = [];
    let rest = mask;
    for (const name in this.bits) {
      const bit = BigInt(this.bits[name]);
      if ((mask & bit) !== bit) continue;
      words.push(name);
      rest &= ~bit;
    }
    if (rest !== 0n) words.push(wordOf(rest));
    return words;
  }

  number(value: readonly WideWord<N>[]): bigint {
    checkList(value);
    let mask = 0n;
    for (const word of value) mask |= numberOf(this.bits, word);
    return this.base.type.startsWith('s') ? BigInt.asIntN(64, mask) : mask;
  }

  show(value: readonly WideWord<N>[]): string {
    return value.length === 0 ? 'none' : value.join(',');
  }
}
