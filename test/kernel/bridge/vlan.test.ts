/** VLANs of the bridge plugin, as `bridge vlan` shows them. */
import test from 'ava';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniResult, failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { isSilent, pings } from '../../harness/ping.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';

const SUBNET = '10.88.0.0/24';

interface Vlan {
  readonly vlan: number;
  readonly vlanEnd?: number;
  readonly flags?: readonly string[];
}

/** Of one port: `100*` is the native VLAN. */
function vlansOf(node: Node, port: string): string[] {
  const rows = node.host.bridge<{ ifname: string; vlans: Vlan[] }[]>('vlan', 'show');
  const vlans = rows.find(({ ifname }) => ifname === port)?.vlans ?? [];
  return vlans.map(({ vlan, vlanEnd, flags = [] }) => {
    const native = flags.includes('PVID') && flags.includes('Egress Untagged') ? '*' : '';
    return `${vlan}${vlanEnd === undefined ? '' : `-${vlanEnd}`}${native}`;
  });
}

const port = (result: CniResult): string => result.interfaces[1]!.name;

const filtering = (node: Node): boolean =>
  node.host.ip<{ linkinfo: { info_data: { vlan_filtering: number } } }[]>(
    '-d',
    'link',
    'show',
    'br0',
  )[0]!.linkinfo.info_data.vlan_filtering === 1;

const on = needs('vlan-filtering');

on('bridge VLAN: without its keys the bridge does not filter', (t) => {
  const node = freshNode(t);
  node.attach(node.config([SUBNET]));
  t.false(filtering(node));
});

const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i));

const PORTS: Readonly<Record<string, [keys: Row, vlans: string[]]>> = {
  'one VLAN': [{ vlan: 100 }, ['100*']],
  'one VLAN, the default one taken off by name': [
    { vlan: 100, preserveDefaultVlan: false },
    ['100*'],
  ],
  'one VLAN beside the default one': [{ vlan: 100, preserveDefaultVlan: true }, ['1', '100*']],
  'a trunk': [
    { vlanTrunk: [{ id: 101 }, { minID: 200, maxID: 210 }] },
    ['1*', '101', ...range(200, 210)],
  ],
  'a VLAN and a trunk': [{ vlan: 100, vlanTrunk: [{ id: 101 }] }, ['100*', '101']],
  'a trunk that holds the VLAN': [
    { vlan: 100, vlanTrunk: [{ minID: 99, maxID: 101 }] },
    ['99', '100*', '101'],
  ],
  'a trunk of all VLANs': [{ vlanTrunk: [{ minID: 1, maxID: 4094 }] }, ['1*', ...range(2, 4094)]],
  'an empty trunk': [{ vlanTrunk: [] }, ['1*']],
};

for (const [title, [keys, vlans]] of Object.entries(PORTS)) {
  on(`bridge VLAN: a port with ${title} is in these and no others`, (t) => {
    const node = freshNode(t);
    const { container, result } = node.attach(node.config([], { cniVersion: '1.1.0', ...keys }));
    t.true(filtering(node));
    const [expected, actual] = [vlans, vlansOf(node, port(result))].map((each) =>
      each.map((text) =>
        text.replace(/^1\*?$/, (one) => (keys['preserveDefaultVlan'] ? '1' : one)),
      ),
    );
    t.deepEqual(expandAll(actual!), expected);
    const config = node.config([], { cniVersion: '1.1.0', ...keys, prevResult: result });
    const checked = node.call('CHECK', config, { netns: container.path });
    t.is(checked.code, 0, checked.stdout);
  });
}

/** `200-203` as four. */
const expandAll = (vlans: readonly string[]): string[] =>
  vlans.flatMap((text) => {
    const [first, last] = text.split('-');
    return last === undefined ? [text] : range(Number(first), Number(last));
  });

