/**
 * Gateways that are refused, and what an ADD that fails takes back of the router: what it changed
 * itself, whoever else is on the bridge.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, succeeded, type Node } from '../../harness/node.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';

const OURS = ourPlugin('bridge');
const REFERENCE = referencePlugin('bridge');

/** `static` with these addresses. */
function config(addresses: readonly Row[], keys: Row = {}, routes: readonly Row[] = []): Row {
  const ipam = { type: 'static', addresses, routes };
  return { cniVersion: '1.0.0', name: 'net1', type: 'bridge', bridge: 'br0', ipam, ...keys };
}

const OLD = { address: '10.0.0.5/8', gateway: '10.0.0.1' };
const NEW = { address: '10.1.2.5/16', gateway: '10.1.2.3' };
const gateway = { isGateway: true };

const attach = (t: ExecutionContext, node: Node, conf: Row, id: string, plugin = OURS) =>
  node.call('ADD', conf, { netns: freshNamespace(t).path, containerId: id }, plugin);

const addresses = (node: Node): string[] =>
  [...node.host.exec('ip', '-o', 'addr', 'show', 'br0').matchAll(/inet6? (\S+)/g)]
    .map(([, address]) => address!)
    .filter((address) => !/^fe80::.*\/64$/.test(address) || address === 'fe80::1/64');

/**
 * With a port, because it has a carrier of its own only until it gets the first one. Without
 * link-local addresses of the kernel's, which come when it gets round to a carrier: in the middle
 * of what is compared.
 */
function bridge(node: Node, ...own: string[]): void {
  for (const words of [
    'link add br0 type bridge',
    'link set br0 addrgenmode none up',
    'link add port0 type veth peer name port1',
    'link set port0 addrgenmode none master br0 up',
    'link set port1 addrgenmode none up',
  ]) {
    node.host.exec('ip', ...words.split(' '));
  }
  for (const each of own) node.host.exec('ip', 'addr', 'add', ...each.split(' '), 'dev', 'br0');
  // Until then the kernel has not announced an IPv6 address, and not made all its routes.
  for (const local of own.map((address) => address.split('/')[0]!)) {
    if (!local.includes(':')) continue;
    while (node.host.exec('ip', '-6', 'route', 'show', local, 'table', 'local') === '');
  }
}

/** An ADD that goes on until the container's routes. */
const hopeless = (given: Row, keys: Row = gateway): Row =>
  config([given], keys, [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }]);

test.serial('bridge: a gateway that is refused is refused again, and leaves nothing', (t) => {
  const node = freshNode(t);
  succeeded(attach(t, node, config([OLD], gateway), 'a'));
  const untouched = node.snapshot();
  for (let attempt = 0; attempt < 3; attempt++) {
    const { msg, details } = failed(attach(t, node, config([NEW], gateway), 'b'));
    t.is(
      msg,
      'failed to set bridge addr: "br0" already has an IP address different from 10.1.2.3/16',
    );
    t.is(details, 'it has 10.0.0.1/8; forceAddress replaces it');
    t.deepEqual(node.changes(untouched), []);
  }
  succeeded(attach(t, node, config([NEW], { ...gateway, forceAddress: true }), 'b'));
  t.deepEqual(addresses(node), ['10.1.2.3/16']);
});

for (const [whose, plugin] of Object.entries({ ours: OURS, 'the reference': REFERENCE })) {
  test.serial(
    `bridge: an address before the gateway contradicts it, one behind it does not: ${whose}`,
    (t) => {
      const node = freshNode(t);
      bridge(node, '10.0.0.1/8', '10.1.2.3/16');
      failed(attach(t, node, config([NEW], gateway), 'a', plugin));
      succeeded(attach(t, node, config([OLD], gateway), 'a', plugin));
      t.deepEqual(addresses(node), ['10.0.0.1/8', '10.1.2.3/16']);
      succeeded(attach(t, node, config([NEW], { ...gateway, forceAddress: true }), 'b', plugin));
      t.deepEqual(addresses(node), ['10.1.2.3/16']);
    },
  );
}

test.serial('bridge: forceAddress keeps the gateway that goes with the address before it', (t) => {
  const node = freshNode(t);
  // The second is a secondary address of the first, which the kernel removes together.
  bridge(node, '10.88.0.9/24', '10.88.0.1/24');
  const given = { address: '10.88.0.5/24', gateway: '10.88.0.1' };
  const untouched = node.snapshot();
  const forced = { ...gateway, forceAddress: true };
  failed(attach(t, node, hopeless(given, forced), 'a'));
  t.deepEqual(node.changes(untouched), []);
  t.deepEqual(addresses(node), ['10.88.0.9/24', '10.88.0.1/24']);
  succeeded(attach(t, node, config([given], forced), 'a'));
  t.deepEqual(addresses(node), ['10.88.0.1/24']);
});

