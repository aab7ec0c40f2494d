/**
 * Settings of the host and of the container's interface: what becomes of ADD where `/proc/sys` is
 * read-only, and when IPv6 is on.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';
import { decode } from '../../../src/netlink/codec/frame.ts';
import { side } from '../../../src/plugins/attach/side.ts';
import type { Addr } from '../../../src/rtnl/addr/message.ts';
import * as rtnl from '../../../src/rtnl/constants.ts';
import type { Netconf } from '../../../src/rtnl/netconf/message.ts';
import { rtnetlink } from '../../../src/rtnl/rtnetlink.ts';
import { deadlineIn } from '../../../src/sys/deadline.ts';
import { straced } from '../../harness/strace.ts';

const PLUGINS = { ours: ourPlugin('bridge'), reference: referencePlugin('bridge') };

/** The plugin where settings may not be written, as in a container of containers. */
function withoutWriting(t: ExecutionContext, plugin: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'read-only-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const wrapper = join(folder, 'bridge');
  const mounts = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys';
  const text = `#!/bin/sh\nexec unshare -m sh -c '${mounts} && exec ${plugin}'\n`;
  writeFileSync(wrapper, text, { mode: 0o755 });
  return wrapper;
}

const forward = (node: Node): string =>
  node.host.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');

const READ_ONLY: Readonly<Record<string, readonly [subnets: readonly string[], keys: Row]>> = {
  'IPv4 with a gateway': [['10.88.0.0/24'], { isDefaultGateway: true }],
  'IPv6 with a gateway': [['fd88::/64'], { isDefaultGateway: true }],
  'both families without a gateway': [['10.88.0.0/24', 'fd88::/64'], {}],
  'no addresses': [[], {}],
};

for (const [title, [subnets, keys]] of Object.entries(READ_ONLY)) {
  test.serial(`bridge: ADD and DEL with a read-only /proc/sys: ${title}`, (t) => {
    for (const [whose, plugin] of Object.entries(PLUGINS)) {
      const node = freshNode(t);
      forward(node);
      const container = freshNamespace(t);
      const config = node.config(subnets, keys);
      const call = { netns: container.path, path: dirname(plugin) };
      const readOnly = withoutWriting(t, plugin);
      const added = node.call('ADD', config, call, readOnly);
      if (whose === 'reference' && subnets.some((subnet) => subnet.includes(':'))) {
        // It sets keep_addr_on_down without a look at what it is.
        t.regex(failed(added).msg, /keep_addr_on_down: read-only file system$/);
        continue;
      }
      const prevResult = succeeded(added);
      t.is(prevResult.ips?.length ?? 0, subnets.length, whose);
      t.is(node.call('DEL', { ...config, prevResult }, call, readOnly).code, 0, whose);
    }
  });
}

/** The changes of forwarding and of addresses in a namespace while `work` goes on, in order. */
function settingsHeard(host: Namespace, work: () => void): string[] {
  const { rt, close } = side(host.path, rtnetlink);
  try {
    rt.socket.join(rtnl.RTNLGRP_IPV4_NETCONF);
    rt.socket.join(rtnl.RTNLGRP_IPV6_NETCONF);
    rt.socket.join(rtnl.RTNLGRP_IPV4_IFADDR);
    rt.socket.join(rtnl.RTNLGRP_IPV6_IFADDR);
    work();
    // Something to come last; the kernel may still have to announce an IPv6 address.
    host.exec('ip', 'addr', 'add', 'fd00:ffff::1', 'dev', 'lo', 'nodad');
    const heard: string[] = [];
    for (;;) {
      for (const { type, payload } of decode(rt.protocol, rt.socket.receive(deadlineIn(10_000)))) {
        if (type === 'RTM_NEWNETCONF') {
          const { family, attrs } = payload as Netconf;
          if (attrs.ifindex === 'all' && attrs.forwarding === 1) heard.push(`${family} forwards`);
        } else if (type === 'RTM_NEWADDR') {
          const { address } = (payload as Addr).attrs;
          if (address === 'fd00:ffff::1') return heard;
          if (!/^fe80:/.test(address!)) heard.push(address!);
        }
      }
    }
  } finally {
    close();
  }
}

