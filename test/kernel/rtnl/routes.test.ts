/**
 * Routes and next hops that ip makes, as the kernel dumps them: the same bytes again, and what `ip
 * -j` says.
 */
import test, { type ExecutionContext } from 'ava';
import type { Nexthop } from '../../../src/rtnl/nexthop/message.ts';
import type { MplsRoute } from '../../../src/rtnl/route/label-route.ts';
import type { Route } from '../../../src/rtnl/route/message.ts';
import { dump, namesIn, prepared } from '../../harness/live-dump.ts';
import type { Namespace } from '../../harness/namespace.ts';
import { program } from '../../harness/program.ts';
import { nexthopInIpWords, routeInIpWords } from '../../harness/route-words.ts';
import { steady } from '../../harness/steady.ts';

const NET = [
  'ip link set lo up',
  'ip link add e0 type veth peer name e1',
  'ip link set e0 addrgenmode none up',
  'ip link set e1 addrgenmode none up',
  'ip addr add 192.0.2.1/24 dev e0',
  'ip addr add 192.0.2.6 peer 192.0.2.7/32 dev e0',
  'ip addr add 2001:db8::1/64 dev e0 nodad',
];

const ROUTES = [
  'ip route add default via 192.0.2.2',
  'ip route add 198.51.100.0/24 via 192.0.2.2 mtu lock 1400 advmss 1300 window 10000 rtt 100ms rttvar 50ms reordering 5 initcwnd 20 initrwnd 30 ssthresh 10 cwnd lock 15 hoplimit 9 rto_min 30ms features ecn quickack 1 congctl reno fastopen_no_cookie 1',
  'ip route add 10.0.0.0/8 via inet6 fe80::1 dev e0 table 1000',
  'ip route add 10.1.0.0/16 via 192.0.2.2 dev e0 onlink src 192.0.2.1 tos 0x10 metric 7 proto static',
  'ip route add blackhole 10.3.0.0/16',
  'ip route add 203.0.113.0/24 nexthop via 192.0.2.2 weight 3 nexthop via inet6 fe80::1 dev e0 nexthop via 192.0.2.3 onlink dev e0',
  'ip -6 route add 2001:db8:1::/48 via 2001:db8::2 expires 100 pref high',
  'ip -6 route add 2001:db8:5::/48 nexthop via 2001:db8::2 weight 2 nexthop via 2001:db8::3',
];

/** What not every kernel has. Those that are refused are left out; their bytes are in fixtures. */
const TUNNELS = [
  'ip -6 route add 2001:db8:6::/48 from 2001:db8:7::/48 via 2001:db8::2',
  'ip route add 10.9.0.0/16 encap ip id 100 dst 192.0.2.9 src 192.0.2.1 tos 4 ttl 3 csum key dev e0',
  'ip route add 10.10.0.0/16 encap ip6 id 100 dst 2001:db8::9 src 2001:db8::1 tc 4 hoplimit 3 seq key dev e0',
  'ip route add 10.40.0.0/16 encap mpls 100/200 ttl 9 via inet 192.0.2.2',
  'ip route add 10.41.0.0/16 nexthop encap mpls 100 via 192.0.2.2 nexthop encap mpls 200/300 via 192.0.2.3',
  'ip -6 route add 2001:db8:2::/48 encap seg6 mode encap segs 2001:db8::a,2001:db8::b dev e0',
  'ip -6 route add 2001:db8:3::/48 encap seg6 mode inline segs 2001:db8::a,2001:db8::b dev e0',
  'ip -6 route add 2001:db8:10::/48 encap seg6local action End.X nh6 2001:db8::5 dev e0',
  'ip -6 route add 2001:db8:11::/48 encap seg6local action End.DX4 nh4 192.0.2.2 count dev e0',
  'ip -6 route add 2001:db8:12::/48 encap seg6local action End.B6.Encaps srh segs 2001:db8::a,2001:db8::b dev e0',
  'ip -6 route add 2001:db8:13::/48 encap seg6local action End.DX2 oif e0 dev e0',
  'ip -6 route add 2001:db8:14::/48 encap seg6local action End.T table 100 dev e0',
  'ip -6 route add 2001:db8:15::/48 encap seg6local action End flavors psp,next-csid lblen 32 nflen 16 dev e0',
  'ip -6 route add 2001:db8:16:0:200::9/128 encap ila 2001:0:0:5 csum-mode adj-transport ident-type luid hook-type output dev e0',
  'ip -f mpls route add 100 as 200/300 via inet 192.0.2.2',
  'ip -f mpls route add 101 via inet6 2001:db8::2 ttl-propagate enabled',
  'ip -f mpls route add 102 nexthop as 200 via inet 192.0.2.2 nexthop as 201 via inet6 2001:db8::2',
];