for (const [title, subnets] of Object.entries({
  IPv4: [SUBNET],
  IPv6: ['fd88::/64'],
  'both families': [SUBNET, 'fd88::/64'],
  'one IPv4 and two IPv6 ranges': [SUBNET, 'fd88::/64', 'fd89::/64'],
})) {
  on(`bridge VLAN: ${title}: the gateway is on an interface of the VLAN`, (t) => {
    const node = freshNode(t);
    const config = node.config(subnets, { isDefaultGateway: true, vlan: 100 });
    const { container, result } = node.attach(config);
    t.is(result.interfaces.length, 4);
    const gateway = result.interfaces[3]!;
    t.is(gateway.name, 'br0.100');
    const [link] = node.host.ip<Row[]>('-d', 'link', 'show', 'br0.100');
    t.is(link!['address'], gateway.mac);
    t.is((link!['linkinfo'] as Row)['info_kind'], 'veth');
    t.deepEqual(vlansOf(node, String(link!['link'])), ['100*']);
    t.deepEqual(vlansOf(node, port(result)), ['100*']);
    t.is(node.host.ip('link').length, 5);
    const [addresses] = node.host.ip<{ addr_info: { local: string; scope: string }[] }[]>(
      'addr',
      'show',
      'br0.100',
    );
    const global = addresses!.addr_info.filter(({ scope }) => scope === 'global');
    t.deepEqual(
      global.map(({ local }) => local).sort(),
      result.ips.map((each) => each.gateway!).sort(),
    );
    for (const { gateway: router } of result.ips) t.true(pings(container, router!), router);
    const second = node.attach(config, { containerId: 'c2' });
    t.is(second.result.interfaces[3]!.mac, gateway.mac);
    t.true(pings(container, second.result.ips[0]!.address.split('/')[0]!));
  });
}

on('bridge VLAN: containers of different VLANs on one bridge do not hear each other', (t) => {
  const node = freshNode(t);
  const one = node.attach(node.config([], { vlan: 100 }));
  const two = node.attach(node.config([], { vlan: 200 }), { containerId: 'c2' });
  const three = node.attach(node.config([], { vlan: 100 }), { containerId: 'c3' });
  for (const [i, { container }] of [one, two, three].entries()) {
    container.exec('ip', 'addr', 'add', `192.0.2.${i + 1}/24`, 'dev', 'eth0');
  }
  t.true(isSilent(one.container, '192.0.2.2'));
  t.true(pings(one.container, '192.0.2.3'));
});

on('bridge VLAN: an interface that has the name of the gateway is used, and brought up', (t) => {
  for (const binary of [referencePlugin('bridge'), ourPlugin('bridge')]) {
    const node = freshNode(t);
    node.host.exec('ip', 'link', 'add', 'br0.100', 'type', 'veth', 'peer', 'name', 'mine0');
    const config = node.config([SUBNET], { isGateway: true, vlan: 100 });
    const { result } = node.attach(config, {}, binary);
    t.is(result.interfaces[3]!.name, 'br0.100');
    t.regex(node.host.exec('ip', '-o', 'addr', 'show', 'dev', 'br0.100'), /10\.88\.0\.1\/24/);
    const [own, other] = ['br0.100', 'mine0'].map(
      (name) => node.host.ip<(Row & { flags: string[] })[]>('link', 'show', 'dev', name)[0]!,
    );
    t.is(own!.flags.includes('UP'), binary === ourPlugin('bridge'));
    t.is(other!['master'], undefined);
  }
});

on('bridge VLAN: a bridge that was there is used as it is', (t) => {
  const node = freshNode(t);
  node.host.exec('ip', 'link', 'add', 'br0', 'type', 'bridge', 'vlan_default_pvid', '7');
  const { result } = node.attach(node.config([], { vlan: 100 }));
  t.false(filtering(node));
  t.deepEqual(vlansOf(node, port(result)), ['100*']);
});

const onBr0 = (more: string): string => `ip link add br0 type bridge vlan_filtering 1; ${more}`;

