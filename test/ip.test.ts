import test from 'ava';
import fc from 'fast-check';
import {
  addressBytes,
  canonicalAddress,
  canonicalCidr,
  familyOf,
  formatAddress,
  formatPrefix,
  lastOf,
  networkOf,
  parseAddress,
  parsePrefix,
  parsePrefixOrAddress,
  prefixContains,
} from '../src/ip.ts';

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

const address = test.macro({
  exec(t, text: string, expected: string | undefined) {
    t.is(canonicalAddress(text), expected);
  },
  title: (_given, text: string, expected: string | undefined) =>
    `canonical address: ${JSON.stringify(text)} is ${expected ?? 'refused'}`,
});

test(address, '10.1.2.3', '10.1.2.3');
test(address, '010.1.2.3', undefined);
test(address, '10.1.2', undefined);
test(address, '10.1.2.256', undefined);
test(address, '10.1.2.3.4', undefined);
test(address, '', undefined);
test(address, 'FD00:0:0::0002', 'fd00::2');
test(address, '::', '::');
test(address, '::ffff:1.2.3.4', '1.2.3.4');
test(address, '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8');
test(address, '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0');
test(address, '1:2:3:4:5:6:7:8:9', undefined);
test(address, '1::2::3', undefined);
test(address, '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1');
test(address, 'fe80::1%eth0', undefined);
test(address, 'fd00::12345', undefined);

const prefix = test.macro({
  exec(t, text: string, expected: string | undefined) {
    t.is(canonicalCidr(text), expected);
  },
  title: (_given, text: string, expected: string | undefined) =>
    `canonical prefix: ${JSON.stringify(text)} is ${expected ?? 'refused'}`,
});

test(prefix, '10.1.2.3/24', '10.1.2.3/24');
test(prefix, '10.1.2.3/024', '10.1.2.3/24');
test(prefix, '10.1.2.3/33', undefined);
test(prefix, '10.1.2.3/', undefined);
test(prefix, '10.1.2.3', undefined);
test(prefix, '', undefined);
test(prefix, '010.1.2.0/24', undefined);
test(prefix, '10.1.2.3/+24', undefined);
test(prefix, 'fd00::1/064', 'fd00::1/64');
test(prefix, 'fd00::1/129', undefined);
test(prefix, '::ffff:10.0.0.1/120', '10.0.0.1/24');
test(prefix, '::ffff:10.0.0.1/64', undefined);

test('address: the family shows in the printed spelling', (t) => {
  t.is(familyOf('10.1.2.3/24'), 'inet');
  t.is(familyOf('::1'), 'inet6');
});

test('address: bytes are in network order', (t) => {
  t.deepEqual([...addressBytes('10.1.2.3')], [10, 1, 2, 3]);
  t.deepEqual([...addressBytes('fd00::1')], [0xfd, ...new Array<number>(14).fill(0), 1]);
  t.throws(() => addressBytes('10.1.2'), { message: '"10.1.2" is not an IP address' });
});

test('prefix: an address without a length stands for itself alone', (t) => {
  for (const [text, prefix] of [
    ['192.0.2.1', '192.0.2.1/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['192.0.2.0/24', '192.0.2.0/24'],
  ] as const) {
    t.deepEqual(parsePrefixOrAddress(text), parsePrefix(prefix));
  }
  t.is(formatPrefix(parsePrefixOrAddress('::ffff:192.0.2.1')!), '192.0.2.1/32');
  for (const text of ['', '192.0.2', '192.0.2.1/', '192.0.2.1/33', '2001:db8::1/129']) {
    t.is(parsePrefixOrAddress(text), undefined);
  }
});
