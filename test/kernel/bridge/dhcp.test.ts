/**
 * The bridge plugin over the reference's `dhcp`, with its daemon and a server on the bridge:
 * addresses that come over the interface itself.
 */
import type { ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DHCPRELEASE, dhcpDaemon, dhcpRequests, dhcpServer } from '../../harness/dhcp.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { REFERENCE, referencePlugin } from '../../harness/plugin.ts';
import { pings } from '../../harness/ping.ts';

/** Of Debian's `containernetworking-plugins`, years older. */
const DEBIAN = '/usr/lib/cni/dhcp';

interface Scene {
  readonly node: Node;
  readonly config: Record<string, unknown>;
  /** The server on the bridge. */
  readonly server: ChildProcess;
}

/** A bridge with a DHCP server, and the daemon that keeps leases alive for the plugin. */
async function scene(
  t: ExecutionContext,
  daemon = referencePlugin('dhcp'),
  ...options: readonly string[]
): Promise<Scene> {
  const node = freshNode(t);
  for (const line of [
    'link add br0 address 02:00:00:00:00:01 type bridge',
    'addr add 10.88.0.1/24 dev br0',
    'link set br0 up',
    // A bridge without ports has a carrier until it has lost its first one.
    'link add keep0 type veth peer name keep1',
    'link set keep1 up',
    'link set keep0 master br0 up',
  ]) {
    node.host.exec('ip', ...line.split(' '));
  }
  const server = await dhcpServer(t, node.host, 'br0');
  const daemonSocketPath = await dhcpDaemon(t, node.host, daemon, ...options);
  return { node, config: node.config([], { ipam: { type: 'dhcp', daemonSocketPath } }), server };
}

test.serial('bridge with dhcp: the address is asked for over the interface', async (t) => {
  const { node, config } = await scene(t);
  const container = freshNamespace(t);
  const call = { netns: container.path, path: REFERENCE };
  const { ips } = succeeded(node.call('ADD', { ...config, isDefaultGateway: true }, call));
  t.is(ips.length, 1);
  t.regex(ips[0]!.address, /^10\.88\.0\.1\d\d\/24$/);
  t.is(ips[0]!.gateway, '10.88.0.1');
  t.true(pings(container, '10.88.0.1'));
  t.is(container.exec('cat', '/proc/sys/net/ipv6/conf/eth0/disable_ipv6').trim(), '1');
  const prevResult = { cniVersion: '1.0.0', ips };
  t.is(node.call('DEL', { ...config, prevResult }, call).code, 0);
  t.is(container.ip('link').length, 1);
});

test.serial('bridge with dhcp: without an answer everything is as it was', async (t) => {
  const impatient = ['-timeout', '1s', '-resendmax', '2s', '-resendtimeout', '4s'];
  const { node, config, server } = await scene(t, referencePlugin('dhcp'), ...impatient);
  server.kill('SIGKILL');
  const container = freshNamespace(t);
  const before = node.snapshot(container);
  const call = { netns: container.path, path: REFERENCE };
  const error = failed(node.call('ADD', config, call));
  t.regex(error.msg, /no more tries|timeout|lease/);
  t.deepEqual(node.changes(before, container), []);
});

for (const [whose, binary] of [
  ['Debian', DEBIAN],
  ['v1.10.0', referencePlugin('dhcp')],
] as const) {
  test.serial(
    `bridge with dhcp of ${whose}: DEL gives the address back over the interface`,
    async (t) => {
      const { node, config } = await scene(t, binary);
      const container = freshNamespace(t);
      const call = { netns: container.path, path: dirname(binary) };
      const { ips } = succeeded(node.call('ADD', config, call));
      const heard = dhcpRequests(t, node.host);
      t.is(node.call('DEL', { ...config, prevResult: { cniVersion: '1.0.0', ips } }, call).code, 0);
      const client = ips[0]!.address.split('/')[0]!;
      const released = heard().filter(({ type }) => type === DHCPRELEASE);
      t.true(released.length > 0);
      for (const message of released) t.is(message.client, client);
      t.is(container.ip('link').length, 1);
    },
  );
}
