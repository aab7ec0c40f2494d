/**
 * Values that are an integer on the wire and something else in TypeScript; booleans are the
 * simplest.
 */
import type * as lo from 'buffer-layout';
import type { Writer } from './bytes.ts';
import type { Remark, Scalar } from './codec.ts';
import { u32, u8, type IntegerForm } from './integer.ts';

/** Converts a value to and from the integer on the wire. */
export abstract class Mapped<T, I = T> implements Scalar<T, I> {
  declare readonly base: Scalar<number>;

  constructor(base: Scalar<number>) {
    this.base = base;
  }

  abstract get type(): string;
  abstract map(integer: number): T;
  abstract number(value: I): number;
  abstract show(value: T): string;

  get zero(): T {
    return this.map(0);
  }

  get span(): number {
    return this.base.span;
  }

  get integer(): IntegerForm {
    return this.base.integer!;
  }

  get unit(): string | undefined {
    return this.base.unit;
  }

  layout(property: string): lo.Layout<unknown> {
    return this.base.layout(property);
  }

  get(view: DataView, at: number, end: number, _remark?: Remark): T {
    return this.map(this.base.get(view, at, end));
  }

  put(writer: Writer, value: I, _note?: string): void {
    this.base.put(writer, this.number(value));
  }

  read(view: DataView, at: number): T {
    return this.map(this.base.read(view, at));
  }

  write(view: DataView, at: number, value: I): void {
    this.base.write(view, at, this.number(value));
  }
}

/** Declares a value that is an integer on the wire. */
export const mapped = <T, I = T>(base: Scalar<number>, own: Ways<T, I>): Scalar<T, I> =>
  new OwnWays(base, own);

interface Ways<T, I> {
  readonly type: string;
  map(integer: number): T;
  /** The range of the result is checked. */
  number(value: I): number;
  show(value: T): string;
}

class OwnWays<T, I> extends Mapped<T, I> {
  declare readonly own: Ways<T, I>;

  constructor(base: Scalar<number>, own: Ways<T, I>) {
    super(base);
    this.own = own;
  }

  get type(): string {
    return this.own.type;
  }

  map(integer: number): T {
    return this.own.map(integer);
  }

  number(value: I): number {
    return this.own.number(value);
  }

  show(value: T): string {
    return this.own.show(value);
  }
}

/** Integers other than 0 and 1 are true too, and are remarked on. */
class Truth extends Mapped<boolean> {
  get type(): string {
    return `bool in ${this.base.type}`;
  }

  get notes(): true {
    return true;
  }

  get quiet(): number {
    return 1;
  }

  override get(view: DataView, at: number, end: number, remark?: Remark): boolean {
    const value = this.base.get(view, at, end);
    if (value > this.quiet && remark) remark.form = String(value);
    return value !== 0;
  }

  override put(writer: Writer, value: boolean, note?: string): void {
    this.base.put(writer, value ? Number(note ?? 1) : 0);
  }

  map(integer: number): boolean {
    return integer !== 0;
  }

  number(value: boolean): number {
    return value ? 1 : 0;
  }

  show(value: boolean): string {
    return value ? 'on' : 'off';
  }
}

/**
 * A boolean in one byte, like most of the kernel's switches. Integers other than 0 and 1 are true,
 * and preserved.
 */
export const bool8: Scalar<boolean> = new Truth(u8);
/** A boolean in four bytes. */
export const bool32: Scalar<boolean> = new Truth(u32);
