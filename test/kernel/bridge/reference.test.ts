/**
 * The same attachment made by the reference's plugin and by ours, each on a node of its own,
 * compared field by field: the result, both ends, the bridge, routes, settings, lease files. What
 * differs is named here, and in docs/compatibility.md with the reason.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { freshNode, type Node, succeeded } from '../../harness/node.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';

const reference = referencePlugin('bridge');

/** Everything to compare, with what is chosen at random put in order. */
interface Outcome {
  readonly result: unknown;
  readonly links: Row;
  readonly addresses: Row;
  readonly routes: Row;
  readonly settings: Row;
  readonly leases: Row;
}

function attach(t: ExecutionContext, binary: string, subnets: string[], keys: Row): Outcome {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(subnets, keys);
  const output = node.call('ADD', config, { netns: container.path }, binary);
  const names = nameMap(container, node);
  const outcome = {
    result: rename(succeeded(output), names),
    links: rename(links(node, container), names),
    addresses: rename(addresses(node, container), names),
    routes: rename(
      { v4: container.ip('-4', 'route', 'show', 'table', 'all'), v6: routes6(container) },
      names,
    ),
    settings: rename(settings(node, container), names),
    leases: node.leases(),
  };
  succeeded({ ...node.call('DEL', config, { netns: container.path }, binary), json: {} });
  return { ...outcome, leases: { attached: outcome.leases, after: node.leases() } };
}

/** Random names and MAC addresses, to fixed ones. */
function nameMap(container: Namespace, node: Node): [string, string][] {
  const [port] = node.host.ip<{ ifname: string; address: string }[]>(
    'link',
    'show',
    'type',
    'veth',
  );
  const mac = (where: Namespace, name: string): string =>
    where.ip<{ address: string }[]>('link', 'show', 'dev', name)[0]!.address;
  return [
    [port!.ifname, 'HOST'],
    [port!.address, 'MAC-HOST'],
    [mac(node.host, 'br0'), 'MAC-BRIDGE'],
    [mac(container, 'eth0'), 'MAC-CONTAINER'],
    [container.path, 'NETNS'],
    [node.host.name, 'HOST-NS'],
    [container.name, 'CONTAINER-NS'],
  ];
}

function rename<T>(value: T, names: readonly [string, string][]): T {
  let text = JSON.stringify(value);
  for (const [from, to] of names) text = text.replaceAll(from, to);
  return JSON.parse(text) as T;
}

const IGNORED = ['valid_life_time', 'preferred_life_time'];
const IN_MOTION = /_timer$|^(tentative|dynamic|operstate|bridge_id|root_id|designated_\w+)$/;

function clean(value: unknown): unknown {
  // The flag follows the state, a moment later.
  if (Array.isArray(value)) return value.filter((each) => each !== 'NO-CARRIER').map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !IGNORED.includes(key) && !IN_MOTION.test(key))
      .map(([key, member]) => [key, clean(member)]),
  );
}

function links(node: Node, container: Namespace): Row {
  const byName = (where: Namespace): Row =>
    Object.fromEntries(
      where.ip<{ ifname: string }[]>('-d', 'link').map((link) => [link.ifname, clean(link)]),
    );
  return { host: byName(node.host), container: byName(container) };
}

function addresses(node: Node, container: Namespace): Row {
  const byName = (where: Namespace): Row =>
    Object.fromEntries(
      where
        .ip<{ ifname: string; addr_info: Row[] }[]>('addr')
        .map(({ ifname, addr_info }) => [
          ifname,
          addr_info.filter(({ scope }) => scope !== 'link').map(clean),
        ]),
    );
  return { host: byName(node.host), container: byName(container) };
}

const routes6 = (container: Namespace): Row[] =>
  container
    .ip('-6', 'route', 'show', 'table', 'all')
    .filter((route) => !/^(fe80|ff00)/.test(String(route['dst'])));

function settings(node: Node, container: Namespace): Row {
  const names = (link: string): string[] => [
    `net/ipv4/conf/${link}/arp_notify`,
    ...['accept_ra', 'accept_dad', 'disable_ipv6', 'keep_addr_on_down', 'forwarding'].map(
      (name) => `net/ipv6/conf/${link}/${name}`,
    ),
  ];
  const read = (where: Namespace, each: string[]): string[] =>
    where
      .exec('sh', '-c', `cd /proc/sys; grep -H . ${each.join(' ')}`)
      .trim()
      .split('\n');
  return {
    host: read(node.host, ['net/ipv4/ip_forward', ...names('all'), ...names('br0')]),
    container: read(container, [...names('eth0'), ...names('lo')]),
  };
}

