import test from 'ava';
import fc from 'fast-check';
import { formatAddress, parseAddress, parsePrefix } from '../../src/ip.ts';
import { IpamError } from '../../src/ipam/policy/errors.ts';
import {
  canonicalRange,
  formatRange,
  rangeContains,
  rangesOverlap,
  rangeSize,
  type Range,
  type RangeConfig,
} from '../../src/ipam/policy/range.ts';

interface Text {
  subnet?: string;
  rangeStart?: string;
  rangeEnd?: string;
  gateway?: string;
  exclude?: string[];
}

function config({ subnet, rangeStart, rangeEnd, gateway, exclude }: Text): RangeConfig {
  const prefix = (text: string) => parsePrefix(text.includes('/') ? text : `${text}/32`)!;
  return {
    path: 'ipam.ranges[0][0]',
    ...(subnet ? { subnet: parsePrefix(subnet)! } : {}),
    ...(rangeStart ? { rangeStart: parseAddress(rangeStart)! } : {}),
    ...(rangeEnd ? { rangeEnd: parseAddress(rangeEnd)! } : {}),
    ...(gateway ? { gateway: parseAddress(gateway)! } : {}),
    ...(exclude ? { exclude: exclude.map(prefix) } : {}),
  };
}

const range = (text: Text): Range => canonicalRange(config(text));
const text = (family: 4 | 6, value: bigint): string => formatAddress({ family, value });

const defaults = test.macro({
  exec(t, subnet: string, start: string, end: string, gateway: string | undefined) {
    const found = range({ subnet });
    t.is(text(found.family, found.start), start);
    t.is(text(found.family, found.end), end);
    t.is(found.gateway && formatAddress(found.gateway), gateway);
  },
  title: (_, subnet) => `range: defaults of ${subnet}`,
});

test(defaults, '192.0.2.0/24', '192.0.2.1', '192.0.2.254', '192.0.2.1');
test(defaults, '192.0.2.0/25', '192.0.2.1', '192.0.2.126', '192.0.2.1');
test(defaults, '10.0.0.0/30', '10.0.0.1', '10.0.0.2', '10.0.0.1');
test(
  defaults,
  '2001:db8:1::/64',
  '2001:db8:1::1',
  '2001:db8:1:0:ffff:ffff:ffff:ffff',
  '2001:db8:1::1',
);
test(defaults, '0.0.0.0/0', '0.0.0.1', '255.255.255.254', '0.0.0.1');
test(defaults, '10.0.0.0/31', '10.0.0.0', '10.0.0.1', '10.0.0.0');
test(defaults, '10.0.0.7/32', '10.0.0.7', '10.0.0.7', undefined);
test(defaults, '2001:db8::/127', '2001:db8::', '2001:db8::1', '2001:db8::');
test(defaults, '2001:db8::5/128', '2001:db8::5', '2001:db8::5', undefined);

test('range: one address of a /31 and of a /127 is free beside the gateway', (t) => {
  t.is(rangeSize(range({ subnet: '10.0.0.0/31' })), 1n);
  t.is(rangeSize(range({ subnet: '2001:db8::/127' })), 1n);
});

test('range: the address of a /32 and of a /128 is handed out', (t) => {
  t.is(rangeSize(range({ subnet: '10.0.0.7/32' })), 1n);
  t.is(rangeSize(range({ subnet: '2001:db8::5/128' })), 1n);
});

const refused = test.macro({
  exec(t, given: Text, message: string, path: string) {
    const error = t.throws(() => range(given), { instanceOf: IpamError })!;
    t.is(error.message, message);
    t.is(error.code, 'config');
    t.is(error.path, `ipam.ranges[0][0].${path}`);
  },
  title: (_, given) => `range: refused ${JSON.stringify(given)}`,
});

const hostBits = (length: number, network: string): string =>
  `Network has host bits set. For a subnet mask of length ${length} the network address is ${network}`;

test(refused, { subnet: '192.0.2.12/24' }, hostBits(24, '192.0.2.0'), 'subnet');
test(refused, { subnet: '192.0.3.0/23' }, hostBits(23, '192.0.2.0'), 'subnet');
test(refused, { subnet: '2001:db8:1::1/64' }, hostBits(64, '2001:db8:1::'), 'subnet');
test(refused, { subnet: '2001:db8:0:1::/63' }, hostBits(63, '2001:db8::'), 'subnet');
test(refused, {}, 'IP <nil> not v4 nor v6', 'subnet');
test(refused, { subnet: '::ffff:10.0.0.0/120' }, 'IPNet IP and Mask version mismatch', 'subnet');
test(
  refused,
  { subnet: '192.0.2.0/24', rangeStart: '192.0.3.0' },
  'RangeStart 192.0.3.0 not in network 192.0.2.0/24',
  'rangeStart',
);
test(
  refused,
  { subnet: '192.0.2.0/24', rangeStart: '192.0.2.40', rangeEnd: '192.0.2.30' },
  'RangeStart 192.0.2.40 is after RangeEnd 192.0.2.30 in network 192.0.2.0/24',
  'rangeStart',
);
test(
  refused,
  { subnet: '192.0.2.0/24', rangeEnd: '192.0.4.0' },
  'RangeEnd 192.0.4.0 not in network 192.0.2.0/24',
  'rangeEnd',
);
test(
  refused,
  { subnet: '192.0.2.0/24', rangeEnd: '192.0.2.0' },
  'RangeEnd 192.0.2.0 not in network 192.0.2.0/24',
  'rangeEnd',
);
test(
  refused,
  { subnet: '192.0.2.0/24', rangeStart: '2001:db8::1' },
  'RangeStart 2001:db8::1 not in network 192.0.2.0/24',
  'rangeStart',
);
test(
  refused,
  { subnet: '192.0.2.0/24', exclude: ['192.0.3.1'] },
  'exclude 192.0.3.1/32 not in network 192.0.2.0/24',
  'exclude[0]',
);
test(
  refused,
  { subnet: '192.0.2.0/24', exclude: ['192.0.2.1', '192.0.0.0/16'] },
  'exclude 192.0.0.0/16 not in network 192.0.2.0/24',
  'exclude[1]',
);

