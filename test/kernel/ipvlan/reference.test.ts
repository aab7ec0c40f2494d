/**
 * The same attachment made by the reference's plugin and by ours over one master, compared field by
 * field: the result, the link, addresses, routes, settings, lease files. What differs is named
 * here, and in docs/compatibility-ipvlan.md with the reason.
 */
import { rmSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { resultAfter, type Result } from '../../../src/cni/result.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { failed, succeeded } from '../../harness/node.ts';
import {
  addUplink,
  ipvlanNode,
  linkOf,
  linksOf,
  readSysctl,
  UPLINK,
  V4,
  V6,
  type IpvlanNode,
} from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy', 'ipv6');

interface Case {
  readonly keys?: Row;
  readonly subnets?: readonly string[];
  /** Into the `ipam` object. */
  readonly ipam?: Row;
  /** What ours leaves in the result, and the reference's plugin does not. */
  readonly keeps?: Result;
  /** Only IPv4: ours turns IPv6 off. */
  readonly withoutIpv6?: true;
}

const CHAINED = {
  interfaces: [{ name: UPLINK, mac: '02:00:00:00:00:01' }],
  ips: [
    { address: '10.1.2.2/24', gateway: '10.1.2.1', interface: 0 },
    { address: 'fd01::2/64', interface: 0 },
  ],
  routes: [{ dst: '192.0.2.0/24' }, { dst: '198.51.100.0/24', gw: '10.1.2.9' }],
};

const CASES: Readonly<Record<string, Case>> = {
  'IPv4, mode l2': { keys: { mode: 'l2' }, withoutIpv6: true },
  'both families, mode l2, an MTU': { keys: { mtu: 1400 }, subnets: [V4, V6] },
  'both families with routes, mode l3': {
    keys: { mode: 'l3' },
    subnets: [V4, V6],
    ipam: {
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }, { dst: '192.0.2.0/24', gw: '10.88.0.9' }],
    },
  },
  'routes with metric, MTU and table': {
    keys: { cniVersion: '1.1.0' },
    subnets: [V4, V6],
    ipam: {
      routes: [
        { dst: '192.0.2.0/24', priority: 77, mtu: 1300, advmss: 1200 },
        { dst: '198.51.100.0/24', table: 300 },
        { dst: '2001:db8::/32', gw: 'fd88::9', priority: 5 },
      ],
    },
  },
  'mode l3s': { keys: { mode: 'l3s' }, withoutIpv6: true },
  'chained without IPAM': { keys: { master: undefined, prevResult: CHAINED }, subnets: [] },
  'chained with IPAM': {
    keys: { prevResult: CHAINED },
    withoutIpv6: true,
    keeps: CHAINED,
  },
  "the configuration's DNS": {
    keys: { dns: { nameservers: ['192.0.2.53'], search: ['a.b'] } },
    withoutIpv6: true,
  },
  'version 0.2.0': { keys: { cniVersion: '0.2.0' }, withoutIpv6: true },
  'version 0.4.0': { keys: { cniVersion: '0.4.0' }, withoutIpv6: true },
};

for (const [title, wanted] of Object.entries(CASES)) {
  test(`ipvlan: as the reference: ${title}`, (t) => {
    const node = ipvlanNode(t);
    const [theirs, ours] = [
      outcome(t, node, node.reference, wanted),
      outcome(t, node, node.call, wanted),
    ];
    // The alias is what DEL and GC go by.
    t.deepEqual(ours.link, { ...theirs.link, ifalias: 'net1/c1/eth0' });
    t.deepEqual(ours.result, resultAfter(wanted.keeps, theirs.result));
    t.deepEqual(ours.addresses, theirs.addresses);
    t.deepEqual(ours.routes, theirs.routes);
    const inet6 = wanted.withoutIpv6 === true ? { disable_ipv6: '1' } : {};
    t.deepEqual(ours.settings, { ...theirs.settings, ...inet6 });
    t.deepEqual(ours.leases, theirs.leases);
    t.deepEqual(ours.leasesAfter, theirs.leasesAfter);
  });
}

interface Outcome {
  readonly result: Result;
  readonly link: Row | undefined;
  readonly addresses: Row[];
  readonly routes: Row[];
  readonly settings: Row;
  readonly leases: Row;
  readonly leasesAfter: Row;
}

const KEPT: Readonly<Record<string, { keys: Row; subnets: string[]; wanted: Row }>> = {
  'master and IPAM': {
    keys: {},
    subnets: [V4],
    wanted: {
      interfaces: [UPLINK, 'eth0'],
      ips: ['10.88.0.2/24 1', '203.0.113.5/24 0'],
      routes: ['198.51.100.0/24'],
    },
  },
  master: {
    keys: {},
    subnets: [],
    wanted: {
      interfaces: [UPLINK, 'eth0'],
      ips: ['203.0.113.5/24 1'],
      routes: ['198.51.100.0/24'],
    },
  },
  IPAM: {
    keys: { master: undefined },
    subnets: [V4],
    wanted: { interfaces: ['eth0'], ips: ['10.88.0.2/24 0'], routes: ['198.51.100.0/24'] },
  },
  neither: {
    keys: { master: undefined },
    subnets: [],
    wanted: { interfaces: ['eth0'], ips: ['203.0.113.5/24 0'], routes: ['198.51.100.0/24'] },
  },
};

