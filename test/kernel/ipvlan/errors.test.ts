/**
 * What ADD and CHECK of the ipvlan plugin refuse, beside what the reference says to the same call:
 * the same words, in which ours also names the link or the namespace that it is about. Codes are
 * those of the specification, where the reference has one for everything.
 */
import type { ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniFailure, failed, succeeded } from '../../harness/node.ts';
import type { PluginCall } from '../../harness/plugin.ts';
import { ipvlanNode, linkOf, UPLINK, type IpvlanNode } from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy', 'macvlan');

interface Mistake {
  readonly keys?: Row;
  /** No IPAM. */
  readonly subnets?: readonly string[];
  readonly call?: Partial<PluginCall>;
  /** The reference's words and ours. */
  readonly msg: string;
  /** Ours; the reference's is 999. */
  readonly code: number;
}

const interfaces = (...names: string[]): Row => ({
  master: undefined,
  prevResult: { interfaces: names.map((name) => ({ name })), ips: [{ address: '10.1.2.2/24' }] },
});
const LONELY = 'chained master failure. PrevResult lacks a single named interface';

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'a mode in capitals': { keys: { mode: 'L3' }, msg: 'unknown ipvlan mode: "L3"', code: 7 },
  'a master that is not there': {
    keys: { master: 'nowhere0' },
    msg: 'failed to lookup master "nowhere0": Link not found',
    code: 999,
  },
  'no master, and no default route': {
    keys: { master: undefined },
    msg: 'no default route interface found',
    code: 999,
  },
  'chained after two interfaces': { keys: interfaces('a', 'b'), msg: LONELY, code: 7 },
  'chained after none': { keys: interfaces(), msg: LONELY, code: 7 },
  'chained after one without name': { keys: interfaces(''), msg: LONELY, code: 7 },
  'neither IPAM nor a previous result': { subnets: [], msg: 'no plugin name provided', code: 7 },
  'no IPAM, and a previous result without addresses': {
    subnets: [],
    keys: { prevResult: { interfaces: [{ name: UPLINK }] } },
    msg: 'no plugin name provided',
    code: 7,
  },
  'IPAM that gives no address': {
    keys: { ipam: { type: 'static', addresses: [] } },
    msg: 'IPAM plugin returned missing IP config',
    code: 999,
  },
  'an IPAM plugin that is not there': {
    keys: { ipam: { type: 'nobody' } },
    msg: 'failed to find plugin "nobody" in path [',
    code: 7,
  },
  'CNI_ARGS that IPAM cannot read': {
    call: { args: 'none' },
    msg: 'ARGS: invalid pair "none"',
    code: 4,
  },
};

for (const [title, { keys, subnets, call, msg, code }] of Object.entries(MISTAKES)) {
  test(`ipvlan ADD: refused in the words of the reference: ${title}`, (t) => {
    const node = ipvlanNode(t);
    const config = node.config(keys, subnets);
    const ask = (plugin: IpvlanNode['call']): CniFailure =>
      failed(plugin('ADD', config, { netns: freshNamespace(t).path, ...call }));
    const theirs = ask(node.reference);
    t.true(theirs.msg.includes(msg), theirs.msg);
    const ours = ask(node.call);
    t.true(ours.msg.includes(msg), ours.msg);
    t.is(theirs.code, 999);
    t.is(ours.code, code);
  });
}

/** Both plugins' words for an ADD, message and details in one. */
function words(t: ExecutionContext, node: IpvlanNode, config: Row): [string, string] {
  return [node.reference, node.call].map((plugin) => {
    const { msg, details = '' } = failed(plugin('ADD', config, { netns: freshNamespace(t).path }));
    return `${msg}; ${details}`;
  }) as [string, string];
}

test('ipvlan ADD: "Link not found" comes with the namespace that was looked in, where the reference does not say', (t) => {
  const node = ipvlanNode(t);
  const [theirs, ours] = words(t, node, node.config({ master: 'nowhere0' }));
  t.notRegex(theirs, /namespace/);
  t.regex(ours, /looked in the namespace that the plugin runs in/);
});

test('ipvlan ADD: a macvlan child in the way is named, where the reference says that something is busy', (t) => {
  const node = ipvlanNode(t);
  node.host.exec('ip', 'link', 'add', 'link', UPLINK, 'name', 'mv0', 'type', 'macvlan');
  const [theirs, ours] = words(t, node, node.config());
  t.regex(theirs, /^failed to create ipvlan: device or resource busy; /);
  t.regex(ours, /"uplink0" has the macvlan child "mv0"; a master cannot have both macvlan and/);
});

