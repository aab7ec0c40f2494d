import test from 'ava';
import type { NetworkConfig } from '../../src/ipam/policy/config.ts';
import { staticIpam } from '../../src/ipam/static.ts';

const network = (config: NetworkConfig): NetworkConfig => ({
  name: 'net',
  cniVersion: '1.0.0',
  ipam: {},
  ...config,
});

const add = (config: NetworkConfig) => staticIpam(network(config)).add();
const refusal = (config: NetworkConfig): string => {
  try {
    add(config);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

test('static: addresses, routes and DNS in order', (t) => {
  const ipam = {
    addresses: [
      { address: '10.10.0.1/24', gateway: '10.10.0.254' },
      { address: '3ffe:ffff:0:1ff::1/64', gateway: '3ffe:ffff::1' },
    ],
    routes: [
      { dst: '0.0.0.0/0' },
      { dst: '192.168.0.0/16', gw: '10.10.5.1' },
      { dst: '3ffe:ffff:0:1ff::1/64' },
    ],
    dns: { nameservers: ['8.8.8.8'], domain: 'example.com', search: [] },
  };
  t.deepEqual(add({ ipam }), {
    ips: [
      { address: '10.10.0.1/24', gateway: '10.10.0.254' },
      { address: '3ffe:ffff:0:1ff::1/64', gateway: '3ffe:ffff::1' },
    ],
    routes: [
      { dst: '0.0.0.0/0' },
      { dst: '192.168.0.0/16', gw: '10.10.5.1' },
      { dst: '3ffe:ffff:0:1ff::1/64' },
    ],
    dns: { nameservers: ['8.8.8.8'], domain: 'example.com' },
  });
});

test('static: two default routes with different gateways are both kept', (t) => {
  const routes = [
    { dst: '0.0.0.0/0', gw: '10.1.2.1' },
    { dst: '0.0.0.0/0', gw: '10.1.2.2', priority: 5, table: 0 },
  ];
  t.deepEqual(add({ ipam: { routes } }).routes, routes);
});

test('static: address and gateway from CNI_ARGS, after the configured ones', (t) => {
  const ipam = { addresses: [{ address: '172.16.0.1/24' }] };
  t.deepEqual(add({ ipam, cniArgs: { IP: '10.10.0.1/24', GATEWAY: '10.10.0.254' } }).ips, [
    { address: '172.16.0.1/24' },
    { address: '10.10.0.1/24', gateway: '10.10.0.254' },
  ]);
});

test('static: a gateway of CNI_ARGS belongs to the address whose subnet holds it', (t) => {
  const cniArgs = { IP: '10.10.0.1/24, 11.11.0.1/24', GATEWAY: '10.10.0.254' };
  t.deepEqual(add({ cniArgs }).ips, [
    { address: '10.10.0.1/24', gateway: '10.10.0.254' },
    { address: '11.11.0.1/24' },
  ]);
  t.is(
    refusal({ cniArgs, cniVersion: '0.2.0' }),
    'CNI version 0.2.0 does not support more than 1 address per family',
  );
});

test('static: runtimeConfig replaces args, args replaces the rest', (t) => {
  const ipam = { addresses: [{ address: '10.10.0.1/24' }] };
  const cniArgs = { IP: '10.10.0.2/24' };
  const args = { cni: { ips: ['10.10.0.3/24'] } };
  const runtimeConfig = { ips: ['10.10.0.4/24'] };
  t.deepEqual(add({ ipam, cniArgs, args }).ips, [{ address: '10.10.0.3/24' }]);
  t.deepEqual(add({ ipam, cniArgs, args, runtimeConfig }).ips, [{ address: '10.10.0.4/24' }]);
});

test('static: an IPv4-mapped prefix is the IPv4 prefix that it means, and none when it holds more', (t) => {
  const addresses = [{ address: '::ffff:10.1.1.5/120' }];
  const ipam = { addresses, routes: [{ dst: '::ffff:10.9.0.0/112' }, { dst: '::/0' }] };
  const result = add({ ipam });
  t.deepEqual(result.ips, [{ address: '10.1.1.5/24' }]);
  t.deepEqual(result.routes, [{ dst: '10.9.0.0/16' }, { dst: '::/0' }]);
  t.regex(refusal({ ipam: { addresses: [{ address: '::ffff:10.1.1.5/95' }] } }), /CIDR notation/);
  t.is(
    refusal({ ipam: { routes: [{ dst: '::ffff:10.9.0.0/95' }] } }),
    'invalid CIDR address: ::ffff:10.9.0.0/95',
  );
});

test('static: no address at all is accepted', (t) => t.deepEqual(add({}), { ips: [] }));

test('static: refused texts', (t) => {
  t.is(
    refusal({ ipam: undefined, cniArgs: { IP: '10.0.0.1/8' } }),
    "IPAM config missing 'ipam' key",
  );
  t.is(
    refusal({ ipam: undefined, runtimeConfig: { ips: ['10.0.0.1/8'] } }),
    "IPAM config missing 'ipam' key",
  );
  t.is(
    refusal({ ipam: { addresses: [{ address: '10.10.0.1' }] } }),
    "the 'address' field is expected to be in CIDR notation, got: '10.10.0.1'",
  );
  t.is(
    refusal({ cniArgs: { IP: '10.10.0.1' } }),
    "the 'ip' field is expected to be in CIDR notation, got: '10.10.0.1'",
  );
  t.is(refusal({ cniArgs: { IP: '10.10.0.1/8', GATEWAY: 'x' } }), 'invalid gateway address: x');
  for (const source of [
    { args: { cni: { ips: ['10.10.0.1'] } } },
    { runtimeConfig: { ips: ['10.10.0.1'] } },
  ]) {
    t.is(refusal(source), "an entry in the 'ips' field is NOT in CIDR notation, got: '10.10.0.1'");
  }
});

test('static: CHECK compares the gateway of an address that prevResult names', (t) => {
  const ipam = staticIpam(
    network({ ipam: { addresses: [{ address: '10.10.0.1/24', gateway: '10.10.0.254' }] } }),
  );
  t.is(t.throws(() => ipam.check(undefined, 'eth0'))!.message, 'Required prevResult missing');
  t.notThrows(() => ipam.check({ ips: [] }, 'eth0'));
  t.notThrows(() =>
    ipam.check({ ips: [{ address: '10.10.0.1/16', gateway: '10.10.0.254' }] }, 'eth0'),
  );
  t.is(
    t.throws(() =>
      ipam.check({ ips: [{ address: '10.10.0.1/24', gateway: '10.10.0.1' }] }, 'eth0'),
    )!.message,
    'static: Failed to match addr 10.10.0.1 on interface eth0',
  );
});
