/** Text in a field of fixed size, as `char name[16]` of a struct. */
import * as lo from 'buffer-layout';
import { CodecError } from '../../errors.ts';
import { jsonText } from '../../printable.ts';
import { bytesOf } from './bytes.ts';
import { scalar, type Scalar } from './codec.ts';
import { describe } from './given.ts';
import { bytesText, textBytes } from './text.ts';

/** The bytes up to the NULs that pad the field; bytes after an embedded NUL belong to the text. */
export const chars = (span: number): Scalar<string> =>
  scalar<string>({
    type: `text of ${span} bytes`,
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
      const raw = textBytes(value);
      if (raw.length > span) {
        throw new CodecError(`${jsonText(value)} has ${raw.length} bytes, ${span} at most`);
      }
      bytesOf(view, at, at + span).fill(0);
      bytesOf(view, at, at + raw.length).set(raw);
    },
    show: (value) => jsonText(value),
  });
