/** GC of the bridge plugin. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { bridgeAdd } from '../../harness/bridge-calls.ts';
import { foreignIpam } from '../../harness/foreign-ipam.ts';
import { beforeExec, type Held, startPlugin } from '../../harness/held.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { changes, failed, freshNode, lasting, type Node, succeeded } from '../../harness/node.ts';
import { needs } from '../../harness/needs.ts';
import { ourPlugin, type PluginCall } from '../../harness/plugin.ts';
import { straced } from '../../harness/strace.ts';
import { invocation } from '../../plugins/invocation.ts';

/** Each system call is a dozen times as dear there. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

const SUBNET = '10.88.0.0/24';
const latest = (node: Node, keys: Row = {}): Row =>
  node.config([SUBNET], { cniVersion: '1.1.0', ...keys });

const ports = (node: Node): string[] =>
  node.host.ip<{ ifalias: string }[]>('link', 'show', 'type', 'veth').map(({ ifalias }) => ifalias);

const gc = (
  node: Node,
  config: Row,
  valid: unknown,
  more: Partial<PluginCall> = {},
  binary?: string,
) =>
  node.call(
    'GC',
    { ...config, 'cni.dev/valid-attachments': valid },
    { containerId: '', netns: '', ifname: '', ...more },
    binary,
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

/** Starts bridge on the host, which waits for its input. */
const start = (node: Node, call: Record<string, string>): Held =>
  node.host.run(() => startPlugin([ourPlugin('bridge')], call));
const GC = { CNI_COMMAND: 'GC' };

/** What IPAM may be: the guard of links and rules has to hold without leases too. */
const IPAMS: Readonly<Record<string, (node: Node) => Row>> = {
  'host-local': (node) => latest(node).ipam as Row,
  static: () => ({ type: 'static', addresses: [{ address: '10.88.0.9/24' }] }),
  'no IPAM': () => ({}),
};

for (const [name, ipam] of Object.entries(IPAMS)) {
  needs('nftables-inet')(`bridge GC leaves what came after it had started: ${name}`, async (t) => {
    const node = freshNode(t);
    const config = latest(node, { ipam: ipam(node), ipMasq: name !== 'no IPAM' });
    const inside = freshNamespace(t);
    succeeded(node.call('ADD', config, { netns: inside.path, containerId: 'again' }));
    const collecting = start(node, GC);
    await collecting.reading();
    // Under a name that was there when GC began.
    succeeded(node.call('DEL', config, { netns: inside.path, containerId: 'again' }));
    succeeded(node.call('ADD', config, { netns: inside.path, containerId: 'again' }));
    const before = node.snapshot(inside);
    const { code, stdout } = await collecting.finish({
      ...config,
      'cni.dev/valid-attachments': [],
    });
    t.is(code, 0, stdout);
    // What came is what the bridge has learned meanwhile.
    const gone = lasting(() =>
      changes(before, node.snapshot(inside)).filter((line) => line.startsWith('-')),
    );
    t.deepEqual(gone, []);
    t.deepEqual(ports(node), ['net1/again/eth0']);
    const again = gc(node, config, []);
    t.is(again.code, 0, again.stdout);
    t.deepEqual(ports(node), []);
    t.false(node.host.exec('nft', 'list', 'ruleset').includes('again'));
  });
}

const WORDS = '{"cniVersion":"1.1.0","ips":[{"address":"10.88.0.7/24"}]}';