/** Paths at which two values differ, with both values. */
function differences(ours: unknown, theirs: unknown, path = ''): string[] {
  if (isRow(ours) && isRow(theirs)) {
    const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...keys].flatMap((key) => differences(ours[key], theirs[key], `${path}/${key}`));
  }
  const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)];
  return a === b ? [] : [`${path}: ${b} by the reference, ${a} by us`];
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

/** Each with its reason in docs/compatibility.md. */
const KNOWN: readonly RegExp[] = [
  /\/links\/host\/HOST\/(txqlen|ifalias):/,
  // A bridge without an address of its own has that of its first port.
  /"MAC-HOST" by the reference, "MAC-BRIDGE" by us$/,
  /accept_ra:/,
  /eth0\/(disable_ipv6|accept_dad):/,
  /\/addresses\/.*\/nodad:/,
];

const CASES: Readonly<Record<string, [subnets: string[], keys: Row]>> = {
  'IPv4 without a gateway': [['10.88.0.0/24'], {}],
  'IPv4 with default gateway': [['10.88.0.0/24'], { isDefaultGateway: true }],
  'IPv6 with default gateway': [['fd88::/64'], { isDefaultGateway: true }],
  'both families': [['10.88.0.0/24', 'fd88::/64'], { isDefaultGateway: true, mtu: 1400 }],
  'hairpin mode': [['10.88.0.0/24'], { isGateway: true, hairpinMode: true }],
  'promiscuous mode': [['10.88.0.0/24'], { isGateway: true, promiscMode: true }],
  'no addresses': [[], {}],
  'version 1.1.0': [['10.88.0.0/24', 'fd88::/64'], { isGateway: true, cniVersion: '1.1.0' }],
  'version 0.4.0': [['10.88.0.0/24'], { isDefaultGateway: true, cniVersion: '0.4.0' }],
  'version 0.2.0': [['10.88.0.0/24'], { isDefaultGateway: true, cniVersion: '0.2.0' }],
};

for (const [title, [subnets, keys]] of Object.entries(CASES)) {
  test.serial(`bridge: the reference makes the same attachment: ${title}`, (t) => {
    const theirs = attach(t, reference, subnets, keys);
    const ours = attach(t, ourPlugin('bridge'), subnets, keys);
    const found = differences(ours, theirs);
    const unknown = found.filter((line) => !KNOWN.some((pattern) => pattern.test(line)));
    t.deepEqual(unknown, []);
  });
}

test.serial('bridge: one that is named by an alternative name is reported by its own', (t) => {
  for (const binary of [reference, ourPlugin('bridge')]) {
    const node = freshNode(t);
    node.host.exec('ip', 'link', 'add', 'br-lan', 'type', 'bridge');
    node.host.exec('ip', 'link', 'property', 'add', 'dev', 'br-lan', 'altname', 'br0');
    node.host.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/br-lan/accept_ra');
    const config = node.config(['10.88.0.0/24', 'fd88::/64'], { isGateway: true });
    const call = { netns: freshNamespace(t).path };
    const result = succeeded(node.call('ADD', config, call, binary));
    t.is(result.interfaces[0]!.name, 'br-lan');
    const [link] = node.host.ip<{ address: string }[]>('link', 'show', 'dev', 'br-lan');
    t.is(result.interfaces[0]!.mac, link!.address);
    if (binary === reference) continue;
    // The reference looks for both under the name in the configuration.
    const acceptRa = node.host.exec('cat', '/proc/sys/net/ipv6/conf/br-lan/accept_ra');
    t.is(acceptRa.trim(), '0');
    t.is(node.call('CHECK', { ...config, prevResult: result }, call, binary).stdout, '');
    const older = JSON.parse(JSON.stringify(result).replaceAll('br-lan', 'br0')) as unknown;
    t.is(node.call('CHECK', { ...config, prevResult: older }, call, binary).stdout, '');
    t.is(node.call('DEL', config, call, binary).code, 0);
    t.deepEqual(node.host.ip('link', 'show', 'type', 'veth'), []);
  }
});
