/**
 * Lists and records: what their elements note stays with them, and comes back when they are
 * encoded.
 */
import test from 'ava';
import { attr, attrs } from '../../src/netlink/codec/attributes.ts';
import { fromHex, toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { bool8, cstr, u16, u8, type Codec } from '../../src/netlink/codec/codec.ts';
import { headed, records } from '../../src/netlink/codec/headed.ts';
import { list } from '../../src/netlink/codec/list.ts';
import { nested } from '../../src/netlink/codec/nested.ts';
import { struct } from '../../src/netlink/codec/struct.ts';

const decode = <T>(codec: Codec<T, any>, hex: string): T => {
  const bytes = fromHex(hex);
  return codec.get(viewOf(bytes), 0, bytes.length);
};

const encode = (codec: Codec<any, any>, value: unknown): string => {
  const writer = new Writer();
  codec.put(writer, value);
  return toHex(writer.finish());
};

const set = attrs({
  names: attr('NAMES', 1, nested(list('NAME', cstr, { id: 1 }))),
  on: attr('ON', 2, bool8),
});

test('list: the note of an element is kept under the list, and its bytes come back', (t) => {
  // NAMES with "ab" unterminated and "c", then ON=1.
  const hex = '14000180 06000100 61620000 06000100 63000000 05000200 01000000'.replace(/ /g, '');
  const value = decode(set, hex);
  t.deepEqual(value, {
    names: ['ab', 'c'],
    nlaNotes: { names: 'elements {"0":"unterminated"}' },
    on: true,
  });
  t.is(encode(set, value), hex);
});

test('list: flag bits that are not the declared ones are kept', (t) => {
  const hex = '14000180 06000140 61000000 06000100 63000000'.replace(/ /g, '');
  const value = decode(set, hex);
  t.deepEqual(value.nlaNotes, { names: 'types 16385,1' });
  t.is(encode(set, value), hex);
});

test('list: an element of another type is refused, unless the list is loose', (t) => {
  const hex = '06000200 61000000'.replace(/ /g, '');
  t.throws(() => decode(list('NAME', cstr, { id: 1 }), hex), {
    message: 'element 0 has type 2, 1 needed',
  });
  t.deepEqual(decode(list('NAME', cstr, { id: 1, loose: true }), hex), ['a']);
});

test('list: a note that is no note of a list is a CodecError', (t) => {
  t.throws(() => encode(set, { names: ['a'], nlaNotes: { names: 'elements {' } }), {
    code: 'ERR_NETLINK_CODEC',
  });
});

test('records: what an element notes does not reach the set around them', (t) => {
  const hop = headed(struct('hop', { len: u16, flags: u8, _pad: u8 }), cstr as Codec<any, any>);
  const around = attrs({
    hops: attr('HOPS', 1, records('HOP', hop, 'len')),
    on: attr('ON', 2, bool8),
  });
  // One hop whose body is "ab" without NUL, then ON=1.
  const value = decode(around, '0a000100 06000000 61620000 05000200 01000000'.replace(/ /g, ''));
  t.is(value.nlaNotes, undefined);
});

test('sets: what is no set, no list and no struct is refused with a CodecError', (t) => {
  for (const value of [null, 'x', 5]) {
    t.throws(() => encode(set, value), { code: 'ERR_NETLINK_CODEC' });
    t.throws(() => encode(set, { names: value }), { code: 'ERR_NETLINK_CODEC' });
    t.throws(() => encode(struct('s', { a: u8 }), value), { code: 'ERR_NETLINK_CODEC' });
  }
});