on('bridge VLAN: without IPAM there is no gateway, and no interface for it', (t) => {
  for (const binary of [referencePlugin('bridge'), ourPlugin('bridge')]) {
    const node = freshNode(t);
    const config = node.config([], { vlan: 100, isDefaultGateway: true, bridge: 'a-long-name-0' });
    const container = freshNamespace(t);
    const call = { netns: container.path };
    const result = succeeded(node.call('ADD', config, call, binary));
    t.is(result.interfaces.length, 3);
    t.is(node.host.ip('link').length, 3);
    const checked = node.call('CHECK', { ...config, prevResult: result }, call, binary);
    t.is(checked.code, 0, checked.stdout);
  }
});

on('bridge VLAN: the gateway is on an interface of kind vlan, of a bridge that is down', (t) => {
  for (const binary of [referencePlugin('bridge'), ourPlugin('bridge')]) {
    const node = freshNode(t);
    node.host.exec(
      'sh',
      '-ec',
      onBr0(
        'ip link add link br0 name br0.100 type vlan id 100; bridge vlan add dev br0 vid 100 self',
      ),
    );
    const config = node.config([SUBNET], { isGateway: true, vlan: 100 });
    const { container, result } = node.attach(config, {}, binary);
    t.is(result.interfaces[3]!.name, 'br0.100');
    t.true(pings(container, '10.88.0.1'));
  }
});

on('bridge VLAN: the gateway is found by an alternative name, and reported by its own', (t) => {
  for (const binary of [referencePlugin('bridge'), ourPlugin('bridge')]) {
    const node = freshNode(t);
    node.host.exec(
      'sh',
      '-ec',
      onBr0(
        `ip link add link br0 name v100 type vlan id 100
        ip link property add dev v100 altname br0.100`,
      ),
    );
    const config = node.config([SUBNET], { isGateway: true, vlan: 100 });
    const { container, result } = node.attach(config, {}, binary);
    t.is(result.interfaces[3]!.name, 'v100');
    const call = { netns: container.path };
    const checked = node.call('CHECK', { ...config, prevResult: result }, call);
    t.is(checked.code, 0, checked.stdout);
  }
});

on('bridge VLAN: a gateway over another link that is down cannot come up', (t) => {
  for (const binary of [referencePlugin('bridge'), ourPlugin('bridge')]) {
    const node = freshNode(t);
    node.host.exec(
      'sh',
      '-ec',
      // A link that was never up has another qdisc.
      onBr0(
        `ip link set br0 up; ip link set br0 down
        ip link add d0 type bridge; ip link add link d0 name br0.100 type vlan id 100`,
      ),
    );
    const container = freshNamespace(t);
    const before = node.snapshot(container);
    const config = node.config([SUBNET], { isGateway: true, vlan: 100 });
    const added = node.call('ADD', config, { netns: container.path }, binary);
    if (binary === referencePlugin('bridge')) {
      t.is(added.code, 0, added.stdout);
      continue;
    }
    t.regex(failed(added).msg, /could not set "br0\.100" up: .*network is down/);
    t.regex(added.stderr, /does not lead into "br0"/);
    t.deepEqual(node.changes(before, container), []);
  }
});

on("bridge VLAN: a failed ADD leaves the gateway's interface as it was", (t) => {
  for (const bridge of ['down', 'up']) {
    const node = freshNode(t);
    node.host.exec(
      'sh',
      '-ec',
      // A link that was never up has another qdisc.
      onBr0(
        `ip link add link br0 name br0.100 type vlan id 100; ip link set br0 up;
        ip link set br0.100 up; ip link set br0.100 down; ip link set br0 ${bridge};
        ip addr add fd77::1/64 dev br0.100`,
      ),
    );
    const container = freshNamespace(t);
    const before = node.snapshot(container);
    const routes = [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }];
    const ipam = { type: 'static', addresses: [{ address: '10.88.0.5/24' }], routes };
    const config = node.config([], { isGateway: true, vlan: 100, ipam });
    const { code, stdout } = node.call('ADD', config, { netns: container.path });
    t.is(code, 1, stdout);
    t.regex(stdout, /203\.0\.113\.1/);
    t.deepEqual(node.changes(before, container), []);
  }
});

