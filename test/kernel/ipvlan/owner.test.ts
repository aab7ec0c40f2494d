/**
 * DEL and CHECK of the ipvlan plugin where the reference takes one thing for another: what is
 * whose, and what is as ADD left it.
 */
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { succeeded } from '../../harness/node.ts';
import { execPlugin } from '../../harness/plugin.ts';
import { stracedPlugin } from '../../harness/strace.ts';
import { addUplink, ipvlanNode, linkOf } from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy');

const ip = (where: Namespace, words: string): void => void where.exec('ip', ...words.split(' '));

test('ipvlan DEL: leaves a link of another kind alone, where the reference removes it', (t) => {
  const node = ipvlanNode(t);
  for (const plugin of [node.call, node.reference]) {
    const container = freshNamespace(t);
    ip(container, 'link add eth0 type dummy');
    t.is(plugin('DEL', node.config(), { netns: container.path }).code, 0);
    t.is(linkOf(container, 'eth0') !== undefined, plugin === node.call);
  }
});

test('ipvlan DEL: leaves the link of another network alone, where the reference removes it', (t) => {
  const node = ipvlanNode(t);
  const { container } = node.attach(node.config());
  const call = { netns: container.path };
  const other = node.config({ name: 'othernet' });
  t.is(node.call('DEL', other, call).code, 0);
  t.truthy(linkOf(container, 'eth0'));
  t.is(node.reference('DEL', other, call).code, 0);
  t.is(linkOf(container, 'eth0'), undefined);
});

test('ipvlan DEL: removes a link that was renamed, where the reference leaves it', (t) => {
  const node = ipvlanNode(t);
  const { container } = node.attach(node.config());
  ip(container, 'link set eth0 down');
  ip(container, 'link set eth0 name renamed');
  const call = { netns: container.path };
  t.is(node.reference('DEL', node.config(), call).code, 0);
  t.truthy(linkOf(container, 'renamed'));
  t.is(node.call('DEL', node.config(), call).code, 0);
  t.is(linkOf(container, 'renamed'), undefined);
});

test('ipvlan DEL: finds the link without CNI_NETNS, where the reference leaves it', (t) => {
  const node = ipvlanNode(t);
  const { container } = node.attach(node.config());
  t.is(node.reference('DEL', node.config(), { netns: '' }).code, 0);
  t.truthy(linkOf(container, 'eth0'));
  t.is(node.call('DEL', node.config(), { netns: '' }).code, 0);
  t.is(linkOf(container, 'eth0'), undefined);
});

/** Enough to reach each list of links, and the removal. */
const SENDS = 8;

for (const command of ['DEL', 'GC'] as const) {
  test(`ipvlan ${command}: succeeds only without the link, whichever send fails`, (t) => {
    const node = ipvlanNode(t);
    const config = node.config({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] });
    const call = { ...(command === 'DEL' && { netns: '' }), containerId: 'c1', ifname: 'eth0' };
    for (let nth = 1; nth <= SENDS; nth++) {
      const { container } = node.attach(config);
      const fault = ['-e', 'trace=sendto', '-e', `inject=sendto:error=ENOBUFS:when=${nth}`];
      const binary = stracedPlugin(t, 'ipvlan', '-o', '/dev/null', ...fault);
      const { code } = node.host.run(() => execPlugin(binary, { command, ...call }, config));
      t.is(
        linkOf(container, 'eth0') === undefined || code === 1,
        true,
        `send ${nth}: exit ${code}`,
      );
      t.is(node.call(command, config, call).code, 0);
      t.is(linkOf(container, 'eth0'), undefined);
      container.remove();
    }
  });
}

test('ipvlan ADD: the host can name the namespace of the container, as it cannot after the reference', (t) => {
  const node = ipvlanNode(t);
  const numbers = (): Row[] => node.host.ip('netns', 'list-id');
  const containers = [node.reference, node.call].map((plugin, i) => {
    const container = freshNamespace(t);
    const before = numbers().length;
    const call = { netns: container.path, containerId: `c${i}` };
    // Each has addresses of its own to choose from.
    const name = `net${i}`;
    succeeded(plugin('ADD', node.config({ name }, [`10.9${i}.0.0/24`]), call));
    t.is(numbers().length - before, i);
    return container;
  });
  const [theirs, ours] = containers.map((each) => linkOf(each, 'eth0')!.ifindex);
  t.is(ours, theirs);
});

