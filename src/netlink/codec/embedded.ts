/** Fields of structs that are more than a number: a struct inside another one, and text. */
import { checkedFunction } from './arguments.ts';
import * as lo from 'buffer-layout';
import { bytesOf, Writer } from './bytes.ts';
import { scalar, type Scalar } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { describe } from './given.ts';
import type { Struct } from './struct.ts';
import { bytesText, textBytes } from './text.ts';
import { jsonText } from '../../printable.ts';

/**
 * A struct that is a field of another one.
 *
 * @throws CodecError for anything but a struct
 */
export const embedded = checkedFunction(
  'embedded',
  'struct: object',
  <T, I>(struct: Struct<T, I>): Scalar<T, I> =>
    scalar<T, I>({
      get type() {
        return struct.type;
      },
      get span() {
        return struct.span;
      },
      get zero() {
        return {} as T;
      },
      layout: (property) => lo.blob(struct.span, property),
      read: (view, at) => struct.read(view, at),
      write(view, at, value) {
        const writer = new Writer(struct.span);
        struct.writeAll(writer, value, '');
        bytesOf(view, at, at + struct.span).set(writer.finish());
      },
      show: (value) => `{${struct.show(value)}}`,
      inner: () => [{ codec: struct }],
    }),
);

/**
 * Text in a field of fixed size, padded with NULs. Bytes after the first NUL stay in the text, so
 * that nothing is lost.
 *
 * @throws CodecError for a size that no attribute has room for
 */
export function chars(span: number): Scalar<string> {
  // An attribute has no room for more.
  if (!Number.isInteger(span) || span < 0 || span > 0xffff) {
    throw new CodecError('chars: span must be a number of bytes, 65,535 at most');
  }
  return scalar<string>({
    type: `string in ${span} bytes`,
    span,
    zero: '',
    layout: (property) => lo.blob(span, property),
    read(view, at) {
      let end = at + span;
      while (end > at && view.getUint8(end - 1) === 0) end--;
      return bytesText(bytesOf(view, at, end));
    },
    write(view, at, value) {
      if (typeof value !== 'string') throw new CodecError(`${describe(value)} is not text`);
      const text = textBytes(value);
      if (text.length > span) {
        throw new CodecError(`${jsonText(value)} has ${text.length} bytes, ${span} at most`);
      }
      const field = bytesOf(view, at, at + span);
      field.fill(0);
      field.set(text);
    },
    show: (value) => jsonText(value),
  });
}
