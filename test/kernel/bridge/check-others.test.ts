/**
 * CHECK of the bridge plugin beside other programs: right after ADD, as CRI-O calls it, and after
 * each change that another program may rightly make, on the kinds of bridges that are found in
 * place.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { type CniResult, failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { needs } from '../../harness/needs.ts';

interface Scene {
  readonly node: Node;
  readonly host: Namespace;
  readonly container: Namespace;
  readonly result: CniResult;
  readonly config: Row;
  readonly veth: string;
  /** What ADD wrote to stderr. */
  readonly words: string;
}

/** How each program leaves a bridge; the first has no bridge, ADD makes it. */
const BRIDGES: Readonly<Record<string, readonly string[]>> = {
  'made by ADD': [],
  // nm-settings(5), "bridge": spanning tree is on, the MAC address is that of the profile.
  NetworkManager: [
    'ip link add br0 address 52:54:00:12:34:56 type bridge stp_state 1 forward_delay 1500 ageing_time 30000 priority 32768',
    'ip link add eno1 type veth peer name eno1-far',
    'ip link set eno1 master br0 up && ip link set eno1-far up',
    'ip link set br0 up && ip addr add 2001:db8:7::5/64 dev br0',
  ],
  // Rendered for systemd-networkd; "stp" is true unless it is told otherwise.
  netplan: ['ip link add br0 type bridge stp_state 1 forward_delay 1500', 'ip link set br0 up'],
  // systemd.netdev(5), "[Bridge]": with VLANFiltering= and DefaultPVID=none.
  'systemd-networkd': [
    'ip link add br0 type bridge mcast_snooping 1 mcast_querier 1',
    'ip link set br0 type bridge vlan_filtering 1 vlan_default_pvid 0 2>/dev/null || true',
    'ip link set br0 up && echo 1 > /proc/sys/net/ipv6/conf/br0/accept_ra',
  ],
  // virsh net-start default: spanning tree without delay, an address of its own prefix.
  libvirt: [
    'ip link add br0 address 52:54:00:ab:cd:ef type bridge stp_state 1 forward_delay 200',
    'ip addr add 10.88.0.1/24 brd 10.88.0.255 dev br0 && ip link set br0 up',
  ],
  Docker: [
    'ip link add br0 address 02:42:ac:11:00:01 type bridge',
    'ip addr add 10.88.0.1/24 brd 10.88.0.255 dev br0 && ip link set br0 up',
    'echo 0 > /proc/sys/net/ipv6/conf/br0/accept_ra; sysctl -qw net.ipv4.ip_forward=1',
  ],
  'ip link, down and bare': ['ip link add br0 type bridge'],
  'ip link, jumbo frames, learning off': [
    'ip link add br0 mtu 9000 type bridge ageing_time 0 no_linklocal_learn 1 group_fwd_mask 8',
  ],
};

function attach(t: ExecutionContext, bridge: readonly string[], keys: Row = {}): Scene {
  const node = freshNode(t);
  const { host } = node;
  for (const command of bridge) host.exec('sh', '-c', command);
  const container = freshNamespace(t);
  const config = node.config(['10.88.0.0/24'], { cniVersion: '1.1.0', ...keys });
  const added = node.call('ADD', config, { netns: container.path });
  const result = succeeded(added);
  const veth = result.interfaces[1]!.name;
  return { node, host, container, result, config, veth, words: added.stderr };
}

const check = ({ node, container, config, result }: Scene) =>
  node.call('CHECK', { ...config, prevResult: result }, { netns: container.path });

function passes(t: ExecutionContext, scene: Scene, when: string): void {
  const { code, stdout } = check(scene);
  t.is(code, 0, `${when}: ${stdout}`);
  t.is(stdout, '');
}

/** What others may do, one after the other. `c` runs in the container. */
const CHANGES: readonly ((scene: Scene) => string)[] = [
  () => 'ip link set br0 type bridge stp_state 1',
  () => 'ip link set br0 type bridge stp_state 0',
  ({ veth }) => `bridge link set dev ${veth} hairpin on`,
  ({ veth }) => `bridge link set dev ${veth} isolated on`,
  ({ veth }) => `bridge link set dev ${veth} mcast_flood off`,
  ({ veth }) => `bridge link set dev ${veth} cost 7 priority 3`,
  ({ veth }) => `ip link set ${veth} mtu 9000`,
  ({ veth }) => `ip link set ${veth} txqueuelen 50`,
  ({ veth }) => `ip link property add dev ${veth} altname weave0`,
  ({ veth }) =>
    `tc qdisc add dev ${veth} root tbf rate 10mbit burst 32k latency 50ms 2>/dev/null || true`,
  ({ veth }) => `bridge fdb add 02:00:00:00:00:31 dev ${veth} master static`,
  () =>
    'ip link add more0 type veth peer name more1 && ip link set more0 master br0 up && ip link set more1 up',
  () => 'ip link set br0 promisc on',
  () => 'ip link set br0 type bridge ageing_time 100',
  () => 'ip addr add 192.0.2.77/24 dev br0',
  () => 'ip addr add 2001:db8::77/64 dev br0',
  () => 'sysctl -qw net.ipv4.conf.br0.rp_filter=1',
  () => 'echo 2 > /proc/sys/net/ipv4/ip_forward',
  () => 'c ip addr add 192.0.2.7/24 dev eth0',
  () => 'c ip route add 198.51.100.0/24 dev eth0',
  () => 'c ip route add default dev eth0 metric 5',
  () =>
    'c ip link add tun0 type veth peer name tun1 && ip link set tun0 up && ip route add default dev tun0 metric 1',
  () => 'c ip link set eth0 mtu 1300',
  () => 'c ip link set eth0 promisc on',
];