for (const [title, { keys, subnets, wanted }] of Object.entries(KEPT)) {
  test(`ipvlan: prevResult stays in the result, but for what becomes its own: with ${title}`, (t) => {
    const node = ipvlanNode(t);
    const container = freshNamespace(t);
    const call = { netns: container.path };
    if (subnets.length > 0) {
      // The route of the plugin before.
      container.exec('ip', 'link', 'set', 'lo', 'up');
      container.exec('ip', 'route', 'add', '198.51.100.0/24', 'dev', 'lo');
    }
    const prevResult = {
      interfaces: [{ name: UPLINK }],
      ips: [{ address: '203.0.113.5/24', interface: 0 }],
      routes: [{ dst: '198.51.100.0/24' }],
      dns: { nameservers: ['192.0.2.53'] },
    };
    const config = node.config({ ...keys, prevResult }, subnets);
    const result = succeeded(node.call('ADD', config, call)) as Result;
    const { interfaces = [], ips = [], routes = [], dns } = result;
    t.deepEqual(wanted, {
      interfaces: interfaces.map(({ name }) => name),
      ips: ips.map((ip) => `${ip.address} ${ip.interface}`),
      routes: routes.map(({ dst }) => dst),
    });
    t.deepEqual(dns, prevResult.dns);
    const later = { ...config, prevResult: result };
    const checked = node.call('CHECK', later, call);
    t.is(checked.code, 0, checked.stdout);
    // The way back to the reference's plugin.
    const removed = node.reference('DEL', later, call);
    t.is(removed.code, 0, removed.stdout);
    t.is(linkOf(container, 'eth0'), undefined);
  });
}

const BY_CHANCE = ['valid_life_time', 'preferred_life_time'];

const clean = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).filter(
      // Duplicate address detection of link-local addresses may still be under way, and the kernel
      // works out the state of a link in the background.
      ([key]) => !BY_CHANCE.includes(key) && key !== 'tentative' && key !== 'operstate',
    ),
  );

function outcome(
  t: ExecutionContext,
  node: IpvlanNode,
  call: IpvlanNode['call'],
  { keys = {}, subnets, ipam }: Case,
): Outcome {
  const container = freshNamespace(t);
  const config = node.config(keys, subnets);
  if (ipam !== undefined) config['ipam'] = { ...(config['ipam'] as Row), ...ipam };
  const result = succeeded(call('ADD', config, { netns: container.path }));
  const { result: named } = JSON.parse(
    JSON.stringify({ result }).replaceAll(container.path, 'NETNS'),
  ) as { result: Row };
  // Versions before 1.0 print it empty.
  if (JSON.stringify(named['dns']) === '{}') delete named['dns'];
  const before = {
    result: named as unknown as Result,
    link: clean(linkOf(container, 'eth0')!),
    addresses: addresses(container),
    routes: routes(container),
    settings: settings(container),
    leases: node.leases(),
  };
  const removed = call('DEL', { ...config, master: UPLINK }, { netns: container.path });
  t.is(removed.code, 0, removed.stdout);
  t.is(linkOf(container, 'eth0'), undefined);
  const leasesAfter = node.leases();
  rmSync(`${node.dataDir}/net1`, { recursive: true, force: true });
  return { ...before, leasesAfter };
}

const addresses = (container: Namespace): Row[] =>
  container
    .ip<{ addr_info: Row[] }[]>('addr', 'show', 'dev', 'eth0')[0]!
    .addr_info.filter(({ scope }) => scope !== 'link')
    .map(clean);

const routes = (container: Namespace): Row[] =>
  (['-4', '-6'] as const)
    .flatMap((family) => container.ip<Row[]>(family, 'route', 'show', 'table', 'all'))
    // The kernel makes local routes when it has settled an address, which the reference does not
    // always wait for.
    .filter(({ dst, dev, table }) => dev === 'eth0' && table !== 'local' && !/^fe80/.test(`${dst}`))
    .map(clean)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

function settings(container: Namespace): Row {
  const read = (family: string, ...names: string[]): [string, string][] =>
    names.map((name) => [name, readSysctl(container, `${family}/conf/eth0/${name}`)]);
  return Object.fromEntries([
    ...read('ipv4', 'arp_notify', 'forwarding', 'rp_filter'),
    ...read('ipv6', 'ndisc_notify', 'accept_ra', 'accept_dad', 'keep_addr_on_down', 'disable_ipv6'),
  ]);
}