test("ipvlan ADD: an MTU above the master's is refused with both numbers, where the kernel gives the reference such a link", (t) => {
  const node = ipvlanNode(t);
  const config = node.config({ mtu: 9000 });
  const theirs = freshNamespace(t);
  succeeded(node.reference('ADD', config, { netns: theirs.path }));
  t.is(linkOf(theirs, 'eth0')!.mtu, 9000);
  const ours = freshNamespace(t);
  const { msg } = failed(node.call('ADD', config, { netns: ours.path, containerId: 'c2' }));
  t.is(msg, 'mtu 9000 is larger than that of master "uplink0", which is 1500');
  t.is(linkOf(ours, 'eth0'), undefined);
});

test('ipvlan ADD: unreadable CNI_ARGS do no harm without IPAM, as with the reference', (t) => {
  const node = ipvlanNode(t);
  const config = node.config({ ...interfaces(UPLINK) }, []);
  for (const plugin of [node.reference, node.call]) {
    const container = freshNamespace(t);
    const call = { netns: container.path, args: 'none' };
    t.is(plugin('ADD', config, call).code, 0);
    t.truthy(linkOf(container, 'eth0'));
    t.is(plugin('DEL', config, call).code, 0);
  }
});

test('ipvlan: a namespace that is not there is an error of ADD and CHECK, as with the reference', (t) => {
  const node = ipvlanNode(t);
  const result = { interfaces: [{ name: 'eth0', sandbox: '/run/netns/nobody' }] };
  const config = node.config({ prevResult: result });
  for (const command of ['ADD', 'CHECK'] as const) {
    for (const [plugin, code] of [
      [node.reference, 999],
      [node.call, 4],
    ] as const) {
      const error = failed(plugin(command, config, { netns: '/run/netns/nobody' }));
      t.regex(error.msg, /no such file or directory/);
      t.is(error.code, code);
    }
  }
});

/** What CHECK is told that is not so, in each way that the reference looks for. */
const LIES: Readonly<Record<string, (container: Namespace, result: Row) => Row>> = {
  'no previous result': () => ({ prevResult: undefined }),
  'a master that is not there': () => ({ master: 'nowhere0' }),
  'another mode': () => ({ mode: 'l3' }),
  'another Ethernet address': (_, result) => withInterface(result, { mac: '02:00:00:00:00:99' }),
  'another sandbox': (_, result) => withInterface(result, { sandbox: '/run/netns/other' }),
  'no sandbox': (_, result) => withInterface(result, { sandbox: '' }),
  'another name': (_, result) => withInterface(result, { name: 'eth1' }),
  'another address': (_, result) => ({
    prevResult: { ...result, ips: [{ interface: 0, address: '10.88.0.77/24' }] },
  }),
  'a route too many': (_, result) => ({
    prevResult: { ...result, routes: [{ dst: '203.0.113.0/24' }] },
  }),
  'a route over another gateway': (_, result) => ({
    prevResult: { ...result, routes: [{ dst: '192.0.2.0/24', gw: '10.88.0.8' }] },
  }),
  'a link of another kind': (container) => {
    container.exec('ip', 'link', 'del', 'eth0');
    container.exec('ip', 'link', 'add', 'eth0', 'type', 'dummy');
    return {};
  },
  'no link': (container) => {
    container.exec('ip', 'link', 'del', 'eth0');
    return {};
  },
};

const withInterface = (result: Row, keys: Row): Row => {
  const [own] = result['interfaces'] as Row[];
  return { prevResult: { ...result, interfaces: [{ ...own, ...keys }] } };
};

test('ipvlan CHECK: fails wherever the reference fails', (t) => {
  const node = ipvlanNode(t);
  const ipam = node.config()['ipam'] as Row;
  const routes = [{ dst: '192.0.2.0/24', gw: '10.88.0.9' }];
  const config = node.config({ ipam: { ...ipam, routes } });
  const { container, result } = node.attach(config);
  const call = { netns: container.path };
  const truth = { ...config, prevResult: result };
  const plugins = [node.reference, node.call];
  for (const plugin of plugins) t.is(plugin('CHECK', truth, call).code, 0);
  for (const [title, lie] of Object.entries(LIES)) {
    const told = { ...truth, ...lie(container, result as unknown as Row) };
    const [theirs, ours] = plugins.map((plugin) => plugin('CHECK', told, call));
    t.is(theirs!.code, 1, `${title}: the reference`);
    t.is(ours!.code, 1, title);
  }
});