for (const [name, bridge] of Object.entries(BRIDGES)) {
  for (const [kind, keys] of Object.entries({
    'layer 2': {},
    'a gateway': { isDefaultGateway: true },
  })) {
    test.serial(`bridge CHECK beside others: ${kind} on a bridge of ${name}`, (t) => {
      const scene = attach(t, bridge, keys);
      passes(t, scene, 'right after ADD');
      for (const change of CHANGES) {
        const command = change(scene);
        const inside = command.startsWith('c ');
        const place = inside ? scene.container : scene.host;
        place.exec('sh', '-c', inside ? command.slice(2) : command);
        // One by one where it matters whose change it is: a call takes user-mode Linux a second.
        if (bridge.length === 0) passes(t, scene, command);
      }
      passes(t, scene, 'after all changes');
    });
  }

  needs('vlan-filtering')(`bridge CHECK beside others: VLANs on a bridge of ${name}`, (t) => {
    const scene = attach(t, bridge, { vlan: 100, vlanTrunk: [{ minID: 200, maxID: 202 }] });
    const isFiltering = ['made by ADD', 'systemd-networkd'].includes(name);
    const told = /^bridge "br0" has no vlan_filtering: /m;
    t.is(told.test(scene.words), !isFiltering, scene.words);
    t.is(told.test(check(scene).stderr), !isFiltering);
    passes(t, scene, 'right after ADD');
    for (const command of [
      `bridge vlan add dev ${scene.veth} vid 300`,
      `bridge vlan add dev ${scene.veth} vid 1 untagged`,
      'bridge vlan add dev br0 vid 100 self',
      'ip link set br0 type bridge vlan_filtering 1',
      'ip link set br0 type bridge vlan_protocol 802.1ad 2>/dev/null || true',
      'ip link set br0 type bridge vlan_filtering 0',
    ]) {
      scene.host.exec('sh', '-c', command);
      passes(t, scene, command);
    }
    // Its own is another's now.
    scene.host.exec('bridge', 'vlan', 'add', 'dev', scene.veth, 'vid', '300', 'pvid', 'untagged');
    t.regex(failed(check(scene)).details!, /VLAN 100 of veth\w+ is untagged, expected native/);
  });
}

test.serial('bridge CHECK: a port may be on its way to forwarding, but not switched off', (t) => {
  const scene = attach(t, []);
  const set = (state: string): string =>
    scene.host.exec('bridge', 'link', 'set', 'dev', scene.veth, 'state', state);
  for (const state of ['1', '2', '3', '4']) {
    set(state);
    passes(t, scene, `state ${state}`);
  }
  set('0');
  t.regex(failed(check(scene)).details!, /spanning tree state of veth\w+ is disabled/);
});

test.serial(
  'bridge CHECK: routes in table 0 are in the main one, and in a table where one was asked for',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const routes = [
      { dst: '192.0.2.0/24', table: 0 },
      { dst: '2001:db8:1::/64', table: 0 },
      { dst: '198.51.100.0/24', table: 100 },
      { dst: '203.0.113.0/24', priority: 0, scope: 0 },
    ];
    const ranges = [[{ subnet: '10.88.0.0/24' }], [{ subnet: 'fd88::/64' }]];
    const ipam = { type: 'host-local', dataDir: node.dataDir, ranges, routes };
    const config = node.config([], { cniVersion: '1.1.0', isGateway: true, ipam });
    const call = { netns: container.path };
    const prevResult = succeeded(node.call('ADD', config, call));
    const again = (): ReturnType<Node['call']> =>
      node.call('CHECK', { ...config, prevResult }, call);
    const { code, stdout } = again();
    t.is(code, 0, stdout);
    container.exec('ip', 'route', 'del', '192.0.2.0/24');
    t.regex(failed(again()).details!, /route to 192\.0\.2\.0\/24 is missing/);
  },
);

/** v1.10.0 of the reference compares what is left when nobody has given addresses. */
for (const [title, keys] of Object.entries({
  'no ipam': {},
  'an empty ipam': { ipam: {} },
  'an ipam with an empty type': { ipam: { type: '' } },
})) {
  test.serial(`bridge CHECK without addresses: ${title}`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const config = node.config([], { cniVersion: '1.1.0', ...keys });
    const call = { netns: container.path };
    const prevResult = succeeded(node.call('ADD', config, call));
    const again = (): ReturnType<Node['call']> =>
      node.call('CHECK', { ...config, prevResult }, call);
    t.is(again().code, 0, again().stdout);
    t.is(failed(node.call('CHECK', config, call)).msg, 'Required prevResult missing');
    container.exec('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99');
    t.regex(failed(again()).details!, /MAC address of eth0 is 02:00:00:00:00:99/);
  });
}

test.serial('bridge CHECK: an address of length zero has no route to its subnet', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const addresses = [{ address: '10.88.0.5/0' }, { address: 'fd88::5/0' }];
  const config = node.config([], { cniVersion: '1.1.0', ipam: { type: 'static', addresses } });
  const call = { netns: container.path };
  const prevResult = succeeded(node.call('ADD', config, call));
  const { code, stdout } = node.call('CHECK', { ...config, prevResult }, call);
  t.is(code, 0, stdout);
});

test.serial(
  'bridge CHECK asks for the MTU that was set, unless the container asks for less',
  (t) => {
    const scene = attach(t, [], { mtu: 1400 });
    scene.host.exec('ip', 'link', 'set', scene.veth, 'mtu', '1300');
    t.regex(failed(check(scene)).details!, /MTU of veth\w+ is 1300, expected at least 1400/);
    scene.container.exec('ip', 'link', 'set', 'eth0', 'mtu', '1300');
    passes(t, scene, 'both ends lowered');
  },
);
