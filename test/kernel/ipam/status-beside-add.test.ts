/**
 * STATUS beside the ADD at once behind it: it fails exactly where that ADD fails and only an
 * administrator can help. A runtime that is told of an error starts no container, so what the next
 * ADD heals, or the next DEL, must not be one.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Feature } from '../../harness/features.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { type CniFailure, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { needs } from '../../harness/needs.ts';
import { ourPlugin, type PluginOutput } from '../../harness/plugin.ts';

const NOBODY = { containerId: '', netns: '', ifname: '' };

interface Case {
  readonly plugin?: string;
  readonly config: (node: Node) => Row;
  /** Another attachment that is there before. */
  readonly attached?: boolean;
  /** Commands on the host. */
  readonly before?: readonly string[];
  /** Code of the error that STATUS tells; undefined where ADD succeeds. */
  readonly code?: number;
  /** In the error, or else among the warnings. */
  readonly told?: RegExp;
  readonly needs?: readonly Feature[];
  /** Keys that the runtime adds for the container. */
  readonly atAdd?: Row;
}

/** Asks STATUS, then ADD, and holds one to the other. */
function beside(
  t: Parameters<typeof freshNode>[0],
  each: Case,
): Readonly<Record<'status' | 'add', PluginOutput>> {
  const node = freshNode(t);
  const { plugin = 'bridge', attached = false, before = [] } = each;
  const binary = ourPlugin(plugin);
  const config = { cniVersion: '1.1.0', name: 'net1', type: plugin, ...each.config(node) };
  if (attached) {
    const { path } = freshNamespace(t);
    succeeded(node.call('ADD', config, { netns: path, containerId: 'first' }, binary));
  }
  for (const command of before) node.host.exec('sh', '-c', command);
  const status = node.call('STATUS', config, NOBODY, binary);
  const atAdd = { ...config, ...each.atAdd };
  const add = node.call('ADD', atAdd, { netns: freshNamespace(t).path }, binary);
  return { status, add };
}

const told = ({ json, stderr }: PluginOutput): string => {
  const { msg = '', details = '' } = (json ?? {}) as Partial<CniFailure>;
  return `${msg}\n${details}\n${stderr}`;
};

const SUBNET = '10.88.0.0/24';
const hostLocal = (node: Node, subnet = SUBNET, keys: Row = {}): Row => ({
  ipam: { type: 'host-local', dataDir: node.dataDir, subnet, ...keys },
});
const router =
  (keys: Row = {}, subnet = SUBNET): Case['config'] =>
  (node) => ({ bridge: 'br0', isGateway: true, ...hostLocal(node, subnet), ...keys });
const fixed =
  (address: string, keys: Row = {}): Case['config'] =>
  () => ({
    bridge: 'br0',
    isGateway: true,
    ipam: { type: 'static', addresses: [{ address }] },
    ...keys,
  });

