/**
 * Calls of the bridge plugin that have to fail: with which error object, and that nothing is
 * different afterwards.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { elapsed, lowest } from '../../harness/eventually.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { ourPlugin, type PluginCall } from '../../harness/plugin.ts';

interface Case {
  readonly config?: (node: Node, container: Namespace) => unknown;
  readonly call?: (node: Node, container: Namespace) => Partial<PluginCall>;
  readonly code: number;
  readonly msg: string | RegExp;
  readonly details?: string | RegExp;
}

const SUBNET = '10.88.0.0/24';
const good = (node: Node, keys: Row = {}): Row =>
  node.config([SUBNET], { isDefaultGateway: true, ...keys });
const ipam = (node: Node, keys: Row): Row => ({
  ...good(node),
  ipam: { ...(good(node)['ipam'] as Row), ...keys },
});

const CASES: Readonly<Record<string, Case>> = {
  'not JSON': {
    config: () => '{"name": "net1",\n  "cniVersion" 1}',
    code: 6,
    msg: /^error unmarshall network config: /,
    details: /line 2/,
  },
  'no document at all': { config: () => '', code: 6, msg: /^error unmarshall network config: / },
  'a wrong type': {
    config: (node) => good(node, { isGateway: 'yes' }),
    code: 7,
    msg: 'isGateway is a string ("yes"), true or false is expected',
  },
  'a fraction where an integer belongs': {
    config: (node) => good(node, { mtu: 1400.5 }),
    code: 7,
    msg: /^mtu is a number \(1400\.5\), an integer is expected$/,
  },
  'a wrong type inside a list': {
    config: (node) => good(node, { vlanTrunk: [{ id: 5 }, { minID: 'x' }] }),
    code: 7,
    msg: /^vlanTrunk\[1\]\.minID is a string/,
  },
  'a missing name': {
    config: (node) => good(node, { name: undefined }),
    code: 7,
    msg: 'missing network name',
  },
  'a name with a slash': {
    config: (node) => good(node, { name: 'a/b' }),
    code: 7,
    msg: 'invalid characters found in network name',
    details: 'a/b',
  },
  'an unknown ipam.type': {
    config: (node) => good(node, { ipam: { type: 'nobody' } }),
    code: 7,
    msg: /^failed to find plugin "nobody" in path \[/,
  },
  'a range without free addresses': {
    config: (node) => {
      const full = node.config([], {
        ipam: { type: 'host-local', dataDir: node.dataDir, subnet: '10.88.0.0/30' },
      });
      return full;
    },
    code: 999,
    msg: /^failed to allocate for range 0: no IP addresses available in range set: /,
  },
  'an invalid subnet': {
    config: (node) => ipam(node, { ranges: [[{ subnet: '10.88.0.0/33' }]] }),
    code: 7,
    msg: /10\.88\.0\.0\/33/,
  },
  'an interface name of 16 bytes': {
    call: () => ({ ifname: 'abcdefghijklmnop' }),
    code: 4,
    msg: 'interface name is too long',
  },
  'a container id with a slash': {
    call: () => ({ containerId: '../c1' }),
    code: 4,
    msg: 'invalid characters in containerID',
    details: '../c1',
  },
  'a namespace path that is a file': {
    call: (node) => {
      const file = join(node.dataDir, 'net1', 'file');
      mkdirSync(join(node.dataDir, 'net1'), { recursive: true });
      writeFileSync(file, '');
      return { netns: file };
    },
    code: 4,
    msg: /^failed to open netns ".*": unknown FS magic on /,
  },
  'a namespace path that is not there': {
    call: () => ({ netns: '/run/netns/nobody' }),
    code: 4,
    msg: /^failed to open netns "\/run\/netns\/nobody": failed to Statfs .*: no such file or directory$/,
  },
  "the plugin's own namespace": {
    call: (node) => ({ netns: node.host.path }),
    code: 8,
    msg: "plugin's netns and netns from CNI_NETNS should not be the same",
  },
  'missing variables': {
    call: () => ({ containerId: '', netns: '', ifname: '' }),
    code: 4,
    msg: 'required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME] missing',
  },
  'an unsupported version': {
    config: (node) => good(node, { cniVersion: '9.0.0' }),
    code: 1,
    msg: 'incompatible CNI versions',
    details: /^config is "9\.0\.0", plugin supports \["0\.1\.0" /,
  },
  'a malformed pair in CNI_ARGS': {
    call: () => ({ args: 'IgnoreUnknown=1;MAC' }),
    code: 4,
    msg: 'CNI_ARGS: invalid pair "MAC"',
  },
  'an unknown pair in CNI_ARGS': {
    call: () => ({ args: 'FOO=bar' }),
    code: 4,
    msg: 'CNI_ARGS: unknown args ["FOO=bar"]',
  },
  'an invalid MAC address': {
    call: () => ({ args: 'MAC=02:00:00' }),
    code: 7,
    msg: 'failed to make veth pair: address 02:00:00: invalid MAC address',
  },
  'a multicast MAC address': {
    call: () => ({ args: 'MAC=01:00:00:00:00:01' }),
    code: 7,
    msg: 'failed to make veth pair: address 01:00:00:00:00:01: not the MAC address of an interface',
  },
  'IPAM on an interface that stays down': {
    config: (node) => good(node, { disableContainerInterface: true }),
    code: 7,
    msg: 'cannot use IPAM when DisableContainerInterface flag is set',
  },
  'hairpin and promiscuous mode at once': {
    config: (node) => good(node, { hairpinMode: true, promiscMode: true }),
    code: 7,
    msg: 'cannot set hairpin mode and promiscuous mode at the same time',
  },
  'a VLAN out of range': {
    config: (node) => good(node, { vlan: 5000 }),
    code: 7,
    msg: 'invalid VLAN ID 5000 (must be between 0 and 4094)',
  },
  'an unknown masquerade back end': {
    config: (node) => good(node, { ipMasq: true, ipMasqBackend: '' }),
    code: 7,
    msg: 'unknown ipmasq backend ""',
  },
  'an empty bridge name': {
    config: (node) => good(node, { bridge: '' }),
    code: 7,
    msg: 'failed to create bridge "": could not add "": LinkAttrs.Name cannot be empty',
  },
  'a bridge name of 16 bytes': {
    config: (node) => good(node, { bridge: 'abcdefghijklmnop' }),
    code: 7,
    msg: 'bridge: "abcdefghijklmnop" is not an interface name',
  },
  'a bridge name with a pattern': {
    config: (node) => good(node, { bridge: 'br%d' }),
    code: 7,
    msg: 'bridge: "br%d" is not an interface name',
    details: 'at most 15 bytes without / : % and white space',
  },
  'an interface name with a pattern': {
    call: () => ({ ifname: 'eth%d' }),
    code: 4,
    msg: 'interface name contains %',
  },
  'a namespace of another kind': {
    call: () => ({ netns: '/proc/self/ns/pid' }),
    code: 4,
    msg: 'failed to open netns "/proc/self/ns/pid": "/proc/self/ns/pid" is not a network namespace',
    details: 'CNI_NETNS must name a network namespace',
  },
  'an unknown key when strict': {
    config: (node) => good(node, { strict: true, isGatway: true }),
    code: 2,
    msg: 'unknown key "isGatway" (true) in the network configuration; did you mean "isGateway"?',
  },
  'a bridge name of another kind of link': {
    config: (node) => good(node, { bridge: 'lo' }),
    code: 999,
    msg: 'failed to create bridge "lo": "lo" already exists but is not a bridge',
    details: 'it is of kind loopback',
  },
  'an interface that the container has': {
    call: () => ({ ifname: 'lo' }),
    code: 999,
    msg: /^container veth name \("lo"\) peer provided \("veth[0-9a-f]{11}"\) already exists$/,
    details: 'there is an interface "lo" in the container\'s namespace',
  },
  'an MTU that no bridge can have': {
    config: (node) => good(node, { mtu: 20 }),
    code: 7,
    msg: 'mtu 20 is too small',
  },
  'a route over an unreachable router': {
    config: (node) => ipam(node, { routes: [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }] }),
    code: 999,
    msg: /^failed to add route '192\.0\.2\.0\/24 via 203\.0\.113\.1 dev eth0': .*ENETUNREACH/,
  },
  'a route of the other family over an unreachable router': {
    config: (node) => ipam(node, { routes: [{ dst: 'fd00::/64', gw: 'fd99::1' }] }),
    code: 999,
    msg: /^failed to add route 'fd00::\/64 via fd99::1 dev eth0': .*EHOSTUNREACH/,
  },
  'a route whose scope has no room in the kernel': {
    config: (node) => ipam(node, { routes: [{ dst: '192.0.2.0/24', scope: 256 }] }),
    code: 7,
    msg: 'ipam.routes[0].scope: expected a whole number up to 255, got 256',
  },
  'a route whose table is beyond 32 bits': {
    config: (node) => ipam(node, { routes: [{ dst: '192.0.2.0/24', table: 2 ** 32 }] }),
    code: 7,
    msg: 'ipam.routes[0].table: expected a whole number up to 4294967295, got 4294967296',
  },
  'a route whose metric is no exact number': {
    config: (node) => {
      const routes = [{ dst: '192.0.2.0/24', priority: 77 }];
      return JSON.stringify(ipam(node, { routes })).replace(':77}', ':18446744073709551616}');
    },
    code: 7,
    msg: /^ipam\.routes\[0\]\.priority: expected a whole number .* got 18446744073709551616$/,
    details: 'ipam.routes[0].priority: 18446744073709551616',
  },
  'an IPv6 address with an IPv4 gateway': {
    config: (node) =>
      good(node, {
        ipam: { type: 'static', addresses: [{ address: 'fd88::5/64', gateway: '10.88.0.1' }] },
      }),
    code: 7,
    msg: 'failed to set bridge addr: 10.88.0.1 is not a gateway for fd88::5/64',
  },
  'itself as its IPAM plugin': {
    config: (node) => good(node, { ipam: { type: 'bridge' } }),
    code: 7,
    msg: '"bridge" is no IPAM plugin',
  },
  'no addresses for a version without interfaces': {
    config: (node) => node.config([], { cniVersion: '0.2.0' }),
    code: 1,
    msg: 'cannot convert: no valid IP addresses',
  },
  'three subnets for a version with one address per family': {
    config: (node) => node.config([SUBNET, '10.89.0.0/24', 'fd88::/64'], { cniVersion: '0.2.0' }),
    code: 7,
    msg: 'CNI version 0.2.0 does not support more than 1 address per family',
  },
};

const matches = (t: ExecutionContext, text: string | undefined, wanted: string | RegExp): void =>
  void (typeof wanted === 'string' ? t.is(text, wanted) : t.regex(text ?? '', wanted));

for (const [
  title,
  { config = (each: Node) => good(each), call = () => ({}), code, msg, details },
] of Object.entries(CASES)) {
  test.serial(`bridge ADD refuses ${title} and leaves everything as it was`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    if (title.includes('free addresses')) exhaust(t, node);
    const document = config(node, container);
    const parameters = { netns: container.path, ...call(node, container) };
    const before = node.snapshot(container);
    const error = failed(node.call('ADD', document, parameters));
    t.is(error.code, code, error.msg);
    matches(t, error.msg, msg);
    if (details !== undefined) matches(t, error.details, details);
    t.deepEqual(node.changes(before, container), []);
  });
}

/** Takes the only address of 10.88.0.0/30 that is not the gateway. */
function exhaust(t: ExecutionContext, node: Node): void {
  const config = node.config([], {
    ipam: { type: 'host-local', dataDir: node.dataDir, subnet: '10.88.0.0/30' },
  });
  const first = freshNamespace(t);
  succeeded(node.call('ADD', config, { netns: first.path, containerId: 'first' }));
}

