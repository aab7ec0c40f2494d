/** Gateways, default routes and next hops of an attachment. */
import test from 'ava';
import {
  addressing,
  broadcastOf,
  chosenDns,
  conflicts,
  nextHop,
} from '../../src/plugins/attach/addressing.ts';

const gateway = { isGateway: true, isDefaultGateway: false };
const defaultGateway = { isGateway: true, isDefaultGateway: true };

test('addressing: without isGateway nothing is added', (t) => {
  const result = {
    ips: [{ address: '10.1.2.3/24' }, { address: 'fd00::3/64', gateway: 'fd00::1' }],
  };
  t.deepEqual(addressing(result, { isGateway: false, isDefaultGateway: false }), {
    ips: result.ips,
    routes: [],
    gateways: [],
  });
});

test('addressing: the first address of the subnet is the gateway when none is named', (t) => {
  const { ips, gateways } = addressing({ ips: [{ address: '10.1.2.3/24' }] }, gateway);
  t.deepEqual(ips, [{ address: '10.1.2.3/24', gateway: '10.1.2.1' }]);
  t.deepEqual(gateways, ['10.1.2.1/24']);
});

test('addressing: each family gets one default route, over its first gateway', (t) => {
  const ips = [
    { address: '10.1.2.3/24', gateway: '10.1.2.1' },
    { address: 'fd00::3/64', gateway: 'fd00::1' },
    { address: 'fd01::3/64', gateway: 'fd01::1' },
  ];
  const { routes, gateways } = addressing({ ips }, defaultGateway);
  t.deepEqual(routes, [
    { dst: '0.0.0.0/0', gw: '10.1.2.1' },
    { dst: '::/0', gw: 'fd00::1' },
  ]);
  t.deepEqual(gateways, ['10.1.2.1/24', 'fd00::1/64', 'fd01::1/64']);
});

test('addressing: a default route of IPAM stays the only one, with a router or without', (t) => {
  for (const route of [{ dst: '0.0.0.0/0', gw: '10.1.2.9' }, { dst: '0.0.0.0/0' }]) {
    const ips = [{ address: '10.1.2.3/24', gateway: '10.1.2.1' }];
    t.deepEqual(addressing({ ips, routes: [route] }, defaultGateway).routes, [route]);
  }
});

test('addressing: a route without a router goes over the gateway of its family', (t) => {
  const ips = [{ address: 'fd00::3/64', gateway: 'fd00::1' }, { address: '10.1.2.3/24' }];
  t.is(nextHop({ dst: 'fd09::/16' }, ips), 'fd00::1');
  t.is(nextHop({ dst: '192.0.2.0/24' }, ips), undefined);
  t.is(nextHop({ dst: '192.0.2.0/24', gw: '10.1.2.9' }, ips), '10.1.2.9');
});

test('addressing: a broadcast address from /30 on', (t) => {
  t.is(broadcastOf('10.1.2.3/24'), '10.1.2.255');
  t.is(broadcastOf('10.1.2.3/30'), '10.1.2.3');
  t.is(broadcastOf('10.1.2.3/31'), undefined);
  t.is(broadcastOf('fd00::3/64'), undefined);
});

test('addressing: any two IPv4 gateways contradict, IPv6 ones where they overlap', (t) => {
  t.true(conflicts('10.1.2.1/24', '10.9.9.1/24'));
  t.false(conflicts('10.1.2.1/24', 'fd00::1/64'));
  t.true(conflicts('fd00::1/48', 'fd00:0:0:5::1/64'));
  t.false(conflicts('fd00::1/64', 'fd01::1/64'));
});

test('addressing: with forceAddress a gateway takes the place of those that it contradicts', (t) => {
  const networks = ['10.1.2.3/24', 'fd00::3/64', '10.9.0.3/24', 'fd00:0:0:1::3/64', '10.1.2.4/24'];
  const result = { ips: networks.map((address) => ({ address })) };
  t.deepEqual(addressing(result, { ...gateway, forceAddress: true }).gateways, [
    'fd00::1/64',
    'fd00:0:0:1::1/64',
    '10.1.2.1/24',
  ]);
});

test('addressing: the dns of the configuration counts as soon as it says anything', (t) => {
  const fromIpam = { nameservers: ['192.0.2.53'] };
  t.is(chosenDns(undefined, fromIpam), fromIpam);
  t.is(chosenDns({}, fromIpam), fromIpam);
  t.is(chosenDns({ domain: '' }, fromIpam), fromIpam);
  t.deepEqual(chosenDns({ search: [] }, fromIpam), { search: [] });
  t.deepEqual(chosenDns({ domain: 'example.net' }, fromIpam), { domain: 'example.net' });
});
