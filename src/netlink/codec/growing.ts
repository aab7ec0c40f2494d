/**
 * Values that another kernel sends in another length than the declared one: structs that have
 * grown since, and addresses of another kind.
 */
import { checkedFunction } from './arguments.ts';
import type { Writer } from './bytes.ts';
import { bytes, type Codec, type Inner, type Remark } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { struct, type Struct } from './struct.ts';

/**
 * A struct as the value of an attribute. When it is read, fields at its end may be missing, as an
 * older kernel does not have them; it is written with all of them.
 *
 * @throws CodecError for anything but a struct
 *
 * @example attr('IFLA_STATS64', 23, growing(rtnlLinkStats64))
 */
export const growing = checkedFunction(
  'growing',
  'whole: object',
  <T, I>(whole: Struct<T, I>): Codec<Partial<T>, I> => new Growing(whole) as Codec<any, any>,
);

class Growing implements Codec<object, object> {
  declare readonly whole: Struct<any, any>;
  declare made: Struct<any, any> | undefined;

  constructor(whole: Struct<any, any>) {
    this.whole = whole;
    this.made = undefined;
  }

  get type(): string {
    return this.whole.type;
  }

  get notes(): true {
    return true;
  }

  get(view: DataView, at: number, end: number, remark?: Remark): object {
    const { whole } = this;
    if (end - at >= whole.span) return whole.get(view, at, end) as object;
    if (remark !== undefined) remark.form = String(end - at);
    // The same struct, of which no field has to be there.
    this.made ??= struct(whole.name, {}, whole.fields) as Struct<any, any>;
    return this.made.get(view, at, end) as object;
  }

  put(writer: Writer, value: object, note?: string): void {
    const { whole } = this;
    if (note === undefined) return whole.put(writer, value);
    const length = Number(note);
    if (!Number.isInteger(length) || length < 0 || length >= whole.span) {
      throw new CodecError(`"${note}" is not the length of a shorter ${whole.type}`);
    }
    const { rest, ...fields } = value as { rest?: Uint8Array | string };
    const { at } = writer;
    whole.put(writer, fields);
    writer.at = at + length;
    if (rest === undefined) return;
    // Part of a field.
    const size = typeof rest === 'string' ? rest.length / 2 : rest.length;
    writer.at = Math.max(at, writer.at - size);
    bytes.put(writer, rest);
  }

  show(value: object): string {
    return this.whole.show(value);
  }

  inner(): readonly Inner[] {
    return [{ codec: this.whole }];
  }
}

/**
 * A value of any length: bytes, where `codec` cannot read them.
 *
 * @throws CodecError for anything but a codec
 *
 * @example attr('NDA_DST', 1, orBytes(ip))
 */
export const orBytes = checkedFunction(
  'orBytes',
  'codec: object',
  <T, I>(codec: Codec<T, I>): Codec<T | Uint8Array, I | Uint8Array> => ({
    type: `${codec.type}, or bytes`,
    get(view, at, end) {
      try {
        return codec.get(view, at, end);
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        return bytes.get(view, at, end);
      }
    },
    put(writer, value) {
      if (value instanceof Uint8Array) return writer.append(value);
      const { at } = writer;
      try {
        codec.put(writer, value);
      } catch (error) {
        // Bytes from JSON.
        writer.at = at;
        const isHex = typeof value === 'string' && /^(?:[\da-f]{2})+$/i.test(value);
        if (!isHex) throw error;
        bytes.put(writer, value);
      }
    },
    show: (value) => (value instanceof Uint8Array ? bytes.show(value) : codec.show(value)),
  }),
);
