/** Identifiers of 16 bytes, in the form of RFC 9562. */
import * as lo from 'buffer-layout';
import { bytesOf, fromHex, toHex } from './bytes.ts';
import { scalar, type Scalar } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { describe } from './given.ts';

const SPAN = 16;
const FORM = /^([\da-f]{8})-([\da-f]{4})-([\da-f]{4})-([\da-f]{4})-([\da-f]{12})$/i;

/** `f81d4fae-7dec-11d0-a765-00a0c91e6bf6` */
export const uuid: Scalar<string> = scalar<string>({
  type: 'uuid',
  span: SPAN,
  zero: '00000000-0000-0000-0000-000000000000',
  layout: (property) => lo.blob(SPAN, property),
  read: (view, at) =>
    toHex(bytesOf(view, at, at + SPAN)).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  write(view, at, value) {
    if (typeof value !== 'string' || !FORM.test(value)) {
      throw new CodecError(`${describe(value)} is not a uuid`);
    }
    bytesOf(view, at, at + SPAN).set(fromHex(value.replaceAll('-', '')));
  },
  show: (value) => value,
});
