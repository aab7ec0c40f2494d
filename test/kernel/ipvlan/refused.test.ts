/**
 * What ADD of the ipvlan plugin refuses: the error says what to do, and nothing has been changed.
 */
import type { ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { failed } from '../../harness/node.ts';
import { addUplink, ipvlanNode, UPLINK, type IpvlanNode } from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy');

interface Refusal {
  /** What is there before. */
  readonly before?: (node: IpvlanNode, container: Namespace) => void;
  readonly keys?: Row;
  /** No IPAM. */
  readonly subnets?: readonly string[];
  readonly code: number;
  readonly msg: string | RegExp;
  readonly details?: string | RegExp;
}

const ip = (where: Namespace, words: string): void => void where.exec('ip', ...words.split(' '));

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'an unknown mode': {
    keys: { mode: 'L2' },
    code: 7,
    msg: 'unknown ipvlan mode: "L2"',
    details: 'mode is one of l2, l3, l3s',
  },
  'an unknown flag': {
    keys: { flag: 'public' },
    code: 7,
    msg: 'unknown ipvlan flag: "public"',
    details: 'flag is one of bridge, private, vepa',
  },
  'a master that is not on the host': {
    keys: { master: 'nowhere0' },
    code: 999,
    msg: 'failed to lookup master "nowhere0": Link not found',
    details: 'looked in the namespace that the plugin runs in',
  },
  'a master that is not in the container': {
    keys: { linkInContainer: true },
    code: 999,
    msg: 'failed to lookup master "uplink0": Link not found',
    details: /^looked in the container's namespace \/run\/netns\/.* \(linkInContainer\)$/,
  },
  'no master and no default route': {
    keys: { master: undefined },
    code: 999,
    msg: 'no default route interface found',
    details: 'looked in the namespace that the plugin runs in; "master" names a link',
  },
  'no master and a previous result with two interfaces': {
    keys: {
      master: undefined,
      prevResult: { interfaces: [{ name: 'a' }, { name: 'b' }], ips: [{ address: '10.1.2.2/24' }] },
    },
    code: 7,
    msg: 'chained master failure. PrevResult lacks a single named interface',
    details: 'it has a, b; "master" names the one to use',
  },
  'no IPAM and no previous result': {
    subnets: [],
    code: 7,
    msg: 'no plugin name provided',
    details: 'ipam.type is missing, and there is no prevResult with addresses',
  },
  'no IPAM and a previous result without addresses': {
    subnets: [],
    keys: { prevResult: { interfaces: [{ name: UPLINK }] } },
    code: 7,
    msg: 'no plugin name provided',
    details: 'ipam.type is missing, and prevResult has no addresses',
  },
  "an MTU larger than the master's": {
    keys: { mtu: 9000 },
    code: 7,
    msg: 'mtu 9000 is larger than that of master "uplink0", which is 1500',
  },
  'a CNI_IFNAME that is taken': {
    before: (_, container) => ip(container, 'link add eth0 type dummy'),
    code: 999,
    msg: 'failed to create ipvlan "eth0": file exists',
    details: 'there is a link "eth0" of kind dummy in the container\'s namespace',
  },
  'another mode than the children that are there': {
    before: (node) => void node.attach(node.config(), { containerId: 'first' }),
    keys: { mode: 'l3' },
    code: 7,
    msg: 'failed to create ipvlan: "uplink0" already has ipvlan children in mode l2 bridge',
    details:
      'all children of a master share one mode: the kernel would switch "eth0" of net1/first/eth0 to l3 bridge',
  },
  'another flag than the children that are there': {
    before: (node) => ip(node.host, `link add link ${UPLINK} name x0 type ipvlan mode l2 private`),
    code: 7,
    msg: 'failed to create ipvlan: "uplink0" already has ipvlan children in mode l2 private',
    details: 'all children of a master share one mode: the kernel would switch "x0" to l2 bridge',
  },
  'another mode, with an ipvlan link as master': {
    before: (node) => ip(node.host, `link add link ${UPLINK} name x0 type ipvlan mode l3s`),
    keys: { master: 'x0' },
    code: 7,
    msg: 'failed to create ipvlan: "x0" already has ipvlan children in mode l3s bridge',
    details: 'all children of a master share one mode: the kernel would switch "x0" to l2 bridge',
  },
  'a master that has macvlan children': {
    before: (node) => ip(node.host, `link add link ${UPLINK} name mv0 type macvlan`),
    code: 999,
    msg: 'failed to create ipvlan: "uplink0" has the macvlan child "mv0"',
    details: 'a master cannot have both macvlan and ipvlan children',
  },
  'a master that is a port of a bridge': {
    before: (node) => {
      ip(node.host, 'link add br0 type bridge');
      ip(node.host, `link set ${UPLINK} master br0`);
    },
    code: 999,
    msg: 'failed to create ipvlan: "uplink0" is a port of the bridge "br0"',
    details: 'a port cannot be a master of ipvlan links; the bridge itself can',
  },
  'a loopback master': {
    keys: { master: 'lo' },
    code: 999,
    msg: /^failed to create ipvlan: RTM_NEWLINK "eth0": EINVAL/,
    details: '"lo" is not an Ethernet device but of type loopback',
  },
  'an unreachable route': {
    keys: {
      ipam: {
        type: 'static',
        addresses: [{ address: '10.88.0.2/24' }],
        routes: [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }],
      },
    },
    code: 999,
    msg: /^failed to add route '192\.0\.2\.0\/24 via 203\.0\.113\.1 dev eth0': /,
  },
};