const NEXTHOPS = [
  'ip nexthop add id 1 via 192.0.2.2 dev e0',
  'ip nexthop add id 2 via 192.0.2.3 dev e0 proto static',
  'ip nexthop add id 3 blackhole',
  'ip nexthop add id 10 group 1,3/2',
  'ip nexthop add id 11 group 1/2,7 type resilient buckets 8 idle_timer 60 unbalanced_timer 300',
  'ip nexthop add id 20 via 192.0.2.5 fdb',
  'ip nexthop add id 22 via 2001:db8::2 dev e0',
  'ip nexthop add id 23 dev e0',
  'ip route add 10.20.0.0/16 nhid 1',
  'ip route add 10.21.0.0/16 nhid 10',
];

/** Loads what user-mode Linux does not load by itself; elsewhere the kernel does. */
const MODULES =
  'modprobe -q --dirname /run/kernel -a mpls_router mpls_iptunnel ip_tunnel ila; echo 1000 > /proc/sys/net/mpls/platform_labels';

const made = (here: Namespace, command: string): boolean =>
  here.run(() => program('sh', '-c', command)).code === 0;

/** A kernel without the label switch answers with the routes of all other families. */
const routesOf = (t: ExecutionContext, here: Namespace, family: 'inet' | 'inet6' | 'mpls') =>
  dump<Route | MplsRoute>(t, here, 'RTM_GETROUTE', { family }).filter(
    (route) => route.family === family,
  );

function agreeWithIp(t: ExecutionContext, here: Namespace): void {
  const names = namesIn(here);
  for (const [family, option] of [
    ['inet', '-4'],
    ['inet6', '-6'],
    ['mpls', '-M'],
  ] as const) {
    const tables = family === 'mpls' ? [] : ['table', 'all'];
    const [rows, routes] = steady(
      () => here.ip('-d', option, 'route', 'show', ...tables),
      () => routesOf(t, here, family),
    );
    t.is(routes.length, rows.length, family);
    for (const [i, row] of rows.entries()) {
      t.deepEqual(routeInIpWords(routes[i]!, names, row), row, `${family} ${String(row['dst'])}`);
    }
  }
}

test('routes: ip -j route says the same, and the bytes come back', (t) => {
  agreeWithIp(t, prepared(t, ...NET, ...ROUTES));
});

test('routes: those into tunnels and by labels too', (t) => {
  const here = prepared(t, ...NET);
  made(here, MODULES);
  const refused = TUNNELS.filter((command) => !made(here, command));
  for (const command of refused) t.log(`this kernel refuses: ${command}`);
  agreeWithIp(t, here);
});

test('nexthops: ip -j nexthop says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...NET, ...NEXTHOPS);
  const names = namesIn(here);
  const objects = dump<Nexthop>(t, here, 'RTM_GETNEXTHOP', {});
  const rows = here.ip('-d', 'nexthop');
  t.is(objects.length, rows.length);
  for (const [i, row] of rows.entries()) {
    t.deepEqual(nexthopInIpWords(objects[i]!, names, row), row);
  }
  agreeWithIp(t, here);
});

test('nexthops: ip -j nexthop bucket says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...NET, ...NEXTHOPS);
  const buckets = dump<Nexthop>(t, here, 'RTM_GETNEXTHOPBUCKET', { attrs: { id: 11 } });
  const rows = here.ip('nexthop', 'bucket', 'show', 'id', '11');
  t.is(rows.length, 8);
  for (const [i, row] of rows.entries()) {
    t.deepEqual(nexthopInIpWords(buckets[i]!, new Map(), row), row);
  }
});