const CASES: Readonly<Record<string, Case>> = {
  'nothing there yet': { config: router() },
  'a bridge with the name of an interface': { config: router({ bridge: 'eth0' }) },
  'an attachment there': { config: router({ ipMasq: true }), attached: true },
  'the ruleset flushed': {
    config: router({ ipMasq: true }),
    attached: true,
    before: ['nft flush ruleset'],
    told: /the nftables rules of network "net1" are gone/,
    needs: ['nftables-inet'],
  },
  'no IPv4 forwarding': {
    config: router(),
    attached: true,
    before: ['echo 0 > /proc/sys/net/ipv4/ip_forward'],
    told: /net\/ipv4\/ip_forward is 0/,
  },
  'no IPv6 forwarding': {
    config: router({}, 'fd88::/64'),
    attached: true,
    before: ['echo 0 > /proc/sys/net/ipv6/conf/all/forwarding'],
    told: /net\/ipv6\/conf\/all\/forwarding is 0/,
  },
  'the bridge down': {
    config: router(),
    attached: true,
    before: ['ip link set br0 down'],
    told: /bridge "br0" is down/,
  },
  'the gateway gone': {
    config: router(),
    attached: true,
    before: ['ip addr flush dev br0'],
  },
  'the bridge deleted': { config: router(), attached: true, before: ['ip link del br0'] },
  "another link under the bridge's name": {
    config: router(),
    before: ['ip link add br0 type veth peer name other0'],
    code: 50,
    told: /"br0" already exists but is not a bridge/,
  },
  'another gateway address on the bridge': {
    config: router(),
    before: ['ip link add br0 type bridge', 'ip addr add 10.99.0.1/16 dev br0'],
    code: 50,
    told: /"br0" already has an IP address different from 10\.88\.0\.1\/24/,
  },
  'the gateway address behind another one': {
    config: router(),
    before: [
      'ip link add br0 type bridge',
      'ip addr add 10.99.0.1/16 dev br0 && ip addr add 10.88.0.1/24 dev br0',
    ],
    code: 50,
    told: /it has 10\.99\.0\.1\/16/,
  },
  'the gateway address in front of another one': {
    config: router(),
    before: [
      'ip link add br0 type bridge',
      'ip addr add 10.88.0.1/24 dev br0 && ip addr add 10.99.0.1/16 dev br0',
    ],
  },
  'another gateway address, and forceAddress': {
    config: router({ forceAddress: true }),
    before: ['ip link add br0 type bridge', 'ip addr add 10.99.0.1/16 dev br0'],
  },
  'another gateway address for fixed addresses': {
    config: fixed('10.88.0.7/24'),
    before: ['ip link add br0 type bridge', 'ip addr add 10.99.0.1/16 dev br0'],
    code: 50,
    told: /"br0" already has an IP address different from 10\.88\.0\.1\/24/,
  },
  'an IPv6 address of another subnet on the bridge': {
    config: router({}, 'fd88::/64'),
    before: ['ip link add br0 type bridge', 'ip addr add fd99::1/64 dev br0'],
  },
  'an IPv6 address of an overlapping subnet on the bridge': {
    config: router({}, 'fd88::/64'),
    before: ['ip link add br0 type bridge', 'ip addr add fd88::9/56 dev br0'],
    code: 50,
    told: /different from fd88::1\/64/,
  },
  'one range of a set that fits the bridge': {
    config: (node) => ({
      bridge: 'br0',
      isGateway: true,
      ipam: {
        type: 'host-local',
        dataDir: node.dataDir,
        ranges: [[{ subnet: '10.89.0.0/24' }, { subnet: SUBNET }]],
      },
    }),
    before: ['ip link add br0 type bridge', 'ip addr add 10.89.0.1/24 dev br0'],
  },
  'two gateways that no bridge can have at once': {
    config: (node) => ({
      bridge: 'br0',
      isGateway: true,
      ipam: {
        type: 'host-local',
        dataDir: node.dataDir,
        ranges: [[{ subnet: '10.89.0.0/24' }], [{ subnet: SUBNET }]],
      },
    }),
    code: 50,
    told: /different from 10\.88\.0\.1\/24/,
  },
  'no IPv6 on the bridge that is to be an IPv6 gateway': {
    config: router({}, 'fd88::/64'),
    before: ['ip link add br0 type bridge', 'echo 1 > /proc/sys/net/ipv6/conf/br0/disable_ipv6'],
    code: 50,
    told: /net\/ipv6\/conf\/br0\/disable_ipv6 is 1/,
  },
  'no IPv6 on new interfaces of the host': {
    config: router({}, 'fd88::/64'),
    before: ['echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'],
    code: 50,
    told: /net\/ipv6\/conf\/default\/disable_ipv6 is 1/,
  },
  'keys that contradict each other': {
    config: router({ hairpinMode: true, promiscMode: true }),
    code: 7,
  },
  'an mtu that no kernel takes': { config: router({ mtu: 40 }), code: 7, told: /mtu/ },
  'an mtu below that of IPv6': {
    config: router({ mtu: 1000 }, 'fd88::/64'),
    code: 7,
    told: /mtu 1000 is too small for IPv6/,
  },
  'an mtu below that of IPv6, and an IPv6 router': {
    config: (node) => ({
      bridge: 'br0',
      mtu: 1000,
      ...hostLocal(node, SUBNET, { routes: [{ dst: '192.0.2.0/24', gw: 'fd88::1' }] }),
    }),
    code: 7,
    told: /mtu 1000 is too small for IPv6/,
  },
  'an mtu below that of IPv6, on IPv4': { config: router({ mtu: 1000 }) },
  'an IPAM plugin that does not exist': {
    config: router({ ipam: { type: 'nobody' } }),
    code: 7,
  },
  'a lease directory that is a file': {
    config: (node) => {
      writeFileSync(join(node.dataDir, 'net1'), '');
      return router()(node);
    },
    code: 50,
    told: /net1: not a directory/,
  },
  'a lease lock that is a directory': {
    config: (node) => {
      mkdirSync(join(node.dataDir, 'net1', 'lock'), { recursive: true });
      return router()(node);
    },
    code: 50,
    told: /the lease lock is a regular file; remove what is in its place/,
  },
  'a lease lock that is a symbolic link': {
    config: (node) => {
      mkdirSync(join(node.dataDir, 'net1'));
      symlinkSync('elsewhere', join(node.dataDir, 'net1', 'lock'));
      return router()(node);
    },
    code: 50,
  },
  'a last-reserved mark that is a directory': {
    config: (node) => {
      mkdirSync(join(node.dataDir, 'net1', 'last_reserved_ip.0'), { recursive: true });
      return router()(node);
    },
    code: 50,
    told: /last_reserved_ip\.0: is a directory/,
  },
  'a nat table that iptables cannot read': {
    config: router({ ipMasq: true, ipMasqBackend: 'iptables' }),
    needs: ['nftables-inet'],
    before: [
      'nft add table ip nat',
      "nft 'add map ip nat m { type ipv4_addr : ipv4_addr; }'",
      "nft 'add chain ip nat POSTROUTING { type nat hook postrouting priority 100; }'",
      'nft add rule ip nat POSTROUTING snat to ip saddr map @m',
    ],
    code: 50,
    told: /incompatible/,
  },
  'an IPv4 gateway of an IPv6 address': {
    config: () => ({
      bridge: 'br0',
      isGateway: true,
      ipam: { type: 'static', addresses: [{ address: 'fd88::5/64', gateway: '10.88.0.1' }] },
    }),
    code: 7,
    told: /10\.88\.0\.1 is not a gateway for fd88::5\/64/,
  },
  'a route whose scope has no room in the kernel': {
    config: (node) => ({
      bridge: 'br0',
      ...hostLocal(node, SUBNET, { routes: [{ dst: '192.0.2.0/24', scope: 256 }] }),
    }),
    code: 7,
  },
  'a resolvConf that is not there': {
    config: (node) => ({ bridge: 'br0', ...hostLocal(node, SUBNET, { resolvConf: '/none' }) }),
    code: 50,
    told: /open \/none: no such file or directory/,
  },
  'a range without any address to give': {
    config: (node) => ({
      bridge: 'br0',
      ...hostLocal(node, '10.88.0.0/30', { exclude: ['10.88.0.0/30'] }),
    }),
    code: 50,
    told: /no IP addresses available/,
  },
  'a fixed request outside of all ranges': {
    config: (node) => ({
      bridge: 'br0',
      ...hostLocal(node),
      args: { cni: { ips: ['10.99.0.7'] } },
    }),
    code: 50,
    told: /failed to allocate all requested IPs: 10\.99\.0\.7/,
  },
  "a fixed request for the gateway's address": {
    config: (node) => ({
      bridge: 'br0',
      ...hostLocal(node),
      args: { cni: { ips: ['10.88.0.1'] } },
    }),
    code: 50,
    told: /requested ip 10\.88\.0\.1 is subnet's gateway/,
  },
  'a fixed request for an excluded address': {
    config: (node) => ({
      bridge: 'br0',
      ...hostLocal(node, SUBNET, { exclude: ['10.88.0.64/26'] }),
      args: { cni: { ips: ['10.88.0.70'] } },
    }),
    code: 50,
    told: /requested ip 10\.88\.0\.70 is excluded from the range/,
  },
  'a group address in place of a MAC address': {
    config: (node) => ({ ...router()(node), args: { cni: { mac: '01:00:5e:00:00:01' } } }),
    code: 7,
    told: /01:00:5e:00:00:01: not the MAC address of an interface/,
  },
  'a MAC address of zeros': {
    config: (node) => ({ ...router()(node), args: { cni: { mac: '00-00-00-00-00-00' } } }),
    code: 7,
  },
  'ranges of which one has the router of a route': {
    config: (node) => ({
      bridge: 'br0',
      ipam: {
        type: 'host-local',
        dataDir: node.dataDir,
        ranges: [[{ subnet: SUBNET }, { subnet: '10.89.0.0/24' }]],
        routes: [{ dst: '192.0.2.0/24', gw: '10.88.0.9' }],
      },
    }),
  },
  'addresses that a capability brings': {
    config: () => ({
      bridge: 'br0',
      capabilities: { ips: true },
      ipam: {
        type: 'static',
        addresses: [{ address: '10.99.0.7/24' }],
        routes: [{ dst: '192.0.2.0/24', gw: '10.88.0.9' }],
      },
    }),
    atAdd: { runtimeConfig: { ips: ['10.88.0.7/24'] } },
  },
  'fixed addresses that are none': { config: fixed('x'), code: 7 },
  'host-local itself': { plugin: 'host-local', config: (node) => hostLocal(node) },
  'host-local itself without ranges': {
    plugin: 'host-local',
    config: ({ dataDir }) => ({ ipam: { type: 'host-local', dataDir } }),
    code: 7,
  },
  'static itself': { plugin: 'static', config: fixed('10.88.0.7/24') },
  'static itself with a wrong address': { plugin: 'static', config: fixed('x'), code: 7 },
  loopback: { plugin: 'loopback', config: () => ({}) },
  'loopback with a key of the wrong type': {
    plugin: 'loopback',
    config: () => ({ dns: 5 }),
    code: 7,
  },
};

