/**
 * The links that the bridge plugin makes: their addresses, their names, and what is left alone
 * because it is right already.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { aliasOf, hostVethName } from '../../../src/plugins/attach/attachment.ts';
import { foreignIpam } from '../../harness/foreign-ipam.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, succeeded } from '../../harness/node.ts';
import { needs } from '../../harness/needs.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';
import { straced } from '../../harness/strace.ts';

const V4 = '10.88.0.0/24';

/** include/uapi/linux/netdevice.h: 1 is random, 3 was given by somebody. */
const assignedBy = (where: Namespace, name: string): string =>
  where
    .exec('ip', 'netns', 'exec', where.name, 'cat', `/sys/class/net/${name}/addr_assign_type`)
    .trim();

test.serial('bridge: MAC addresses are given, so that udev has nothing to rewrite', (t) => {
  const node = freshNode(t);
  const { container, result } = node.attach(node.config([V4], { isGateway: true }));
  t.is(assignedBy(node.host, 'br0'), '3');
  t.is(assignedBy(node.host, result.interfaces[1]!.name), '3');
  t.is(assignedBy(container, 'eth0'), '3');
  const other = freshNode(t);
  const theirs = other.attach(other.config([V4]), {}, referencePlugin('bridge'));
  t.not(assignedBy(other.host, theirs.result.interfaces[1]!.name), '3');
});

test.serial("bridge: a MAC address that is asked for is the container end's only", (t) => {
  const node = freshNode(t);
  const mac = '02:00:00:00:00:01';
  const { result } = node.attach(node.config([V4]), { args: `MAC=${mac}` });
  const [bridge, host, own] = result.interfaces.map((each) => each.mac);
  t.is(own, mac);
  t.not(host, mac);
  t.not(bridge, mac);
});