on('bridge VLAN: a conflict of the gateway is told as by the reference', (t) => {
  const messages = [referencePlugin('bridge'), ourPlugin('bridge')].map((binary) => {
    const node = freshNode(t);
    node.host.exec(
      'sh',
      '-ec',
      'ip link add br0.100 type dummy; ip addr add 10.9.0.1/24 dev br0.100',
    );
    const config = node.config([SUBNET], { isGateway: true, vlan: 100 });
    return failed(node.call('ADD', config, { netns: freshNamespace(t).path }, binary)).msg;
  });
  t.is(messages[1], messages[0]);
});

on('bridge VLAN: CHECK lets a bridge without the gateway take the address of a port', (t) => {
  const node = freshNode(t);
  node.host.exec('sh', '-ec', onBr0(''));
  const config = node.config([SUBNET], { isGateway: true, vlan: 100 });
  const { container, result } = node.attach(config);
  node.host.exec(
    'sh',
    '-ec',
    'ip link add p0 address 02:00:00:00:00:01 type veth peer name p1; ip link set p0 master br0',
  );
  const [bridge] = node.host.ip<{ address: string }[]>('link', 'show', 'br0');
  t.not(bridge!.address, result.interfaces[0]!.mac);
  const checked = node.call('CHECK', { ...config, prevResult: result }, { netns: container.path });
  t.is(checked.code, 0, checked.stdout);
});

const WRONG: readonly [trunk: Row, msg: string][] = [
  [{ minID: 5 }, 'minID and maxID should be configured simultaneously, maxID is missing'],
  [{ maxID: 5 }, 'minID and maxID should be configured simultaneously, minID is missing'],
  [{ minID: -1, maxID: 5 }, 'incorrect trunk minID parameter'],
  [{ minID: 4095, maxID: 4096 }, 'incorrect trunk minID parameter'],
  [{ minID: 1, maxID: 4095 }, 'incorrect trunk maxID parameter'],
  [{ id: 4095 }, 'incorrect trunk id parameter'],
  [{ id: -1 }, 'incorrect trunk id parameter'],
  [{ minID: 10, maxID: 5 }, 'minID is greater than maxID in trunk parameter'],
];

test.serial('bridge VLAN: a trunk that holds null is refused, where the reference crashes', (t) => {
  const node = freshNode(t);
  const call = { netns: freshNamespace(t).path };
  const config = node.config([], { vlanTrunk: [{ id: 5 }, null] });
  for (const command of ['ADD', 'DEL'] as const) {
    t.is(node.call(command, config, call, referencePlugin('bridge')).code, 2);
  }
  const before = node.snapshot();
  const error = failed(node.call('ADD', config, call));
  t.like(error, { code: 7, msg: 'vlanTrunk[1] is null' });
  t.deepEqual(node.changes(before), []);
  t.is(node.call('DEL', config, call).code, 0);
});

test.serial('bridge VLAN: wrong trunks are refused in the words of the reference', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  for (const cniVersion of ['0.4.0', '1.0.0']) {
    for (const [item, msg] of WRONG) {
      const config = node.config([], { cniVersion, vlanTrunk: [item] });
      const error = failed(node.call('ADD', config, { netns: container.path }));
      t.is(error.code, 7);
      t.is(error.msg, msg);
    }
    for (const vlan of [-100, 5000]) {
      const config = node.config([], { cniVersion, vlan });
      const error = failed(node.call('ADD', config, { netns: container.path }));
      t.is(error.msg, `invalid VLAN ID ${vlan} (must be between 0 and 4094)`);
    }
  }
});
