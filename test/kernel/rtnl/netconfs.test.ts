/** Forwarding settings, held against ip: lists, single ones, and notifications. */
import test from 'ava';
import { CodecError } from '../../../src/errors.ts';
import type { Netconf } from '../../../src/rtnl/netconf/message.ts';
import type { NetconfObject } from '../../../src/rtnl/netconf/verbs.ts';
import { fresh } from '../../harness/fresh.ts';
import { dump } from '../../harness/live-dump.ts';
import { type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { until } from '../../harness/until.ts';

/** Settings as `ip -j netconf` prints them, which has only those that the kernel told. */
function inIpWords(object: NetconfObject, nameOf: (index: number) => string): Row {
  const { ifindex } = object;
  const truth = (key: keyof NetconfObject, word: string) =>
    object[key] === undefined ? {} : { [word]: object[key] !== 0 };
  return {
    family: object.family,
    interface: typeof ifindex === 'number' ? nameOf(ifindex) : ifindex,
    ...truth('forwarding', 'forwarding'),
    ...(object.rpFilter === undefined ? {} : { rp_filter: object.rpFilter }),
    ...truth('mcForwarding', 'mc_forwarding'),
    ...truth('proxyNeigh', 'proxy_neigh'),
    ...truth('ignoreRoutesWithLinkdown', 'ignore_routes_with_linkdown'),
    ...truth('input', 'input'),
  };
}

test('netconf: ip -j netconf says the same, and the bytes come back', (t) => {
  const { rt, ns } = fresh(t);
  ns.exec('ip', 'link', 'set', 'lo', 'up');
  ns.exec('sh', '-c', 'echo 2 > /proc/sys/net/ipv4/conf/lo/rp_filter');
  const nameOf = (index: number) => rt.links.get(index).ifname;
  const ours = rt.netconfs.list().map((each) => inIpWords(each, nameOf));
  t.is(dump<Netconf>(t, ns, 'RTM_GETNETCONF', {}).length, ours.length);
  // Newer programs print one more.
  const byName = (rows: Row[]) =>
    new Map(
      rows.map(({ bc_forwarding: _, ...row }) => [`${row['family']} ${row['interface']}`, row]),
    );
  t.deepEqual(byName(ours), byName(ns.ip('netconf')));
  t.is(rt.netconfs.get('lo').rpFilter, 'loose');
  for (const dev of ['all', 'default'] as const) t.is(rt.netconfs.get(dev).ifindex, dev);
  t.true(rt.netconfs.list({ family: 'inet' }).every(({ family }) => family === 'inet'));
  t.throws(() => rt.netconfs.get('nothing'), { code: 'ENODEV' });
  t.throws(() => rt.netconfs.get({} as never), { instanceOf: CodecError });
  t.throws(() => rt.netconfs.get('lo', 'x' as never), { instanceOf: CodecError });
});

test('netconf: an event has what has changed', async (t) => {
  const { rt, ns } = fresh(t);
  await using events = rt.monitor({ netconfs: true }, { resync: true });
  const set = (path: string, value: number) =>
    ns.exec('sh', '-c', `echo ${value} > /proc/sys/net/ipv4/conf/${path}`);
  set('lo/forwarding', 1);
  set('default/rp_filter', 2);
  const read = await until(
    events,
    (event) => event.type === 'netconfs' && event.value.rpFilter !== undefined,
  );
  const told = (value: object) => ({ type: 'netconfs', action: 'new', value });
  t.deepEqual(read, [
    told({ family: 'inet', ifindex: 1, forwarding: 1 }),
    told({ family: 'inet', ifindex: 'default', rpFilter: 'loose' }),
  ] as never);
});

needs('ipv6', 'veth')('netconf: an interface that is gone', async (t) => {
  const { rt, ns } = fresh(t);
  ns.exec('ip', 'link', 'add', 'e0', 'index', '70', 'type', 'veth', 'peer', 'name', 'e1');
  await using events = rt.monitor({ netconfs: true });
  ns.exec('ip', 'link', 'delete', 'e0');
  const read = await until(
    events,
    (event) =>
      event.type === 'netconfs' && event.value.ifindex === 70 && event.value.family === 'inet6',
  );
  t.like(read.at(-1), { action: 'del' });
});
