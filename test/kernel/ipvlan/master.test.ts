/**
 * Which link becomes the master when there are several to choose from, and which kinds of link can
 * be one.
 */
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { succeeded } from '../../harness/node.ts';
import {
  addUplink,
  ipvlanNode,
  linkOf,
  UPLINK,
  type IpvlanNode,
} from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy', 'ipv6');

const ip = (where: Namespace, words: string): void => void where.exec('ip', ...words.split(' '));

interface Choice {
  /** What is on the host beside `uplink0`. */
  prepare(node: IpvlanNode): void;
  readonly keys: Row;
  readonly subnets?: readonly string[];
  readonly master: string;
}

const chainedOn = (name: string): Row => ({
  interfaces: [{ name }],
  ips: [{ address: '10.1.2.2/24' }],
});

const CHOICES: Readonly<Record<string, Choice>> = {
  '"master" goes before the interface of the previous result': {
    prepare: (node) => addUplink(node.host, 'uplink1'),
    keys: { master: UPLINK, prevResult: chainedOn('uplink1') },
    master: UPLINK,
  },
  'the interface of the previous result goes before the default route': {
    prepare: (node) => {
      addUplink(node.host, 'uplink1');
      ip(node.host, `route add default dev ${UPLINK}`);
    },
    keys: { master: undefined, prevResult: chainedOn('uplink1') },
    subnets: [],
    master: 'uplink1',
  },
  'the default route of IPv4 goes before that of IPv6': {
    prepare: (node) => {
      addUplink(node.host, 'uplink1');
      ip(node.host, `-6 route add default dev ${UPLINK} metric 1`);
      ip(node.host, 'route add default dev uplink1 metric 1000');
    },
    keys: { master: undefined },
    master: 'uplink1',
  },
  'of two default routes the one with the lower metric counts': {
    prepare: (node) => {
      addUplink(node.host, 'uplink1');
      ip(node.host, `route add default dev ${UPLINK} metric 200`);
      ip(node.host, 'route add default dev uplink1 metric 100');
    },
    keys: { master: undefined },
    master: 'uplink1',
  },
};

for (const [title, { prepare, keys, subnets, master }] of Object.entries(CHOICES)) {
  test(`ipvlan master: ${title}, as with the reference`, (t) => {
    const node = ipvlanNode(t);
    prepare(node);
    const index = linkOf(node.host, master)!.ifindex;
    const config = node.config(keys, subnets);
    for (const plugin of [node.reference, node.call]) {
      const container = freshNamespace(t);
      const call = { netns: container.path };
      succeeded(plugin('ADD', config, call));
      t.is(linkOf(container, 'eth0')!.link_index, index);
      t.is(plugin('DEL', config, call).code, 0);
    }
  });
}

/** Commands that make a link `m0`; `uplink0` is there. */
const KINDS: Readonly<Record<string, string>> = {
  vlan: `link add link ${UPLINK} name m0 type vlan id 7`,
  bridge: 'link add m0 type bridge',
  veth: 'link add m0 type veth peer name m1',
  macvlan: `link add link ${UPLINK} name m0 type macvlan`,
};

for (const [kind, words] of Object.entries(KINDS)) {
  needs(
    'ipvlan',
    'dummy',
    'vlan',
    'macvlan',
  )(`ipvlan master: a ${kind} link can be one`, (t) => {
    const node = ipvlanNode(t);
    ip(node.host, words);
    ip(node.host, 'link set m0 up');
    const config = node.config({ master: 'm0' });
    const { container, result } = node.attach(config);
    t.is(linkOf(container, 'eth0')!.link_index, linkOf(node.host, 'm0')!.ifindex);
    const call = { netns: container.path };
    const checked = node.call('CHECK', { ...config, prevResult: result }, call);
    t.is(checked.code, 0, checked.stdout);
    t.is(node.call('DEL', config, call).code, 0);
    t.is(linkOf(container, 'eth0'), undefined);
  });
}

test('ipvlan DEL: with linkInContainer it needs no namespace and no master, where the reference refuses', (t) => {
  const node = ipvlanNode(t);
  const container = freshNamespace(t);
  addUplink(container, UPLINK);
  ip(container, `route add default dev ${UPLINK}`);
  const config = node.config({ master: undefined, linkInContainer: true });
  succeeded(node.call('ADD', config, { netns: container.path }));
  container.remove();
  t.is(node.reference('DEL', config, { netns: container.path }).code, 1);
  t.is(node.call('DEL', config, { netns: container.path }).code, 0);
  t.deepEqual(node.leases()['net1/10.88.0.2'], undefined);
  t.is(node.call('DEL', config, { netns: freshNamespace(t).path }).code, 0, 'never attached');
});