const onMaster =
  (keys: Row = {}): Case['config'] =>
  (node) => ({ master: 'up0', ...hostLocal(node), ...keys });
const MASTER = 'ip link add up0 type veth peer name up1';

const IPVLAN: Readonly<Record<string, Case>> = {
  'a master': { config: onMaster(), before: [MASTER] },
  'a master with children in the same mode': {
    config: onMaster(),
    before: [MASTER, 'ip link add link up0 name other0 type ipvlan mode l2'],
  },
  'no master': { config: onMaster(), code: 50, told: /failed to lookup master "up0"/ },
  'a default route': {
    config: onMaster({ master: '' }),
    before: [
      MASTER,
      'ip link set up0 up && ip addr add 192.0.2.1/24 dev up0 && ip route add default via 192.0.2.9',
    ],
  },
  'no default route': {
    config: onMaster({ master: '' }),
    code: 50,
    told: /no default route interface found/,
  },
  'an unknown mode': { config: onMaster({ mode: 'l9' }), code: 7 },
  'children in another mode': {
    config: onMaster({ mode: 'l3' }),
    before: [MASTER, 'ip link add link up0 name other0 type ipvlan mode l2'],
    code: 7,
    told: /already has ipvlan children in mode l2/,
  },
  "an mtu beyond the master's": { config: onMaster({ mtu: 9000 }), before: [MASTER], code: 7 },
  'an mtu that no kernel takes': {
    config: onMaster({ mtu: 40 }),
    before: [MASTER],
    code: 7,
    told: /mtu 40 is too small/,
  },
  'a master that is a port of a bridge': {
    config: onMaster(),
    before: [MASTER, 'ip link add br0 type bridge && ip link set up0 master br0'],
    code: 50,
    told: /"up0" is a port of the bridge "br0"/,
  },
  'a master with a macvlan child': {
    config: onMaster(),
    before: [MASTER, 'ip link add link up0 name mac0 type macvlan'],
    code: 50,
    told: /"up0" has the macvlan child "mac0"/,
  },
  'a master that is the loopback': {
    config: onMaster({ master: 'lo' }),
    code: 50,
    told: /"lo" is not an Ethernet device but of type loopback/,
  },
};

