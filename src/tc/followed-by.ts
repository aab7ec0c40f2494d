/**
 * A struct that a list or bytes follow, up to the end of the payload: `struct tc_u32_sel` and its
 * keys.
 */
import { CodecError, rethrowWithin } from '../errors.ts';
import { Writer } from '../netlink/codec/bytes.ts';
import type { Codec, Inner } from '../netlink/codec/codec.ts';
import { describe } from '../netlink/codec/given.ts';
import type { StructLike } from './bit-fields.ts';

/** The field of the struct that counts what follows, and the size in bytes of one of it. */
export interface Count<C extends string> {
  readonly field: C;
  readonly size: number;
}

type With<H, K extends string, T, C extends string> = Omit<H, C | 'rest'> &
  Record<K, T> & { [key in C]?: number };
type WithIn<HI, K extends string, I> = Omit<HI, 'rest'> & { [key in K]?: I | undefined };

/**
 * A struct with what follows it under `key`. The field that counts is left out when it has the
 * right number, and filled in on writing.
 */
export const followedBy = <H, HI, const K extends string, T, I, const C extends string = never>(
  head: StructLike<H, HI>,
  key: K,
  tail: Codec<T, I>,
  count?: Count<C>,
): Codec<With<H, K, T, C>, WithIn<HI, K, I>> => new FollowedBy(head, key, tail, count) as any;

type Values = Record<string, unknown>;

class FollowedBy implements Codec<Values, Values> {
  /** Not called `head`, which printers take for that of attributes. */
  declare readonly struct: StructLike<any, any>;
  declare readonly key: string;
  declare readonly tail: Codec<any, any>;
  declare readonly count: Count<string> | undefined;

  constructor(
    struct: StructLike<any, any>,
    key: string,
    tail: Codec<any, any>,
    count: Count<string> | undefined,
  ) {
    this.struct = struct;
    this.key = key;
    this.tail = tail;
    this.count = count;
  }

  get type(): string {
    return `${this.struct.type} and ${this.key}`;
  }

  get(view: DataView, at: number, end: number): Values {
    const { struct, key, tail, count } = this;
    const start = at + struct.span;
    const value = struct.get(view, at, Math.min(start, end)) as Values;
    if (count !== undefined && value[count.field] === (end - start) / count.size) {
      delete value[count.field];
    }
    value[key] = tail.get(view, start, end);
    return value;
  }

  put(writer: Writer, value: Values): void {
    const { struct, key, tail, count } = this;
    if (typeof value !== 'object' || value === null) {
      throw new CodecError(`${describe(value)} is not a ${struct.type}`);
    }
    const following = new Writer(64);
    try {
      if (value[key] !== undefined) tail.put(following, value[key]);
    } catch (error) {
      rethrowWithin(error, key);
    }
    const counted =
      count === undefined
        ? value
        : { ...value, [count.field]: value[count.field] ?? following.at / count.size };
    struct.writeAll(writer, counted, key);
    writer.append(following.finish());
  }

  show(value: Values): string {
    return `${this.struct.show(value)} ${this.key}=${this.tail.show(value[this.key])}`;
  }

  inner(): readonly Inner[] {
    return [{ codec: this.struct }, { codec: this.tail }];
  }
}
