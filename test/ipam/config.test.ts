import test from 'ava';
import { formatAddress } from '../../src/ip.ts';
import {
  hostLocalConfig,
  leaseStoreConfig,
  type NetworkConfig,
} from '../../src/ipam/policy/config.ts';
import { IpamError } from '../../src/ipam/policy/errors.ts';
import { formatRangeSet } from '../../src/ipam/policy/range-set.ts';

const base: NetworkConfig = { name: 'net', cniVersion: '1.0.0' };

const sets = (network: NetworkConfig): string[] =>
  hostLocalConfig({ ...base, ...network }).rangeSets.map(formatRangeSet);

const requested = (network: NetworkConfig): string[] =>
  hostLocalConfig({ ...base, ipam: { subnet: '10.1.2.0/24' }, ...network }).requested.map(
    formatAddress,
  );

const failure = (network: NetworkConfig): IpamError => {
  try {
    hostLocalConfig({ ...base, ...network });
  } catch (error) {
    if (error instanceof IpamError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('config: the legacy single range', (t) => {
  const ipam = {
    type: 'host-local',
    subnet: '10.1.2.0/24',
    rangeStart: '10.1.2.9',
    rangeEnd: '10.1.2.20',
    gateway: '10.1.2.30',
  };
  const config = hostLocalConfig({ ...base, ipam });
  t.deepEqual(config.rangeSets.map(formatRangeSet), ['10.1.2.9-10.1.2.20']);
  t.is(formatAddress(config.rangeSets[0]![0]!.gateway!), '10.1.2.30');
  t.is(config.dataDir, '/var/lib/cni/networks');
});

test('config: rangeStart without subnet is no range', (t) => {
  t.is(failure({ ipam: { rangeStart: '10.1.2.9' } }).message, 'no IP ranges specified');
});

test('config: several sets with explicit and default bounds', (t) => {
  const ranges = [
    [
      { subnet: '10.1.2.0/24', rangeStart: '10.1.2.9', rangeEnd: '10.1.2.20' },
      { subnet: '10.1.4.0/24' },
    ],
    [{ subnet: '11.1.2.0/24', rangeStart: '11.1.2.9', rangeEnd: '11.1.2.20' }],
  ];
  t.deepEqual(sets({ ipam: { ranges } }), [
    '10.1.2.9-10.1.2.20,10.1.4.1-10.1.4.254',
    '11.1.2.9-11.1.2.20',
  ]);
});

test('config: the order is runtime ranges, legacy range, ranges', (t) => {
  const runtimeConfig = { ipRanges: [[{ subnet: '12.1.3.0/24' }]], portMappings: [] };
  const ipam = { ranges: [[{ subnet: '11.1.2.0/24' }]], subnet: '10.1.2.0/24' };
  t.deepEqual(sets({ runtimeConfig, ipam }), [
    '12.1.3.1-12.1.3.254',
    '10.1.2.1-10.1.2.254',
    '11.1.2.1-11.1.2.254',
  ]);
});

test('config: requested addresses of all sources add up in order, without prefix length', (t) => {
  t.deepEqual(requested({ cniArgs: { IP: '10.1.2.10' } }), ['10.1.2.10']);
  t.deepEqual(requested({ cniArgs: { IP: '10.1.2.10/24' } }), ['10.1.2.10']);
  t.deepEqual(requested({ cniArgs: { IP: '' } }), []);
  t.deepEqual(
    requested({
      cniArgs: { IP: '10.1.2.10' },
      args: { cni: { ips: ['10.1.2.11', '11.11.11.11/24'] } },
      runtimeConfig: { ips: ['10.1.2.12/24', '2001:db8::1'] },
    }),
    ['10.1.2.10', '10.1.2.11', '11.11.11.11', '10.1.2.12', '2001:db8::1'],
  );
});

test('config: keys match in any letter case and the last spelling wins', (t) => {
  t.deepEqual(sets({ ipam: { Subnet: '10.1.2.0/24', RANGESTART: '10.1.2.5' } }), [
    '10.1.2.5-10.1.2.254',
  ]);
  t.deepEqual(sets({ ipam: { subnet: '10.1.2.0/24', SUBNET: '10.1.3.0/24' } }), [
    '10.1.3.1-10.1.3.254',
  ]);
});

test('config: null and "" leave a bound unset, unknown keys are ignored', (t) => {
  const ipam = { subnet: '10.1.2.0/24', rangeStart: '', rangeEnd: null, other: 1, resolvConf: '' };
  t.deepEqual(sets({ ipam }), ['10.1.2.1-10.1.2.254']);
});

const refused = test.macro({
  exec(t, network: NetworkConfig, message: string, path?: string) {
    const error = failure(network);
    t.is(error.message, message);
    t.is(error.code, 'config');
    if (path) t.true(error.path === path, `${error.path} is not ${path}`);
    if (path) t.true((error.details ?? '').includes(path), error.details);
  },
  title: (_, network) => `config: refused ${JSON.stringify(network)}`,
});

test(refused, {}, "IPAM config missing 'ipam' key");
test(refused, { ipam: null }, "IPAM config missing 'ipam' key");
test(refused, { ipam: {} }, 'no IP ranges specified');
test(refused, { name: '', ipam: {} }, 'missing network name');
test(refused, { name: '../x', ipam: {} }, 'invalid characters found in network name', 'name');
test(refused, { name: 'a/b', ipam: {} }, 'invalid characters found in network name', 'name');
test(refused, { name: '..', ipam: {} }, 'invalid characters found in network name', 'name');
test(
  refused,
  { name: 'a'.repeat(256), ipam: {} },
  'the network name is too long for a directory: 256 bytes',
  'name',
);
test(refused, { name: 'a\0', ipam: {} }, 'invalid characters found in network name', 'name');
test(
  refused,
  { ipam: { ranges: [[{ subnet: '10.0.0.0/24' }, { subnet: 'bad' }]] } },
  'invalid CIDR address: bad',
  'ipam.ranges[0][1].subnet',
);
test(
  refused,
  { ipam: { subnet: '10.0.0.0/24', gateway: 'x' } },
  'invalid IP address: x',
  'ipam.gateway',
);
test(
  refused,
  { ipam: { ranges: [{ subnet: '10.0.0.0/24' }] } },
  'ipam.ranges[0]: expected a list, got {"subnet":"10.0.0.0/24"}',
  'ipam.ranges[0]',
);
test(refused, { ipam: { subnet: 5 } }, 'ipam.subnet: expected a string, got 5', 'ipam.subnet');
test(
  refused,
  { ipam: { subnet: '10.0.0.0/24', routes: [{ dst: '0.0.0.0/0', gw: 'y' }] } },
  'invalid IP address: y',
  'ipam.routes[0].gw',
);
test(
  refused,
  { ipam: { subnet: '10.0.0.0/24' }, args: { cni: { ips: [''] } } },
  'cannot understand ip: IP <nil> not v4 nor v6',
  'args.cni.ips[0]',
);
test(
  refused,
  { ipam: { subnet: '10.0.0.0/24' }, cniArgs: { IP: 'x' } },
  'ARGS: error parsing value of pair "IP=x": invalid IP address x',
  'CNI_ARGS',
);
test(
  refused,
  { ipam: { subnet: '10.0.0.0/24', dataDir: '/a\0b' } },
  'ipam.dataDir: not a path',
  'ipam.dataDir',
);
test(
  refused,
  { ipam: { subnet: '10.0.0.0/24', cooldown: 1.5 } },
  'ipam.cooldown: expected a whole number up to 31536000, got 1.5',
  'ipam.cooldown',
);
test(
  refused,
  { ipam: { subnet: '10.0.0.0/24', durability: 'maybe' } },
  'ipam.durability: expected sync or async',
  'ipam.durability',
);
test(
  refused,
  { ipam: { ranges: [[{ subnet: '10.1.0.0/16' }], [{ subnet: '10.1.2.0/24' }]] } },
  'range set 0 overlaps with 1',
  'ipam.ranges[1]',
);
test(
  refused,
  {
    ipam: {
      ranges: [[{ subnet: '10.1.0.0/24' }, { subnet: '10.1.0.0/24', rangeStart: '10.1.0.9' }]],
    },
  },
  'invalid range set 0: subnets 10.1.0.1-10.1.0.254 and 10.1.0.9-10.1.0.254 overlap',
  'ipam.ranges[0][1]',
);
test(
  refused,
  { ipam: { ranges: [[{ subnet: '10.1.0.0/24' }, { subnet: '2001:db8::/64' }]] } },
  'invalid range set 0: mixed address families',
  'ipam.ranges[0][1]',
);
test(
  refused,
  {
    cniVersion: '0.2.0',
    ipam: { ranges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: '10.2.0.0/24' }]] },
  },
  'CNI version 0.2.0 does not support more than 1 address per family',
);

