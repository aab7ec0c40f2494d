/** Masks of eight bytes. */
import test from 'ava';
import { Writer, viewOf } from '../../src/netlink/codec/bytes.ts';
import { flags64 } from '../../src/tc/units.ts';

const flags = flags64({ low: 1n, high: 1n << 40n });
type Words = Parameters<typeof flags.put>[1];

function again(words: Words): readonly (string | bigint)[] {
  const writer = new Writer();
  flags.put(writer, words);
  const bytes = writer.finish();
  return flags.get(viewOf(bytes), 0, bytes.length);
}

test('units: flags of eight bytes keep bits without a name', (t) => {
  t.deepEqual(again([]), []);
  t.deepEqual(again(['high', 'low']), ['low', 'high']);
  t.deepEqual(again(['low', 1n << 63n, 4]), ['low', (1n << 63n) | 4n]);
  t.deepEqual(again(['1099511627776']), ['high']);
});

test('units: what is no flag of eight bytes is refused', (t) => {
  const wrong = ['constructor', -1, 1.5, -1n, 1n << 64n, '', null, {}, undefined, NaN, ' 1'];
  for (const word of wrong) {
    t.throws(() => again([word as never]), { code: 'ERR_NETLINK_CODEC' }, String(word));
  }
  t.throws(() => again('low' as never), { code: 'ERR_NETLINK_CODEC' });
  t.throws(() => again(undefined as never), { code: 'ERR_NETLINK_CODEC' });
});
