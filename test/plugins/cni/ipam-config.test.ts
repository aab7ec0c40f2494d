/** Keys inside `ipam` that nobody reads. */
import test from 'ava';
import { parseNetworkConfig } from '../../../src/cni/config.ts';
import { checkIpamKeys, checkIpamType } from '../../../src/cni/ipam-config.ts';

function warnings(type: 'host-local' | 'static', ipam: unknown, keys: object = {}): string[] {
  const told: string[] = [];
  const text = JSON.stringify({ name: 'net1', ipam, ...keys });
  const config = parseNetworkConfig(new TextEncoder().encode(text));
  checkIpamKeys(type, config, (line) => told.push(line));
  return told;
}

test('ipam keys: those of the type are known in any case, also inside ranges', (t) => {
  const ranges = [[{ Subnet: '10.1.2.0/24', exclude: [] }]];
  t.deepEqual(warnings('host-local', { type: 'host-local', Ranges: ranges, sticky: true }), []);
  t.deepEqual(warnings('static', { type: 'static', addresses: [], dns: {} }), []);
  t.deepEqual(warnings('static', undefined), []);
});

test('ipam keys: unknown ones are reported with their path and the nearest known one', (t) => {
  const ipam = {
    type: 'host-local',
    rutes: [],
    ranges: [[{ subnet: '10.1.2.0/24', rangeStrat: 1 }]],
  };
  t.deepEqual(warnings('host-local', ipam), [
    'unknown key "ipam.rutes" ([]) in the network configuration; did you mean "routes"?',
    'unknown key "ipam.ranges[0][0].rangeStrat" (1) in the network configuration; did you mean "rangeStart"?',
  ]);
});

test('ipam keys: when strict the first is an error', (t) => {
  t.like(
    t.throws(() => warnings('static', { ranges: [] }, { strict: true })),
    { code: 2 },
  );
});

test('ipam keys: what runtimes write is known', (t) => {
  const range = { subnet: '10.4.0.0/24', gateway: '10.4.0.1', ipRange: '10.4.0.0/25' };
  const ipam = { type: 'host-local', name: 'x', ranges: [[range]], routes: [{ dst: '0.0.0.0/0' }] };
  t.deepEqual(warnings('host-local', ipam), []);
});

test('ipam without a type is reported, and an error when strict', (t) => {
  const said = (ipam: unknown, keys: object = {}): string[] => {
    const told: string[] = [];
    const text = JSON.stringify({ name: 'net1', ipam, ...keys });
    checkIpamType(parseNetworkConfig(new TextEncoder().encode(text)), (line) => told.push(line));
    return told;
  };
  for (const ipam of [undefined, null, {}, { type: '' }]) t.deepEqual(said(ipam), []);
  for (const ipam of [{ subnet: '10.1.2.0/24' }, { type: '', subnet: '10.1.2.0/24' }]) {
    t.deepEqual(said(ipam), [
      'ipam has no type, so nobody reads ipam.subnet, and the attachment gets no address; host-local and static are types',
    ]);
    t.throws(() => said(ipam, { strict: true }), { message: /ipam has no type/ });
  }
});
