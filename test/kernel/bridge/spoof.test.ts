/** `macspoofchk`: a container cannot send with another source MAC address than its own. */
import test from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniResult, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { isSilent, pings } from '../../harness/ping.ts';
import { referencePlugin } from '../../harness/plugin.ts';

interface Pair {
  readonly node: Node;
  readonly one: Namespace;
  readonly two: Namespace;
  readonly results: readonly CniResult[];
}

function pair(t: Parameters<typeof freshNode>[0], keys: Row): Pair {
  const node = freshNode(t);
  const config = node.config(['10.88.0.0/24'], { isGateway: true, ...keys });
  const [one, two] = [freshNamespace(t), freshNamespace(t)];
  const results = [one, two].map((each, i) =>
    succeeded(node.call('ADD', config, { netns: each.path, containerId: `c${i}` })),
  );
  return { node, one, two, results };
}

/** Takes another MAC address; neighbours forget what they knew. */
function forge({ node, one, two }: Pair, mac: string, router = 'br0'): void {
  one.exec('ip', 'link', 'set', 'eth0', 'address', mac);
  for (const [where, dev] of [
    [node.host, router],
    [two, 'eth0'],
  ] as const) {
    where.exec('ip', 'neigh', 'flush', 'dev', dev);
  }
}

test.serial('bridge macspoofchk: the own MAC address passes, a forged one does not', (t) => {
  const scene = pair(t, { macspoofchk: true });
  const own = scene.results[0]!.interfaces[2]!.mac;
  t.true(pings(scene.one, '10.88.0.1'));
  t.true(pings(scene.one, '10.88.0.3'));
  forge(scene, '02:00:00:00:00:99');
  t.true(isSilent(scene.one, '10.88.0.1'));
  t.true(isSilent(scene.one, '10.88.0.3'));
  forge(scene, own);
  t.true(pings(scene.one, '10.88.0.3'));
});

test.serial(
  'bridge macspoofchk: a neighbour that takes the MAC address does not draw it over',
  (t) => {
    const scene = pair(t, { macspoofchk: true });
    const { node, two, results } = scene;
    const victim = results[0]!.interfaces[2]!.mac;
    // A third port, which nobody watches.
    node.host.exec('ip', 'link', 'add', 'free0', 'type', 'veth', 'peer', 'name', 'free1');
    const thief = freshNamespace(t);
    node.host.exec('ip', 'link', 'set', 'free1', 'netns', thief.name);
    node.host.exec('ip', 'link', 'set', 'free0', 'master', 'br0', 'up');
    thief.exec('ip', 'link', 'set', 'free1', 'address', victim);
    thief.exec('ip', 'addr', 'add', '10.88.0.50/24', 'dev', 'free1');
    thief.exec('ip', 'link', 'set', 'free1', 'up');
    t.true(isSilent(thief, '10.88.0.3'));
    t.true(pings(two, '10.88.0.2'));
  },
);

test.serial('bridge macspoofchk: without it the forged address passes', (t) => {
  const scene = pair(t, {});
  forge(scene, '02:00:00:00:00:99');
  t.true(pings(scene.one, '10.88.0.3'));
});

needs('vlan-filtering')('bridge macspoofchk: in a VLAN too', (t) => {
  const scene = pair(t, { macspoofchk: true, vlan: 100, vlanTrunk: [{ id: 200 }] });
  t.true(pings(scene.one, '10.88.0.1'));
  t.true(pings(scene.one, '10.88.0.3'));
  forge(scene, '02:00:00:00:00:99', 'br0.100');
  t.true(isSilent(scene.one, '10.88.0.3'));
});

test.serial('bridge macspoofchk: after DEL nothing is left', (t) => {
  const { node, one, results } = pair(t, { macspoofchk: true });
  const config = node.config(['10.88.0.0/24'], { isGateway: true, macspoofchk: true });
  t.is(node.call('DEL', config, { netns: one.path, containerId: 'c0' }).code, 0);
  const entries = node.host.exec('bridge', 'fdb');
  t.false(entries.includes(results[0]!.interfaces[2]!.mac));
});

needs('nftables-bridge')(
  'bridge macspoofchk: DEL removes the rules that the reference made',
  (t) => {
    const node = freshNode(t);
    const containers = [freshNamespace(t), freshNamespace(t)];
    const config = node.config(['10.88.0.0/24'], { macspoofchk: true });
    for (const [i, { path: netns }] of containers.entries()) {
      succeeded(
        node.call('ADD', config, { netns, containerId: `c${i}` }, referencePlugin('bridge')),
      );
    }
    const rules = (): string => node.host.exec('nft', 'list', 'ruleset');
    t.regex(rules(), /cni-br-iface-c0-eth0/);
    const netns = containers[0]!.path;
    t.is(node.call('DEL', config, { netns, containerId: 'c0' }).code, 0);
    t.notRegex(rules(), /c0-eth0/);
    t.regex(rules(), /macspoofchk-c1-eth0/);
  },
);