function isRefused(
  t: ExecutionContext,
  node: IpvlanNode,
  container: Namespace,
  { keys, subnets, code, msg, details }: Refusal,
): void {
  const error = failed(node.call('ADD', node.config(keys, subnets), { netns: container.path }));
  t.is(error.code, code, error.msg);
  if (typeof msg === 'string') t.is(error.msg, msg);
  else t.regex(error.msg, msg);
  if (typeof details === 'string') t.is(error.details, details);
  else if (details !== undefined) t.regex(error.details ?? '', details);
}

for (const [title, refusal] of Object.entries(REFUSALS)) {
  if (refusal.before === undefined) continue;
  test(`ipvlan ADD: refused, and nothing changed: ${title}`, (t) => {
    const node = ipvlanNode(t);
    const container = freshNamespace(t);
    refusal.before!(node, container);
    const untouched = node.snapshot(container);
    isRefused(t, node, container, refusal);
    t.deepEqual(node.changes(untouched, container), []);
  });
}

// One node for all of them: nothing changes on it.
const plain = Object.entries(REFUSALS).filter(([, { before }]) => before === undefined);

test(`ipvlan ADD: refused, and nothing changed: ${plain.map(([title]) => title).join('; ')}`, (t) => {
  const node = ipvlanNode(t);
  const container = freshNamespace(t);
  const untouched = node.snapshot(container);
  for (const [, refusal] of plain) isRefused(t, node, container, refusal);
  t.deepEqual(node.changes(untouched, container), []);
});

test('ipvlan ADD: a macvlan child in a container is named too, when its namespace has a number', (t) => {
  const node = ipvlanNode(t);
  const other = freshNamespace(t);
  ip(node.host, `link add link ${UPLINK} name mv7 netns ${other.name} type macvlan`);
  ip(node.host, `netns set ${other.name} 5`);
  const container = freshNamespace(t);
  const error = failed(node.call('ADD', node.config(), { netns: container.path }));
  t.is(error.msg, 'failed to create ipvlan: "uplink0" has the macvlan child "mv7"');
});

test('ipvlan ADD: a link of the same index in another namespace is not taken for a child of the master', (t) => {
  const node = ipvlanNode(t);
  const other = freshNamespace(t);
  const index = node.host.ip('link', 'show', 'dev', UPLINK)[0]!['ifindex'] as number;
  ip(other, `link add uplink0 index ${index} type dummy`);
  ip(other, 'link add link uplink0 name x0 type ipvlan mode l3');
  ip(node.host, `netns set ${other.name} 5`);
  const { container } = node.attach(node.config());
  t.like(container.ip('-d', 'link', 'show', 'dev', 'eth0')[0]!['linkinfo'], {
    info_data: { mode: 'l2' },
  });
});

test('ipvlan ADD: masters with different modes stand side by side', (t) => {
  const node = ipvlanNode(t);
  addUplink(node.host, 'uplink1');
  node.attach(node.config({ mode: 'l2' }), { containerId: 'c1' });
  node.attach(node.config({ mode: 'l3', master: 'uplink1' }), { containerId: 'c2' });
  node.attach(node.config({ mode: 'l3', master: 'uplink1' }), { containerId: 'c3' });
  t.pass();
});
