/** Fields of structs that are narrower than a byte, or share two bytes. */
import { CodecError, rethrowWithin } from '../errors.ts';
import { LITTLE_ENDIAN, type Writer } from '../netlink/codec/bytes.ts';
import type { Codec, Scalar, Static, Input } from '../netlink/codec/codec.ts';
import { describe } from '../netlink/codec/given.ts';
import type { Struct } from '../netlink/codec/struct.ts';

/** What is needed of a struct that has other fields than its bytes. */
export type StructLike<T, I> = Codec<T, I> & Pick<Struct<T, I>, 'span' | 'writeAll'>;

/** The fields that share an integer, in the order of the C declaration: their bits and values. */
type BitFields = Readonly<Record<string, readonly [bits: number, codec: Scalar<any, any>]>>;

/** The struct with these fields in place of the integer `shared`, which has `bits` bits. */
export const bitFields = <H, HI, const K extends keyof H & keyof HI & string, B extends BitFields>(
  base: StructLike<H, HI>,
  shared: K,
  bits: number,
  fields: B,
): StructLike<
  Omit<H, K> & { [key in keyof B]: Static<B[key][1]> },
  Omit<HI, K> & { [key in keyof B]?: Input<B[key][1]> | undefined }
> => new WithBitFields(base, shared, bits, fields) as any;

type Values = Record<string, unknown>;

class WithBitFields implements StructLike<Values, Values> {
  declare readonly base: StructLike<any, any>;
  declare readonly shared: string;
  declare readonly bits: number;
  declare readonly fields: BitFields;

  constructor(base: StructLike<any, any>, shared: string, bits: number, fields: BitFields) {
    this.base = base;
    this.shared = shared;
    this.bits = bits;
    this.fields = fields;
  }

  get type(): string {
    return this.base.type;
  }

  get span(): number {
    return this.base.span;
  }

  get(view: DataView, at: number, end: number): Values {
    const { [this.shared]: integer, ...value } = this.base.get(view, at, end) as Values;
    this.each((key, codec, shift, limit) => {
      const number = ((integer as number) >>> shift) % limit;
      value[key] = codec.map?.(number) ?? number;
    });
    return value;
  }

  put(writer: Writer, value: Values): void {
    this.writeAll(writer, value, 'rest');
  }

  writeAll(writer: Writer, value: Values, but: string): void {
    if (typeof value !== 'object' || value === null) {
      return this.base.writeAll(writer, value, but);
    }
    const rest = { ...value };
    let integer = 0;
    this.each((key, codec, shift, limit) => {
      const given = rest[key];
      delete rest[key];
      if (given === undefined) return;
      try {
        const number = codec.number?.(given) ?? given;
        if (!Number.isInteger(number) || (number as number) < 0 || (number as number) >= limit) {
          throw new CodecError(`${describe(given)} is not a number from 0 to ${limit - 1}`);
        }
        integer |= (number as number) << shift;
      } catch (error) {
        rethrowWithin(error, key);
      }
    });
    this.base.writeAll(writer, { ...rest, [this.shared]: integer }, but);
  }

  show(value: Values): string {
    const { fields, base } = this;
    const rest = { ...value };
    const shown = Object.keys(fields).map((key) => {
      delete rest[key];
      return `${key}=${fields[key]![1].show(value[key])}`;
    });
    return [base.show(rest), ...shown].join(' ');
  }

  /** The first field has the lowest bits on little-endian machines, the highest on others. */
  each(visit: (key: string, codec: Scalar<any, any>, shift: number, limit: number) => void): void {
    let taken = 0;
    for (const [key, [bits, codec]] of Object.entries(this.fields)) {
      visit(key, codec, LITTLE_ENDIAN ? taken : this.bits - taken - bits, 2 ** bits);
      taken += bits;
    }
  }
}
