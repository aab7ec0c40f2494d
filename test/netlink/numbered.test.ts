/** Attributes whose types are numbers of something else. */
import test from 'ava';
import { attr, attrs } from '../../src/netlink/codec/attributes.ts';
import { fromHex, toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { cstr, u16, type Codec } from '../../src/netlink/codec/codec.ts';
import { numbered } from '../../src/netlink/codec/numbered.ts';
import { nested } from '../../src/netlink/codec/nested.ts';

const decode = <T>(codec: Codec<T, any>, hex: string): T => {
  const bytes = fromHex(hex);
  return codec.get(viewOf(bytes), 0, bytes.length);
};

const encode = (codec: Codec<any, any>, value: unknown): string => {
  const writer = new Writer();
  codec.put(writer, value);
  return toHex(writer.finish());
};

const set = attrs({ by: attr('BY', 1, nested(numbered('BY', cstr))) });

test('numbered: numbers and their order are part of the value', (t) => {
  const hex = '18000180 06000700 61000000 05000000 00000000 06000700 62000000'.replace(/ /g, '');
  const value = decode(set, `1c${hex.slice(2)}`);
  t.deepEqual(value, {
    by: [
      { id: 7, value: 'a' },
      { id: 0, value: '' },
      { id: 7, value: 'b' },
    ],
  });
  t.is(encode(set, value), `1c${hex.slice(2)}`);
  t.is(set.show(value), 'BY={[7={"a"} 0={""} 7={"b"}]}');
});

test('numbered: odd flag bits and encodings come back', (t) => {
  const hex = '14000180 06000780 61000000 05000200 61000000'.replace(/ /g, '');
  const value = decode(set, hex);
  t.deepEqual(value.by, [
    { id: 7, value: 'a' },
    { id: 2, value: 'a' },
  ]);
  t.deepEqual(value.nlaNotes, {
    by: '{"0":{"flags":32768},"1":{"form":"unterminated"}}',
  });
  t.is(encode(set, value), hex);
});

test('numbered: errors carry the number', (t) => {
  const short = attrs({ by: attr('BY', 1, numbered('BY', u16)) });
  t.throws(() => decode(short, '0c0001000500070061000000'), {
    message: 'BY/BY[7]: 1 bytes, 2 needed',
  });
  t.throws(() => encode(short, { by: [{ id: 7, value: 70_000 }] }), {
    message: 'BY/BY[7]: 70000 is not a u16',
  });
  for (const bad of [{ value: 1 }, { id: -1, value: 1 }, { id: 0x4000, value: 1 }, null, 7]) {
    t.throws(() => encode(short, { by: [bad] }), { code: 'ERR_NETLINK_CODEC' });
  }
  t.throws(() => encode(short, { by: { id: 7 } }), {
    message: 'BY: [object Object] is not a list',
  });
  t.throws(() => encode(short, { by: [], nlaNotes: { by: '{' } }), { code: 'ERR_NETLINK_CODEC' });
});
