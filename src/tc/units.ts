/**
 * Values of traffic control in plain units: rates in bits per second where the kernel counts bytes,
 * times in microseconds where it counts ticks of 64 ns, probabilities between 0 and 1, and handles
 * as tc(8) writes them.
 *
 * include/uapi/linux/pkt_sched.h; PSCHED_SHIFT in include/net/pkt_sched.h; "PARAMETERS" in tc(8).
 */
import { CodecError } from '../errors.ts';
import { Writer } from '../netlink/codec/bytes.ts';
import {
  blob,
  counted,
  mapped,
  s16,
  s64,
  scalar,
  u16,
  u32,
  u64,
  u8,
  type BigInput,
  type Scalar,
} from '../netlink/codec/codec.ts';
import { checkList, describe } from '../netlink/codec/given.ts';
import { struct, type Struct } from '../netlink/codec/struct.ts';

/** Handles that have a name. */
type Words = Readonly<Record<string, number>>;

/** A handle in hexadecimal, `1:` for a qdisc, `1:10` for a class; or a name. */
function handleCodec(words: Words): Scalar<string> {
  const byNumber = new Map(Object.entries(words).map(([word, number]) => [number, word]));
  const show = (number: number): string =>
    byNumber.get(number) ??
    `${(number >>> 16).toString(16)}:${number & 0xffff ? (number & 0xffff).toString(16) : ''}`;
  return mapped<string>(u32, {
    type: 'handle',
    map: show,
    number: (value) => {
      if (typeof value === 'string') {
        if (Object.hasOwn(words, value)) return words[value]!;
        const [, major, minor] = /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(value) ?? [];
        if (major !== undefined) {
          return ((parseInt(major || '0', 16) << 16) | parseInt(minor || '0', 16)) >>> 0;
        }
      }
      const known = Object.keys(words).join(', ');
      throw new CodecError(`${describe(value)} is not a handle like 1: or 1:10, nor ${known}`);
    },
    show: (value) => value,
  });
}

/** `TC_H_*`: the place of a qdisc or a class. The parent of ingress and clsact is `ingress`. */
export const handle = handleCodec({ none: 0, root: 0xffff_ffff, ingress: 0xffff_fff1 });

/**
 * Where a filter is: a qdisc or a class; `none` is the root qdisc of the link, `ingress` and
 * `egress` the two places of clsact.
 */
export const filterParent = handleCodec({
  none: 0,
  root: 0xffff_ffff,
  ingress: 0xffff_fff2,
  egress: 0xffff_fff3,
});

/** A number in bits per second, in four bytes; the kernel counts bytes. */
export const rate: Scalar<number> = mapped<number>(counted(u32, 'bit/s'), {
  type: 'u32 in bit/s',
  map: (number) => number * 8,
  number: (value) => {
    if (typeof value !== 'number' || value % 8 !== 0) {
      throw new CodecError(`${describe(value)} is not a multiple of 8 bit/s`);
    }
    return value / 8;
  },
  show: (value) => `${value} bit/s`,
});

/** The same in eight bytes. */
export const rate64: Scalar<bigint, BigInput> = scalar<bigint, BigInput>({
  type: 'u64 in bit/s',
  unit: 'bit/s',
  span: 8,
  zero: 0n,
  layout: (property) => u64.layout(property),
  read: (view, at) => u64.read(view, at) * 8n,
  write(view, at, value) {
    const isWhole =
      typeof value === 'bigint' ||
      (typeof value === 'number' && Number.isSafeInteger(value)) ||
      (typeof value === 'string' && /^\d+$/.test(value));
    const bits = isWhole ? BigInt(value) : -1n;
    if (bits < 0n || bits % 8n !== 0n) {
      throw new CodecError(`${describe(value)} is not a multiple of 8 bit/s`);
    }
    u64.write(view, at, bits / 8n);
  },
  show: (value) => `${value} bit/s`,
});

/** An integer of eight bytes with a unit. */
const counted64 = (base: Scalar<bigint, BigInput>, unit: string): Scalar<bigint, BigInput> =>
  scalar<bigint, BigInput>({
    type: `${base.type} in ${unit}`,
    unit,
    span: 8,
    zero: 0n,
    layout: (property) => base.layout(property),
    read: (view, at) => base.read(view, at),
    write: (view, at, value) => base.write(view, at, value),
    show: (value) => `${value} ${unit}`,
  });

/** Eight bytes of nanoseconds in a struct. */
export const nanoseconds: Scalar<bigint, BigInput> = counted64(s64, 'ns');
/** A time in the unit of `clock_t`. */
export const clock: Scalar<bigint, BigInput> = counted64(u64, '1/100 s');
/** Ticks of 64 ns in eight bytes. */
export const ticks64: Scalar<bigint, BigInput> = counted64(u64, '64 ns');