test('range: explicit bounds and gateway are kept, network and broadcast address included', (t) => {
  const found = range({
    subnet: '192.0.2.0/24',
    rangeStart: '192.0.2.0',
    rangeEnd: '192.0.2.255',
    gateway: '192.0.2.254',
  });
  t.is(formatRange(found), '192.0.2.0-192.0.2.255');
  t.is(formatAddress(found.gateway!), '192.0.2.254');
  t.is(rangeSize(found), 255n);
});

for (const gateway of ['192.168.1.1', '2001:db8::1', '169.254.1.1']) {
  const message = `gateway ${gateway} not in network 10.0.0.0/24`;
  test(refused, { subnet: '10.0.0.0/24', gateway }, message, 'gateway');
  // The gateway is looked at first.
  test(refused, { subnet: '10.0.0.0/24', gateway, rangeStart: '11.0.0.1' }, message, 'gateway');
}
test(
  refused,
  { subnet: '2001:db8::/64', gateway: 'fe80::1' },
  'gateway fe80::1 not in network 2001:db8::/64',
  'gateway',
);
test(
  refused,
  { subnet: '10.0.0.0/30', rangeStart: '10.0.0.3' },
  'RangeStart 10.0.0.3 is after RangeEnd 10.0.0.2 in network 10.0.0.0/30',
  'rangeStart',
);

test('range: membership at the bounds', (t) => {
  const v4 = range({ subnet: '192.0.2.0/24', rangeStart: '192.0.2.40', rangeEnd: '192.0.2.50' });
  const has = (found: Range, address: string): boolean =>
    rangeContains(found, parseAddress(address)!);
  t.false(has(v4, '192.0.3.0'));
  t.false(has(v4, '192.0.2.39'));
  t.true(has(v4, '192.0.2.40'));
  t.true(has(v4, '192.0.2.50'));
  t.false(has(v4, '192.0.2.51'));
  const v6 = range({
    subnet: '2001:db8:1::/64',
    rangeStart: '2001:db8:1::40',
    rangeEnd: '2001:db8:1::50',
  });
  t.false(has(v6, '2001:db8:2::'));
  t.false(has(v6, '2001:db8:1::39'));
  t.true(has(v6, '2001:db8:1::40'));
  t.true(has(v6, '2001:db8:1::50'));
  t.false(has(v6, '2001:db8:1::51'));
  t.false(has(v6, '192.0.2.45'));
});

const overlap = test.macro({
  exec(t, first: Text, second: Text, expected: boolean) {
    t.is(rangesOverlap(range(first), range(second)), expected);
    t.is(rangesOverlap(range(second), range(first)), expected);
  },
  title: (name) => `range: overlap, ${name}`,
});

test('disjoint', overlap, { subnet: '10.0.0.0/24' }, { subnet: '10.0.1.0/24' }, false);
test('families', overlap, { subnet: '10.0.0.0/24' }, { subnet: '2001:db8::/64' }, false);
test('identical', overlap, { subnet: '10.0.0.0/24' }, { subnet: '10.0.0.0/24' }, true);
test('containing', overlap, { subnet: '10.0.0.0/20' }, { subnet: '10.0.1.0/24' }, true);
test(
  'a split subnet',
  overlap,
  { subnet: '10.0.0.0/24', rangeEnd: '10.0.0.127' },
  { subnet: '10.0.0.0/24', rangeStart: '10.0.0.128' },
  false,
);
test(
  'a touching split',
  overlap,
  { subnet: '10.0.0.0/24', rangeEnd: '10.0.0.127' },
  { subnet: '10.0.0.0/24', rangeStart: '10.0.0.127' },
  true,
);

test('range: excluded addresses and the gateway are holes in what is free', (t) => {
  const found = range({
    subnet: '10.0.0.0/28',
    exclude: ['10.0.0.4/30', '10.0.0.5', '10.0.0.14', '10.0.0.0/32'],
  });
  t.deepEqual(
    found.free.map(({ from, to }) => `${text(4, from)}-${text(4, to)}`),
    ['10.0.0.2-10.0.0.3', '10.0.0.8-10.0.0.13'],
  );
  t.is(rangeSize(found), 8n);
});

test('range: free intervals hold exactly what is not gateway and not excluded', (t) => {
  const offset = fc.integer({ min: 0, max: 63 });
  const block = fc.record({ at: offset, length: fc.integer({ min: 28, max: 32 }) });
  fc.assert(
    fc.property(offset, fc.array(block, { maxLength: 6 }), (gateway, blocks) => {
      const exclude = blocks.map(({ at, length }) => `10.0.0.${at}/${length}`);
      const found = range({ subnet: '10.0.0.0/26', gateway: `10.0.0.${gateway}`, exclude });
      const base = parseAddress('10.0.0.0')!.value;
      for (let at = 0; at < 64; at++) {
        const isExcluded = blocks.some(
          ({ at: first, length }) => at >> (32 - length) === first >> (32 - length),
        );
        const expected = at >= 1 && at <= 62 && at !== gateway && !isExcluded;
        const value = base + BigInt(at);
        t.is(
          found.free.some(({ from, to }) => value >= from && value <= to),
          expected,
        );
      }
    }),
    { numRuns: 60 },
  );
});
