/** Routes that our verbs make and list, beside those that `ip route` does. */
import test from 'ava';
import { hasFeature } from '../../harness/features.ts';
import { fresh } from '../../harness/fresh.ts';
import type { Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

test('routes: of each type the scope is the one that ip chooses', (t) => {
  const { rt, ns } = fresh(t);
  const shown = (): Row[] => {
    const rows = ns.ip('-d', 'route', 'show', 'table', '77');
    ns.exec('ip', 'route', 'flush', 'table', '77');
    return rows;
  };
  for (const [type, dev] of [
    ...(['unicast', 'local', 'broadcast', 'anycast', 'multicast'] as const).map(
      (type) => [type, 'lo'] as const,
    ),
    ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).map((type) => [type] as const),
  ]) {
    const on = dev === undefined ? [] : ['dev', dev];
    ns.exec('ip', 'route', 'add', type, '192.0.2.1', ...on, 'table', '77');
    const expected = shown();
    rt.routes.add({ dst: '192.0.2.1', type, dev, table: 77 });
    t.deepEqual(shown(), expected, type);
  }
});

test('routes: those of labels, and none where the kernel has no labels', (t) => {
  const { rt, ns } = fresh(t);
  if (hasFeature('mpls')) {
    ns.exec('sh', '-c', 'echo 1000 > /proc/sys/net/mpls/platform_labels');
    ns.exec('ip', '-f', 'mpls', 'route', 'add', '100', 'via', 'inet', '127.0.0.2');
  }
  const expected = ns.ip('-f', 'mpls', 'route').map(({ dst }) => dst);
  const filter = { family: 'mpls' } as const;
  t.deepEqual(
    rt.routes.list(filter).map(({ dst }) => dst),
    expected,
  );
  t.deepEqual(
    [...rt.routes.dump(filter)].map(({ dst }) => dst),
    expected,
  );
});

needs('ipv6')('routes: IPv4 over an IPv6 router, alone and among several', (t) => {
  const { rt, ns } = fresh(t);
  ns.exec(
    'sh',
    '-c',
    'ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up',
  );
  const index = rt.links.get('v0').index;
  const shown = (dst: string): Row => ns.ip('route', 'show', dst)[0]!;
  rt.routes.add({ dst: '10.91.0.0/24', gateway: 'fe80::2', dev: 'v0', flags: ['onlink'] });
  t.like(shown('10.91.0.0/24'), { via: { family: 'inet6', host: 'fe80::2' }, dev: 'v0' });
  const [listed] = rt.routes.list({ oif: index, family: 'inet' });
  t.deepEqual(listed?.via, { family: 'inet6', addr: 'fe80::2' });
  t.is(listed?.gateway, undefined);
  t.false(rt.routes.ensure({ dst: '10.91.0.0/24', gateway: 'fe80::2', dev: 'v0' }).created);
  rt.routes.add({
    dst: '10.92.0.0/24',
    nexthops: [
      { dev: 'v0', flags: ['onlink'], gateway: 'fe80::2' },
      { oif: index, flags: ['onlink'], gateway: '192.0.2.7', weight: 256 },
    ],
  });
  t.like(shown('10.92.0.0/24'), {
    nexthops: [
      { via: { family: 'inet6', host: 'fe80::2' }, dev: 'v0', weight: 1, flags: ['onlink'] },
      { gateway: '192.0.2.7', dev: 'v0', weight: 256, flags: ['onlink'] },
    ],
  });
  const several = rt.routes.list({ family: 'inet' }).filter(({ nexthops }) => nexthops);
  t.deepEqual(several[0]?.nexthops, [
    { via: { family: 'inet6', addr: 'fe80::2' }, oif: index, weight: 1, flags: ['onlink'] },
    { gateway: '192.0.2.7', oif: index, weight: 256, flags: ['onlink'] },
  ]);
  // What is listed can be added again.
  const before = shown('10.92.0.0/24');
  rt.routes.delete(several[0]!);
  rt.routes.add(several[0]!);
  t.deepEqual(shown('10.92.0.0/24'), before);
  rt.routes.delete({ dst: '10.91.0.0/24', gateway: 'fe80::2', dev: 'v0' });
  t.deepEqual(ns.ip('route', 'show', '10.91.0.0/24'), []);
});

needs('ipv6')(
  'routes, addresses and neighbours of two families are refused, and nothing is made',
  (t) => {
    const { rt, ns } = fresh(t);
    const state = (): string =>
      ns.exec(
        'sh',
        '-c',
        'ip route show table all; ip -6 route show table all; ip addr; ip neigh; ip rule',
      );
    const before = state();
    const [v4, v6] = ['192.0.2.9', '2001:db8::9'];
    for (const [work, key] of [
      [() => rt.routes.add({ dst: '2001:db8:1::/64', gateway: v4, dev: 'lo' }), 'RTA_GATEWAY'],
      [() => rt.routes.add({ dst: '10.91.0.0/24', prefsrc: v6, dev: 'lo' }), 'RTA_PREFSRC'],
      [() => rt.routes.replace({ dst: '10.91.0.0/24', src: `${v6}/64`, dev: 'lo' }), 'RTA_SRC'],
      [() => rt.routes.get('10.91.0.1', { src: v6 }), 'RTA_SRC'],
      [() => rt.addrs.add({ dev: 'lo', local: `${v4}/24`, broadcast: v6 }), 'IFA_BROADCAST'],
      [() => rt.addrs.add({ dev: 'lo', local: `${v4}/32`, address: v6 }), 'IFA_ADDRESS'],
      [() => rt.neighs.add({ dev: 'lo', dst: v6, family: 'inet' }), 'NDA_DST'],
      [() => rt.rules.add({ src: '10.0.0.0/8', dst: '2001:db8::/64' }), 'FRA_'],
      [() => rt.nexthops.add({ id: 7, gateway: v6, family: 'inet', dev: 'lo' }), 'NHA_GATEWAY'],
    ] as const) {
      const error = t.throws(work as () => unknown, { code: 'ERR_NETLINK_CODEC' })!;
      t.true(error.message.includes(key), error.message);
    }
    t.is(state(), before);
  },
);
