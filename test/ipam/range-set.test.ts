import test from 'ava';
import { formatAddress, parseAddress, parsePrefix } from '../../src/ip.ts';
import { IpamError } from '../../src/ipam/policy/errors.ts';
import {
  canonicalRangeSet,
  formatRangeSet,
  rangeOf,
  setsOverlap,
  setSize,
  type RangeSet,
} from '../../src/ipam/policy/range-set.ts';

const set = (...subnets: string[]): RangeSet =>
  canonicalRangeSet(
    subnets.map((subnet, index) => ({
      path: `ipam.ranges[0][${index}]`,
      subnet: parsePrefix(subnet)!,
    })),
    0,
    'ipam.ranges[0]',
  );

test('range set: the range of an address', (t) => {
  const found = set('192.0.2.0/24', '172.16.1.0/24');
  t.is(rangeOf(found, parseAddress('192.0.2.12')!), found[0]);
  t.is(rangeOf(found, parseAddress('172.16.1.9')!), found[1]);
  t.is(rangeOf(found, parseAddress('10.2.3.4')!), undefined);
  t.is(formatAddress(rangeOf(found, parseAddress('172.16.1.9')!)!.gateway!), '172.16.1.1');
});

test('range set: prints its ranges joined by a comma', (t) => {
  t.is(formatRangeSet(set('10.0.0.0/30', '10.0.1.0/30')), '10.0.0.1-10.0.0.2,10.0.1.1-10.0.1.2');
  t.is(setSize(set('10.0.0.0/30', '10.0.1.0/29')), 6n);
});

const refused = test.macro<[string[], string]>({
  exec(t, subnets: string[], message: string) {
    const error = t.throws(() => set(...subnets), { instanceOf: IpamError })!;
    t.is(error.message, `invalid range set 0: ${message}`);
    t.regex(error.details!, /ipam\.ranges\[0\]/);
  },
  title: (_, subnets) => `range set: refused [${subnets.join(' ')}]`,
});

test(refused, [], 'empty range set');
test(refused, ['10.0.0.0/24', '2001:db8::/64'], 'mixed address families');
test(
  refused,
  ['192.0.2.0/20', '192.0.2.0/24'],
  'Network has host bits set. For a subnet mask of length 20 the network address is 192.0.0.0',
);
test(
  refused,
  ['192.0.0.0/20', '192.0.2.0/24'],
  'subnets 192.0.0.1-192.0.15.254 and 192.0.2.1-192.0.2.254 overlap',
);

test('range set: overlap of two sets', (t) => {
  t.true(setsOverlap(set('10.0.0.0/24', '10.0.1.0/24'), set('10.0.2.0/24', '10.0.1.0/25')));
  t.false(setsOverlap(set('10.0.0.0/24'), set('10.0.1.0/24')));
});
