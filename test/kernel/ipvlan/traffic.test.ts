/**
 * Packets over ipvlan links: between containers, to the host, to the world beyond the master, in
 * each mode and both families.
 */
import type { ExecutionContext } from 'ava';
import { elapsed, lowest } from '../../harness/eventually.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { isSilent, pings } from '../../harness/ping.ts';
import { ipvlanNode, linkOf, UPLINK, type IpvlanNode } from '../../plugins/ipvlan/node.ts';

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

const reaches = (t: ExecutionContext, from: Namespace, ...addresses: string[]): void =>
  addresses.forEach((address) => t.true(pings(from, address), address));

const misses = (t: ExecutionContext, from: Namespace, ...addresses: string[]): void =>
  addresses.forEach((address) => t.true(isSilent(from, address), address));

for (const uplink of ['dummy', 'veth'] as const) {
  for (const mode of ['l2', 'l3', 'l3s']) {
    test(`ipvlan ${mode} over a ${uplink} master: containers reach each other, they and the host do not`, (t) => {
      const node = ipvlanNode(t, uplink);
      node.host.exec('ip', 'addr', 'add', '10.88.0.1/24', 'dev', UPLINK);
      node.host.exec('ip', 'addr', 'add', 'fd88:0::1/64', 'dev', UPLINK, 'nodad');
      const [one, two] = pair(node, { mode }, ['0', '0']);
      reaches(t, one!, '10.88.0.3', 'fd88:0::3');
      reaches(t, two!, '10.88.0.2', 'fd88:0::2');
      misses(t, node.host, '10.88.0.2', 'fd88:0::2');
      misses(t, one!, '10.88.0.1', 'fd88:0::1');
    });
  }
}

for (const mode of ['l3', 'l3s']) {
  test(`ipvlan ${mode}: routes between subnets`, (t) => {
    const node = ipvlanNode(t);
    const [one, two] = pair(node, { mode }, ['1', '2']);
    reaches(t, one!, '10.88.2.3', 'fd88:2::3');
    reaches(t, two!, '10.88.1.2', 'fd88:1::2');
  });
}

test('ipvlan l2: does not route between subnets', (t) => {
  const node = ipvlanNode(t);
  const [one] = pair(node, { mode: 'l2' }, ['1', '2']);
  misses(t, one!, '10.88.2.3');
});

for (const flag of ['private', 'vepa']) {
  test(`ipvlan l2 ${flag}: containers of one master do not reach each other`, (t) => {
    const node = ipvlanNode(t, 'veth');
    node.world!.exec('ip', 'addr', 'add', '10.88.0.1/24', 'dev', 'wire0');
    const [one] = pair(node, { mode: 'l2', flag }, ['0', '0']);
    reaches(t, one!, '10.88.0.1');
    misses(t, one!, '10.88.0.3');
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
  reaches(t, container, '198.51.100.1', '2001:db8::1');
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

test('ipvlan: a master that is down, or without carrier, keeps no ADD waiting', async (t) => {
  const node = ipvlanNode(t, 'veth');
  node.world!.exec('ip', 'link', 'set', 'wire0', 'down');
  const config = node.config({}, ['10.88.0.0/24', 'fd88::/64']);
  let attached = 0;
  const add = (): number => elapsed(() => node.attach(config, { containerId: `c${attached++}` }));
  // It would wait five seconds for the kernel's duplicate address detection.
  t.true((await lowest(add, 4500)) <= 4500);
  node.host.exec('ip', 'link', 'set', UPLINK, 'down');
  t.true((await lowest(add, 4500)) <= 4500);
});