/** Our bridge, started without the privileges that `drop` takes away. */
function unprivileged(t: ExecutionContext, drop: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'unprivileged-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const wrapper = join(folder, 'bridge');
  const script = `#!/bin/sh\nexec setpriv ${drop} ${ourPlugin('bridge')}\n`;
  writeFileSync(wrapper, script, { mode: 0o755 });
  return wrapper;
}

test.serial(
  'bridge ADD as somebody who may change nothing says so and leaves everything as it was',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const before = node.snapshot(container);
    const drop = '--bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs';
    const call = { netns: container.path };
    const error = failed(node.call('ADD', good(node), call, unprivileged(t, drop)));
    t.is(error.code, 999);
    t.regex(error.msg, /EPERM|not permitted/);
    t.deepEqual(node.changes(before, container), []);
  },
);

test.serial('bridge DEL without CAP_NET_ADMIN says so at once and keeps the lease', async (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = good(node, { ipMasq: true });
  succeeded(node.call('ADD', config, { netns: container.path }));
  const before = node.snapshot(container);
  const wrapper = unprivileged(t, '--bounding-set=-net_admin --inh-caps=-net_admin');
  const del = (): void => {
    const error = failed(node.call('DEL', config, { netns: container.path }, wrapper));
    t.regex(error.msg, /^RTM_DELLINK "veth[0-9a-f]+": EPERM: [^;]+$/);
  };
  // Less than any deadline of a DEL.
  t.true((await lowest(() => elapsed(del), 4000)) <= 4000);
  t.deepEqual(node.changes(before, container), []);
});

test.serial('bridge: an unknown key is reported on stderr with the nearest known one', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = good(node, { isGatway: true });
  const { code, stderr } = node.call('ADD', config, { netns: container.path });
  t.is(code, 0);
  t.regex(stderr, /unknown key "isGatway" \(true\).*did you mean "isGateway"\?/);
});