for (const name of [...Object.keys(IPAMS), 'another program']) {
  needs('nftables-inet')(`bridge GC leaves what ended before it could look: ${name}`, async (t) => {
    const node = freshNode(t);
    const ipam = IPAMS[name]?.(node) ?? { type: 'foreign' };
    const config = latest(node, { ipam, ipMasq: name !== 'no IPAM' });
    const folder = foreignIpam(t, `[ $CNI_COMMAND != ADD ] || echo '${WORDS}'`).path;
    const path = `${folder}:${dirname(ourPlugin('bridge'))}`;
    const { path: netns } = freshNamespace(t);
    // The file with the end of an ADD is the host's, where another test may detach the same names.
    const call = { netns, path, containerId: `ended${process.pid}` };
    const { command, go } = beforeExec(t, ourPlugin('bridge'));
    const collecting = node.host.run(() => startPlugin(command, { ...GC, CNI_PATH: path }));
    const prevResult = succeeded(node.call('ADD', config, call));
    go();
    const valid = { 'cni.dev/valid-attachments': [] };
    const { code, stdout } = await collecting.finish({ ...config, ...valid });
    t.is(code, 0, stdout);
    const check = node.call('CHECK', { ...config, prevResult }, call);
    t.is(check.code, 0, check.stdout);
    const next = gc(node, config, [], { path });
    t.is(next.code, 0, next.stdout);
    t.deepEqual(ports(node), []);
  });
}

