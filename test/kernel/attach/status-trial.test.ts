/**
 * STATUS and the ADD behind it where only the kernel knows whether it accepts the addresses and
 * routes of a configuration. STATUS tries them in a namespace of its own, so the two must agree,
 * whatever this kernel does; `refused` and `accepted` are what every kernel does.
 */
import type { ExecutionContext } from 'ava';
import { needs } from '../../harness/needs.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { freshNode } from '../../harness/node.ts';
import { ourPlugin } from '../../harness/plugin.ts';

type Answer = 'accepted' | 'refused' | 'either';

const fixed = (addresses: readonly Row[], keys: Row = {}): Row => ({
  ipam: { type: 'static', addresses, ...keys },
});
const at = (address: string, gateway?: string): Row => fixed([{ address, gateway }]);
const routed = (...routes: readonly Row[]): Row =>
  fixed(
    [
      { address: '10.88.0.7/24', gateway: '10.88.0.1' },
      { address: 'fd88::7/64', gateway: 'fd88::1' },
    ],
    { routes },
  );
const V4 = '192.0.2.0/24';
const V6 = '2001:db8::/32';

/** For every plugin with an interface in the container. */
const CASES: readonly (readonly [Answer, Row])[] = [
  ['accepted', routed({ dst: '0.0.0.0/0' }, { dst: '::/0' })],
  ['accepted', routed({ dst: V6, gw: 'fe80::9' })],
  ['accepted', routed({ dst: V4, gw: 'fd88::9' })],
  // A router that nobody can reach, also by another route of the list.
  ['refused', routed({ dst: V4, gw: '10.99.0.1' })],
  ['refused', routed({ dst: V6, gw: 'fd99::1' })],
  ['refused', routed({ dst: '10.99.0.1/32', gw: '10.88.0.9' }, { dst: V4, gw: '10.99.0.1' })],
  // A route on the link before the one over its router: there is no gateway to add to it.
  [
    'accepted',
    fixed([{ address: '10.88.0.7/24' }], {
      routes: [
        { dst: '10.99.0.0/24', scope: 253 },
        { dst: V4, gw: '10.99.0.1' },
      ],
    }),
  ],
  [
    'refused',
    fixed([{ address: '10.88.0.7/24' }], {
      routes: [
        { dst: V4, gw: '10.99.0.1' },
        { dst: '10.99.0.0/24', scope: 253 },
      ],
    }),
  ],
  // The same route twice, and one that differs.
  ['refused', routed({ dst: V4 }, { dst: V4, gw: '10.88.0.1' })],
  ['refused', routed({ dst: V6 }, { dst: V6 })],
  ['refused', routed({ dst: '2001:db8::1/32' }, { dst: V6 })],
  ['accepted', routed({ dst: V4 }, { dst: V4, gw: '10.88.0.9' })],
  ['accepted', routed({ dst: V4 }, { dst: V4, priority: 10 }, { dst: V4, table: 100 })],
  ['accepted', routed({ dst: V6 }, { dst: V6, priority: 10 }, { dst: V6, table: 100 })],
  // Bits behind the prefix: an error in IPv4, cut off in IPv6.
  ['refused', routed({ dst: '192.0.2.1/24' })],
  ['accepted', routed({ dst: '2001:db8::1/32' })],
  ['refused', at('ff02::5/64')],
  ['refused', at('::1/128')],
  ['refused', fixed([{ address: 'fd88::7/64' }, { address: 'fd88::7/48' }])],
];

const BRIDGE_CASES: readonly (readonly [Answer, Row])[] = [
  ...['10.88.0.7', '10.88.0.255', '224.0.0.1', '127.0.0.1'].map(
    (gw) => ['either', routed({ dst: V4, gw })] as const,
  ),
  ...['fd88::7', 'ff02::1', '::1', '::'].map((gw) => ['either', routed({ dst: V6, gw })] as const),
  ...['224.0.0.0/4', 'ff00::/8', '10.88.0.7/32', '0.0.0.0/32', '255.255.255.255/32', '::1/128'].map(
    (dst) => ['either', routed({ dst })] as const,
  ),
  ...[253, 254, 255].map((scope) => ['either', routed({ dst: V4, scope })] as const),
  ...['224.0.0.5/24', '240.0.0.5/24', '127.0.0.5/8', '10.88.0.0/24', '10.88.0.7/0'].map(
    (address) => ['either', { isGateway: true, ...at(address) }] as const,
  ),
  ...['ff02::5/64', '::/64', 'fe80::7/64', '2001:db8::7/127', 'fd88::7/0'].map(
    (address) => ['either', { isGateway: true, ...at(address) }] as const,
  ),
  // Gateways that are set on the bridge, and that default routes lead over.
  ...['10.88.0.7', '10.88.0.0', '255.255.255.255', '10.99.0.1', 'fd88::1', 'ff02::1'].map(
    (gateway) => ['either', { isDefaultGateway: true, ...at('10.88.0.7/24', gateway) }] as const,
  ),
  ...['fd88::7', 'fd99::1', 'fe80::1', '::1', 'ff02::1'].map(
    (gateway) => ['either', { isDefaultGateway: true, ...at('fd88::7/64', gateway) }] as const,
  ),
  ['refused', { mtu: 1279, ...routed() }],
  ['accepted', { mtu: 1280, isGateway: true, ...routed() }],
  ['accepted', { mtu: 68, isGateway: true, ...at('10.88.0.7/24') }],
  ['refused', { mtu: 1279, isGateway: true, ...at('10.88.0.7/24', 'fd88::1') }],
];

/** Asks STATUS, then ADD, and holds one to the other. */
function agree(
  t: ExecutionContext,
  where: Row & { type: string },
  [expected, keys]: readonly [Answer, Row],
): void {
  const node = freshNode(t);
  if (where.type === 'ipvlan') {
    node.host.exec('ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
  }
  const config = { cniVersion: '1.1.0', name: 'net1', ...where, ...keys };
  const binary = ourPlugin(where.type);
  const nobody = { containerId: '', netns: '', ifname: '' };
  const status = node.call('STATUS', config, nobody, binary);
  const add = node.call('ADD', config, { netns: freshNamespace(t).path }, binary);
  const both = `${JSON.stringify(keys)}\nSTATUS: ${status.stdout}ADD: ${add.stdout}`;
  t.is(status.code, add.code, both);
  if (expected !== 'either') t.is(add.code, expected === 'refused' ? 1 : 0, both);
}

needs('ipv6')('bridge: STATUS refuses the addresses and routes that ADD refuses', (t) => {
  for (const each of [...CASES, ...BRIDGE_CASES]) agree(t, { type: 'bridge', bridge: 'br0' }, each);
});

needs('ipvlan', 'ipv6')('ipvlan: STATUS refuses the addresses and routes that ADD refuses', (t) => {
  const modes = ['l2', 'l3', 'l3s'];
  for (const [i, each] of CASES.entries()) {
    agree(t, { type: 'ipvlan', master: 'up0', mode: modes[i % 3] }, each);
  }
});

needs('ipv6')('STATUS tells what ADD would, and changes nothing', (t) => {
  const node = freshNode(t);
  const config = node.config([], { cniVersion: '1.1.0', ...routed({ dst: V4, gw: '10.99.0.1' }) });
  const before = node.snapshot();
  const status = node.call('STATUS', config, { containerId: '', netns: '', ifname: '' });
  t.deepEqual(node.snapshot(), before);
  t.like(status.json, { code: 50 });
  t.regex(status.stdout, /failed to add route '192\.0\.2\.0\/24 via 10\.99\.0\.1 dev eth0'/);
});