test.serial('bridge: addresses that had to go come back as they were', (t) => {
  const node = freshNode(t);
  const forced = { ...gateway, forceAddress: true };
  bridge(
    node,
    '192.0.2.1/24 brd 192.0.2.250 label br0:one',
    '192.0.2.2/24 brd +',
    '203.0.113.1/24 scope link',
    '198.51.100.1 peer 198.51.100.2',
    'fd88::7/48 noprefixroute nodad',
  );
  const untouched = node.snapshot();
  for (const given of [NEW, { address: 'fd88::5/64', gateway: 'fd88::1' }]) {
    failed(attach(t, node, hopeless(given, forced), 'a'));
    t.deepEqual(node.changes(untouched), [], given.address);
  }
  succeeded(attach(t, node, config([NEW], forced), 'a'));
  t.deepEqual(addresses(node), ['10.1.2.3/16', 'fd88::7/48']);
});

const LEFT: Readonly<Record<string, Row>> = {
  'address, forwarding': gateway,
  'promiscuous mode': { ...gateway, promiscMode: true },
  'address in place of another': { ...gateway, forceAddress: true },
};

for (const [what, keys] of Object.entries(LEFT)) {
  test.serial(
    `bridge: a failed ADD takes it back although others were there before: ${what}`,
    (t) => {
      const node = freshNode(t);
      // Attached without a gateway, so that they rely on nothing that a gateway needs.
      for (const id of ['a', 'b']) succeeded(attach(t, node, config([OLD]), id));
      if (keys['forceAddress']) node.host.exec('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'br0');
      node.host.exec('sysctl', '-qw', 'net.ipv6.conf.br0.accept_ra=1');
      const untouched = node.snapshot();
      failed(attach(t, node, hopeless(NEW, keys), 'c'));
      t.deepEqual(node.changes(untouched), []);
    },
  );
}

for (const plugin of ['a bridge that was there', 'a new bridge']) {
  test.serial(`bridge: a gateway of the link is taken: ${plugin}`, (t) => {
    const node = freshNode(t);
    if (plugin === 'a bridge that was there') bridge(node, 'fe80::7/64');
    const given = { address: 'fe80::5/64', gateway: 'fe80::1' };
    const keys = { isDefaultGateway: true };
    for (const id of ['a', 'b']) succeeded(attach(t, node, config([given], keys), id));
    t.true(addresses(node).includes('fe80::1/64'));
    if (plugin === 'a bridge that was there') {
      t.regex(node.host.exec('ip', 'addr', 'show', 'br0'), /fe80::7\/64/);
    }
    // The same address with another prefix is another matter.
    node.host.exec('ip', 'addr', 'del', 'fe80::1/64', 'dev', 'br0');
    node.host.exec('ip', 'addr', 'add', 'fe80::1/128', 'dev', 'br0');
    failed(attach(t, node, config([given], keys), 'c'));
    succeeded(attach(t, node, config([given], { ...keys, forceAddress: true }), 'c'));
    t.true(addresses(node).includes('fe80::1/64'));
  });
}

for (const address of [
  '10.1.2.5/32',
  '10.1.2.1/24',
  '10.1.2.1/31',
  '255.255.255.255/32',
  'fd88::5/128',
  'fd88::1/64',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128',
]) {
  test.serial(
    `bridge: no gateway follows from ${address}, which is refused before anything is made`,
    (t) => {
      const node = freshNode(t);
      const untouched = node.snapshot();
      const { code, msg } = failed(attach(t, node, config([{ address }], gateway), 'a'));
      t.is(code, 7);
      t.is(msg, `failed to set bridge addr: no gateway follows from ${address}`);
      t.deepEqual(node.changes(untouched), []);
      // It is not asked for where there is no gateway. The kernel takes the last address for a
      // group's.
      if (!address.startsWith('ffff')) succeeded(attach(t, node, config([{ address }]), 'a'));
    },
  );
}

test.serial('bridge: the last address there is can be a gateway', (t) => {
  const node = freshNode(t);
  const given = { address: '255.255.255.254/31' };
  const { ips } = succeeded(attach(t, node, config([given], gateway), 'a'));
  t.is(ips[0]!.gateway, '255.255.255.255');
});