/** An IPAM that goes on when the test lets it, and answers nothing but an address. */
function waiting(t: ExecutionContext): { path: string; asked: string; go(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'waiting-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [asked, answer] = [join(folder, 'asked'), join(folder, 'answer')];
  execFileSync('mkfifo', [asked, answer]);
  const { path } = foreignIpam(
    t,
    `[ $CNI_COMMAND = ADD ] || exit 0; echo > ${asked}; read line < ${answer}; echo '${WORDS}'`,
  );
  return { path, asked, go: () => writeFileSync(answer, '\n') };
}

test.serial(
  'bridge GC leaves the link of an ADD under way, and takes that of one that was killed',
  async (t) => {
    const node = freshNode(t);
    const config = latest(node, { ipam: { type: 'foreign' } });
    const attach = async (containerId: string) => {
      const { path, asked, go } = waiting(t);
      const adding = start(node, {
        CNI_COMMAND: 'ADD',
        CNI_CONTAINERID: containerId,
        CNI_NETNS: freshNamespace(t).path,
        CNI_IFNAME: 'eth0',
        CNI_PATH: path,
      });
      adding.feed(config);
      await readFile(asked);
      return { adding, go, path };
    };
    const collect = (path: string) =>
      gc(node, config, [], { path: `${path}:${dirname(ourPlugin('bridge'))}` });
    const slow = await attach('slow');
    const { code, stdout } = collect(slow.path);
    t.is(code, 0, stdout);
    t.deepEqual(ports(node), ['net1/slow/eth0']);
    slow.go();
    const added = await slow.adding.ended;
    t.is(added.code, 0, added.stdout);
    const dead = await attach('dead');
    process.kill(dead.adding.pid, 'SIGKILL');
    t.deepEqual(ports(node).sort(), ['net1/dead/eth0', 'net1/slow/eth0']);
    dead.go();
    await dead.adding.ended;
    t.is(collect(dead.path).code, 0);
    t.deepEqual(ports(node), []);
  },
);

test.serial('bridge GC removes nothing where it cannot see which ADDs are under way', (t) => {
  const node = freshNode(t);
  const config = latest(node);
  const { container } = node.attach(config);
  const before = node.snapshot(container);
  for (const path of ['/proc', '/proc/1/comm']) {
    const binary = straced(t, '-o', '/dev/null', '-P', path, '-e', 'inject=openat:error=EMFILE');
    const { json, code, stdout } = gc(node, config, [], {}, binary);
    t.is(code, 1, stdout);
    t.like(json, { code: 999 });
    t.deepEqual(changes(before, node.snapshot(container)), []);
  }
  t.is(gc(node, config, []).code, 0);
  t.deepEqual(ports(node), []);
});

test.serial('bridge GC forgets when the ADDs ended whose attachments it removes', (t) => {
  const node = freshNode(t);
  // The folder is that of all tests.
  const config = latest(node, { name: `ended${process.pid}`, ipam: {} });
  const ended = (): string[] =>
    readdirSync('/run/netlink-ts').filter((name) => name.startsWith(`${String(config.name)}:`));
  for (const containerId of ['stale', 'valid', 'gone']) node.attach(config, { containerId });
  t.is(ended().length, 3);
  const valid = { containerID: 'valid', ifname: 'eth0' };
  t.is(gc(node, { ...config, name: 'other' }, []).code, 0);
  t.is(ended().length, 3);
  t.is(gc(node, config, [valid]).code, 0);
  t.deepEqual(ended(), [`${String(config.name)}:valid:eth0`]);
  t.is(gc(node, config, []).code, 0);
  t.deepEqual(ended(), []);
});

test.serial('bridge GC with null removes all, and with no list nothing', (t) => {
  const node = freshNode(t);
  const config = latest(node);
  const container = freshNamespace(t);
  succeeded(node.call('ADD', config, { netns: container.path }));
  const without = node.call('GC', config, { containerId: '', netns: '', ifname: '' });
  t.is(without.code, 0, without.stdout);
  t.regex(without.stderr, /nothing counts as stale/);
  t.deepEqual(ports(node), ['net1/c1/eth0']);
  t.is(gc(node, config, null).code, 0);
  t.deepEqual(ports(node), []);
  t.deepEqual(node.leases(), {});
  t.is(gc(node, config, []).code, 0);
});

/** Attachments with links, leases and rules, made in this process. */
function attachMany(node: Node, config: Row, names: readonly string[], where: Namespace): void {
  for (const [i, containerId] of names.entries()) {
    const call = invocation(config, { netns: where.path, containerId, ifname: `eth${i}` });
    node.host.run(() => bridgeAdd(call));
  }
}

needs('nftables-inet')(
  'bridge GC removes a thousand stale attachments, and none that is live',
  (t) => {
    const count = isUml ? 50 : 1000;
    const node = freshNode(t);
    const config = node.config(['10.88.0.0/16'], {
      cniVersion: '1.1.0',
      isDefaultGateway: true,
      ipMasq: true,
    });
    const ids = (word: string, length: number): string[] =>
      Array.from({ length }, (_, i) => `${word}${i}`);
    const [stale, live] = [ids('stale', count), ids('live', 10)];
    const gone = freshNamespace(t);
    attachMany(node, config, stale.slice(0, count / 2), gone);
    gone.remove();
    attachMany(node, config, stale.slice(count / 2), freshNamespace(t));
    const inside = freshNamespace(t);
    attachMany(node, config, live, inside);
    const valid = live.map((containerID, i) => ({ containerID, ifname: `eth${i}` }));
    const folder = mkdtempSync(join(tmpdir(), 'sends-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const log = join(folder, 'log');
    const filter = ['-f', '--seccomp-bpf', '-e', 'trace=sendto,sendmsg', '-o', log];
    const { code, stdout } = gc(node, config, valid, {}, straced(t, ...filter));
    t.is(code, 0, stdout);
    const sends = readFileSync(log, 'utf8').split('\n').length;
    t.log(`${count} attachments with ${sends} sends`);
    // Some for a batch of attachments, and none for each of them.
    t.true(sends < count / 2, `${sends} sends`);
    const aliases = live.map((id, i) => `net1/${id}/eth${i}`);
    t.deepEqual(ports(node).filter(Boolean).sort(), aliases.sort());
    const owners = Object.values(node.leases()).map((lease) => lease.split('\r')[0]!);
    t.deepEqual(owners.sort(), live);
    const rules = node.host.exec('nft', 'list', 'ruleset');
    t.false(rules.includes('stale'));
    for (const id of live) t.true(rules.includes(id), id);
    for (const [i] of live.entries()) {
      t.regex(inside.exec('ip', '-4', 'addr', 'show', `eth${i}`), /inet 10\.88\./);
    }
  },
);

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