test.serial("bridge: a name of the host's end that is taken is reported, and DEL frees it", (t) => {
  const node = freshNode(t);
  const attachment = { network: 'net1', containerId: 'c1', ifname: 'eth0' };
  const name = hostVethName(attachment);
  node.host.exec('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'left0');
  node.host.exec('ip', 'link', 'set', name, 'alias', 'net1/c1/eth0');
  const container = freshNamespace(t);
  const config = node.config([V4]);
  const before = node.snapshot(container);
  const error = failed(node.call('ADD', config, { netns: container.path }));
  t.is(error.msg, `container veth name ("eth0") peer provided ("${name}") already exists`);
  t.is(error.details, `"${name}" of this attachment is still there: DEL removes it`);
  t.deepEqual(node.changes(before, container), []);
  t.is(node.call('DEL', config, { netns: container.path }).code, 0);
  succeeded(node.call('ADD', config, { netns: container.path }));
});

test.serial('bridge: the alias has 254 bytes at most, whatever they are', (t) => {
  const node = freshNode(t);
  const config = { ...node.config([V4], { cniVersion: '1.1.0' }), name: 'n'.repeat(100) };
  const listed: Row[] = [];
  for (const length of [138, 139, 145, 3000]) {
    const attachment = { containerId: 'c'.repeat(length), ifname: 'ééééééé' };
    const { result } = node.attach(config, attachment);
    const [link] = node.host.ip<[{ ifalias: string }]>('link', 'show', result.interfaces[1]!.name);
    t.is(link.ifalias, aliasOf({ network: config.name, ...attachment }));
    t.is(Buffer.byteLength(link.ifalias), 254);
    listed.push({ containerID: attachment.containerId, ifname: attachment.ifname });
  }
  const gc = (valid: Row[]): number =>
    node.call(
      'GC',
      { ...config, 'cni.dev/valid-attachments': valid },
      { containerId: '', netns: '', ifname: '' },
    ).code;
  t.is(gc(listed), 0);
  t.is(node.host.ip('link', 'show', 'type', 'veth').length, 4);
  t.is(gc([]), 0);
  t.is(node.host.ip('link', 'show', 'type', 'veth').length, 0);
});

test.serial('bridge: names with dots are names, also below /proc/sys', (t) => {
  const node = freshNode(t);
  const config = node.config([V4, 'fd88::/64'], { bridge: 'br.0', isDefaultGateway: true });
  const container = freshNamespace(t);
  const call = { netns: container.path, ifname: 'eth0.5' };
  succeeded(node.call('ADD', config, call));
  const read = (where: Namespace, name: string): string =>
    where.exec('cat', `/proc/sys/net/${name}`).trim();
  t.is(read(node.host, 'ipv6/conf/br.0/accept_ra'), '0');
  t.is(read(container, 'ipv6/conf/eth0.5/accept_ra'), '0');
  t.is(read(container, 'ipv6/conf/eth0.5/keep_addr_on_down'), '1');
  t.is(read(container, 'ipv4/conf/eth0.5/arp_notify'), '1');
  t.is(node.call('DEL', config, call).code, 0);
  t.is(container.ip('link').length, 1);
});

test.serial(
  'bridge: one that lost its MAC address with its last port gets a gateway at once',
  (t) => {
    const node = freshNode(t);
    node.host.exec('ip', 'link', 'add', 'br0', 'type', 'bridge');
    const wire = node.config([]);
    const { container } = node.attach(wire);
    t.is(node.call('DEL', wire, { netns: container.path }).code, 0);
    const [empty] = node.host.ip<{ address: string }[]>('link', 'show', 'dev', 'br0');
    t.is(empty!.address, '00:00:00:00:00:00');
    const { result } = node.attach(node.config([V4], { isGateway: true }));
    const [full] = node.host.ip<{ address: string }[]>('link', 'show', 'dev', 'br0');
    t.is(full!.address, result.interfaces[0]!.mac);
    t.not(full!.address, '00:00:00:00:00:00');
  },
);

test.serial('bridge: forwarding that is on is not switched on again', (t) => {
  const node = freshNode(t);
  const folder = mkdtempSync(join(tmpdir(), 'forwarding-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const config = node.config([V4, 'fd88::/64'], { isGateway: true });
  const writes = ['c1', 'c2'].map((containerId) => {
    const log = join(folder, containerId);
    node.attach(config, { containerId }, straced(t, '-f', '-e', 'trace=openat,open', '-o', log));
    const opened = readFileSync(log, 'utf8').split('\n');
    return opened.filter((line) => /(ip_forward|all\/forwarding)", O_WRONLY/.test(line)).length;
  });
  t.deepEqual(writes, [2, 0]);
});

test.serial('bridge: IPv6 gateways of separate networks are listed, the newest first', (t) => {
  const node = freshNode(t);
  for (const [i, subnet] of ['fd88::/64', 'fd90::/64'].entries()) {
    node.attach(node.config([subnet], { isGateway: true, name: `net${i}` }));
  }
  const lines = node.host.exec('ip', '-6', '-o', 'addr', 'show', 'dev', 'br0', 'scope', 'global');
  t.deepEqual(lines.match(/fd[0-9]+::1/g), ['fd90::1', 'fd88::1']);
});

test.serial(
  'bridge: the container has its IPv6 address and the link-local one, which goes with the link',
  (t) => {
    const node = freshNode(t);
    const { container } = node.attach(node.config(['fd88::/64']));
    const addresses = (): string[] =>
      container.exec('ip', '-6', '-o', 'addr', 'show', 'dev', 'eth0').match(/inet6 (fd|fe)\S+/g) ??
      [];
    t.is(addresses().length, 2);
    t.true(addresses().some((line) => line.startsWith('inet6 fe80::')));
    container.exec('ip', 'link', 'set', 'eth0', 'down');
    t.deepEqual(addresses(), ['inet6 fd88::2/64']);
  },
);

test.serial('bridge: which interface a foreign IPAM means does not matter', (t) => {
  for (const index of [0, 7, 2]) {
    const node = freshNode(t);
    const answer = JSON.stringify({
      cniVersion: '1.0.0',
      interfaces: [{ name: 'nobody0' }],
      ips: [{ address: '10.88.0.7/24', interface: index }, { address: 'fd88::7/64' }],
    });
    const { path } = foreignIpam(t, `[ $CNI_COMMAND = ADD ] && echo '${answer}'; exit 0`);
    const config = node.config([], { ipam: { type: 'foreign' } });
    const { result } = node.attach(config, { path });
    t.deepEqual(result.ips, [
      { address: '10.88.0.7/24', interface: 2 },
      { address: 'fd88::7/64', interface: 2 },
    ]);
  }
});

test.serial(
  'bridge: interfaces of a container are numbered from 2 on, in the order of their ADDs',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    for (const [i, ifname] of ['eth0', 'net9', 'net1'].entries()) {
      succeeded(node.call('ADD', node.config([V4]), { netns: container.path, ifname }));
      const [link] = container.ip<[{ ifindex: number }]>('link', 'show', 'dev', ifname);
      t.is(link.ifindex, 2 + i);
    }
    t.true(node.host.ip<{ ifindex: number }[]>('link').every(({ ifindex }) => ifindex < 10));
  },
);

needs('ipv6')(
  'bridge: a new one whose port stays down has no link-local address, as it has with the reference',
  (t) => {
    const [ours, theirs] = [ourPlugin('bridge'), referencePlugin('bridge')].map((binary) => {
      const [node, container] = [freshNode(t), freshNamespace(t)];
      const config = node.config([], { disableContainerInterface: true });
      succeeded(node.call('ADD', config, { netns: container.path }, binary));
      return node.host.exec('ip', '-o', '-6', 'addr', 'show', 'dev', 'br0');
    });
    t.is(ours, '');
    t.regex(theirs!, / fe80::/);
  },
);
