/** DEL of the bridge plugin completes and cleans up, whatever is missing. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniResult, freshNode, type Node, succeeded } from '../../harness/node.ts';
import type { PluginCall } from '../../harness/plugin.ts';

interface Case {
  /** What is taken away between ADD and DEL. */
  readonly without?: (node: Node, container: Namespace, result: CniResult) => void;
  /** What DEL gets instead of the configuration of ADD. */
  readonly config?: (config: Row, node: Node) => unknown;
  readonly call?: (node: Node, container: Namespace) => Partial<PluginCall>;
  /** Ours stays when nothing says where the leases are. */
  readonly leaseStays?: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'with everything in place': {},
  'without the namespace': { without: (_node, container) => container.remove() },
  'with an empty CNI_NETNS': { call: () => ({ netns: '' }) },
  'with a namespace path that is an empty file': {
    call: (node) => {
      const netns = join(node.dataDir, 'left');
      writeFileSync(netns, '');
      return { netns };
    },
  },
  'with a namespace of another kind': { call: () => ({ netns: '/proc/self/ns/pid' }) },
  'with a namespace of another kind when the pair is gone': {
    without: (_node, container) => void container.exec('ip', 'link', 'del', 'eth0'),
    call: () => ({ netns: '/proc/self/ns/pid' }),
  },
  'without the bridge': { without: (node) => void node.host.exec('ip', 'link', 'del', 'br0') },
  'without the port being on the bridge': {
    without: (node, _container, { interfaces }) =>
      void node.host.exec('ip', 'link', 'set', interfaces[1]!.name, 'nomaster'),
  },
  'without the interface': {
    without: (_node, container) => void container.exec('ip', 'link', 'del', 'eth0'),
  },
  'after the interface was renamed': {
    without: (_node, container) => {
      container.exec('ip', 'link', 'set', 'eth0', 'down');
      container.exec('ip', 'link', 'set', 'eth0', 'name', 'lan0');
    },
  },
  'without the leases': {
    without: (node) => rmSync(join(node.dataDir, 'net1'), { recursive: true }),
  },
  'with an unknown key and strict': { config: (config) => ({ ...config, strict: true, foo: 1 }) },
  'with wrong types and wrong values': {
    config: (config) => ({ ...config, isGateway: 'yes', vlan: 5000, vlanTrunk: 'x', mtu: {} }),
  },
  'with an invalid range': {
    config: (config, node) => ({
      ...config,
      ipam: { type: 'host-local', dataDir: node.dataDir, ranges: [[{ subnet: 'nonsense' }]] },
    }),
  },
  'with another bridge name': { config: (config) => ({ ...config, bridge: 'other0' }) },
  'with malformed CNI_ARGS': { call: () => ({ args: 'a=b=c;;MAC' }) },
  'without ipam': { config: (config) => ({ ...config, ipam: undefined }), leaseStays: true },
  'with a prevResult that makes no sense': {
    config: (config) => ({ ...config, prevResult: { cniVersion: '0.4.0', ips: 'none' } }),
  },
};

for (const [title, wanted] of Object.entries(CASES)) {
  test.serial(`bridge DEL ${title} leaves neither links nor leases, twice`, (t) => {
    detach(t, wanted);
  });
}

function detach(t: ExecutionContext, { without, config: change, call, leaseStays }: Case): void {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(['10.88.0.0/24', 'fd88::/64'], { isDefaultGateway: true });
  const result = succeeded(node.call('ADD', config, { netns: container.path }));
  without?.(node, container, result);
  const parameters = { netns: container.path, ...call?.(node, container) };
  for (const attempt of ['first', 'second']) {
    const { code, stdout } = node.call('DEL', change?.(config, node) ?? config, parameters);
    t.is(code, 0, `${attempt}: ${stdout}`);
    t.is(stdout, '');
    const links = node.host.ip<{ ifname: string }[]>('link').map(({ ifname }) => ifname);
    t.deepEqual(
      links.filter((name) => name.startsWith('veth')),
      [],
    );
    t.deepEqual(Object.keys(node.leases()).length, leaseStays ? 2 : 0);
  }
}

test.serial('bridge DEL of a container that never was succeeds', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(['10.88.0.0/24']);
  t.is(node.call('DEL', config, { netns: container.path }).code, 0);
});

test.serial('bridge DEL leaves the attachments of others alone', (t) => {
  const node = freshNode(t);
  const [one, two] = [freshNamespace(t), freshNamespace(t)];
  const config = node.config(['10.88.0.0/24']);
  succeeded(node.call('ADD', config, { netns: one.path, containerId: 'c1' }));
  succeeded(node.call('ADD', config, { netns: two.path, containerId: 'c2' }));
  succeeded(
    node.call(
      'ADD',
      { ...config, name: 'net2' },
      { netns: two.path, containerId: 'c2', ifname: 'eth1' },
    ),
  );
  t.is(node.call('DEL', config, { netns: two.path, containerId: 'c2' }).code, 0);
  t.deepEqual(
    two.ip<{ ifname: string }[]>('link').map(({ ifname }) => ifname),
    ['lo', 'eth1'],
  );
  t.is(one.ip('link').length, 2);
  t.deepEqual(Object.keys(node.leases()).sort(), ['net1/10.88.0.2', 'net2/10.88.0.2']);
});

test.serial('bridge DEL does not remove an interface of somebody else under the name', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  container.exec('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  t.is(node.call('DEL', node.config([]), { netns: container.path }).code, 0);
  t.is(container.ip('link').length, 3);
});

needs('nftables-ip', 'nftables-bridge')(
  'bridge DEL of a container id that is too long for the name of a chain, beside tables of others',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    node.host.exec('nft', 'add table ip nat; add table bridge nat');
    const config = node.config(['10.88.0.0/24'], { isGateway: true });
    const call = { netns: container.path, containerId: 'c'.repeat(3000) };
    succeeded(node.call('ADD', config, call));
    const { code, stdout } = node.call('DEL', config, call);
    t.is(code, 0, stdout);
    t.deepEqual(node.leases(), {});
  },
);
