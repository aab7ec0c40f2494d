import test from 'ava';
import fc from 'fast-check';
import { formatAddress, parseAddress, parsePrefix } from '../../src/ip.ts';
import { allocate, intervalsAfter } from '../../src/ipam/policy/allocator.ts';
import { IpamError } from '../../src/ipam/policy/errors.ts';
import { canonicalRangeSet, type RangeSet } from '../../src/ipam/policy/range-set.ts';
import { memoryStore } from '../../src/ipam/policy/leases.ts';

interface Text {
  subnet: string;
  rangeStart?: string;
  rangeEnd?: string;
}

const set = (...ranges: (string | Text)[]): RangeSet =>
  canonicalRangeSet(
    ranges.map((range, index) => {
      const { subnet, rangeStart, rangeEnd } =
        typeof range === 'string' ? { subnet: range } : range;
      return {
        path: `ipam.ranges[0][${index}]`,
        subnet: parsePrefix(subnet)!,
        ...(rangeStart ? { rangeStart: parseAddress(rangeStart)! } : {}),
        ...(rangeEnd ? { rangeEnd: parseAddress(rangeEnd)! } : {}),
      };
    }),
    0,
    'ipam.ranges[0]',
  );

const owner = { containerId: 'id', ifname: 'eth0' };

/** Every address in the order in which it is offered. */
function offered(ranges: RangeSet, last?: string): string[] {
  const found: string[] = [];
  for (const { range, from, to } of intervalsAfter(ranges, last ? parseAddress(last) : undefined)) {
    for (let value = from; value <= to; value++) {
      found.push(formatAddress({ family: range.family, value }));
    }
  }
  return found;
}

/** The next address, given short names such as `.4` in 10.0.0. */
function next(ranges: RangeSet, taken: string[], last?: string): string {
  const full = (text: string): string => (text.startsWith('.') ? `10.0.0${text}` : text);
  const leases = new Map(taken.map((text) => [full(text), 'other\r\neth0']));
  const marks = new Map(last ? [[0, full(last)]] : []);
  const { address } = memoryStore(leases, marks).locked((view) =>
    allocate(ranges, view, { owner, index: 0 }),
  );
  return formatAddress(address);
}

const worked = test.macro<[string[], string[], string | undefined, string]>({
  exec(t, subnets: string[], taken: string[], last: string | undefined, expected: string) {
    t.is(next(set(...subnets), taken, last), expected);
  },
  title: (_, subnets, taken, last, expected) =>
    `allocator: ${subnets.join(', ')}, taken [${taken.join(' ')}], last ${last ?? 'none'} gives ${expected}`,
});

test(worked, ['10.0.0.0/29'], [], undefined, '10.0.0.2');
test(worked, ['2001:db8:1::/64'], [], undefined, '2001:db8:1::2');
test(worked, ['10.0.0.0/30'], [], undefined, '10.0.0.2');
test(worked, ['10.0.0.0/29'], ['.2'], undefined, '10.0.0.3');
test(worked, ['10.0.0.0/29'], [], '.5', '10.0.0.6');
test(worked, ['10.0.0.0/29'], ['.4', '.5'], '.3', '10.0.0.6');
test(worked, ['10.0.0.0/29'], ['.6'], '.5', '10.0.0.2');
test(worked, ['10.0.0.0/29'], ['.2'], '10.0.0.128', '10.0.0.3');
test(worked, ['10.0.0.0/29'], ['.2', '.4', '.5', '.6'], '.3', '10.0.0.3');
test(worked, ['10.0.0.0/30', '10.0.1.0/30'], [], undefined, '10.0.0.2');
test(worked, ['10.0.0.0/30', '10.0.1.0/30'], [], '.2', '10.0.1.2');
test(worked, ['10.0.0.0/30', '10.0.1.0/30', '10.0.2.0/30'], [], '10.0.2.2', '10.0.0.2');
test(worked, ['10.0.0.0/31'], [], undefined, '10.0.0.1');
test(worked, ['10.0.0.9/32'], [], undefined, '10.0.0.9');
test(worked, ['2001:db8::/127'], [], undefined, '2001:db8::1');
test(worked, ['2001:db8::9/128'], [], undefined, '2001:db8::9');

test('allocator: from the beginning each address is offered once, without gateway and broadcast', (t) => {
  t.deepEqual(offered(set('192.0.2.0/29')), [
    '192.0.2.2',
    '192.0.2.3',
    '192.0.2.4',
    '192.0.2.5',
    '192.0.2.6',
  ]);
});

test('allocator: from the end it goes around', (t) => {
  t.deepEqual(offered(set('192.0.2.0/29'), '192.0.2.6'), [
    '192.0.2.2',
    '192.0.2.3',
    '192.0.2.4',
    '192.0.2.5',
    '192.0.2.6',
  ]);
});

test('allocator: from the middle the last reserved address comes last', (t) => {
  t.deepEqual(offered(set('192.0.2.0/29'), '192.0.2.3'), [
    '192.0.2.4',
    '192.0.2.5',
    '192.0.2.6',
    '192.0.2.2',
    '192.0.2.3',
  ]);
});

test('allocator: explicit bounds, and the end of the first of two ranges', (t) => {
  const ranges = set(
    { subnet: '192.0.2.0/24', rangeStart: '192.0.2.0', rangeEnd: '192.0.2.3' },
    { subnet: '198.51.100.0/24', rangeStart: '198.51.100.1', rangeEnd: '198.51.100.3' },
  );
  const first = ['192.0.2.0', '192.0.2.2', '192.0.2.3'];
  const second = ['198.51.100.2', '198.51.100.3'];
  t.deepEqual(offered(ranges), [...first, ...second]);
  t.deepEqual(offered(ranges, '192.0.2.3'), [...second, ...first]);
});