test('config: an overlap shows both keys with their values', (t) => {
  const both = [{ subnet: '10.1.0.0/16' }, { subnet: '10.1.2.0/24' }];
  t.is(
    failure({ ipam: { ranges: both.map((range) => [range]) } }).details,
    'ipam.ranges[0]: 10.1.0.1-10.1.255.254 and ipam.ranges[1]: 10.1.2.1-10.1.2.254',
  );
  t.is(
    failure({ ipam: { ranges: [both] } }).details,
    'ipam.ranges[0][0].subnet: 10.1.0.0/16 and ipam.ranges[0][1].subnet: 10.1.2.0/24',
  );
});

test('config: version 0.2.0 has room for one address of each family', (t) => {
  const ranges = [[{ subnet: '10.1.0.0/24' }], [{ subnet: '2001:db8::/64' }]];
  t.is(sets({ cniVersion: '0.2.0', ipam: { ranges } }).length, 2);
});

test('config: what DEL needs is read although the ranges are wrong', (t) => {
  const network = { ...base, ipam: { subnet: 'bad', dataDir: '/data', cooldown: 3 } };
  const config = leaseStoreConfig(network);
  t.is(config.dataDir, '/data');
  t.is(config.cooldown, 3000);
  t.is(config.durability, 'sync');
  t.is(config.lockTimeout, 60_000);
  t.throws(() => hostLocalConfig(network));
});