test("ipvlan: IPAM's DNS is reported when the configuration has none, where the reference loses it", (t) => {
  const node = ipvlanNode(t);
  const dns = { nameservers: ['192.0.2.53'], domain: 'example.com' };
  const addresses = [{ address: '10.88.0.2/24' }];
  const config = node.config({ ipam: { type: 'static', addresses, dns } });
  const answer = (call: IpvlanNode['call'], keys: Row = {}): unknown => {
    const netns = freshNamespace(t).path;
    const result = succeeded(call('ADD', { ...config, ...keys }, { netns }));
    call('DEL', config, { netns });
    return result.dns;
  };
  t.is(answer(node.reference), undefined);
  t.deepEqual(answer(node.call), dns);
  t.deepEqual(answer(node.call, { dns: { nameservers: ['192.0.2.54'] } }), {
    nameservers: ['192.0.2.54'],
  });
});

test('ipvlan: an IPv4-only link has no IPv6 and hears no router, where the reference gives it a link-local address', (t) => {
  const node = ipvlanNode(t);
  const inet6 = (call: IpvlanNode['call'], containerId: string): Row[] => {
    const container = freshNamespace(t);
    succeeded(call('ADD', node.config(), { netns: container.path, containerId }));
    return container.ip<{ addr_info: Row[] }[]>('-6', 'addr', 'show', 'dev', 'eth0');
  };
  t.is(inet6(node.reference, 'theirs').length, 1);
  t.deepEqual(
    inet6(node.call, 'ours').filter(({ addr_info }) => addr_info),
    [],
  );
});

test('ipvlan: another mode on one master is refused, where the reference switches the containers that are there', (t) => {
  const node = ipvlanNode(t);
  const first = node.attach(node.config({ mode: 'l2' }), { containerId: 'first' });
  const mode = (): unknown => linkOf(first.container, 'eth0')?.linkinfo?.info_data?.['mode'];
  const call = { netns: freshNamespace(t).path };
  failed(node.call('ADD', node.config({ mode: 'l3' }), call));
  t.is(mode(), 'l2');
  succeeded(node.reference('ADD', node.config({ mode: 'l3' }), call));
  t.is(mode(), 'l3');
});

test('ipvlan: a default route over several hops has a master, where the reference finds none', (t) => {
  const node = ipvlanNode(t);
  const words = 'route add default nexthop via 10.99.0.1 nexthop via 10.99.0.2';
  node.host.exec('ip', 'addr', 'add', '10.99.0.9/24', 'dev', UPLINK);
  node.host.exec('ip', ...words.split(' '));
  const config = node.config({ master: undefined });
  const container = freshNamespace(t);
  failed(node.reference('ADD', config, { netns: container.path }));
  succeeded(node.call('ADD', config, { netns: container.path }));
  t.is(linksOf(container).length, 2);
});

test('ipvlan: an unreachable default route has no master, where the reference looks for one', (t) => {
  const node = ipvlanNode(t);
  node.host.exec('ip', 'route', 'add', 'unreachable', 'default');
  node.host.exec('ip', 'route', 'add', 'default', 'dev', UPLINK, 'metric', '50');
  const config = node.config({ master: undefined });
  const call = { netns: freshNamespace(t).path };
  t.is(failed(node.reference('ADD', config, call)).msg, 'invalid argument');
  t.is(succeeded(node.call('ADD', config, call)).interfaces.length, 1);
});

test('ipvlan: the default route of IPv6 names the master when there is none of IPv4', (t) => {
  const node = ipvlanNode(t);
  node.host.exec('ip', 'route', 'add', 'default', 'dev', UPLINK, 'table', '100');
  node.host.exec('ip', 'route', 'add', 'unreachable', 'default', 'metric', '5');
  node.host.exec('ip', '-6', 'route', 'add', 'default', 'dev', UPLINK);
  t.truthy(node.attach(node.config({ master: undefined })));
});

test('ipvlan: one and the same name on the host and in the container is no clash', (t) => {
  const node = ipvlanNode(t);
  node.host.exec('ip', 'link', 'del', UPLINK);
  addUplink(node.host, 'eth0');
  const { container } = node.attach(node.config({ master: 'eth0' }));
  t.is(linkOf(container, 'eth0')?.linkinfo?.info_kind, 'ipvlan');
  t.is(linkOf(node.host, 'eth0')?.linkinfo?.info_kind, 'dummy');
});

test('ipvlan: a master may be given by an alternative name, and by an ipvlan link', (t) => {
  const node = ipvlanNode(t);
  const altname = 'a-name-of-more-than-fifteen-bytes';
  node.host.exec('ip', 'link', 'property', 'add', 'dev', UPLINK, 'altname', altname);
  node.host.exec('ip', 'link', 'add', 'link', UPLINK, 'name', 'x0', 'type', 'ipvlan', 'mode', 'l2');
  const one = node.attach(node.config({ master: altname }), { containerId: 'c1' });
  const two = node.attach(node.config({ master: 'x0' }), { containerId: 'c2' });
  const parent = linkOf(node.host, UPLINK)!.ifindex;
  t.is(linkOf(one.container, 'eth0')?.link_index, parent);
  t.is(linkOf(two.container, 'eth0')?.link_index, parent);
  const config = node.config({ master: 'x0', prevResult: two.result });
  const call = { netns: two.container.path, containerId: 'c2' };
  t.is(node.call('CHECK', config, call).stdout, '');
});
