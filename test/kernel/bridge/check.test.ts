/**
 * CHECK of the bridge plugin: every single change of a good attachment is told, and nothing that
 * others may rightly change.
 */
import test from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { type CniResult, failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { needs } from '../../harness/needs.ts';
import { program } from '../../harness/program.ts';
import { referencePlugin } from '../../harness/plugin.ts';

/** An attachment that is as it should be, and the names in it. */
interface Scene {
  readonly node: Node;
  readonly host: Namespace;
  readonly container: Namespace;
  readonly result: CniResult;
  readonly veth: string;
  /** The configuration of ADD. */
  readonly config: Row;
}

type Mutation = readonly [
  what: string,
  commands: (scene: Scene) => readonly string[],
  told: RegExp,
];

const inContainer = (...lines: string[]): string[] => lines.map((line) => `c ${line}`);

/** Commands that begin with `c` run in the container, others on the host. */
function run({ host, container }: Scene, commands: readonly string[]): void {
  for (const command of commands) {
    const inside = command.startsWith('c ');
    (inside ? container : host).exec('sh', '-c', inside ? command.slice(2) : command);
  }
}

function attach(t: Parameters<typeof freshNode>[0], keys: Row, subnets: readonly string[]): Scene {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(subnets, { cniVersion: '1.1.0', ...keys });
  const result = succeeded(node.call('ADD', config, { netns: container.path }));
  const veth = result.interfaces[1]!.name;
  return { node, host: node.host, container, result, veth, config };
}

const check = ({ node, container, config, result }: Scene) =>
  node.call('CHECK', { ...config, prevResult: result }, { netns: container.path });

const BOTH = ['10.88.0.0/24', 'fd88::/64'];
const GATEWAY = {
  isDefaultGateway: true,
  promiscMode: true,
  mtu: 1400,
  portIsolation: true,
  macspoofchk: true,
};

const MUTATIONS: readonly Mutation[] = [
  ['the interface deleted', () => inContainer('ip link del eth0'), /interface eth0 is missing/],
  [
    'the interface renamed',
    () => inContainer('ip link set eth0 down', 'ip link set eth0 name lan0'),
    /interface eth0 is missing/,
  ],
  [
    'the interface replaced by one of another kind',
    () => inContainer('ip link del eth0', 'ip link add eth0 type bridge'),
    /kind of eth0 is bridge, expected veth/,
  ],
  [
    'the interface down',
    () => inContainer('ip link set eth0 down'),
    /state of eth0 is down, expected up/,
  ],
  [
    'another MAC address inside',
    () => inContainer('ip link set eth0 address 02:00:00:00:00:99'),
    /MAC address of eth0 is 02:00:00:00:00:99, expected /,
  ],
  [
    'the IPv4 address gone',
    () => inContainer('ip addr del 10.88.0.2/24 dev eth0'),
    /address 10\.88\.0\.2\/24 is missing on eth0/,
  ],
  [
    'the IPv6 address gone',
    () => inContainer('ip addr del fd88::2/64 dev eth0'),
    /address fd88::2\/64 is missing on eth0/,
  ],
  [
    'another prefix length',
    () => inContainer('ip addr del 10.88.0.2/24 dev eth0', 'ip addr add 10.88.0.2/16 dev eth0'),
    /address 10\.88\.0\.2\/24 is missing on eth0, which has .*10\.88\.0\.2\/16/,
  ],
  [
    'the IPv4 default route gone',
    () => inContainer('ip route del default'),
    /route to 0\.0\.0\.0\/0 via 10\.88\.0\.1 is missing/,
  ],
  [
    'the IPv6 default route gone',
    () => inContainer('ip -6 route del default'),
    /route to ::\/0 via fd88::1 is missing/,
  ],
  [
    'a default route over another router',
    () => inContainer('ip route replace default via 10.88.0.9'),
    /route to 0\.0\.0\.0\/0 via 10\.88\.0\.1 is missing, there is one via 10\.88\.0\.9/,
  ],
  [
    'the route to the subnet gone',
    () => inContainer('ip route del 10.88.0.0/24'),
    /route to the subnet of 10\.88\.0\.2\/24 over eth0 is missing/,
  ],
  [
    'the IPv6 route to the subnet gone',
    () => inContainer('ip -6 route del fd88::/64'),
    /route to the subnet of fd88::2\/64 over eth0 is missing/,
  ],
  [
    'IPv6 switched off',
    () => inContainer('echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6'),
    /address fd88::2\/64 is missing on eth0/,
  ],
  ['the bridge deleted', () => ['ip link del br0'], /bridge br0 is missing/],
  ['the bridge down', () => ['ip link set br0 down'], /state of br0 is down, expected up/],
  [
    'another MAC address of the bridge',
    () => ['ip link set br0 address 02:00:00:00:00:98'],
    /MAC address of br0 is 02:00:00:00:00:98, expected /,
  ],
  ['promiscuous mode off', () => ['ip link set br0 promisc off'], /promiscuous mode of br0 is off/],
  [
    'the IPv4 gateway gone',
    () => ['ip addr del 10.88.0.1/24 dev br0'],
    /gateway 10\.88\.0\.1\/24 is missing on br0/,
  ],
  [
    'the IPv6 gateway gone',
    () => ['ip addr del fd88::1/64 dev br0'],
    /gateway fd88::1\/64 is missing on br0/,
  ],
  [
    'no IPv4 forwarding',
    () => ['echo 0 > /proc/sys/net/ipv4/ip_forward'],
    /ip_forward is 0, expected 1/,
  ],
  [
    'no IPv6 forwarding',
    () => ['echo 0 > /proc/sys/net/ipv6/conf/all/forwarding'],
    /forwarding is 0, expected 1/,
  ],
  ['the port released', ({ veth }) => [`ip link set ${veth} nomaster`], /is not a port of br0/],
  [
    'the port on another bridge',
    ({ veth }) => ['ip link add br1 type bridge', `ip link set ${veth} master br1`],
    /is not a port of br0/,
  ],
  [
    'the port down',
    ({ veth }) => [`ip link set ${veth} down`],
    /state of veth\w+ is down, expected up/,
  ],
  [
    'the port renamed',
    ({ veth }) => [`ip link set ${veth} down`, `ip link set ${veth} name other0 up`],
    /prevResult does not name other0/,
  ],
  [
    'another MAC address of the port',
    ({ veth }) => [`ip link set ${veth} address 02:00:00:00:00:97`],
    /MAC address of veth\w+ is 02:00:00:00:00:97/,
  ],
  [
    'another MTU of the port',
    ({ veth }) => [`ip link set ${veth} mtu 1300`],
    /MTU of veth\w+ is 1300, expected at least 1400/,
  ],
  [
    'isolation off',
    ({ veth }) => [`bridge link set dev ${veth} isolated off`],
    /isolation of veth\w+ is false, expected true/,
  ],
  [
    'the port switched off by spanning tree',
    ({ veth }) => [`bridge link set dev ${veth} state 0`],
    /spanning tree state of veth\w+ is disabled/,
  ],
  [
    'the lock of the port off',
    ({ veth }) => [`ip link set ${veth} type bridge_slave locked off`],
    /lock of veth\w+ is false, expected true/,
  ],
  [
    "the port's sender gone",
    ({ veth, result }) => [`bridge fdb del ${result.interfaces[2]!.mac} dev ${veth} master`],
    /does not let in packets of /,
  ],
];

for (const [what, commands, told] of MUTATIONS) {
  test.serial(`bridge CHECK reports ${what}`, (t) => {
    const scene = attach(t, GATEWAY, BOTH);
    const good = check(scene);
    t.is(good.code, 0, good.stdout);
    run(scene, commands(scene));
    const error = failed(check(scene));
    t.is(error.code, 999);
    t.regex(error.msg, /^eth0 of c1 is not as ADD made it: \d+ differences?$/);
    t.regex(error.details!, told);
  });
}

const VLAN: Row = {
  isGateway: true,
  vlan: 100,
  vlanTrunk: [{ minID: 200, maxID: 203 }],
};

for (const [what, commands, told] of [
  [
    'the VLAN gone',
    ({ veth }) => [`bridge vlan del dev ${veth} vid 100`],
    /VLAN 100 of veth\w+ is missing, expected native/,
  ],
  [
    'a VLAN of the trunk gone',
    ({ veth }) => [`bridge vlan del dev ${veth} vid 202`],
    /VLAN 202 of veth\w+ is missing, expected tagged/,
  ],
  [
    "the VLAN's interface gone",
    () => ['ip link del br0.100'],
    /interface br0\.100 is missing on the host/,
  ],
  [
    "the VLAN's gateway gone",
    () => ['ip addr del 10.88.0.1/24 dev br0.100'],
    /gateway 10\.88\.0\.1\/24 is missing on br0\.100/,
  ],
] as readonly Mutation[]) {
  needs('vlan-filtering')(`bridge CHECK with VLANs reports ${what}`, (t) => {
    const scene = attach(t, VLAN, ['10.88.0.0/24']);
    const good = check(scene);
    t.is(good.code, 0, good.stdout);
    run(scene, commands(scene));
    t.regex(failed(check(scene)).details!, told);
  });
}

test.serial('bridge CHECK reports all differences at once', (t) => {
  const scene = attach(t, GATEWAY, BOTH);
  run(scene, [
    'c ip addr del 10.88.0.2/24 dev eth0',
    'ip addr del fd88::1/64 dev br0',
    `bridge link set dev ${scene.veth} isolated off`,
  ]);
  succeededOnlyLeases(scene);
  const { details } = failed(check(scene));
  for (const told of [/address 10\.88\.0\.2\/24/, /gateway fd88::1\/64/, /isolation of/, /lease/]) {
    t.regex(details!, told);
  }
});

/** Takes the leases away, as somebody who removes files would. */
function succeededOnlyLeases({ node }: Scene): void {
  program('sh', '-c', `rm -f ${node.dataDir}/net1/10.88.0.2 ${node.dataDir}/net1/fd88*`);
}

interface Harmless {
  readonly keys?: Row;
  readonly subnets?: readonly string[];
  readonly commands?: (scene: Scene) => readonly string[];
  readonly result?: (result: CniResult) => unknown;
}

const HARMLESS: Readonly<Record<string, Harmless>> = {
  'an attachment without IPAM': { subnets: [] },
  'an attachment whose interface stays down': {
    subnets: [],
    keys: { disableContainerInterface: true },
  },
  'a packet capture on the bridge': {
    keys: { isGateway: true },
    commands: () => ['ip link set br0 promisc on'],
  },
  'an IPv4 address alone in its subnet': {
    subnets: [],
    keys: { ipam: { type: 'static', addresses: [{ address: '10.88.0.7/32' }] } },
  },
  'another address, route and MTU that a later plugin set': {
    keys: { isGateway: true },
    commands: () =>
      inContainer(
        'ip addr add 192.0.2.7/24 dev eth0',
        'ip route add 198.51.100.0/24 dev eth0',
        'ip link set eth0 mtu 1300',
        'ip link set eth0 promisc on',
      ),
  },
  'a MAC address that a later plugin set and returned': {
    commands: () => inContainer('ip link set eth0 address 02:00:00:00:00:55'),
    result: (result) => ({
      ...result,
      interfaces: result.interfaces.map((each) =>
        each.sandbox === undefined ? each : { ...each, mac: '02:00:00:00:00:55' },
      ),
    }),
  },
  'an interface and an address of a later plugin': {
    result: (result) => ({
      ...result,
      interfaces: [...result.interfaces, { name: 'ifb0', mac: '02:00:00:00:00:66' }],
      ips: [...result.ips, { address: '192.0.2.9/24', interface: 3 }],
    }),
  },
  'routes that a later plugin moved to another table': {
    keys: { isDefaultGateway: true },
    commands: () =>
      inContainer(
        'ip route add default via 10.88.0.1 table 100',
        'ip route del default',
        'ip route add 10.88.0.0/24 dev eth0 table 100',
        'ip route del 10.88.0.0/24 table main',
        'ip rule add from 10.88.0.2 table 100',
      ),
  },
  'a MAC address in capital letters': {
    result: (result) =>
      JSON.parse(
        JSON.stringify(result).replace(
          /("mac":")([^"]*)/g,
          (_, a, b: string) => a + b.toUpperCase(),
        ),
      ),
  },
  'a bridge without gateway that follows its ports': {
    commands: () => ['ip link set br0 address 02:00:00:00:00:77'],
  },
};