function holds(t: ExecutionContext, each: Case): void {
  const { status, add } = beside(t, each);
  t.is(add.code, each.code === undefined ? 0 : 1, `ADD: ${add.stdout}${add.stderr}`);
  t.is(status.code, add.code, `STATUS: ${told(status)}; ADD: ${told(add)}`);
  t.is((status.json as CniFailure | undefined)?.code, each.code, told(status));
  if (each.told !== undefined) t.regex(told(status), each.told);
}

for (const [title, each] of Object.entries(CASES)) {
  needs(...(each.needs ?? []))(`STATUS beside ADD: ${title}`, (t) => holds(t, each));
}

for (const [title, each] of Object.entries(IPVLAN)) {
  needs('ipvlan')(`ipvlan STATUS beside ADD: ${title}`, (t) =>
    holds(t, { plugin: 'ipvlan', ...each }),
  );
}

needs('vlan-filtering')('STATUS and ADD warn of VLANs on a bridge that does not filter', (t) => {
  const config = router({ isGateway: false, vlan: 100 });
  const { status, add } = beside(t, { config, before: ['ip link add br0 type bridge'] });
  t.deepEqual([status.code, add.code], [0, 0]);
  for (const { stderr } of [status, add]) t.regex(stderr, /bridge "br0" has no vlan_filtering/);
});

