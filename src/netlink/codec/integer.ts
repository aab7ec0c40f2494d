/**
 * Integers of one to eight bytes.
 *
 * Netlink's own are in host byte order (netlink(7)); ports, protocols and most of nf_tables are in
 * network order.
 */
import { checkedFunction } from './arguments.ts';
import * as lo from 'buffer-layout';
import { LITTLE_ENDIAN, type Writer } from './bytes.ts';
import type { Codec, Scalar } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { describe } from './given.ts';

/** The size, sign and byte order of an integer. */
export interface IntegerForm {
  readonly span: number;
  readonly signed: boolean;
  readonly little: boolean;
}

class Integer implements Scalar<number>, IntegerForm {
  declare readonly type: string;
  declare readonly span: number;
  declare readonly signed: boolean;
  declare readonly little: boolean;
  declare readonly unit: string | undefined;

  constructor(type: string, span: number, signed: boolean, little: boolean, unit?: string) {
    this.type = type;
    this.unit = unit;
    this.span = span;
    this.signed = signed;
    this.little = little;
  }

  get zero(): number {
    return 0;
  }

  get integer(): IntegerForm {
    return this;
  }

  layout(property: string): lo.Layout<unknown> {
    if (this.span === 1) return this.signed ? lo.s8(property) : lo.u8(property);
    if (this.span === 2) {
      if (this.signed) return this.little ? lo.s16(property) : lo.s16be(property);
      return this.little ? lo.u16(property) : lo.u16be(property);
    }
    if (this.signed) return this.little ? lo.s32(property) : lo.s32be(property);
    return this.little ? lo.u32(property) : lo.u32be(property);
  }

  get(view: DataView, at: number, end: number): number {
    if (end - at !== this.span) throw new CodecError(`${end - at} bytes, ${this.span} needed`);
    return this.read(view, at);
  }

  put(writer: Writer, value: number): void {
    const at = writer.reserve(this.span);
    this.write(writer.view, at, value);
  }

  read(view: DataView, at: number): number {
    const { span, little } = this;
    if (this.signed) {
      if (span === 4) return view.getInt32(at, little);
      return span === 2 ? view.getInt16(at, little) : view.getInt8(at);
    }
    if (span === 4) return view.getUint32(at, little);
    return span === 2 ? view.getUint16(at, little) : view.getUint8(at);
  }

  write(view: DataView, at: number, value: number): void {
    const { span, little } = this;
    const room = 2 ** (8 * span);
    const max = this.signed ? room / 2 - 1 : room - 1;
    if (!Number.isInteger(value) || value > max || value <= max - room) {
      throw new CodecError(`${describe(value)} is not a ${this.type}`);
    }
    // The setters reduce a number modulo their range, so those for unsigned integers also write
    // signed ones.
    if (span === 4) view.setUint32(at, value, little);
    else if (span === 2) view.setUint16(at, value, little);
    else view.setUint8(at, value);
  }

  show(value: number): string {
    return String(value);
  }
}

export const u8: Scalar<number> = new Integer('u8', 1, false, LITTLE_ENDIAN);
export const u16: Scalar<number> = new Integer('u16', 2, false, LITTLE_ENDIAN);
export const u32: Scalar<number> = new Integer('u32', 4, false, LITTLE_ENDIAN);
export const s8: Scalar<number> = new Integer('s8', 1, true, LITTLE_ENDIAN);
export const s16: Scalar<number> = new Integer('s16', 2, true, LITTLE_ENDIAN);
export const s32: Scalar<number> = new Integer('s32', 4, true, LITTLE_ENDIAN);
/** Integers in network byte order on every host: ports, protocols, most of nf_tables. */
export const be16: Scalar<number> = new Integer('be16', 2, false, false);
export const be32: Scalar<number> = new Integer('be32', 4, false, false);
export const sbe16: Scalar<number> = new Integer('signed be16', 2, true, false);
export const sbe32: Scalar<number> = new Integer('signed be32', 4, true, false);
/** Integers in little-endian order on every host. */
export const le16: Scalar<number> = new Integer('le16', 2, false, true);
export const le32: Scalar<number> = new Integer('le32', 4, false, true);

