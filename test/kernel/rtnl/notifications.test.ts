/** Notifications of the running kernel: which objects they are about. */
import test from 'ava';
import type { MonitorEvent, ObjectEvent } from '../../../src/rtnl/monitor/object-monitor.ts';
import { MONITORED } from '../../../src/rtnl/monitor/events.ts';
import { eventually } from '../../harness/eventually.ts';
import { fresh } from '../../harness/fresh.ts';
import { needs } from '../../harness/needs.ts';
import { until } from '../../harness/until.ts';

test('notifications: a kernel without the module of a type has no objects of it', async (t) => {
  const { rt } = fresh(t);
  const what = Object.fromEntries(Object.keys(MONITORED).map((type) => [type, true]));
  await using events = rt.monitor(what, { initial: true });
  const read = await until(events, ({ type }) => type === 'synced');
  t.true(read.some(({ type }) => type === 'links'));
  t.false(read.some(({ type }) => type === 'vniFilters' || type === 'vlans'));
});

type RouteEvent = ObjectEvent & { type: 'routes' };

const isDeletion = (event: MonitorEvent): boolean => 'action' in event && event.action === 'del';

needs('mpls')('notifications: routes of labels come and go', async (t) => {
  const { rt, ns } = fresh(t);
  ns.exec('sh', '-c', 'echo 1000 > /proc/sys/net/mpls/platform_labels');
  await using events = rt.monitor({ routes: true });
  ns.exec('ip', '-f', 'mpls', 'route', 'add', '100', 'via', 'inet', '127.0.0.2');
  ns.exec('ip', '-f', 'mpls', 'route', 'del', '100');
  const read = await until(events, isDeletion);
  t.deepEqual(
    (read as RouteEvent[]).map(({ action, value }) => [action, value.dst]),
    [
      ['new', '100'],
      ['del', '100'],
    ],
  );
});

needs('vxlan')(
  'notifications: a neighbour that a VXLAN device misses is not a new one',
  async (t) => {
    const { rt, ns } = fresh(t);
    const data = { id: 9, port: 4789, learning: false, l2miss: true, l3miss: true };
    rt.links.add({ ifname: 'vx0', kind: 'vxlan', data, flags: ['up'] });
    rt.addrs.add({ dev: 'vx0', local: '192.0.2.1/24' });
    const lladdr = '02:00:00:00:00:42';
    rt.neighs.add({ dev: 'vx0', dst: '192.0.2.2', lladdr });
    await using events = rt.monitor({ neighs: true }, { resync: true });
    ns.exec('bash', '-c', 'echo > /dev/udp/192.0.2.2/9');
    const wanted = (event: MonitorEvent): boolean =>
      (event.type === 'neighs' || event.type === 'miss') && event.value.lladdr === lladdr;
    const [event] = (await until(events, wanted)).slice(-1);
    const { index } = rt.links.get('vx0');
    t.like(event, { type: 'miss', value: { ifindex: index, lladdr, state: ['stale'] } });
  },
);

test('notifications: a bucket that moves to another next hop is not a new next hop', async (t) => {
  const { rt, ns } = fresh(t);
  const via = (id: number): string[] => ['via', `127.0.0.${id}`, 'dev', 'lo'];
  for (const id of [1, 2]) ns.exec('ip', 'nexthop', 'add', 'id', `${id}`, ...via(id));
  const group = (members: string): string =>
    ns.exec(
      ...(['ip', 'nexthop', 'replace', 'id', '5', 'group', members] as const),
      ...['type', 'resilient', 'buckets', '8', 'idle_timer', '1'],
    );
  group('1/2');
  rt.routes.add({ dst: '198.51.100.0/24', nhId: 5 });
  // Buckets in use move later, and one by one.
  for (let i = 0; i < 256; i++) rt.routes.get(`198.51.100.${i}`);
  await using events = rt.monitor({ nexthops: true });
  group('1,3/2');
  const shares = (): number =>
    ns
      .ip<{ bucket: { nhid: number } }[]>('nexthop', 'bucket', 'show', 'id', '5')
      .filter(({ bucket }) => bucket.nhid === 1).length;
  t.is(
    eventually(shares, (count) => count === 6),
    6,
  );
  rt.nexthops.delete(2);
  const read = await until(events, isDeletion);
  t.deepEqual(
    read.map((event) => event.type === 'nexthops' && [event.action, event.value.id]),
    [
      ['new', 5],
      ['del', 2],
    ],
  );
});
