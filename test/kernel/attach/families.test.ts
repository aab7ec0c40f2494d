/**
 * Addresses of two families in one attachment: routes over routers of the other one, gateways that
 * came with the other one's address.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { needs } from '../../harness/needs.ts';
import { pings } from '../../harness/ping.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';

const [V4, V6] = ['10.5.0.2/24', 'fd05:1::2/64'];
const [GW4, GW6] = ['10.5.0.1', 'fd05:1::1'];

interface Scene {
  readonly node: Node;
  readonly container: Namespace;
  readonly config: Row;
}

function scene(t: ExecutionContext, type: string, ipam: Row, keys: Row = {}): Scene {
  const node = freshNode(t);
  node.host.exec(
    'sh',
    '-c',
    'ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up',
  );
  const place = type === 'ipvlan' ? { master: 'up0' } : { bridge: 'br0' };
  const config = {
    cniVersion: '1.1.0',
    name: 'net1',
    type,
    ...place,
    ipam: { type: 'static', ...ipam },
    ...keys,
  };
  return { node, container: freshNamespace(t), config };
}

const route = ({ container }: Scene, dst: string): Row | undefined =>
  container.ip('route', 'show', dst)[0];

function attaches(t: ExecutionContext, type: string, { node, container, config }: Scene): Row {
  const call = { netns: container.path };
  const binary = ourPlugin(type);
  const prevResult = succeeded(node.call('ADD', config, call, binary));
  const checked = node.call('CHECK', { ...config, prevResult }, call, binary);
  t.is(checked.code, 0, checked.stdout);
  return prevResult as unknown as Row;
}

const both = {
  addresses: [
    { address: V4, gateway: GW4 },
    { address: V6, gateway: GW6 },
  ],
};

for (const type of ['bridge', 'ipvlan']) {
  const run = type === 'ipvlan' ? needs('ipvlan', 'ipv6') : needs('ipv6');

  run(`${type}: an IPv4 route over the IPv6 router that IPAM names`, (t) => {
    const dst = '203.0.113.0/24';
    const made = scene(t, type, { ...both, routes: [{ dst, gw: GW6 }] });
    const result = attaches(t, type, made);
    t.deepEqual(result['routes'], [{ dst, gw: GW6 }]);
    t.like(route(made, dst), { via: { family: 'inet6', host: GW6 }, dev: 'eth0' });
  });

  run(`${type}: an IPv4 route over an IPv6 router, and no IPv6 address`, (t) => {
    for (const gw of [GW6, 'fe80::1']) {
      const made = scene(t, type, {
        addresses: [{ address: V4 }],
        routes: [{ dst: '0.0.0.0/0', gw }],
      });
      attaches(t, type, made);
      t.like(route(made, 'default'), { via: { family: 'inet6', host: gw } });
    }
  });

  run(
    `${type}: a gateway of the other family is no next hop of a route that names none, as in the reference`,
    (t) => {
      const routes = [];
      for (const binary of [ourPlugin(type), referencePlugin(type)]) {
        const made = scene(t, type, {
          addresses: [{ address: V4, gateway: GW6 }],
          routes: [{ dst: '0.0.0.0/0' }],
        });
        const { node, container, config } = made;
        const result = succeeded(node.call('ADD', config, { netns: container.path }, binary));
        t.is(result.ips[0]!.gateway, GW6);
        routes.push(route(made, 'default'));
      }
      t.deepEqual(routes[0], routes[1]);
      t.is(routes[0]!['gateway'], undefined);
    },
  );

  run(
    `${type}: a gateway serves the routes of its own family, whatever address it came with`,
    (t) => {
      const made = scene(t, type, {
        addresses: [
          { address: V4, gateway: GW6 },
          { address: V6, gateway: GW4 },
        ],
        routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
      });
      attaches(t, type, made);
      t.like(route(made, 'default'), { gateway: GW4 });
      t.like(made.container.ip('-6', 'route', 'show', 'default')[0], { gateway: GW6 });
    },
  );

  run(
    `${type}: an IPv6 route over an IPv4 router is refused by its key, and nothing is made`,
    (t) => {
      const made = scene(t, type, { ...both, routes: [{ dst: '::/0', gw: GW4 }] });
      const { node, container, config } = made;
      const before = node.snapshot(container);
      const binary = ourPlugin(type);
      for (const each of [
        node.call('STATUS', config, { netns: '', containerId: '', ifname: '' }, binary),
        node.call('ADD', config, { netns: container.path }, binary),
      ]) {
        const error = failed(each);
        t.is(error.code, 7);
        t.is(error.msg, `the gateway of an IPv6 route is an IPv6 address, not ${GW4}`);
        t.regex(error.details!, /ipam\.routes\[0\]\.gw/);
      }
      t.deepEqual(node.changes(before, container), []);
    },
  );
}

needs('ipv6')(
  'bridge: host-local gives an IPv4 route over the IPv6 gateway of its other range',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const ranges = [[{ subnet: '10.5.0.0/24' }], [{ subnet: 'a05:1::/64' }]];
    const routes = [{ dst: '0.0.0.0/0', gw: 'a05:1::1' }];
    const ipam = { type: 'host-local', dataDir: node.dataDir, ranges, routes };
    const config = node.config([], { cniVersion: '1.1.0', isGateway: true, ipam });
    const call = { netns: container.path };
    const prevResult = succeeded(node.call('ADD', config, call));
    // The first four bytes of the router's address are those of 10.5.0.1.
    t.like(container.ip('route', 'show', 'default')[0], {
      via: { family: 'inet6', host: 'a05:1::1' },
    });
    t.is(node.call('CHECK', { ...config, prevResult }, call).code, 0);
    container.exec('ip', 'route', 'replace', 'default', 'via', '10.5.0.1');
    t.regex(
      failed(node.call('CHECK', { ...config, prevResult }, call)).details!,
      /via a05:1::1 is missing/,
    );
    // The packets arrive: the neighbour is found by IPv6, the rest is IPv4.
    container.exec('ip', 'route', 'replace', 'default', 'via', 'inet6', 'a05:1::1', 'dev', 'eth0');
    node.host.exec('ip', 'addr', 'add', '198.51.100.9/32', 'dev', 'lo');
    t.true(pings(container, '198.51.100.9'));
  },
);

needs('ipv6')('bridge: isDefaultGateway with an IPv6 gateway beside an IPv4 address', (t) => {
  const made = scene(
    t,
    'bridge',
    { addresses: [{ address: V4, gateway: GW6 }] },
    { isDefaultGateway: true },
  );
  attaches(t, 'bridge', made);
  t.like(route(made, 'default'), { via: { family: 'inet6', host: GW6 } });
});

test('bridge: a delegate that gives an IPv6 route an IPv4 router is refused, and nothing is left', async (t) => {
  const { writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const node = freshNode(t);
  const container = freshNamespace(t);
  const result = {
    cniVersion: '1.1.0',
    ips: [{ address: V6 }],
    routes: [{ dst: '::/0', gw: GW4 }],
  };
  writeFileSync(join(node.dataDir, 'foreign'), `#!/bin/sh\necho '${JSON.stringify(result)}'\n`, {
    mode: 0o755,
  });
  const config = node.config([], { cniVersion: '1.1.0', ipam: { type: 'foreign' } });
  const before = node.snapshot(container);
  const error = failed(node.call('ADD', config, { netns: container.path, path: node.dataDir }));
  t.like(error, { code: 7, msg: `the route to ::/0 has the gateway ${GW4}` });
  t.deepEqual(node.changes(before, container), []);
});

needs('ipv6')(
  'bridge: isDefaultGateway with an IPv4 gateway for an IPv6 address is refused, and nothing is left',
  (t) => {
    const made = scene(
      t,
      'bridge',
      { addresses: [{ address: V6, gateway: GW4 }] },
      { isDefaultGateway: true },
    );
    const { node, container, config } = made;
    const before = node.snapshot(container);
    const error = failed(node.call('ADD', config, { netns: container.path }));
    t.like(error, {
      code: 7,
      msg: `failed to set bridge addr: ${GW4} is not a gateway for ${V6}`,
    });
    t.deepEqual(node.changes(before, container), []);
  },
);
