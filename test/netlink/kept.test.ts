/**
 * What a value keeps of bytes that say nothing: padding that is not zero or not there, the order of
 * attributes that come again.
 */
import test from 'ava';
import { attr, attrs, manyAttr } from '../../src/netlink/codec/attributes.ts';
import { fromHex, toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { blob, cstr, u16, u8, type Codec } from '../../src/netlink/codec/codec.ts';
import { headed } from '../../src/netlink/codec/headed.ts';
import { packed } from '../../src/netlink/codec/list.ts';
import { struct } from '../../src/netlink/codec/struct.ts';

const padded: Codec<any, any> = attrs({
  name: attr('X_NAME', 1, cstr),
  number: attr('X_NUMBER', 2, u16),
  item: manyAttr('X_ITEM', 3, u8),
  inner: attr('X_INNER', 4, attrs({ word: attr('Y_WORD', 1, cstr) })),
});
const readPadded = (hex: string): Record<string, unknown> => {
  const bytes = fromHex(hex);
  return padded.get(viewOf(bytes), 0, bytes.length);
};
const written = (value: object): string => {
  const writer = new Writer();
  padded.put(writer, value);
  return toHex(writer.finish());
};

test('set: padding that is not zero, and padding that is not there, survives', (t) => {
  for (const hex of [
    '06000100 6100 beef 06000200 0500 0001'.replaceAll(' ', ''),
    '0500 0300 01 aaaaaa 0500 0300 02 bbbbbb 0500 0300 03 000000'.replaceAll(' ', ''),
    '0600 0900 6100 0077 0600 0100 6200'.replaceAll(' ', ''),
    '0a00 0400 0600 0100 6100 0000'.replaceAll(' ', ''),
    '0c00 0400 0600 0100 6100 0900 0600 0200 0500 0000'.replaceAll(' ', ''),
  ]) {
    // More often than it takes until the readers and writers are compiled.
    for (let i = 0; i < 100; i++) t.is(written(readPadded(hex)), hex);
  }
});

test('set: attributes that come again keep their order, also those that may', (t) => {
  const hex = [
    '05000300 01000000',
    '06000200 05000000',
    '05000300 02000000',
    '05000300 03000000',
    '06000200 06000000',
    '06000100 61000000',
    '06000100 62000000',
  ]
    .join('')
    .replaceAll(' ', '');
  for (let i = 0; i < 100; i++) t.is(written(readPadded(hex)), hex);
  t.deepEqual(readPadded('05000300010000000500030002000000')['item'], [1, 2]);
});

test('set: padding of a header that is not zero survives', (t) => {
  const head = struct('head', { a: u8, _pad: u8, b: u16, _more: blob(4) });
  const both = headed(head, padded);
  const plain = '0100 0200 00000000'.replaceAll(' ', '');
  for (const hex of ['01ff020000000000', '0100020000000001', '0101020001000000', plain]) {
    const bytes = fromHex(hex);
    for (let i = 0; i < 100; i++) {
      const writer = new Writer();
      both.put(writer, both.get(viewOf(bytes), 0, bytes.length));
      t.is(toHex(writer.finish()), hex);
      const alone = new Writer();
      head.put(alone, head.get(viewOf(bytes), 0, bytes.length));
      t.is(toHex(alone.finish()), hex);
    }
  }
  t.deepEqual(Object.keys(head.get(viewOf(fromHex(plain)), 0, 8)), ['a', 'b']);
});

test('set: a key that is no field is refused, at every depth, however often it was written', (t) => {
  const head = struct('head', { a: u8, b: u8, c: u16 });
  const set = attrs({ head: attr('X_HEAD', 1, head), all: attr('X_ALL', 2, packed(head)) });
  const both = headed(head, set);
  const put = (codec: Codec<any, any>, value: unknown) => () => codec.put(new Writer(), value);
  for (let i = 0; i < 100; i++) {
    t.throws(put(head, { a: 1, d: 2 }), { message: '"d" is not a field of struct head' });
    t.throws(put(head, { a: undefined, d: 2 }), { message: /^"d" is not a field/ });
    t.throws(put(head, { a: 1, b: 1, c: 1, d: 2 }), { message: /^"d" is not a field/ });
    t.throws(put(set, { head: { aa: 1 } }), { message: /^X_HEAD: "aa" is not a field/ });
    t.throws(put(set, { all: [{ a: 1 }, { A: 1 }] }), { message: /^X_ALL: "A" is not a field/ });
    t.throws(put(both, { a: 1, ifname: 'x' }), { message: /"ifname" is not a field/ });
    t.throws(put(both, { ifname: 'x', attrs: {} }), { message: /"ifname" is not a field/ });
    t.notThrows(put(both, { a: 1, d: undefined, attrs: {} }));
    t.notThrows(put(both, { a: 1, attrs: undefined }));
  }
});