/**
 * An integer with a unit, which the documentation shows. For struct fields, which have no
 * description of their own.
 *
 * @example struct('nda_cacheinfo', { confirmed: counted(u32, '1/100 s') })
 */
export const counted = checkedFunction(
  'counted',
  'integer: object, unit: string',
  function counted({ type, integer }: Scalar<number>, unit: string): Scalar<number> {
    const { span, signed, little } = integer!;
    return new Integer(`${type} in ${unit}`, span, signed, little, unit);
  },
);

/**
 * What a 64-bit integer accepts. It is read as a bigint; decimal text (from JSON) and plain numbers
 * can be written too.
 */
export type BigInput = bigint | number | string;

class BigInteger implements Scalar<bigint, BigInput>, IntegerForm {
  declare readonly type: string;
  declare readonly signed: boolean;
  declare readonly little: boolean;

  constructor(type: string, signed: boolean, little: boolean) {
    this.type = type;
    this.signed = signed;
    this.little = little;
  }

  get span(): number {
    return 8;
  }

  get big(): IntegerForm {
    return this;
  }

  get zero(): bigint {
    return 0n;
  }

  layout(property: string): lo.Layout<unknown> {
    return lo.blob(8, property);
  }

  get(view: DataView, at: number, end: number): bigint {
    if (end - at !== 8) throw new CodecError(`${end - at} bytes, 8 needed`);
    return this.read(view, at);
  }

  put(writer: Writer, value: BigInput): void {
    const at = writer.reserve(8);
    this.write(writer.view, at, value);
  }

  read(view: DataView, at: number): bigint {
    return this.signed ? view.getBigInt64(at, this.little) : view.getBigUint64(at, this.little);
  }

  write(view: DataView, at: number, value: BigInput): void {
    const big = typeof value === 'bigint' ? value : toBig(this.type, value);
    if ((this.signed ? BigInt.asIntN(64, big) : BigInt.asUintN(64, big)) !== big) {
      throw new CodecError(`${value} is not a ${this.type}`);
    }
    view.setBigUint64(at, BigInt.asUintN(64, big), this.little);
  }

  show(value: bigint): string {
    return String(value);
  }
}

function toBig(type: string, value: BigInput): bigint {
  try {
    return BigInt(value);
  } catch {
    throw new CodecError(`${describe(value)} is not a ${type}`);
  }
}

export const u64: Scalar<bigint, BigInput> = new BigInteger('u64', false, LITTLE_ENDIAN);
export const s64: Scalar<bigint, BigInput> = new BigInteger('s64', true, LITTLE_ENDIAN);
export const be64: Scalar<bigint, BigInput> = new BigInteger('be64', false, false);
export const sbe64: Scalar<bigint, BigInput> = new BigInteger('signed be64', true, false);
export const le64: Scalar<bigint, BigInput> = new BigInteger('le64', false, true);

class EitherInteger implements Codec<number | bigint, BigInput> {
  declare readonly type: string;
  declare readonly four: Scalar<number>;
  declare readonly eight: Scalar<bigint, BigInput>;

  constructor(type: string, four: Scalar<number>, eight: Scalar<bigint, BigInput>) {
    this.type = type;
    this.four = four;
    this.eight = eight;
  }

  get(view: DataView, at: number, end: number): number | bigint {
    if (end - at === 4) return this.four.read(view, at);
    if (end - at === 8) return this.eight.read(view, at);
    throw new CodecError(`${end - at} bytes, 4 or 8 needed`);
  }

  put(writer: Writer, value: BigInput): void {
    const { signed } = this.four.integer!;
    const fits = typeof value === 'number' && value < (signed ? 2 ** 31 : 2 ** 32);
    if (fits && (!signed || value >= -(2 ** 31))) this.four.put(writer, value);
    else this.eight.put(writer, value);
  }

  show(value: number | bigint): string {
    return String(value);
  }
}

/**
 * An integer of four or eight bytes: a number is sent in four if it fits, a bigint always in eight.
 */
export const uint: Codec<number | bigint, BigInput> = new EitherInteger('u32 or u64', u32, u64);
/** The same with a sign. */
export const sint: Codec<number | bigint, BigInput> = new EitherInteger('s32 or s64', s32, s64);
