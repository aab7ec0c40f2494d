/** The loopback plugin beside the reference's; `conformance.test.ts` tries the rest. */
import test from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, type Node } from '../../harness/node.ts';
import { ourPlugin, type PluginCall, referencePlugin } from '../../harness/plugin.ts';

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

/** The reference's plugin, and ours. */
const BOTH = [referencePlugin('loopback'), ourPlugin('loopback')];

const isUp = (container: Namespace): boolean =>
  container.ip<{ flags: string[] }[]>('link', 'show', 'lo')[0]!.flags.includes('UP');

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

test.serial(
  'loopback: older versions get their own shape, where the reference has one for all',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const theirs = call(node, 'ADD', container, conf('0.2.0'), referencePlugin('loopback'));
    t.like(theirs.json, { cniVersion: '0.2.0', interfaces: [{ name: 'lo' }] });
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
  },
);

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

for (const [version, ips] of Object.entries({
  '0.2.0': { ip4: { ip: '192.0.2.2/24' }, dns: {} },
  '0.4.0': {
    interfaces: [{ name: 'eth0' }],
    ips: [{ version: '4', interface: 0, address: '192.0.2.2/24' }],
    dns: {},
  },
})) {
  test.serial(
    `loopback: the result of the plugins before keeps the shape of version ${version}`,
    (t) => {
      const node = freshNode(t);
      const prevResult = { cniVersion: version, ...ips };
      for (const binary of BOTH) {
        const config = conf(version, { prevResult });
        t.deepEqual(call(node, 'ADD', freshNamespace(t), config, binary).json, prevResult);
      }
    },
  );
}

test.serial(
  'loopback: a foreign address on lo is refused, and lo is down as before, where the reference leaves it up',
  (t) => {
    const node = freshNode(t);
    for (const binary of BOTH) {
      for (const address of ['192.0.2.1/32', '2001:db8::1/128']) {
        const container = freshNamespace(t);
        container.exec('ip', 'addr', 'add', address, 'dev', 'lo');
        const error = failed(call(node, 'ADD', container, conf('1.0.0'), binary));
        const [bare] = address.split('/');
        t.is(error.msg, `loopback interface found with non-loopback address "${bare}"`);
        t.is(isUp(container), binary !== ourPlugin('loopback'));
        // The kernel removes IPv6 addresses from an interface that goes down.
        t.true(container.exec('ip', '-o', 'addr', 'show', 'dev', 'lo').includes(address));
        t.deepEqual(failed(call(node, 'ADD', container, conf('1.0.0'), binary)).msg, error.msg);
      }
    }
  },
);

test.serial('loopback: a lo that was up before stays up when ADD is refused', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  container.exec('ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo');
  container.exec('ip', 'link', 'set', 'lo', 'up');
  failed(call(node, 'ADD', container, conf('1.0.0')));
  t.true(isUp(container));
});

test.serial(
  'loopback: a previous result that cannot be read is refused in the words of the reference',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const wrong = conf('1.0.0', { prevResult: { ips: 5 } });
    for (const binary of BOTH) {
      const error = failed(call(node, 'ADD', container, wrong, binary));
      t.regex(error.msg, /^failed to parse prevResult: could not parse prevResult: /);
    }
    t.false(isUp(container));
    // Neither DEL nor CHECK looks at it.
    t.is(call(node, 'ADD', container, conf('1.0.0')).code, 0);
    t.is(call(node, 'CHECK', container, conf('1.0.0')).code, 0);
    t.is(call(node, 'DEL', container, wrong).code, 0);
    t.false(isUp(container));
  },
);

test.serial('loopback: DEL succeeds when there is no lo, where the reference fails', (t) => {
  const node = freshNode(t);
  for (const binary of BOTH) {
    const container = freshNamespace(t);
    container.exec('ip', 'link', 'set', 'lo', 'name', 'other');
    for (const command of ['ADD', 'CHECK'] as const) {
      t.is(call(node, command, container, conf('1.0.0'), binary).code, 1);
    }
    const { code } = call(node, 'DEL', container, conf('1.0.0'), binary);
    t.is(code, binary === ourPlugin('loopback') ? 0 : 1);
  }
});

test.serial('loopback: an IPv4-mapped address on lo is a foreign one', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  container.exec('ip', 'addr', 'add', '::ffff:127.0.0.1/128', 'dev', 'lo');
  const error = failed(call(node, 'ADD', container, conf('1.0.0')));
  t.true(error.msg.endsWith('non-loopback address "::ffff:127.0.0.1"'), error.msg);
  const [theirs] = BOTH;
  const { json } = call(node, 'ADD', container, conf('1.0.0'), theirs);
  t.like(json, { ips: [{ address: '127.0.0.1/8' }, { address: '127.0.0.1/32' }] });
});

test.serial('loopback: CNI_IFNAME is not looked at, but must be a name', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  for (const binary of BOTH) {
    const { code } = node.call(
      'ADD',
      conf('1.0.0'),
      { netns: container.path, ifname: 'a/b' },
      binary,
    );
    t.is(code, 1);
  }
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
      t.like(failed(at(command, '/proc/self/ns/pid')), { code: 4 });
    }
  },
);