for (const [title, { keys = {}, subnets = ['10.88.0.0/24'], commands, result }] of Object.entries(
  HARMLESS,
)) {
  test.serial(`bridge CHECK raises no alarm for ${title}`, (t) => {
    const scene = attach(t, keys, subnets);
    if (commands !== undefined) run(scene, commands(scene));
    const changed = { ...scene, result: (result?.(scene.result) ?? scene.result) as CniResult };
    const { code, stdout } = check(changed);
    t.is(code, 0, stdout);
    t.is(stdout, '');
  });
}

test.serial('bridge CHECK of an attachment that the reference made', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(BOTH, { isDefaultGateway: true });
  const call = { netns: container.path };
  const prevResult = succeeded(node.call('ADD', config, call, referencePlugin('bridge')));
  const { code, stdout } = node.call('CHECK', { ...config, prevResult }, call);
  t.is(code, 0, stdout);
});

test.serial('bridge CHECK without prevResult says so', (t) => {
  const scene = attach(t, {}, ['10.88.0.0/24']);
  const error = failed(scene.node.call('CHECK', scene.config, { netns: scene.container.path }));
  t.is(error.code, 7);
  t.is(error.msg, 'Required prevResult missing');
});

test.serial('bridge CHECK asks for its own part of the result of several plugins', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  container.exec('ip', 'link', 'set', 'lo', 'up');
  const at = { netns: container.path };
  const before = {
    cniVersion: '1.1.0',
    interfaces: [{ name: 'lo', sandbox: container.path }, { name: 'lo' }],
    ips: [{ address: '127.0.0.1/8', interface: 0 }, { address: '192.0.2.9/24' }],
  };
  const config = node.config(BOTH, { cniVersion: '1.1.0', ...GATEWAY });
  const result = succeeded(node.call('ADD', { ...config, prevResult: before }, at));
  t.deepEqual(result.interfaces.slice(0, 2), before.interfaces);
  t.is(result.ips.length, BOTH.length + before.ips.length);
  succeeded(node.call('CHECK', { ...config, prevResult: result }, at));
  // Without an address of its own it would take that of no particular interface for one.
  container.exec('ip', 'addr', 'del', result.ips[0]!.address, 'dev', 'eth0');
  t.regex(
    failed(node.call('CHECK', { ...config, prevResult: result }, at)).details ?? '',
    /^address 10\.88\.0\.2\/24 is missing on eth0/,
  );
  succeeded(node.call('DEL', { ...config, prevResult: result }, at));
});
