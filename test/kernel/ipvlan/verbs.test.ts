/**
 * DEL, CHECK, STATUS and GC of the ipvlan plugin, also with almost nothing left to go by; beside
 * what the reference does.
 */
import { openSync, closeSync } from 'node:fs';
import { beforeExec, startPlugin } from '../../harness/held.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniFailure, failed } from '../../harness/node.ts';
import { ourPlugin } from '../../harness/plugin.ts';
import {
  addUplink,
  ipvlanNode,
  linkOf,
  UPLINK,
  V4,
  type IpvlanNode,
} from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy');

/** The addresses that are reserved. */
const reserved = (node: IpvlanNode): string[] =>
  Object.keys(node.leases())
    .map((name) => name.replace(/^.*\//, ''))
    .filter((name) => /^10\./.test(name))
    .sort();

const withoutDefault = (node: IpvlanNode): Row => {
  node.host.exec('ip', 'addr', 'add', '10.99.0.9/24', 'dev', UPLINK);
  node.host.exec('ip', 'route', 'add', 'default', 'via', '10.99.0.1');
  return node.config({ master: undefined });
};

test('ipvlan DEL: needs no default route any more, where the reference refuses', (t) => {
  const node = ipvlanNode(t);
  const config = withoutDefault(node);
  const { container } = node.attach(config);
  node.host.exec('ip', 'route', 'del', 'default');
  const call = { netns: container.path };
  t.is(failed(node.reference('DEL', config, call)).msg, 'no default route interface found');
  t.is(node.call('DEL', config, call).code, 0);
  t.is(linkOf(container, 'eth0'), undefined);
  t.deepEqual(reserved(node), []);
});

test('ipvlan DEL: needs no master and no single interface in prevResult, and takes a wrong configuration', (t) => {
  const node = ipvlanNode(t);
  const config = node.config();
  const { container } = node.attach(config);
  const call = { netns: container.path };
  const wrong = { master: undefined, prevResult: { interfaces: [] }, mode: 'none', mtu: 'large' };
  t.is(node.reference('DEL', { ...config, ...wrong }, call).code, 1);
  t.is(node.call('DEL', { ...config, ...wrong }, call).code, 0);
  t.is(linkOf(container, 'eth0'), undefined);
  t.deepEqual(reserved(node), []);
});

test('ipvlan DEL: finds the link without the path of its namespace', (t) => {
  const node = ipvlanNode(t);
  const config = node.config();
  const [one, two] = [
    node.attach(config, { containerId: 'c1' }),
    node.attach(config, { containerId: 'c2' }),
  ];
  t.is(node.call('DEL', config, { netns: '', containerId: 'c1' }).code, 0);
  t.is(linkOf(one.container, 'eth0'), undefined);
  t.truthy(linkOf(two.container, 'eth0'));
  t.deepEqual(reserved(node), ['10.88.0.3']);
  // The namespace lives on while something holds it, under a path that the runtime does not know.
  const held = openSync(two.container.path, 'r');
  const { path } = two.container;
  two.container.remove();
  try {
    t.is(node.call('DEL', config, { netns: path, containerId: 'c2' }).code, 0);
    const left = node.host.exec('nsenter', `--net=/proc/${process.pid}/fd/${held}`, 'ip', 'link');
    t.notRegex(left, /eth0/);
  } finally {
    closeSync(held);
  }
  t.deepEqual(reserved(node), []);
});

test('ipvlan DEL: removes the link when IPAM fails, and reports that, where the reference leaves it', (t) => {
  const node = ipvlanNode(t);
  const { container } = node.attach(node.config());
  const config = node.config({ ipam: { type: 'nobody' } });
  const call = { netns: container.path };
  t.is(node.reference('DEL', config, call).code, 1);
  t.truthy(linkOf(container, 'eth0'));
  t.regex(failed(node.call('DEL', config, call)).msg, /^failed to find plugin "nobody"/);
  t.is(linkOf(container, 'eth0'), undefined);
});

test('ipvlan DEL: the namespace is gone', (t) => {
  const node = ipvlanNode(t);
  const { container } = node.attach(node.config());
  container.remove();
  for (const netns of [container.path, '']) {
    t.is(node.call('DEL', node.config(), { netns }).code, 0, netns);
  }
  t.deepEqual(reserved(node), []);
});

test('ipvlan DEL: a path that is no namespace any more keeps no link, where the reference fails', (t) => {
  const node = ipvlanNode(t);
  for (const netns of ['/etc/hostname', '/proc/self/ns/pid']) {
    const { container } = node.attach(node.config());
    const call = { netns };
    t.is(node.reference('DEL', node.config(), call).code, 1);
    t.truthy(linkOf(container, 'eth0'));
    const ours = node.call('DEL', node.config(), call);
    t.is(ours.code, 0);
    t.regex(ours.stderr, /DEL goes on without the namespace/);
    t.is(linkOf(container, 'eth0'), undefined);
    t.deepEqual(reserved(node), []);
  }
});

test('ipvlan DEL: finds a link that was renamed, and leaves those of others', (t) => {
  const node = ipvlanNode(t);
  const { container } = node.attach(node.config());
  const call = { netns: container.path, ifname: 'eth1' };
  t.is(node.call('ADD', node.config(), call).code, 0);
  container.exec('ip', 'link', 'set', 'eth1', 'down');
  container.exec('ip', 'link', 'set', 'eth1', 'name', 'renamed');
  t.is(node.call('DEL', node.config(), { ...call, containerId: 'somebody' }).code, 0);
  t.is(node.call('DEL', node.config({ name: 'othernet' }), { netns: container.path }).code, 0);
  t.truthy(linkOf(container, 'eth0'));
  t.is(node.call('DEL', node.config(), call).code, 0);
  t.is(linkOf(container, 'renamed'), undefined);
  t.truthy(linkOf(container, 'eth0'));
});

test('ipvlan DEL: removes what the reference attached, and the reference what we did', (t) => {
  const node = ipvlanNode(t);
  const config = node.config();
  const container = freshNamespace(t);
  const call = { netns: container.path };
  const pairs = [
    [node.reference, node.call],
    [node.call, node.reference],
  ] as const;
  for (const [adds, removes] of pairs) {
    t.is(adds('ADD', config, call).code, 0);
    t.truthy(linkOf(container, 'eth0'));
    t.is(removes('DEL', config, call).code, 0);
    t.is(linkOf(container, 'eth0'), undefined);
    t.deepEqual(reserved(node), []);
  }
});

test('ipvlan CHECK: passes on what ADD left, and names what is not as it was', (t) => {
  const node = ipvlanNode(t);
  addUplink(node.host, 'uplink1');
  const ipam = node.config()['ipam'] as Row;
  const routes = [{ dst: '0.0.0.0/0' }, { dst: '192.0.2.0/24', gw: '10.88.0.9' }];
  const config = node.config({ ipam: { ...ipam, routes } });
  const { container, result } = node.attach(config);
  const ask = (keys: Row = {}, prevResult: unknown = result): CniFailure | undefined => {
    const run = node.call('CHECK', { ...config, prevResult, ...keys }, { netns: container.path });
    return run.code === 0 ? undefined : failed(run);
  };
  const check = (keys: Row = {}, prevResult: unknown = result): string =>
    ask(keys, prevResult)?.details ?? '';
  const [own] = result.interfaces;
  t.is(ask(), undefined);
  t.is(ask({ master: undefined }), undefined);
  t.is(ask({}, null)?.msg, 'Required prevResult missing');
  t.is(ask({ mode: 'x' })?.msg, 'unknown ipvlan mode: "x"');
  t.is(
    check({}, { ...result, interfaces: [{ ...own, sandbox: '/run/netns/other' }] }),
    `prevResult has no interface eth0 in ${container.path}, but in: /run/netns/other`,
  );
  t.is(
    check({}, { ...result, interfaces: [{ ...own, mac: '02:00:00:00:00:01' }] }),
    `MAC address of eth0 is ${own!.mac}, expected 02:00:00:00:00:01`,
  );
  t.is(check({ mode: 'l3' }), 'mode of eth0 is l2, expected l3');
  t.is(check({ flag: 'vepa' }), 'flag of eth0 is bridge, expected vepa');
  t.is(
    check({ master: 'nowhere0' }),
    'failed to lookup master "nowhere0": Link not found; looked in the namespace that the plugin runs in',
  );
  t.is(check({ master: 'uplink1' }), 'eth0 is not a child of master uplink1');
  container.exec('ip', 'route', 'del', '192.0.2.0/24');
  t.is(check(), 'route to 192.0.2.0/24 via 10.88.0.9 is missing');
  container.exec('ip', 'route', 'add', '192.0.2.0/24', 'via', '10.88.0.8');
  t.is(check(), 'route to 192.0.2.0/24 via 10.88.0.9 is missing, there is one via 10.88.0.8');
  container.exec('ip', 'route', 'replace', '192.0.2.0/24', 'via', '10.88.0.9', 'table', '77');
  t.is(ask(), undefined);
  container.exec('ip', 'addr', 'flush', 'dev', 'eth0');
  t.is(
    check({ mode: 'l3s' }),
    'mode of eth0 is l2, expected l3s; address 10.88.0.2/24 is missing on eth0, which has none; route to 0.0.0.0/0 is missing; route to 192.0.2.0/24 via 10.88.0.9 is missing',
  );
  container.exec('ip', 'link', 'set', 'eth0', 'down');
  t.regex(check(), /^state of eth0 is down, expected up; /);
  container.exec('ip', 'link', 'del', 'eth0');
  t.is(ask()?.msg, 'eth0 of c1 is not as ADD made it: 1 difference');
  t.is(check(), 'interface eth0 is missing in the container');
  container.exec('ip', 'link', 'add', 'eth0', 'type', 'dummy');
  t.regex(check(), /^kind of eth0 is dummy, expected ipvlan; /);
});

test('ipvlan CHECK: a missing lease is reported', (t) => {
  const node = ipvlanNode(t);
  const { container, result } = node.attach(node.config());
  node.host.exec('rm', `${node.dataDir}/net1/10.88.0.2`);
  const config = node.config({ prevResult: result });
  const { details } = failed(node.call('CHECK', config, { netns: container.path }));
  t.regex(details ?? '', /host-local/);
});

test('ipvlan CHECK: an address that is its own subnet is no error, where the reference finds no gateway', (t) => {
  const node = ipvlanNode(t);
  const ipam = { type: 'static', addresses: [{ address: '10.88.0.2/32' }] };
  const { container, result } = node.attach(node.config({ ipam }));
  const config = node.config({ ipam, prevResult: result });
  const call = { netns: container.path };
  t.regex(failed(node.reference('CHECK', config, call)).msg, /^Failed to find Gateway/);
  t.is(node.call('CHECK', config, call).code, 0);
});

/** Debian's reference is older than both commands; newer ones succeed without having looked. */
test('ipvlan STATUS: says whether the master is there', (t) => {
  const node = ipvlanNode(t);
  const at = (keys: Row): Row => node.config({ cniVersion: '1.1.0', ...keys });
  const ask = (keys: Row): unknown => node.call('STATUS', at(keys)).json;
  t.is(ask({}), undefined);
  t.like(ask({ master: 'nowhere0' }), {
    code: 50,
    msg: 'failed to lookup master "nowhere0": Link not found',
    details: 'looked in the namespace that the plugin runs in',
  });
  t.like(ask({ master: undefined }), { code: 50, msg: 'no default route interface found' });
  t.is(ask({ master: 'eth0', linkInContainer: true }), undefined);
  // In the middle of a list the plugin before it tells the master.
  t.is(ask({ master: undefined, ipam: undefined }), undefined);
  t.is(ask({ master: undefined, prevResult: { interfaces: [{ name: UPLINK }] } }), undefined);
  t.like(ask({ ipam: { type: 'nobody' } }), { code: 7 });
  t.like(ask({ mode: 'x' }), { code: 7, msg: 'unknown ipvlan mode: "x"' });
});

test('ipvlan GC: removes links and leases of attachments that are not listed, in whatever namespace', (t) => {
  const node = ipvlanNode(t);
  const config = node.config({ cniVersion: '1.1.0' });
  const attached = ['c1', 'c2', 'c3'].map((id) => node.attach(config, { containerId: id }));
  const similar = node.config({ name: 'net12', cniVersion: '1.1.0' }, ['10.89.0.0/24']);
  const other = node.attach(similar, { containerId: 'c9' });
  const long = 'c'.repeat(300);
  const kept = node.attach(config, { containerId: long });
  attached[1]!.container.remove();
  const valid = [
    { containerID: 'c3', ifname: 'eth0' },
    { containerID: long, ifname: 'eth0' },
  ];
  const collect = (keys: Row): number =>
    node.call('GC', { ...config, ...keys }, { netns: '', containerId: '', ifname: '' }).code;
  t.is(collect({}), 0);
  t.truthy(linkOf(attached[0]!.container, 'eth0'));
  for (const round of ['once', 'again']) {
    t.is(collect({ 'cni.dev/valid-attachments': valid }), 0, round);
    t.is(linkOf(attached[0]!.container, 'eth0'), undefined);
    for (const each of [attached[2]!, other, kept]) t.truthy(linkOf(each.container, 'eth0'));
    t.deepEqual(reserved(node), ['10.88.0.4', '10.88.0.5', '10.89.0.2']);
  }
  t.is(collect({ 'cni.dev/valid-attachments': null }), 0);
  for (const each of [attached[2]!, kept]) t.is(linkOf(each.container, 'eth0'), undefined);
  t.truthy(linkOf(other.container, 'eth0'));
  t.deepEqual(reserved(node), ['10.89.0.2']);
});

for (const type of ['host-local', 'static']) {
  test(`ipvlan GC leaves what came after it had started: ${type}`, async (t) => {
    const node = ipvlanNode(t);
    const ipam = {
      type,
      dataDir: node.dataDir,
      subnet: V4,
      addresses: [{ address: '10.88.0.9/24' }],
    };
    const config = node.config({ cniVersion: '1.1.0', ipam });
    const { container } = node.attach(config);
    const again = { netns: container.path };
    const collecting = node.host.run(() =>
      startPlugin([ourPlugin('ipvlan')], { CNI_COMMAND: 'GC' }),
    );
    await collecting.reading();
    t.is(node.call('DEL', config, again).code, 0);
    t.is(node.call('ADD', config, again).code, 0);
    const stale = { ...config, 'cni.dev/valid-attachments': [] };
    const { code, stdout } = await collecting.finish(stale);
    t.is(code, 0, stdout);
    t.truthy(linkOf(container, 'eth0'));
    t.is(reserved(node).length, type === 'static' ? 0 : 1);
    t.is(node.call('GC', stale, { netns: '', containerId: '', ifname: '' }).code, 0);
    t.is(linkOf(container, 'eth0'), undefined);
    t.deepEqual(reserved(node), []);
  });
}

for (const type of ['host-local', 'static']) {
  test(`ipvlan GC leaves what ended before it could look: ${type}`, async (t) => {
    const node = ipvlanNode(t);
    const addresses = [{ address: '10.88.0.9/24' }];
    const ipam = { type, dataDir: node.dataDir, subnet: V4, addresses };
    const config = node.config({ cniVersion: '1.1.0', ipam });
    const { command, go } = beforeExec(t, ourPlugin('ipvlan'));
    const collecting = node.host.run(() => startPlugin(command, { CNI_COMMAND: 'GC' }));
    const { container } = node.attach(config);
    go();
    const stale = { ...config, 'cni.dev/valid-attachments': [] };
    const { code, stdout } = await collecting.finish(stale);
    t.is(code, 0, stdout);
    t.truthy(linkOf(container, 'eth0'));
    t.is(reserved(node).length, type === 'static' ? 0 : 1);
    t.is(node.call('GC', stale, { netns: '', containerId: '', ifname: '' }).code, 0);
    t.is(linkOf(container, 'eth0'), undefined);
  });
}
