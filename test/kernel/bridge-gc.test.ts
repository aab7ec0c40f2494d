/** GC of the bridge plugin. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { freshNamespace, type Row } from '../harness/namespace.ts';
import { failed, freshNode, type Node, succeeded } from '../harness/node.ts';
import { needs } from '../harness/needs.ts';

/** Each system call is a dozen times as dear there. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

const SUBNET = '10.88.0.0/24';
const latest = (node: Node, keys: Row = {}): Row =>
  node.config([SUBNET], { cniVersion: '1.1.0', ...keys });

const ports = (node: Node): string[] =>
  node.host.ip<{ ifalias: string }[]>('link', 'show', 'type', 'veth').map(({ ifalias }) => ifalias);

const gc = (node: Node, config: Row, valid: unknown) =>
  node.call(
    'GC',
    { ...config, 'cni.dev/valid-attachments': valid },
    { containerId: '', netns: '', ifname: '' },
  );

test.serial('bridge GC removes links and leases of what is not listed, and nothing else', (t) => {
  const node = freshNode(t);
  const config = latest(node);
  const other = { ...config, name: 'net2' };
  const namespaces = [0, 1, 2].map(() => freshNamespace(t));
  for (const [i, { path }] of namespaces.entries()) {
    succeeded(node.call('ADD', config, { netns: path, containerId: `c${i}` }));
    succeeded(node.call('ADD', other, { netns: path, containerId: `c${i}`, ifname: 'eth1' }));
  }
  node.host.exec('ip', 'link', 'add', 'mine0', 'type', 'veth', 'peer', 'name', 'mine1');
  namespaces[2]!.remove();
  // The kernel takes the links of a namespace down a little later.
  const { code, stdout } = gc(node, config, [{ containerID: 'c1', ifname: 'eth0' }]);
  t.is(code, 0, stdout);
  t.is(stdout, '');
  const left = ports(node).filter(Boolean);
  t.deepEqual(
    left.filter((alias) => alias.startsWith('net1/')),
    ['net1/c1/eth0'],
  );
  t.true(left.includes('net2/c0/eth1') && left.includes('net2/c1/eth1'));
  t.is(node.host.ip('link', 'show', 'mine0').length, 1);
  const leases = Object.keys(node.leases());
  t.deepEqual(
    leases.filter((name) => name.startsWith('net1/')),
    ['net1/10.88.0.3'],
  );
  t.is(leases.filter((name) => name.startsWith('net2/')).length, 3);
});

test.serial('bridge GC with null removes all, and with no list nothing', (t) => {
  const node = freshNode(t);
  const config = latest(node);
  const container = freshNamespace(t);
  succeeded(node.call('ADD', config, { netns: container.path }));
  const without = node.call('GC', config, { containerId: '', netns: '', ifname: '' });
  t.is(without.code, 0, without.stdout);
  t.regex(without.stderr, /nothing can be called stale/);
  t.deepEqual(ports(node), ['net1/c1/eth0']);
  t.is(gc(node, config, null).code, 0);
  t.deepEqual(ports(node), []);
  t.deepEqual(node.leases(), {});
  t.is(gc(node, config, []).code, 0);
});

test.serial('bridge GC removes a thousand stale links in under two seconds', (t) => {
  const node = freshNode(t);
  const count = 1000;
  const batch = Array.from(
    { length: count },
    (_, i) => `link add s${i} type veth peer name p${i}\nlink set s${i} alias net1/stale${i}/eth0`,
  );
  node.host.exec('sh', '-c', `ip -batch - <<'END'\n${batch.join('\n')}\nEND`);
  const before = performance.now();
  const { code, stdout } = gc(node, latest(node), []);
  const seconds = (performance.now() - before) / 1000;
  t.is(code, 0, stdout);
  t.deepEqual(ports(node), []);
  t.log(`${count} links in ${seconds.toFixed(2)} s`);
  t.true(seconds < (isUml ? 20 : 2), `${seconds} s`);
});

needs('vlan-filtering')(
  'bridge GC removes the interface of a VLAN with the last port in it',
  (t) => {
    const node = freshNode(t);
    const config = latest(node, { isGateway: true, vlan: 100 });
    const [one, two] = [freshNamespace(t), freshNamespace(t)];
    succeeded(node.call('ADD', config, { netns: one.path, containerId: 'c1' }));
    succeeded(node.call('ADD', config, { netns: two.path, containerId: 'c2' }));
    const exists = (): boolean =>
      node.host.ip<{ ifname: string }[]>('link').some(({ ifname }) => ifname === 'br0.100');
    t.is(gc(node, config, [{ containerID: 'c1', ifname: 'eth0' }]).code, 0);
    t.true(exists());
    t.is(gc(node, config, []).code, 0);
    t.false(exists());
  },
);

test.serial('bridge GC needs a version that has it', (t) => {
  const node = freshNode(t);
  const old = { ...latest(node), cniVersion: '1.0.0' };
  t.is(failed(gc(node, old, [])).msg, 'config version does not allow GC');
});
