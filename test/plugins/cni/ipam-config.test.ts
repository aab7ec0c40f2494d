/** Keys inside `ipam` that nobody reads. */
import test from 'ava';
import { parseNetworkConfig } from '../../../src/plugins/cni/config.ts';
import { checkIpamKeys } from '../../../src/plugins/cni/ipam-config.ts';

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

test('ipam keys: others are told with their path and the nearest known one', (t) => {
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
