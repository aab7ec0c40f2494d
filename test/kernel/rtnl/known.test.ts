/** What a monitor knows, after notifications and after lists of the running kernel. */
import test, { type ExecutionContext } from 'ava';
import { NETLINK_ROUTE } from '../../../src/netlink/constants.ts';
import { toJson } from '../../../src/netlink/codec/json.ts';
import { monitor } from '../../../src/netlink/monitor.ts';
import { socketIn } from '../../../src/netlink/namespace.ts';
import { RTM_DELROUTE, RTNLGRP_NSID } from '../../../src/rtnl/constants.ts';
import { knowledge } from '../../../src/rtnl/monitor/known.ts';
import { MONITORED, type MonitoredType } from '../../../src/rtnl/monitor/events.ts';
import { nsid } from '../../../src/rtnl/nsid/message.ts';
import { rtnetlink } from '../../../src/rtnl/rtnetlink.ts';
import { fresh, withVxlan } from '../../harness/fresh.ts';
import { needs } from '../../harness/needs.ts';
import { until } from '../../harness/until.ts';

/** All but the age. */
const text = (value: unknown): string =>
  JSON.stringify(toJson(value), (key, item: unknown) => (key === 'cacheinfo' ? undefined : item));

/**
 * Removes one after the other, and holds what is told as gone to what the kernel no longer lists.
 */
function tellsEachThatGoes<V>(
  t: ExecutionContext,
  monitored: MonitoredType<V>,
  list: () => V[],
  removals: readonly (() => unknown)[],
): void {
  const known = knowledge(monitored);
  let before = list();
  t.is(before.length, removals.length);
  known.compare(before);
  for (const remove of removals) {
    remove();
    const after = list();
    const left = new Set(after.map(text));
    t.is(after.length, before.length - 1);
    const { gone, come } = known.compare(after);
    t.deepEqual(
      gone.map(text),
      before.map(text).filter((each) => !left.has(each)),
    );
    t.deepEqual(come, []);
    before = after;
  }
}

needs('vxlan')('known: entries of a VXLAN device by VNI and interface', (t) => {
  const { rt } = withVxlan(t);
  // The address of all that have no entry may have several remote ends.
  const entry = { dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '192.0.2.1' };
  const all = [
    { ...entry, srcVni: 100 },
    { ...entry, srcVni: 200 },
    { ...entry, srcVni: 200, via: 'lo' },
  ];
  for (const each of all) rt.fdb.append(each);
  const list = () => rt.fdb.list({ dev: 'vx0' });
  tellsEachThatGoes(
    t,
    MONITORED.fdb,
    list,
    all.map((each) => () => rt.fdb.delete(each)),
  );
});

needs('vxlan', 'vxlan-mdb')('known: groups of a VXLAN device by VNI', (t) => {
  const { rt } = withVxlan(t);
  const entry = { dev: 'vx0', port: 'vx0', group: '239.1.1.1', dst: '192.0.2.1' };
  const all = [5, 7].map((srcVni) => ({ ...entry, srcVni }));
  for (const each of all) rt.mdb.add(each);
  const list = () => rt.mdb.list({ dev: 'vx0' });
  tellsEachThatGoes(
    t,
    MONITORED.mdb,
    list,
    all.map((each) => () => rt.mdb.delete(each)),
  );
});

test('known: routes over IPv4 that differ in anything', (t) => {
  const { rt, ns } = fresh(t);
  const all = ['proto static', 'proto bgp', 'scope host', 'src 127.0.0.1', 'mtu 1400', 'realm 5'];
  const ip = (verb: string, rest: string): string =>
    ns.exec('sh', '-c', `ip route ${verb} 198.51.100.0/24 dev lo ${rest}`);
  for (const each of all) ip('append', each);
  const list = () => rt.routes.list({ family: 'inet', table: 'main' });
  tellsEachThatGoes(
    t,
    MONITORED.routes,
    list,
    all.map((each) => () => ip('del', each)),
  );
});

const V4 = '198.51.100.0/24 dev lo';
const V6 = '2001:db8:1::/64 metric 5';

/** What `ip route` is told to do, on a host with two interfaces. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  'the first of several is replaced': [
    ...[`append ${V4} proto 20`, `append ${V4} proto 21`, `append ${V4} proto 22`],
    `replace ${V4} proto 23`,
  ],
  'one is put before the others, and replaced': [
    ...[`append ${V4} proto 20`, `append ${V4} proto 21`, `prepend ${V4} proto 22`],
    `replace ${V4} proto 23`,
  ],
  'one with several hops beside others': [
    `append ${V4} proto 20`,
    'append 198.51.100.0/24 nexthop dev v0 nexthop dev v1',
  ],
  'a hop more': [`add ${V6} via 2001:db8::1`, `append ${V6} via 2001:db8::2`],
  'hops beside a route without a router': [
    ...[`append ${V6} dev v0`, `append ${V6} dev v1`, `append ${V6} via 2001:db8::1`],
    `append ${V6} via 2001:db8::2`,
  ],
  'routers are replaced beside a route without one': [
    ...[`append ${V6} dev v0`, `append ${V6} via 2001:db8::1`, `append ${V6} via 2001:db8::2`],
    `replace ${V6} via 2001:db8::3`,
  ],
  'a route without a router is replaced beside routers': [
    ...[`append ${V6} via 2001:db8::1`, `append ${V6} dev v0`, `append ${V6} dev v1`],
    `replace ${V6} dev lo`,
  ],
};

for (const [title, commands] of Object.entries(CHANGES)) {
  needs('veth', 'ipv6')(`known: notifications lead to what is listed: ${title}`, async (t) => {
    const { rt, ns } = fresh(t);
    ns.exec('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
    // Together with `up` it would come too late.
    for (const dev of ['v0', 'v1']) ns.exec('ip', 'link', 'set', dev, 'addrgenmode', 'none');
    for (const dev of ['v0', 'v1']) rt.links.up(dev);
    ns.exec('ip', 'addr', 'add', '2001:db8::9/64', 'dev', 'v0', 'nodad');
    const monitored = MONITORED.routes;
    await using notices = monitor(
      rtnetlink,
      ns.run(() => socketIn(undefined, NETLINK_ROUTE)),
      {
        groups: [...monitored.groups, RTNLGRP_NSID],
        notice: (notice) => [notice],
        lost: () => [],
      },
    );
    const known = knowledge(monitored);
    known.compare(rt.routes.list());
    for (const command of commands) {
      ns.exec('sh', '-c', `ip ${command.includes(':') ? '-6' : '-4'} route ${command}`);
    }
    rt.nsids.set(ns.path, 1);
    const told = await until(notices, ({ message }) => message === nsid);
    for (const { type, value, flags } of told.slice(0, -1)) {
      for (const route of monitored.objects(value)) {
        known.learn(type === RTM_DELROUTE ? 'del' : 'new', route, flags);
      }
    }
    t.deepEqual(known.compare(rt.routes.list()), { gone: [], come: [] });
  });
}