interface Situation {
  /** Into `prevResult`. */
  readonly told?: Row;
  readonly keys?: Row;
  readonly before?: (container: Namespace) => void;
  /** Whether it is as ADD left it, which the reference gets wrong. */
  readonly passes: boolean;
}

const OTHER_GATEWAY = { routes: [{ dst: '0.0.0.0/0', gw: '10.88.0.77' }] };

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'a link below another master fails': { keys: { master: 'uplink1' }, passes: false },
  'a default route over another gateway fails': { told: OTHER_GATEWAY, passes: false },
  'a route that was moved to another table passes': {
    before: (container) => {
      ip(container, 'route del 192.0.2.0/24');
      ip(container, 'route add 192.0.2.0/24 via 10.88.0.9 table 77');
    },
    passes: true,
  },
  'no master in the configuration passes': { keys: { master: undefined }, passes: true },
};

for (const [title, { told = {}, keys = {}, before, passes }] of Object.entries(SITUATIONS)) {
  test(`ipvlan CHECK: ${title}, where the reference says otherwise`, (t) => {
    const node = ipvlanNode(t);
    addUplink(node.host, 'uplink1');
    const ipam = node.config()['ipam'] as Row;
    const routes = [{ dst: '0.0.0.0/0' }, { dst: '192.0.2.0/24', gw: '10.88.0.9' }];
    const config = node.config({ ipam: { ...ipam, routes } });
    const { container, result } = node.attach(config);
    before?.(container);
    const asked = { ...config, prevResult: { ...result, ...told }, ...keys };
    const call = { netns: container.path };
    t.is(node.call('CHECK', asked, call).code, passes ? 0 : 1);
    t.is(node.reference('CHECK', asked, call).code, passes ? 1 : 0);
  });
}

test('ipvlan CHECK: reports all differences at once, where the reference reports the first', (t) => {
  const node = ipvlanNode(t);
  const { container, result } = node.attach(node.config());
  const [own] = result.interfaces;
  const interfaces = [{ ...own, mac: '02:00:00:00:00:01' }];
  const ips = [{ interface: 0, address: '10.88.0.77/24' }];
  const config = node.config({ mode: 'l3', prevResult: { ...result, interfaces, ips } });
  const said = [node.reference, node.call].map(
    (plugin) => plugin('CHECK', config, { netns: container.path }).stdout,
  );
  const told = said.map(
    (text) =>
      ['l3', '02:00:00:00:00:01', '10.88.0.77'].filter((word) => text.includes(word)).length,
  );
  t.deepEqual(told, [1, 3]);
});

needs(
  'ipvlan',
  'veth',
  'ipv6',
)(
  'ipvlan ADD: an IPv6 address without gateway is settled when ADD ends, where it is tentative after the reference',
  (t) => {
    const node = ipvlanNode(t, 'veth');
    const tentative = [node.reference, node.call].map((plugin, i) => {
      const container = freshNamespace(t);
      // A hundred seconds instead of one, in which the test can look.
      const probes = '/proc/sys/net/ipv6/conf/default/dad_transmits';
      if (plugin === node.reference) container.exec('sh', '-c', `echo 100 > ${probes}`);
      const addresses = [{ address: `fd88::${i + 2}/64` }];
      const config = node.config({ name: `net${i}`, ipam: { type: 'static', addresses } });
      succeeded(plugin('ADD', config, { netns: container.path, containerId: `c${i}` }));
      return container.exec(
        'ip',
        '-6',
        'addr',
        'show',
        'dev',
        'eth0',
        'scope',
        'global',
        'tentative',
      );
    });
    t.regex(tentative[0]!, /fd88::2/);
    t.is(tentative[1], '');
  },
);
