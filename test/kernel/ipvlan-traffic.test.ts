/** Packets over ipvlan links: between containers, to the host, to the world beyond the master, in each mode and both families. */
import { freshNamespace, type Namespace, type Row } from '../harness/namespace.ts';
import { needs } from '../harness/needs.ts';
import { succeeded } from '../harness/node.ts';
import { ipvlanNode, linkOf, pings, UPLINK, type IpvlanNode } from '../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy', 'ipv6');

/** Two containers that each have one address of each family. */
function pair(node: IpvlanNode, keys: Row, subnets: readonly [string, string]): Namespace[] {
  return subnets.map((third, i) => {
    const addresses = [
      { address: `10.88.${third}.${i + 2}/24` },
      { address: `fd88:${third}::${i + 2}/64` },
    ];
    const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }];
    const ipam = { type: 'static', addresses, ...(keys['mode'] === 'l2' ? {} : { routes }) };
    return node.attach(node.config({ ...keys, ipam }), { containerId: `c${i}` }).container;
  });
}

function reach(from: Namespace, ...addresses: string[]): Record<string, boolean> {
  return Object.fromEntries(addresses.map((address) => [address, pings(from, address)]));
}

for (const uplink of ['dummy', 'veth'] as const) {
  for (const mode of ['l2', 'l3', 'l3s']) {
    test(`ipvlan ${mode} over a ${uplink} master: containers reach each other, they and the host do not`, (t) => {
      const node = ipvlanNode(t, uplink);
      node.host.exec('ip', 'addr', 'add', '10.88.0.1/24', 'dev', UPLINK);
      node.host.exec('ip', 'addr', 'add', 'fd88:0::1/64', 'dev', UPLINK, 'nodad');
      const [one, two] = pair(node, { mode }, ['0', '0']);
      t.deepEqual(reach(one!, '10.88.0.3', 'fd88:0::3'), { '10.88.0.3': true, 'fd88:0::3': true });
      t.deepEqual(reach(two!, '10.88.0.2', 'fd88:0::2'), { '10.88.0.2': true, 'fd88:0::2': true });
      t.deepEqual(reach(node.host, '10.88.0.2', 'fd88:0::2'), {
        '10.88.0.2': false,
        'fd88:0::2': false,
      });
      t.deepEqual(reach(one!, '10.88.0.1', 'fd88:0::1'), {
        '10.88.0.1': false,
        'fd88:0::1': false,
      });
    });
  }
}

for (const mode of ['l3', 'l3s']) {
  test(`ipvlan ${mode}: routes between subnets`, (t) => {
    const node = ipvlanNode(t);
    const [one, two] = pair(node, { mode }, ['1', '2']);
    t.deepEqual(reach(one!, '10.88.2.3', 'fd88:2::3'), { '10.88.2.3': true, 'fd88:2::3': true });
    t.deepEqual(reach(two!, '10.88.1.2', 'fd88:1::2'), { '10.88.1.2': true, 'fd88:1::2': true });
  });
}

test('ipvlan l2: does not route between subnets', (t) => {
  const node = ipvlanNode(t);
  const [one] = pair(node, { mode: 'l2' }, ['1', '2']);
  t.deepEqual(reach(one!, '10.88.2.3'), { '10.88.2.3': false });
});

for (const flag of ['private', 'vepa']) {
  test(`ipvlan l2 ${flag}: containers of one master do not reach each other`, (t) => {
    const node = ipvlanNode(t, 'veth');
    node.world!.exec('ip', 'addr', 'add', '10.88.0.1/24', 'dev', 'wire0');
    const [one] = pair(node, { mode: 'l2', flag }, ['0', '0']);
    t.deepEqual(reach(one!, '10.88.0.3', '10.88.0.1'), { '10.88.0.3': false, '10.88.0.1': true });
    const data = linkOf(one!, 'eth0')?.linkinfo?.info_data ?? {};
    t.is(data[flag], true);
  });
}

test('ipvlan l2: the world beyond the master is reached over the gateway of host-local', (t) => {
  const node = ipvlanNode(t, 'veth');
  const world = node.world!;
  world.exec('ip', 'addr', 'add', '10.88.0.1/24', 'dev', 'wire0');
  world.exec('ip', 'addr', 'add', 'fd88::1/64', 'dev', 'wire0', 'nodad');
  world.exec('ip', 'addr', 'add', '198.51.100.1/32', 'dev', 'lo');
  world.exec('ip', 'addr', 'add', '2001:db8::1/128', 'dev', 'lo');
  world.exec('ip', 'link', 'set', 'lo', 'up');
  const ranges = [[{ subnet: '10.88.0.0/24' }], [{ subnet: 'fd88::/64' }]];
  const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }];
  const ipam = { type: 'host-local', dataDir: node.dataDir, ranges, routes };
  const { container } = node.attach(node.config({ ipam }));
  const far = ['198.51.100.1', '2001:db8::1'];
  t.deepEqual(reach(container, ...far), { '198.51.100.1': true, '2001:db8::1': true });
});

test('ipvlan l2: an IPv6 address that somebody on the wire has is refused', (t) => {
  const node = ipvlanNode(t, 'veth');
  node.world!.exec('ip', 'addr', 'add', 'fd88::2/64', 'dev', 'wire0', 'nodad');
  const ipam = { type: 'static', addresses: [{ address: 'fd88::2/64' }] };
  const container = freshNamespace(t);
  const { code, stdout } = node.call('ADD', node.config({ ipam }), { netns: container.path });
  t.is(code, 1);
  t.regex(stdout, /DADFAILED/);
  t.is(linkOf(container, 'eth0'), undefined);
});

test('ipvlan: a master that is down, or without carrier, keeps no ADD waiting', (t) => {
  const node = ipvlanNode(t, 'veth');
  node.world!.exec('ip', 'link', 'set', 'wire0', 'down');
  const config = node.config({}, ['10.88.0.0/24', 'fd88::/64']);
  const one = freshNamespace(t);
  const started = performance.now();
  succeeded(node.call('ADD', config, { netns: one.path, containerId: 'c1' }));
  node.host.exec('ip', 'link', 'set', UPLINK, 'down');
  const two = freshNamespace(t);
  succeeded(node.call('ADD', config, { netns: two.path, containerId: 'c2' }));
  // Each would wait five seconds for the kernel's duplicate address detection.
  t.true(performance.now() - started < 5000);
});
