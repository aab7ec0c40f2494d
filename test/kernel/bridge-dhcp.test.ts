/** The bridge plugin over the reference's `dhcp`, with its daemon and a server on the bridge: addresses that come over the interface itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { freshNamespace } from '../harness/namespace.ts';
import { changes, failed, freshNode, type Node, succeeded } from '../harness/node.ts';
import { program, SYSTEM_PATH } from '../harness/program.ts';
import { REFERENCE, referencePlugin } from '../harness/plugin.ts';

interface Scene {
  readonly node: Node;
  readonly config: Record<string, unknown>;
  /** The server on the bridge. */
  readonly server: ChildProcess;
}

/** Starts a program on the host that runs until the test is over. */
function start(t: ExecutionContext, node: Node, command: string, ...args: string[]): ChildProcess {
  const child = node.host.run(() =>
    spawn(command, args, { stdio: 'ignore', env: { PATH: SYSTEM_PATH } }),
  );
  t.teardown(() => void child.kill('SIGKILL'));
  return child;
}

/** A bridge with a DHCP server, and the daemon that keeps leases alive for the plugin. */
async function scene(t: ExecutionContext): Promise<Scene> {
  const node = freshNode(t);
  const folder = mkdtempSync(join(tmpdir(), 'dhcp-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
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
  const options = join(folder, 'udhcpd.conf');
  writeFileSync(
    options,
    `interface br0
start 10.88.0.100
end 10.88.0.199
lease_file ${join(folder, 'leases')}
pidfile ${join(folder, 'pid')}
option router 10.88.0.1
option subnet 255.255.255.0
`,
  );
  writeFileSync(join(folder, 'leases'), '');
  const server = start(t, node, 'busybox', 'udhcpd', '-f', options);
  const daemonSocketPath = join(folder, 'dhcp.sock');
  const impatient = ['-timeout', '1s', '-resendmax', '2s', '-resendtimeout', '4s'];
  start(t, node, referencePlugin('dhcp'), 'daemon', '-socketpath', daemonSocketPath, ...impatient);
  while (!existsSync(daemonSocketPath) || !existsSync(join(folder, 'pid'))) await setTimeout(20);
  return { node, config: node.config([], { ipam: { type: 'dhcp', daemonSocketPath } }), server };
}

test.serial('bridge with dhcp: the address is asked for over the interface', async (t) => {
  t.timeout(60_000);
  const { node, config } = await scene(t);
  const container = freshNamespace(t);
  const call = { netns: container.path, path: REFERENCE };
  const { ips } = succeeded(node.call('ADD', { ...config, isDefaultGateway: true }, call));
  t.is(ips.length, 1);
  t.regex(ips[0]!.address, /^10\.88\.0\.1\d\d\/24$/);
  t.is(ips[0]!.gateway, '10.88.0.1');
  t.is(container.run(() => program('ping', '-c1', '-W1', '10.88.0.1')).code, 0);
  t.is(container.exec('cat', '/proc/sys/net/ipv6/conf/eth0/disable_ipv6').trim(), '1');
  const prevResult = { cniVersion: '1.0.0', ips };
  t.is(node.call('DEL', { ...config, prevResult }, call).code, 0);
  t.is(container.ip('link').length, 1);
});

test.serial('bridge with dhcp: without an answer everything is as it was', async (t) => {
  t.timeout(60_000);
  const { node, config, server } = await scene(t);
  server.kill('SIGKILL');
  const container = freshNamespace(t);
  const before = node.snapshot(container);
  const call = { netns: container.path, path: REFERENCE };
  const error = failed(node.call('ADD', config, call));
  t.regex(error.msg, /no more tries|timeout|lease/);
  t.deepEqual(changes(before, node.snapshot(container)), []);
});
