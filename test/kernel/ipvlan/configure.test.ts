/**
 * Addresses and routes of the container's interface, in the situations that the reference's own
 * tests of this step walk through: routes with and without a gateway, in other tables, with a
 * scope, several to one destination; addresses that name no interface.
 */
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { failed, succeeded } from '../../harness/node.ts';
import { addressesOf, ipvlanNode, linkOf, UPLINK } from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy', 'ipv6');

const ADDRESSES = [
  { address: '10.88.0.2/24', gateway: '10.88.0.1' },
  { address: 'fd88::2/64', gateway: 'fd88::1' },
];

const ROUTES = [
  { dst: '192.0.2.0/24' },
  { dst: '198.51.100.0/24', gw: '10.88.0.9' },
  { dst: '203.0.113.0/24', table: 5000 },
  { dst: '203.0.113.7/32', scope: 200 },
  { dst: '198.18.0.0/15', priority: 77 },
  { dst: '2001:db8:1::/48' },
  { dst: '2001:db8:2::/48', gw: 'fd88::9' },
  { dst: '2001:db8:3::/48', table: 5000 },
];

test('ipvlan ADD: routes have the gateway of their family, their table, scope and metric', (t) => {
  const node = ipvlanNode(t);
  const ipam = { type: 'static', addresses: ADDRESSES, routes: ROUTES };
  const { container, result } = node.attach(node.config({ mode: 'l3', ipam }));
  const find = (family: '-4' | '-6', table: string, dst: string): Row | undefined =>
    container
      .ip<Row[]>('-N', family, 'route', 'show', 'table', table)
      .find((each) => each['dst'] === dst);
  t.like(find('-4', 'main', '192.0.2.0/24'), { gateway: '10.88.0.1', dev: 'eth0' });
  t.like(find('-4', 'main', '198.51.100.0/24'), { gateway: '10.88.0.9' });
  t.like(find('-4', '5000', '203.0.113.0/24'), { gateway: '10.88.0.1' });
  t.is(find('-4', 'main', '203.0.113.0/24'), undefined);
  t.is(String(find('-4', 'main', '203.0.113.7')!['scope']), '200');
  t.like(find('-4', 'main', '198.18.0.0/15'), { metric: 77 });
  t.like(find('-6', 'main', '2001:db8:1::/48'), { gateway: 'fd88::1' });
  t.like(find('-6', 'main', '2001:db8:2::/48'), { gateway: 'fd88::9' });
  t.like(find('-6', '5000', '2001:db8:3::/48'), { gateway: 'fd88::1' });
  t.deepEqual(result.routes as readonly Row[], ROUTES);
});

test('ipvlan ADD: two routes to one destination over different gateways stand side by side', (t) => {
  const node = ipvlanNode(t);
  const routes = [
    { dst: '192.0.2.0/24', gw: '10.88.0.8', priority: 10 },
    { dst: '192.0.2.0/24', gw: '10.88.0.9', priority: 20 },
    { dst: '2001:db8::/32', gw: 'fd88::8' },
    { dst: '2001:db8::/32', gw: 'fd88::9' },
  ];
  const ipam = { type: 'static', addresses: ADDRESSES, routes };
  const { container } = node.attach(node.config({ mode: 'l3', ipam }));
  const hops = (family: '-4' | '-6', dst: string): unknown[] =>
    container
      .ip<Row[]>(family, 'route', 'show', dst)
      .flatMap((route) => (route['nexthops'] as Row[] | undefined) ?? [route])
      .map(({ gateway }) => gateway)
      .sort();
  t.deepEqual(hops('-4', '192.0.2.0/24'), ['10.88.0.8', '10.88.0.9']);
  t.deepEqual(hops('-6', '2001:db8::/32'), ['fd88::8', 'fd88::9']);
});

test('ipvlan ADD: an IPv6 address outlives the link going down, its link-local one does not', (t) => {
  const node = ipvlanNode(t);
  const { container } = node.attach(
    node.config({ mode: 'l3', ipam: { type: 'static', addresses: ADDRESSES } }),
  );
  const addresses = (): string[] =>
    container
      .ip<{ addr_info: { local: string }[] }[]>('-6', 'addr', 'show', 'dev', 'eth0')
      .flatMap(({ addr_info = [] }) => addr_info.map(({ local }) => local))
      .sort();
  t.is(addresses().length, 2);
  container.exec('ip', 'link', 'set', 'eth0', 'down');
  t.deepEqual(addresses(), ['fd88::2']);
});

test('ipvlan ADD: addresses of the previous result come to the one interface, whatever they name', (t) => {
  const node = ipvlanNode(t);
  const ips = [{ address: '10.1.2.2/24' }, { address: '10.1.3.2/24', interface: 0 }];
  const prevResult = { interfaces: [{ name: UPLINK }], ips };
  const config = node.config({ master: undefined, prevResult }, []);
  for (const plugin of [node.reference, node.call]) {
    const container = freshNamespace(t);
    const call = { netns: container.path };
    const result = succeeded(plugin('ADD', config, call));
    t.deepEqual(
      result.ips.map((each) => each.interface),
      [0, 0],
    );
    t.deepEqual(addressesOf(container, 'eth0'), ['10.1.2.2/24', '10.1.3.2/24']);
    t.is(plugin('DEL', config, call).code, 0);
  }
});

test('ipvlan ADD: the DNS of the previous result is kept, where the reference loses it', (t) => {
  const node = ipvlanNode(t);
  const dns = { nameservers: ['192.0.2.53'] };
  const prevResult = {
    interfaces: [{ name: UPLINK }],
    ips: [{ address: '10.1.2.2/24', interface: 0 }],
    dns,
  };
  const config = node.config({ master: undefined, prevResult }, []);
  const answers = [node.reference, node.call].map((plugin) => {
    const call = { netns: freshNamespace(t).path };
    const result = succeeded(plugin('ADD', config, call));
    t.is(plugin('DEL', config, call).code, 0);
    return result.dns;
  });
  t.deepEqual(answers, [undefined, dns]);
});

test('ipvlan ADD: one address twice is an error, and nothing is left', (t) => {
  const node = ipvlanNode(t);
  const twice = [{ address: '10.88.0.2/24' }, { address: '10.88.0.2/24' }];
  const config = node.config({ ipam: { type: 'static', addresses: twice } });
  for (const plugin of [node.reference, node.call]) {
    const container = freshNamespace(t);
    const { msg } = failed(plugin('ADD', config, { netns: container.path }));
    t.regex(msg, /failed to add IP addr .*10\.88\.0\.2/);
    t.is(linkOf(container, 'eth0') === undefined, plugin === node.call);
  }
});

test('ipvlan ADD: an IPv6 route of an IPv4-only container is on the link, and routers are not heard', (t) => {
  const node = ipvlanNode(t);
  const addresses = [{ address: '10.88.0.2/24' }];
  const ipam = { type: 'static', addresses, routes: [{ dst: '2001:db8::/32' }] };
  const { container } = node.attach(node.config({ mode: 'l3', ipam }));
  const [route] = container.ip<Row[]>('-6', 'route', 'show', '2001:db8::/32');
  t.like(route, { dev: 'eth0' });
  t.is(container.exec('cat', '/proc/sys/net/ipv6/conf/eth0/accept_ra').trim(), '0');
});
