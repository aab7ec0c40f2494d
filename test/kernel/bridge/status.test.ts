/**
 * STATUS of the bridge plugin: what it says, and how fast. That it fails as ADD does is in
 * `status-beside-add.test.ts`.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { status as statusHere } from '../../../src/plugins/bridge/status.ts';
import { lowest, processorTime } from '../../harness/eventually.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { straced } from '../../harness/strace.ts';
import { invocation } from '../../plugins/invocation.ts';

/** Each system call is a dozen times as dear there. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

const SUBNET = '10.88.0.0/24';
const latest = (node: Node, keys: Row = {}): Row =>
  node.config([SUBNET], { cniVersion: '1.1.0', ...keys });

const status = (node: Node, config: Row) =>
  node.call('STATUS', config, { containerId: '', netns: '', ifname: '' });

test.serial('bridge STATUS is silent when an ADD would succeed', (t) => {
  const node = freshNode(t);
  const { code, stdout } = status(node, latest(node, { isGateway: true }));
  t.is(code, 0, stdout);
  t.is(stdout, '');
});

test.serial('bridge STATUS reports that the name of the bridge is taken', (t) => {
  const node = freshNode(t);
  node.host.exec('ip', 'link', 'add', 'br0', 'type', 'veth', 'peer', 'name', 'other0');
  const error = failed(status(node, latest(node)));
  t.is(error.code, 50);
  t.is(error.msg, '"br0" already exists but is not a bridge');
  t.is(error.details, 'it is of kind veth');
});

test.serial('bridge STATUS reports a configuration that no ADD accepts', (t) => {
  const node = freshNode(t);
  for (const [keys, msg] of [
    [{ vlan: 5000 }, /^invalid VLAN ID 5000/],
    [{ hairpinMode: true, promiscMode: true }, /^cannot set hairpin mode and promiscuous mode/],
    [{ ipam: { type: 'nobody' } }, /^failed to find plugin "nobody"/],
    [
      { ipam: { type: 'static', addresses: [{ address: 'x' }] } },
      /expected to be in CIDR notation/,
    ],
  ] as const) {
    t.regex(failed(status(node, latest(node, keys))).msg, msg);
  }
});

/**
 * The first socket that the plugin opens is the one for nf_tables; the programs that it runs are
 * not looked at.
 */
const NO_NFTABLES = ['-o', '/dev/null', '-e', 'inject=socket:error=EPROTONOSUPPORT:when=1'];

test.serial('bridge STATUS reports that there is neither nf_tables nor iptables', (t) => {
  const node = freshNode(t);
  const config = latest(node, { ipMasq: true });
  const without = straced(t, ...NO_NFTABLES);
  const call = { containerId: '', netns: '', ifname: '', env: { PATH: '/nonexistent' } };
  const error = failed(node.call('STATUS', config, call, without));
  t.is(error.code, 50);
  t.is(error.msg, 'ipMasq cannot be set up');
  t.regex(error.details!, /no nf_tables.*, and iptables is missing/);
});

needs('iptables-legacy')('bridge ADD: a kernel without nf_tables masquerades by iptables', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const without = straced(t, ...NO_NFTABLES);
  const config = latest(node, { isDefaultGateway: true, ipMasq: true });
  succeeded(node.call('ADD', config, { netns: container.path }, without));
  t.regex(node.host.exec('iptables', '-t', 'nat', '-S'), /-s 10\.88\.0\.2\/32/);
});

test.serial('bridge STATUS takes less than five milliseconds of processor time', async (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = latest(node, { isDefaultGateway: true });
  succeeded(node.call('ADD', config, { netns: container.path }));
  const call = invocation(config, { netns: '', containerId: '', ifname: '' });
  const most = isUml ? 60 : 5;
  const least = await lowest(
    () => processorTime(() => node.host.run(() => statusHere(call))),
    most,
  );
  t.true(least <= most, `${least} ms`);
});

test.serial('bridge STATUS needs a version that has it', (t) => {
  const node = freshNode(t);
  const old = { ...latest(node), cniVersion: '1.0.0' };
  t.is(failed(status(node, old)).msg, 'config version does not allow STATUS');
});
