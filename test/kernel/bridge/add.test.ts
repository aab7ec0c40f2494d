/** ADD of the bridge plugin: what it answers is what the kernel has, and packets pass. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  freshNamespace,
  namespaceWithoutProbes,
  type Namespace,
  type Row,
} from '../../harness/namespace.ts';
import { type Attached, failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { isSilent, pings } from '../../harness/ping.ts';

const V4 = '10.88.0.0/24';
const V6 = 'fd88::/64';

interface Link extends Row {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_index?: number;
  readonly address: string;
  readonly mtu: number;
  readonly flags: string[];
  readonly operstate: string;
  readonly master?: string;
  readonly promiscuity?: number;
  readonly ifalias?: string;
  readonly linkinfo?: { info_kind?: string; info_data?: Row; info_slave_data?: Row };
}

const linkOf = (where: Namespace, name: string): Link =>
  where.ip<Link[]>('-d', 'link', 'show', 'dev', name)[0]!;

/** Addresses with prefix length that are not link-local, in the order of `ip`. */
function addressesOf(where: Namespace, name: string): string[] {
  const [link] = where.ip<{ addr_info: { local: string; prefixlen: number; scope: string }[] }[]>(
    'addr',
    'show',
    'dev',
    name,
  );
  return link!.addr_info
    .filter(({ scope }) => scope !== 'link')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

const routesOf = (where: Namespace, ...which: string[]): Row[] => where.ip(...which, 'route');

/** The interfaces of a result are links of the kernel, with these MAC addresses, and connected. */
function agrees(t: ExecutionContext, node: Node, { container, result }: Attached): void {
  const [bridge, host, own] = result.interfaces;
  const kernel = {
    bridge: linkOf(node.host, bridge!.name),
    host: linkOf(node.host, host!.name),
    own: linkOf(container, 'eth0'),
  };
  t.is(result.interfaces.length, 3);
  t.is(kernel.bridge.linkinfo?.info_kind, 'bridge');
  t.is(kernel.bridge.address, bridge!.mac);
  t.is(kernel.host.linkinfo?.info_kind, 'veth');
  t.is(kernel.host.address, host!.mac);
  t.is(kernel.host.master, bridge!.name);
  t.is(kernel.host.operstate, 'UP');
  t.is(kernel.host.link_index, kernel.own.ifindex);
  t.is(kernel.own.linkinfo?.info_kind, 'veth');
  t.is(kernel.own.address, own!.mac);
  t.is(kernel.own.link_index, kernel.host.ifindex);
  t.is(own!.sandbox, container.path);
  t.is(own!.name, 'eth0');
  t.is(new Set([bridge!.mac, host!.mac, own!.mac]).size, 3);
  t.deepEqual(
    addressesOf(container, 'eth0').sort(),
    (result.ips ?? []).map(({ address }) => address).sort(),
  );
}

test.serial('bridge ADD: IPv4 with default gateway answers what the kernel has', (t) => {
  const node = freshNode(t);
  const attached = node.attach(node.config([V4], { isDefaultGateway: true }));
  agrees(t, node, attached);
  const { container, result } = attached;
  t.deepEqual(result.ips, [{ address: '10.88.0.2/24', gateway: '10.88.0.1', interface: 2 }]);
  t.deepEqual(result.routes, [{ dst: '0.0.0.0/0', gw: '10.88.0.1' }]);
  t.deepEqual(addressesOf(node.host, 'br0'), ['10.88.0.1/24']);
  const [route] = routesOf(container, '-4').filter(({ dst }) => dst === 'default');
  t.like(route, { gateway: '10.88.0.1', dev: 'eth0' });
  t.is(route!['prefsrc'], undefined);
  t.is(node.host.exec('cat', '/proc/sys/net/ipv4/ip_forward').trim(), '1');
  t.true(pings(container, '10.88.0.1'));
});

test.serial('bridge ADD: IPv6 with default gateway answers what the kernel has', (t) => {
  const node = freshNode(t);
  const attached = node.attach(node.config([V6], { isDefaultGateway: true }));
  agrees(t, node, attached);
  const { container } = attached;
  t.deepEqual(addressesOf(node.host, 'br0'), ['fd88::1/64']);
  t.like(
    routesOf(container, '-6').find(({ dst }) => dst === 'default'),
    { gateway: 'fd88::1' },
  );
  t.is(node.host.exec('cat', '/proc/sys/net/ipv6/conf/all/forwarding').trim(), '1');
  t.is(node.host.exec('cat', '/proc/sys/net/ipv4/ip_forward').trim(), '0');
  t.true(pings(container, 'fd88::1'));
});

test.serial('bridge ADD: two containers of both families reach the gateway and each other', (t) => {
  const node = freshNode(t);
  const config = node.config([V4, V6], { isDefaultGateway: true });
  const one = node.attach(config);
  const two = node.attach(config, { containerId: 'c2' });
  agrees(t, node, one);
  agrees(t, node, two);
  for (const address of ['10.88.0.1', 'fd88::1', '10.88.0.3', 'fd88::3']) {
    t.true(pings(one.container, address), address);
  }
  t.is(node.host.ip<Link[]>('link').length, 4);
});

test.serial(
  'bridge ADD: one IPv4 and two IPv6 ranges give three addresses and two default routes',
  (t) => {
    const node = freshNode(t);
    const config = node.config([V4, V6, 'fd89::/64'], { isDefaultGateway: true });
    const attached = node.attach(config);
    agrees(t, node, attached);
    t.deepEqual(attached.result.routes, [
      { dst: '0.0.0.0/0', gw: '10.88.0.1' },
      { dst: '::/0', gw: 'fd88::1' },
    ]);
    t.deepEqual(addressesOf(node.host, 'br0').sort(), ['10.88.0.1/24', 'fd88::1/64', 'fd89::1/64']);
  },
);

test.serial(
  'bridge ADD: without isGateway the bridge has no address and the host does not forward',
  (t) => {
    const node = freshNode(t);
    const attached = node.attach(node.config([V4]));
    agrees(t, node, attached);
    t.deepEqual(addressesOf(node.host, 'br0'), []);
    t.is(node.host.exec('cat', '/proc/sys/net/ipv4/ip_forward').trim(), '0');
    t.deepEqual(
      routesOf(attached.container, '-4').map(({ dst }) => dst),
      ['10.88.0.0/24'],
    );
  },
);

test.serial(
  'bridge ADD: without IPAM two containers have a wire between them and nothing else',
  (t) => {
    const node = freshNode(t);
    const one = node.attach(node.config([]));
    const two = node.attach(node.config([], { ipam: {} }), { containerId: 'c2' });
    agrees(t, node, one);
    t.deepEqual(Object.keys(one.result), ['cniVersion', 'interfaces']);
    one.container.exec('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'eth0');
    two.container.exec('ip', 'addr', 'add', '192.0.2.2/24', 'dev', 'eth0');
    t.true(pings(one.container, '192.0.2.2'));
  },
);

test.serial('bridge ADD: hairpinMode and portIsolation are flags of the port', (t) => {
  for (const hairpinMode of [false, true]) {
    for (const portIsolation of [false, true]) {
      const node = freshNode(t);
      const { result } = node.attach(node.config([V4], { hairpinMode, portIsolation }));
      const port = linkOf(node.host, result.interfaces[1]!.name).linkinfo!.info_slave_data!;
      t.is(port['hairpin'], hairpinMode);
      t.is(port['isolated'], portIsolation);
    }
  }
});

test.serial('bridge ADD: isolated containers reach the gateway, but not each other', (t) => {
  const node = freshNode(t);
  const config = node.config([V4], { isGateway: true, portIsolation: true });
  const one = node.attach(config);
  node.attach(config, { containerId: 'c2' });
  t.true(pings(one.container, '10.88.0.1'));
  t.true(isSilent(one.container, '10.88.0.3'));
});

test.serial(
  'bridge ADD: promiscMode makes the bridge promiscuous, also one that was there',
  (t) => {
    const node = freshNode(t);
    node.attach(node.config([V4]));
    t.is(linkOf(node.host, 'br0').promiscuity, 0);
    const index = linkOf(node.host, 'br0').ifindex;
    node.attach(node.config([V4], { promiscMode: true }), { containerId: 'c2' });
    t.is(linkOf(node.host, 'br0').promiscuity, 1);
    t.is(linkOf(node.host, 'br0').ifindex, index);
  },
);

test.serial('bridge ADD: mtu is set on a new bridge and on both ends', (t) => {
  const node = freshNode(t);
  const { container, result } = node.attach(node.config([V4], { mtu: 1400 }));
  t.is(linkOf(node.host, 'br0').mtu, 1400);
  t.is(linkOf(node.host, result.interfaces[1]!.name).mtu, 1400);
  t.is(linkOf(container, 'eth0').mtu, 1400);
});

test.serial('bridge ADD: disableContainerInterface leaves the container end down', (t) => {
  const node = freshNode(t);
  const { container } = node.attach(node.config([], { disableContainerInterface: true }));
  t.false(linkOf(container, 'eth0').flags.includes('UP'));
  t.deepEqual(
    container.ip<{ addr_info: Row[] }[]>('addr', 'show', 'dev', 'eth0')[0]!.addr_info,
    [],
  );
});

test.serial(
  'bridge ADD: the MAC address comes from runtimeConfig, else from args, else from CNI_ARGS',
  (t) => {
    const args = 'IgnoreUnknown=1;MAC=02:00:00:00:00:01';
    const inArgs = { args: { cni: { mac: '02-00-00-00-00-02' } } };
    const inRuntime = { ...inArgs, RuntimeConfig: { mac: '0200.0000.0003' } };
    for (const [keys, mac] of [
      [{}, '02:00:00:00:00:01'],
      [inArgs, '02:00:00:00:00:02'],
      [inRuntime, '02:00:00:00:00:03'],
      // As the reference reads it since it is built with Go 1.26.
      [{ runtimeConfig: { mac: '02000000000A' } }, '02:00:00:00:00:0a'],
    ] as const) {
      const node = freshNode(t);
      const { container, result } = node.attach(node.config([V4], keys), {
        ...(args === undefined ? {} : { args }),
      });
      t.is(result.interfaces[2]!.mac, mac);
      t.is(linkOf(container, 'eth0').address, mac);
    }
  },
);

test.serial("bridge ADD: the configuration's dns replaces IPAM's completely", (t) => {
  const node = freshNode(t);
  const { result } = node.attach(
    node.config([V4], { dns: { nameservers: ['192.0.2.53'], search: ['example.net'] } }),
  );
  t.deepEqual(result.dns, { nameservers: ['192.0.2.53'], search: ['example.net'] });
});

test.serial('bridge ADD: routes of IPAM go over their own router, else over the gateway', (t) => {
  const node = freshNode(t);
  const config = node.config([V4], { isGateway: true });
  const routes = [
    { dst: '192.0.2.0/24' },
    { dst: '198.51.100.0/24', gw: '10.88.0.9', priority: 50 },
    { dst: '203.0.113.0/24', table: 5000 },
    { dst: '198.51.100.0/24', gw: '10.88.0.10', priority: 50 },
    { dst: '192.0.2.200/32', gw: '10.88.0.1', scope: 200, table: 5001 },
  ];
  const { container, result } = node.attach({
    ...config,
    ipam: { ...(config['ipam'] as Row), routes },
  });
  t.deepEqual(result.routes, routes);
  const main = routesOf(container, '-4');
  t.like(
    main.find(({ dst }) => dst === '192.0.2.0/24'),
    { gateway: '10.88.0.1' },
  );
  const [other] = container.ip('-4', 'route', 'show', 'table', '5000');
  t.like(other, { dst: '203.0.113.0/24', gateway: '10.88.0.1' });
  const twice = main.filter(({ dst }) => dst === '198.51.100.0/24');
  t.deepEqual(twice.map(({ gateway }) => gateway).sort(), ['10.88.0.10', '10.88.0.9']);
  t.regex(
    container.exec('ip', 'route', 'show', 'table', '5001'),
    /192\.0\.2\.200.* scope (200|site)/,
  );
});

test.serial(
  'bridge ADD: a bridge that was there keeps its MAC address when containers come and go',
  (t) => {
    for (const subnet of [V4, V6]) {
      const node = freshNode(t);
      node.host.exec('ip', 'link', 'add', 'br0', 'type', 'bridge');
      const config = node.config([subnet], { isGateway: true });
      const { container } = node.attach(config);
      const { address } = linkOf(node.host, 'br0');
      node.attach(config, { containerId: 'c2' });
      t.is(linkOf(node.host, 'br0').address, address);
      succeeded(node.call('DEL', config, { netns: container.path, containerId: 'c1' }));
      t.is(linkOf(node.host, 'br0').address, address);
    }
  },
);

test.serial(
  'bridge ADD: another gateway on the bridge is refused, and replaced with forceAddress',
  (t) => {
    const node = freshNode(t);
    node.attach(node.config([V4], { isGateway: true }));
    const second = node.config(['10.89.0.0/24'], { isGateway: true, name: 'net2' });
    const container = freshNamespace(t);
    const before = node.snapshot(container);
    const { code, json } = node.call('ADD', second, { netns: container.path, containerId: 'c2' });
    t.is(code, 1);
    t.like(json, {
      code: 999,
      msg: 'failed to set bridge addr: "br0" already has an IP address different from 10.89.0.1/24',
      details: 'it has 10.88.0.1/24; forceAddress replaces it',
    });
    t.deepEqual(node.changes(before, container), []);
    node.attach({ ...second, forceAddress: true }, { containerId: 'c3' });
    t.deepEqual(addressesOf(node.host, 'br0'), ['10.89.0.1/24']);
  },
);

test.serial(
  'bridge ADD: IPv6 gateways of separate networks stand side by side, overlapping ones do not',
  (t) => {
    const node = freshNode(t);
    node.attach(node.config([V6], { isGateway: true }));
    node.attach(node.config(['fd90::/64'], { isGateway: true, name: 'net2' }), {
      containerId: 'c2',
    });
    t.deepEqual(addressesOf(node.host, 'br0').sort(), ['fd88::1/64', 'fd90::1/64']);
    const wide = node.config(['fd88::/48'], { isGateway: true, name: 'net3' });
    const container = freshNamespace(t);
    const refused = node.call('ADD', wide, { netns: container.path, containerId: 'c3' });
    t.is(refused.code, 1);
    node.attach({ ...wide, forceAddress: true }, { containerId: 'c4' });
    t.deepEqual(addressesOf(node.host, 'br0').sort(), ['fd88::1/48', 'fd90::1/64']);
  },
);

test.serial(
  'bridge ADD: IPv6 is off on the interface of an IPv4-only container, and routers are not heard',
  (t) => {
    const node = freshNode(t);
    const four = node.attach(node.config([V4]));
    const both = node.attach(node.config([V4, V6], { name: 'net2' }), { containerId: 'c2' });
    const read = (where: Namespace, name: string): string =>
      where.exec('cat', `/proc/sys/net/ipv6/conf/${name}`).trim();
    t.is(read(four.container, 'eth0/disable_ipv6'), '1');
    t.is(read(both.container, 'eth0/disable_ipv6'), '0');
    t.is(read(both.container, 'eth0/accept_ra'), '0');
    t.is(read(both.container, 'eth0/keep_addr_on_down'), '1');
    t.is(read(node.host, 'br0/accept_ra'), '0');
    t.is(read(node.host, `${both.result.interfaces[1]!.name}/accept_ra`), '0');
  },
);

test.serial('bridge ADD: an address that another container had is reached at once', (t) => {
  const node = freshNode(t);
  for (const [i, containerId] of ['c1', 'c2'].entries()) {
    const config = node.config([], {
      isGateway: true,
      ipam: {
        type: 'static',
        addresses: [
          { address: '10.88.0.9/24', gateway: '10.88.0.1' },
          { address: 'fd88::9/64', gateway: 'fd88::1' },
        ],
      },
    });
    const { container } = node.attach(config, { containerId });
    for (const address of ['10.88.0.9', 'fd88::9']) {
      t.true(pings(node.host, address), `${i} ${address}`);
    }
    succeeded({ ...node.call('DEL', config, { netns: container.path, containerId }), json: {} });
  }
});

test.serial('bridge ADD: enabledad finds an IPv6 address that a neighbour has', (t) => {
  const node = freshNode(t);
  const config = node.config([], {
    enabledad: true,
    ipam: { type: 'static', addresses: [{ address: 'fd88::9/64' }] },
  });
  const one = node.attach(config);
  t.deepEqual(addressesOf(one.container, 'eth0'), ['fd88::9/64']);
  const container = freshNamespace(t);
  const before = node.snapshot(container);
  const error = failed(node.call('ADD', config, { netns: container.path, containerId: 'c2' }));
  t.is(
    error.msg,
    'failed to settle addresses for "eth0": link eth0 has address fd88::9 in DADFAILED state',
  );
  t.deepEqual(node.changes(before, container), []);
  // Without it nobody looks.
  node.attach({ ...config, enabledad: false }, { containerId: 'c3' });
});

test.serial('bridge ADD: enabledad goes on where the kernel is done before it answers', (t) => {
  const node = freshNode(t);
  // While the kernel makes the routes, the address settles.
  const routes = Array.from({ length: 500 }, (_, i) => ({
    dst: `fd99:0:0:${i.toString(16)}::/64`,
  }));
  const ipam = {
    type: 'static',
    addresses: [{ address: 'fd88::9/64', gateway: 'fd88::1' }],
    routes,
  };
  const config = node.config([], { enabledad: true, ipam });
  for (const containerId of ['c1', 'c2', 'c3']) {
    const call = { netns: namespaceWithoutProbes(t).path, containerId };
    t.is(succeeded(node.call('ADD', config, call)).routes?.length, 500);
    t.is(node.call('DEL', config, call).code, 0);
  }
});

test.serial(
  'bridge ADD: a key inside ipam that nobody reads is reported, and an error when strict',
  (t) => {
    const node = freshNode(t);
    const ipam = {
      type: 'host-local',
      dataDir: node.dataDir,
      ranges: [[{ subnet: V4, gatway: '10.88.0.9' }]],
      rutes: [],
    };
    const container = freshNamespace(t);
    const call = { netns: container.path };
    const strict = failed(node.call('ADD', node.config([], { ipam, strict: true }), call));
    t.is(strict.code, 2);
    t.regex(strict.msg, /unknown key "ipam\.rutes" .*did you mean "routes"\?/);
    t.deepEqual(node.leases(), {});
    const { code, stderr } = node.call('ADD', node.config([], { ipam }), call);
    t.is(code, 0);
    t.regex(stderr, /unknown key "ipam\.ranges\[0\]\[0\]\.gatway" .*did you mean "gateway"\?/);
  },
);

test.serial('bridge ADD: the resolvConf of IPAM becomes the dns of the result', (t) => {
  const node = freshNode(t);
  const resolvConf = join(node.dataDir, 'net1', 'resolv.conf');
  mkdirSync(join(node.dataDir, 'net1'));
  writeFileSync(resolvConf, 'nameserver 192.0.2.53\nsearch example.net\n');
  const ipam = { type: 'host-local', dataDir: node.dataDir, subnet: V4, resolvConf };
  const { result } = node.attach(node.config([], { ipam }));
  t.deepEqual(result.dns, { nameservers: ['192.0.2.53'], search: ['example.net'] });
});

test.serial('bridge ADD: the IPv6 address survives the interface going down', (t) => {
  const node = freshNode(t);
  const { container } = node.attach(node.config([V6]));
  container.exec('ip', 'link', 'set', 'eth0', 'down');
  t.deepEqual(addressesOf(container, 'eth0'), ['fd88::2/64']);
});