const FULL = (node: Node, keys: Row = {}): Row => hostLocal(node, '10.88.0.0/30', keys);

test.serial('STATUS fails where the kernel cannot guard or divide a port as ADD has to', (t) => {
  for (const keys of [
    { vlan: 100 },
    { vlanTrunk: [{ minID: 5, maxID: 7 }], isGateway: false },
    { macspoofchk: true },
    { portIsolation: true },
    { hairpinMode: true },
  ]) {
    const { status, add } = beside(t, { config: router(keys) });
    t.is(status.code, add.code, `${JSON.stringify(keys)}: ${told(status)}; ${told(add)}`);
  }
});

test.serial('STATUS of a full range warns and succeeds; ADD fails until the next DEL', (t) => {
  for (const plugin of ['bridge', 'host-local']) {
    const { status, add } = beside(t, {
      plugin,
      attached: true,
      config: (node) => ({ bridge: 'br0', ...FULL(node) }),
    });
    t.is(add.code, 1);
    t.is(status.code, 0, status.stdout);
    t.is(status.stdout, '');
    t.regex(status.stderr, /no IP addresses available in range set.*\(.*1 used, 0 free\)/);
  }
});

test.serial('STATUS of a full range fails with unavailableWhenFull, as ADD does', (t) => {
  for (const plugin of ['bridge', 'host-local']) {
    const { status, add } = beside(t, {
      plugin,
      attached: true,
      config: (node) => ({ bridge: 'br0', ...FULL(node, { unavailableWhenFull: true }) }),
    });
    t.deepEqual([status.code, add.code], [1, 1]);
    t.like(status.json, { code: 50, details: '10.88.0.1-10.88.0.2: 1 used, 0 free' });
    t.notRegex(add.stderr, /unknown key/);
  }
});

test.serial('STATUS of a host whose settings cannot be written', (t) => {
  const node = freshNode(t);
  const config = { cniVersion: '1.1.0', name: 'net1', type: 'bridge', ...router()(node) };
  const script = join(node.dataDir, 'read-only');
  writeFileSync(
    script,
    `#!/bin/sh\nexec unshare -m sh -c 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec ${ourPlugin('bridge')}'\n`,
    { mode: 0o755 },
  );
  const path = ourPlugin('bridge').replace(/\/[^/]*$/, '');
  node.host.exec('sh', '-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward');
  const status = node.call('STATUS', config, { ...NOBODY, path }, script);
  const add = node.call('ADD', config, { netns: freshNamespace(t).path, path }, script);
  t.deepEqual([status.code, add.code], [1, 1], told(status) + told(add));
  t.like(status.json, { code: 50, msg: 'the host does not forward: net/ipv4/ip_forward is 0' });
  node.host.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  t.is(node.call('STATUS', config, { ...NOBODY, path }, script).code, 0);
});

test.serial('STATUS of a delegate that knows ADD but not STATUS', (t) => {
  const node = freshNode(t);
  const ipam = join(node.dataDir, 'foreign');
  const result = { cniVersion: '1.1.0', ips: [{ address: '10.88.0.7/24' }] };
  const refusal = { code: 4, msg: 'unknown CNI_COMMAND: STATUS' };
  writeFileSync(
    ipam,
    `#!/bin/sh\n[ "$CNI_COMMAND" = ADD ] && echo '${JSON.stringify(result)}' && exit\necho '${JSON.stringify(refusal)}'; exit 1\n`,
    { mode: 0o755 },
  );
  const config = node.config([], { cniVersion: '1.1.0', ipam: { type: 'foreign' } });
  const path = node.dataDir;
  const status = node.call('STATUS', config, { ...NOBODY, path });
  t.is(status.code, 0, status.stdout);
  t.regex(status.stderr, /foreign does not answer STATUS: unknown CNI_COMMAND: STATUS/);
  succeeded(node.call('ADD', config, { netns: freshNamespace(t).path, path }));
});