test.serial('bridge ADD: forwarding is on before the gateways are there', (t) => {
  const node = freshNode(t);
  const netns = freshNamespace(t).path;
  const heard = settingsHeard(node.host, () =>
    succeeded(
      node.call('ADD', node.config(['10.88.0.0/24', 'fd88::/64'], { isGateway: true }), { netns }),
    ),
  );
  for (const [family, gateway] of [
    ['inet', '10.88.0.1'],
    ['inet6', 'fd88::1'],
  ]) {
    const those = heard.filter((line) => line === `${family} forwards` || line === gateway);
    t.deepEqual(those, [`${family} forwards`, gateway]);
  }
});

test.serial('bridge ADD: what has to be set in a read-only /proc/sys is reported', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const refused = (subnets: readonly string[], keys: Row): string => {
    const before = node.snapshot(container);
    const call = { netns: container.path };
    const plugin = withoutWriting(t, ourPlugin('bridge'));
    const { code, msg } = failed(node.call('ADD', node.config(subnets, keys), call, plugin));
    t.is(code, 999);
    t.deepEqual(node.changes(before, container), []);
    return msg;
  };
  t.regex(
    refused(['10.88.0.0/24'], { isGateway: true }),
    /^failed to enable forwarding: EROFS: .*net\/ipv4\/ip_forward/,
  );
  container.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  t.regex(
    refused(['fd88::/64'], {}),
    /^failed to enable IPv6 for interface "eth0": EROFS: .*\/disable_ipv6/,
  );
});

test.serial('bridge ADD: writes no setting whose write waits for the lock of all links', (t) => {
  const node = freshNode(t);
  forward(node);
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  const binary = straced(t, '-e', 'trace=openat', '-o', log);
  const config = node.config(['10.88.0.0/24', 'fd88::/64'], { isDefaultGateway: true });
  succeeded(node.call('ADD', config, { netns: freshNamespace(t).path }, binary));
  // The kernel makes such a write again and again, as long as anybody on the machine has the lock.
  const locked = /\/(disable_ipv6|ip_forward|forwarding)", O_WRONLY/;
  const lines = readFileSync(log, 'utf8').split('\n');
  t.true(lines.some((line) => line.includes('/eth0/disable_ipv6"')));
  t.deepEqual(
    lines.filter((line) => locked.test(line)),
    [],
  );
});

/** IPv4 only, with a route that needs IPv6 all the same. */
function routed(node: Node): Row {
  const config = node.config(['10.88.0.0/24'], { isGateway: true });
  const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }];
  return { ...config, ipam: { ...(config['ipam'] as Row), routes } };
}

const onLink = (container: Namespace): Row[] => container.ip('-6', 'route', 'show', 'default');

test.serial('bridge: an IPv6 route of an IPv4-only container is on the link', (t) => {
  for (const [whose, plugin] of Object.entries(PLUGINS)) {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const call = { netns: container.path };
    const config = routed(node);
    const prevResult = succeeded(node.call('ADD', config, call, plugin));
    t.like(onLink(container)[0], { dst: 'default', dev: 'eth0' }, whose);
    t.is(node.call('CHECK', { ...config, prevResult }, call, plugin).code, 0, whose);
  }
});

test.serial('bridge ADD: an IPv6 route does not turn IPv6 on where it is off', (t) => {
  for (const [whose, plugin] of Object.entries(PLUGINS)) {
    const node = freshNode(t);
    const container = freshNamespace(t);
    container.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
    const { msg } = failed(node.call('ADD', routed(node), { netns: container.path }, plugin));
    t.regex(msg, /^failed to add route '::|^failed to add route '{::/, whose);
  }
});
