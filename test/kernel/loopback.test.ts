/** The loopback plugin in all versions, beside the reference's. */
import test from 'ava';
import { SUPPORTED_VERSIONS } from '../../src/plugins/cni/version.ts';
import { freshNamespace, type Namespace, type Row } from '../harness/namespace.ts';
import { failed, freshNode, type Node } from '../harness/node.ts';
import { ourPlugin, type PluginCall, referencePlugin } from '../harness/plugin.ts';

const call = (
  node: Node,
  command: PluginCall['command'],
  container: Namespace,
  config: Row,
  binary = ourPlugin('loopback'),
) => node.call(command, config, { netns: container.path, args: 'none', ifname: 'eth7' }, binary);

const conf = (cniVersion: string, keys: Row = {}): Row => ({
  cniVersion,
  name: 'lo-net',
  type: 'loopback',
  ...keys,
});

const isUp = (container: Namespace): boolean =>
  container.ip<{ flags: string[] }[]>('link', 'show', 'lo')[0]!.flags.includes('UP');

for (const version of SUPPORTED_VERSIONS) {
  test.serial(`loopback ${version}: ADD brings lo up, DEL takes it down`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const added = call(node, 'ADD', container, conf(version));
    t.is(added.code, 0, added.stdout);
    t.is((added.json as Row)['cniVersion'], version);
    t.true(isUp(container));
    if (version >= '0.4.0') t.is(call(node, 'CHECK', container, conf(version)).code, 0);
    const deleted = call(node, 'DEL', container, conf(version));
    t.is(deleted.code, 0);
    t.is(deleted.stdout, '');
    t.false(isUp(container));
    if (version >= '0.4.0') {
      t.is(failed(call(node, 'CHECK', container, conf(version))).msg, 'loopback interface is down');
    }
  });
}

test.serial('loopback: the result is that of the reference', (t) => {
  const node = freshNode(t);
  const results = [ourPlugin('loopback'), referencePlugin('loopback')].map((binary) => {
    const container = freshNamespace(t);
    const { stdout } = call(node, 'ADD', container, conf('1.0.0'), binary);
    // An empty `dns` is what the reference printed before its version 1.2.
    const { dns: _, ...result } = JSON.parse(stdout.replaceAll(container.path, 'NETNS')) as Row;
    return result;
  });
  t.deepEqual(results[0], results[1]);
});

test.serial('loopback: older versions get their own shape', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  t.deepEqual(call(node, 'ADD', container, conf('0.4.0')).json, {
    cniVersion: '0.4.0',
    interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: container.path }],
    ips: [
      { version: '4', interface: 0, address: '127.0.0.1/8' },
      { version: '6', interface: 0, address: '::1/128' },
    ],
    dns: {},
  });
  t.deepEqual(call(node, 'ADD', container, conf('0.2.0')).json, {
    cniVersion: '0.2.0',
    ip4: { ip: '127.0.0.1/8' },
    ip6: { ip: '::1/128' },
    dns: {},
  });
});

test.serial('loopback: the result of the plugins before is handed on', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const prevResult = {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: container.path }],
    ips: [{ address: '192.0.2.2/24', interface: 0 }],
  };
  t.deepEqual(call(node, 'ADD', container, conf('1.0.0', { prevResult })).json, prevResult);
});

test.serial('loopback: a stranger on lo is refused, and lo is down as before', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  container.exec('ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo');
  const error = failed(call(node, 'ADD', container, conf('1.0.0')));
  t.is(error.msg, 'loopback interface found with non-loopback address "192.0.2.1/32"');
  t.false(isUp(container));
});

test.serial(
  'loopback: DEL without the namespace succeeds, ADD and CHECK say what is missing',
  (t) => {
    const node = freshNode(t);
    const config = conf('1.0.0');
    const at = (command: PluginCall['command'], netns: string) =>
      node.call(command, config, { netns }, ourPlugin('loopback'));
    t.is(at('DEL', '').code, 0);
    t.is(at('DEL', '/run/netns/nobody').code, 0);
    for (const command of ['ADD', 'CHECK'] as const) {
      const error = failed(at(command, '/run/netns/nobody'));
      t.is(error.code, 4);
      t.regex(error.msg, /no such file or directory/);
    }
  },
);
