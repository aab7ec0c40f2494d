/**
 * Addresses, neighbours and forwarding entries that ip and bridge make: the same bytes again, and
 * what they say as JSON.
 */
import test from 'ava';
import type { Addr } from '../../../src/rtnl/addr/message.ts';
import type { Neigh } from '../../../src/rtnl/neigh/message.ts';
import type { NeighTable } from '../../../src/rtnl/neigh/neigh-table.ts';
import { agree, dump, namesIn, prepared } from '../../harness/live-dump.ts';
import type { Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { steady } from '../../harness/steady.ts';

const PAIR = [
  'ip link set lo up',
  'ip link add e0 type veth peer name e1',
  'ip link set e0 addrgenmode none up',
  'ip link set e1 addrgenmode none up',
];

const ADDRESSES = [
  'ip addr add 192.0.2.1/24 dev e0',
  'ip addr add 192.0.2.5/24 broadcast + label e0:a dev e0 metric 50 valid_lft 3600 preferred_lft 1800',
  'ip addr add 192.0.2.6 peer 192.0.2.7/32 dev e0',
  'ip addr add 2001:db8::1/64 dev e0 nodad',
  'ip addr add 2001:db8::9/64 dev e0 home mngtmpaddr noprefixroute nodad valid_lft 3600 preferred_lft 0',
];

const NEIGHBOURS = [
  'ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev e0 protocol static',
  'ip neigh add 192.0.2.11 lladdr 02:00:00:00:00:11 dev e0 nud stale',
  'ip neigh add 2001:db8::9 lladdr 02:00:00:00:00:09 dev e0 extern_learn router nud noarp',
  'ip neigh add proxy 192.0.2.10 dev e0',
];

const BRIDGE = [
  'ip link add br0 type bridge vlan_filtering 1 mcast_snooping 0',
  'ip link set e1 master br0',
  'bridge vlan add dev e1 vid 10',
  'bridge fdb add 02:00:00:00:00:66 dev e1 vlan 10 master static sticky',
  'bridge fdb add 02:00:00:00:00:67 dev e1 vlan 10 master dynamic extern_learn',
  'bridge fdb add 02:00:00:00:00:68 dev e1 self permanent',
];

const flagsTrue = (flags: readonly (string | number)[]): Row =>
  Object.fromEntries(flags.map((flag) => [flag, true]));

function addrWords({ family, prefixlen, scope, attrs }: Addr): Row {
  const { local, address, broadcast, label, rtPriority, proto, cacheinfo, flags = [] } = attrs;
  return {
    family,
    local: local ?? address,
    address,
    prefixlen,
    metric: rtPriority,
    broadcast,
    scope,
    label,
    protocol: proto,
    valid_life_time: cacheinfo?.valid,
    preferred_life_time: cacheinfo?.prefered,
    ...flagsTrue(flags),
    dynamic: !flags.includes('permanent'),
  };
}

test('addrs: ip -j addr says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...PAIR, ...ADDRESSES);
  const [links, addresses] = steady(
    () => here.ip('addr'),
    () => dump<Addr>(t, here, 'RTM_GETADDR', {}),
  );
  // Seven of ours; a slow kernel may have made a temporary one beside the managed prefix.
  t.true(addresses.length >= 7);
  t.is(addresses.length, links.flatMap(({ addr_info }) => addr_info as Row[]).length);
  for (const { ifindex, addr_info } of links) {
    const ours = addresses.filter(({ index }) => index === ifindex).map(addrWords);
    agree(t, ours, addr_info as Row[]);
  }
});

test('neighs: ip -j neigh says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...PAIR, ...ADDRESSES, ...NEIGHBOURS);
  const names = namesIn(here);
  // Multicast groups come and go by themselves.
  const isOurs = ({ dst }: { dst?: unknown }): boolean => !String(dst).startsWith('ff');
  const [theirs, neighbours] = steady(
    () => here.ip('neigh', 'show', 'nud', 'all').filter(isOurs),
    () => dump<Neigh>(t, here, 'RTM_GETNEIGH', {}).filter(({ attrs }) => isOurs(attrs)),
  );
  const ours = neighbours.map(({ ifindex, state, flags, attrs }) => ({
    dst: attrs.dst,
    dev: names.get(ifindex),
    lladdr: attrs.lladdr,
    state: state.map((word) => String(word).toUpperCase()),
    protocol: attrs.protocol,
    ...Object.fromEntries(flags.map((flag) => [flag, null])),
  }));
  agree(t, ours, theirs);
});

test('neighs: ip -j neigh show proxy says the same', (t) => {
  const here = prepared(t, ...PAIR, ...ADDRESSES, ...NEIGHBOURS);
  const names = namesIn(here);
  const entries = dump<Neigh>(t, here, 'RTM_GETNEIGH', { flags: ['proxy'] });
  const ours = entries.map(({ ifindex, flags, attrs }) => ({
    dst: attrs.dst,
    dev: names.get(ifindex),
    proxy: flags.includes('proxy') ? null : undefined,
  }));
  agree(t, ours, here.ip('neigh', 'show', 'proxy'));
});

const FDB_STATES: Readonly<Record<string, string>> = {
  permanent: 'permanent',
  noarp: 'static',
  stale: 'stale',
  reachable: '',
};

needs('vlan-filtering')('fdb: bridge -j fdb says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...PAIR, ...BRIDGE);
  const names = namesIn(here);
  const entries = dump<Neigh>(t, here, 'RTM_GETNEIGH', { family: 'bridge' });
  const ours = entries.map(({ ifindex, state, flags, attrs }) => ({
    mac: attrs.lladdr,
    ifname: names.get(ifindex),
    vlan: attrs.vlan,
    flags,
    master: names.get(attrs.master),
    state: FDB_STATES[String(state.at(-1))],
  }));
  agree(t, ours, here.bridge('fdb'));
  t.true(ours.some(({ vlan, flags }) => vlan === 10 && flags.includes('sticky')));
});

test('neighbour tables: ip -j ntable says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...PAIR);
  const names = namesIn(here);
  const tables = dump<NeighTable>(t, here, 'RTM_GETNEIGHTBL', {});
  const ours = tables
    .filter(({ attrs }) => names.get(attrs.parms?.ifindex) === 'e0')
    .map(({ family, attrs: { name, parms = {} } }) => ({
      family,
      name,
      dev: names.get(parms.ifindex),
      base_reachable: Number(parms.baseReachableTime),
      retrans: Number(parms.retransTime),
      gc_stale: Number(parms.gcStaletime),
      delay_probe: Number(parms.delayProbeTime),
      queue: parms.queueLen,
      app_probes: parms.appProbes,
      ucast_probes: parms.ucastProbes,
      mcast_probes: parms.mcastProbes,
      anycast_delay: Number(parms.anycastDelay),
      proxy_delay: Number(parms.proxyDelay),
      proxy_queue: parms.proxyQlen,
      locktime: Number(parms.locktime),
    }));
  // The kernel draws a new time from time to time, and counts users.
  const theirs = here.ip('ntable', 'show', 'dev', 'e0').map((row) => {
    const { reachable: _now, refcnt: _users, ...rest } = row;
    return rest;
  });
  agree(t, ours, theirs);
});
