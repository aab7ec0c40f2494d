import test from 'ava';
import fc from 'fast-check';
import {
  formatAddress,
  formatPrefix,
  lastOf,
  networkOf,
  parseAddress,
  parsePrefix,
  prefixContains,
} from '../../src/ipam/policy/address.ts';

const roundTrip = test.macro({
  exec(t, text: string, canonical: string) {
    const address = parseAddress(text);
    t.truthy(address);
    t.is(formatAddress(address!), canonical);
  },
  title: (_, text, canonical) => `address: ${text} prints as ${canonical}`,
});

test(roundTrip, '10.1.2.3', '10.1.2.3');
test(roundTrip, '0.0.0.0', '0.0.0.0');
test(roundTrip, '255.255.255.255', '255.255.255.255');
test(roundTrip, '::', '::');
test(roundTrip, '::1', '::1');
test(roundTrip, '2001:DB8:0:0:0:0:0:1', '2001:db8::1');
test(roundTrip, '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1');
test(roundTrip, '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1');
test(roundTrip, '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0');
test(roundTrip, '::ffff:10.0.0.1', '10.0.0.1');
test(roundTrip, '::10.0.0.1', '::a00:1');
test(roundTrip, 'fe80::', 'fe80::');

for (const text of [
  '',
  '10.1.2',
  '10.1.2.3.4',
  '010.1.2.3',
  '10.1.2.256',
  '10.1.2.-1',
  ' 10.1.2.3',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  'fe80::1%eth0',
  '12345::',
  '1.2.3.4::',
  ':1:2:3:4:5:6:7',
]) {
  test(`address: "${text}" is refused`, (t) => t.is(parseAddress(text), undefined));
}

test('prefix: a length may have leading zeros, as in Go', (t) => {
  t.is(formatPrefix(parsePrefix('10.0.0.0/024')!), '10.0.0.0/24');
});

for (const text of ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '::/129', '10.0.0.0/-1', 'x/8', '']) {
  test(`prefix: "${text}" is refused`, (t) => t.is(parsePrefix(text), undefined));
}

test('prefix: first and last address', (t) => {
  const prefix = parsePrefix('192.0.2.77/25')!;
  t.is(formatAddress(networkOf(prefix)), '192.0.2.0');
  t.is(formatAddress(lastOf(prefix)), '192.0.2.127');
  t.is(formatAddress(lastOf(parsePrefix('2001:db8:1::/64')!)), '2001:db8:1:0:ffff:ffff:ffff:ffff');
});

test('prefix: containment stays within a family', (t) => {
  t.true(prefixContains(parsePrefix('0.0.0.0/0')!, parseAddress('10.0.0.1')!));
  t.false(prefixContains(parsePrefix('::/0')!, parseAddress('10.0.0.1')!));
});

test('address: every value prints as text that parses to it', (t) => {
  const v4 = fc.record({ family: fc.constant(4 as const), value: fc.bigInt(0n, 2n ** 32n - 1n) });
  const v6 = fc
    .record({ family: fc.constant(6 as const), value: fc.bigInt(0n, 2n ** 128n - 1n) })
    .filter(({ value }) => value >> 32n !== 0xffffn);
  fc.assert(
    fc.property(fc.oneof(v4, v6), (address) => {
      t.deepEqual(parseAddress(formatAddress(address)), address);
    }),
  );
});