/** Ticks of 64 ns as microseconds. */
export const ticks: Scalar<number> = mapped<number>(counted(u32, 'µs'), {
  type: 'u32 in µs',
  map: (number) => (number * 64) / 1000,
  number: (value) => {
    if (typeof value !== 'number' || !(value >= 0)) {
      throw new CodecError(`${describe(value)} is not a number of microseconds`);
    }
    return Math.round((value * 1000) / 64);
  },
  show: (value) => `${value} µs`,
});

const WHOLE = 0xffff_ffff;

/** A probability from 0 to 1. */
export const probability: Scalar<number> = mapped<number>(u32, {
  type: 'u32 of 2⁻³²',
  map: (number) => number / WHOLE,
  number: (value) => {
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
      throw new CodecError(`${describe(value)} is not a probability from 0 to 1`);
    }
    return Math.round(value * WHOLE);
  },
  show: (value) => `${Math.round(value * 1e6) / 1e4} %`,
});

/** A number that tc(8) shows in hexadecimal: the handle of a filter. */
export const hex = (number: number): string => `0x${number.toString(16)}`;

/** A struct as a field of another one. */
export const field = <T, I>(of: Struct<T, I>): Scalar<T, I> => new Field(of);

class Field<T, I> implements Scalar<T, I> {
  declare readonly of: Struct<T, I>;

  constructor(of: Struct<T, I>) {
    this.of = of;
  }

  get type(): string {
    return this.of.type;
  }

  get span(): number {
    return this.of.span;
  }

  get zero(): T {
    return this.of.read(new DataView(new ArrayBuffer(this.span)), 0);
  }

  layout(property: string): ReturnType<Scalar<T>['layout']> {
    return blob(this.span).layout(property);
  }

  read(view: DataView, at: number): T {
    return this.of.read(view, at);
  }

  write(view: DataView, at: number, value: I): void {
    const writer = new Writer();
    this.of.writeAll(writer, value, '');
    new Uint8Array(view.buffer, view.byteOffset + at, this.span).set(writer.finish());
  }

  get(view: DataView, at: number, end: number): T {
    return this.of.get(view, at, end);
  }

  put(writer: Writer, value: I): void {
    this.of.put(writer, value);
  }

  show(value: T): string {
    return `{${this.of.show(value)}}`;
  }
}

/** An array of integers in a struct. */
export function row(element: Scalar<number>, count: number): Scalar<number[], readonly number[]> {
  const span = element.span * count;
  return scalar<number[], readonly number[]>({
    type: `${count} × ${element.type}`,
    span,
    zero: Array<number>(count).fill(0),
    layout: (property) => blob(span).layout(property),
    read: (view, at) =>
      Array.from({ length: count }, (_, i) => element.read(view, at + i * element.span)),
    write(view, at, values) {
      if (!Array.isArray(values) || values.length !== count) {
        throw new CodecError(`${describe(values)} is not a list of ${count} numbers`);
      }
      for (let i = 0; i < count; i++) element.write(view, at + i * element.span, values[i]!);
    },
    show: (values) => `[${values.join(' ')}]`,
  });
}

/** The band or class of each priority. */
export const priomap = row(u8, 16);
export const queues = row(u16, 16);

/**
 * A mask of eight bytes as the list of its names; bits without a name are one bigint at the end.
 */
export function flags64<const N extends string>(
  bits: Readonly<Record<N, bigint>>,
): Scalar<readonly (N | bigint)[], readonly (N | BigInput)[]> {
  const names = Object.keys(bits) as N[];
  const bitOf = (word: N | BigInput): bigint => {
    if (typeof word === 'string' && Object.hasOwn(bits, word)) return bits[word as N];
    const isNumber =
      typeof word === 'bigint' || Number.isSafeInteger(word) || /^\d+$/.test(String(word));
    if (isNumber) return BigInt(word);
    throw new CodecError(`${describe(word)} is not one of ${names.join(', ')}`);
  };
  return scalar<readonly (N | bigint)[], readonly (N | BigInput)[]>({
    type: 'flags in u64',
    span: 8,
    zero: [],
    layout: (property) => u64.layout(property),
    read(view, at) {
      const mask = u64.read(view, at);
      const words: (N | bigint)[] = names.filter((name) => (mask & (bits[name] as bigint)) !== 0n);
      const rest = names.reduce<bigint>((left, name) => left & ~(bits[name] as bigint), mask);
      return rest === 0n ? words : [...words, rest];
    },
    write(view, at, words) {
      checkList(words);
      u64.write(
        view,
        at,
        words.reduce<bigint>((mask, word) => mask | bitOf(word), 0n),
      );
    },
    show: (words) => (words.length === 0 ? 'none' : words.join(',')),
  });
}

/** `struct nla_bitfield32`: bits and their mask. */
export const bitfield32 = struct('nla_bitfield32', { value: u32, selector: u32 });

/** `struct tc_ratespec`. Rates of 2^32 bytes/s and more are in an attribute of their own. */
export const ratespec = struct('tc_ratespec', {
  cellLog: u8,
  linklayer: u8,
  overhead: u16,
  cellAlign: s16,
  mpu: u16,
  rate,
});