test('allocator: a released address is not handed out again at once', (t) => {
  const store = memoryStore();
  const ranges = set('10.0.0.0/29');
  const add = (): string =>
    store.locked((view) => {
      const { address } = allocate(ranges, view, { owner, index: 0 });
      view.setLastReserved(0, address);
      return formatAddress(address);
    });
  t.is(add(), '10.0.0.2');
  store.locked((view) => view.free(parseAddress('10.0.0.2')!));
  t.is(add(), '10.0.0.3');
});

function requested(text: string, taken: Map<string, string> = new Map()): string {
  const address = parseAddress(text)!;
  const ranges = set({ subnet: '10.0.0.0/29', rangeStart: '10.0.0.1', rangeEnd: '10.0.0.5' });
  const given = memoryStore(taken).locked((view) =>
    allocate(ranges, view, { owner, index: 0, requested: address }),
  );
  return formatAddress(given.address);
}

test('allocator: a requested address is granted', (t) => {
  t.is(requested('10.0.0.5'), '10.0.0.5');
});

test('allocator: a taken requested address is refused and its holder named', (t) => {
  const error = t.throws(() => requested('10.0.0.5', new Map([['10.0.0.5', 'web\r\neth1']])), {
    instanceOf: IpamError,
  })!;
  t.is(
    error.message,
    'requested IP address 10.0.0.5 is not available in range set 10.0.0.1-10.0.0.5',
  );
  t.is(error.code, 'taken');
  t.is(error.owner, 'web eth1');
  t.is(error.details, '10.0.0.5 is held by web eth1');
});

test('allocator: a requested address above the end, below the start or equal to the gateway is refused', (t) => {
  t.is(
    t.throws(() => requested('10.0.0.6'))!.message,
    '10.0.0.6 not in range set 10.0.0.1-10.0.0.5',
  );
  t.is(
    t.throws(() => requested('10.0.0.0'))!.message,
    '10.0.0.0 not in range set 10.0.0.1-10.0.0.5',
  );
  t.is(t.throws(() => requested('10.0.0.1'))!.message, "requested ip 10.0.0.1 is subnet's gateway");
});

const exhausts = test.macro<[string[], number]>({
  exec(t, subnets: string[], count: number) {
    const store = memoryStore();
    const ranges = set(...subnets);
    const add = (index: number): void =>
      store.locked((view) => {
        allocate(ranges, view, { owner: { containerId: `c${index}`, ifname: 'eth0' }, index: 0 });
      });
    for (let index = 0; index < count; index++) add(index);
    const error = t.throws(() => add(count), { instanceOf: IpamError })!;
    t.is(error.code, 'exhausted');
    t.true(error.message.startsWith('no IP addresses available in range set'));
  },
  title: (_, subnets, count) => `allocator: ${subnets.join(', ')} is exhausted after ${count}`,
});

test(exhausts, ['10.0.0.0/30'], 1);
test(exhausts, ['10.0.0.0/29'], 5);
test(exhausts, ['10.0.0.0/30', '10.0.1.0/29'], 6);
test(exhausts, ['10.0.0.0/24', '10.0.1.0/24'], 506);

test('allocator: the same owner is refused a second address of a set', (t) => {
  const leases = new Map([['10.0.0.3', 'id\r\neth0']]);
  const error = t.throws(
    () =>
      memoryStore(leases).locked((view) => allocate(set('10.0.0.0/29'), view, { owner, index: 0 })),
    { instanceOf: IpamError },
  )!;
  t.is(error.message, '10.0.0.3 has been allocated to id, duplicate allocation is not allowed');
  t.is(error.code, 'duplicate');
});

test('allocator: an address that should rest is passed over, and said so when nothing else is left', (t) => {
  const ranges = set('10.0.0.0/30');
  const error = t.throws(
    () =>
      memoryStore().locked((view) =>
        allocate(ranges, view, { owner, index: 0, avoid: () => true }),
      ),
    { instanceOf: IpamError },
  )!;
  t.is(error.code, 'exhausted');
  t.is(error.details, '1 free addresses are cooling down');
});

test('allocator: a preferred address is taken when it is free and in the set', (t) => {
  const prefer = (text: string, taken: string[] = []): string =>
    memoryStore(new Map(taken.map((address) => [address, 'x\r\ny']))).locked((view) =>
      formatAddress(
        allocate(set('10.0.0.0/29'), view, { owner, index: 0, prefer: parseAddress(text)! })
          .address,
      ),
    );
  t.is(prefer('10.0.0.5'), '10.0.0.5');
  t.is(prefer('10.0.0.5', ['10.0.0.5']), '10.0.0.2');
  t.is(prefer('10.0.0.1'), '10.0.0.2');
  t.is(prefer('10.9.9.9'), '10.0.0.2');
});

test('allocator: the answer is the first free address in the order of offers, in crowded ranges too', (t) => {
  const address = fc.integer({ min: 1, max: 254 });
  fc.assert(
    fc.property(
      fc.uniqueArray(address, { maxLength: 254 }),
      fc.option(address, { nil: undefined }),
      (taken, last) => {
        const ranges = set({
          subnet: '10.0.0.0/24',
          rangeStart: '10.0.0.3',
          rangeEnd: '10.0.0.180',
        });
        const names = taken.map((at) => `10.0.0.${at}`);
        const mark = last === undefined ? undefined : `10.0.0.${last}`;
        const expected = offered(ranges, mark).find((text) => !names.includes(text));
        if (expected === undefined) t.throws(() => next(ranges, names, mark));
        else t.is(next(ranges, names, mark), expected);
      },
    ),
    { numRuns: 200 },
  );
});
