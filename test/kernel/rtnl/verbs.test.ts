/** Verbs, held against what `ip` and `bridge` say afterwards. */
import test, { type ExecutionContext } from 'ava';
import { NetlinkError } from '../../../src/errors.ts';
import type { LinkObject } from '../../../src/rtnl/link/verbs.ts';
import { open, type Rtnl } from '../../../src/rtnl/open.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

function fresh(t: ExecutionContext): { rt: Rtnl; ns: Namespace } {
  const ns = freshNamespace(t);
  const rt = open({ netns: ns.path });
  t.teardown(() => rt.close());
  return { rt, ns };
}

/** With a dummy `d0` that has an address in each family. */
function withInterface(t: ExecutionContext): { rt: Rtnl; ns: Namespace } {
  const made = fresh(t);
  made.rt.links.add({ ifname: 'd0', kind: 'dummy', flags: ['up'] });
  made.rt.addrs.add({ dev: 'd0', local: '192.0.2.1/24' });
  made.rt.addrs.add({ dev: 'd0', local: '2001:db8::1/64', flags: ['nodad'] });
  return made;
}

const pick = (rows: readonly Row[], ...keys: readonly string[]): unknown[][] =>
  rows.map((row) => keys.map((key) => row[key]));

const head = ({ family, type, index, flags, change }: LinkObject) => ({
  family,
  type,
  index,
  flags,
  change,
});

const code = (t: ExecutionContext, act: () => unknown): string | undefined =>
  t.throws(act, { instanceOf: NetlinkError })?.code;

needs('bridge', 'veth')('links: a bridge and its port by name', (t) => {
  const { rt, ns } = fresh(t);
  rt.links.add({ ifname: 'br0', kind: 'bridge', data: { forwardDelay: 200 }, flags: ['up'] });
  const peer = { ifname: 'v1' };
  rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer } });
  rt.links.set('v0', { master: 'br0', mtu: 1400 });
  rt.links.set('v0', { slaveKind: 'bridge', slaveData: { cost: 7 } });
  rt.links.up('v0');
  const [row] = ns.ip<Row[]>('-d', 'link', 'show', 'v0');
  t.like(row, { master: 'br0', mtu: 1400 });
  t.like(row!['linkinfo'], { info_slave_data: { cost: 7 } });
  t.true((row!['flags'] as string[]).includes('UP'));
  t.deepEqual(
    rt.links.list({ master: 'br0' }).map(({ ifname }) => ifname),
    ['v0'],
  );
  t.deepEqual(
    rt.links.list({ kind: 'bridge' }).map(({ ifname }) => ifname),
    ['br0'],
  );
  const [port] = rt.links.list({
    master: 'br0',
    only: ['ifname', 'slaveKind', 'slaveData', 'stats64'],
  });
  t.is(port!.slaveKind === 'bridge' ? port!.slaveData?.cost : undefined, 7);
  t.is(typeof port!.stats64?.rxBytes, 'bigint');
  // @ts-expect-error: was not asked for
  t.is(port!.mtu, undefined);
  t.deepEqual(
    [...rt.links.dump({ master: 'br0', only: ['mtu'] })],
    [{ ...head(rt.links.get('v0')), mtu: 1400 }],
  );
  rt.links.down('v0');
  rt.links.set('v0', { master: 0 });
  t.false(rt.links.get('v0').flags.includes('up'));
  t.is(rt.links.get('v0').master, undefined);
  rt.links.rename('v0', 'w0');
  rt.links.delete('w0');
  t.is(rt.links.find('w0'), undefined);
  t.is(
    code(t, () => rt.links.delete('w0')),
    'ENODEV',
  );
});

needs('dummy', 'ipv6')('links: IPv6 counters come when they are asked for', (t) => {
  const { rt } = withInterface(t);
  t.is(rt.links.get('d0').afSpec?.inet6?.stats, undefined);
  t.is(rt.links.list()[1]!.afSpec?.inet6?.stats, undefined);
  const [, counted] = rt.links.list({ stats: true });
  t.is(typeof counted!.afSpec?.inet6?.stats?.[0], 'bigint');
  t.is(typeof counted!.stats64?.rxPackets, 'bigint');
});

needs('dummy')('links: alternative names are as good as the first', (t) => {
  const { rt, ns } = withInterface(t);
  rt.links.addAltNames('d0', 'uplink', 'a-name-longer-than-fifteen-bytes');
  t.deepEqual(ns.ip<Row[]>('link', 'show', 'uplink')[0]!['altnames'], [
    'uplink',
    'a-name-longer-than-fifteen-bytes',
  ]);
  rt.links.set('a-name-longer-than-fifteen-bytes', { mtu: 1300 });
  t.is(rt.links.get('uplink').mtu, 1300);
  rt.addrs.add({ dev: 'uplink', local: '198.51.100.1/24' });
  rt.links.deleteAltNames('d0', 'uplink');
  t.is(rt.links.find('uplink'), undefined);
});

needs('veth')('links: undefined leaves a value as it is, zero is zero', (t) => {
  const { rt } = fresh(t);
  rt.links.add({ ifname: 'v0', kind: 'veth', txqlen: 5, group: 3, mtu: undefined });
  t.like(rt.links.get('v0'), { txqlen: 5, group: 3, mtu: 1500 });
  rt.links.set('v0', { txqlen: 0, group: undefined });
  t.like(rt.links.get('v0'), { txqlen: 0, group: 3 });
  rt.links.set('v0', { group: 0 });
  t.is(rt.links.get('v0').group, 0);
});

needs('dummy')('links: a complete group goes at once', (t) => {
  const { rt } = fresh(t);
  rt.batch((b) => {
    for (let i = 0; i < 20; i++) b.links.add({ ifname: `d${i}`, kind: 'dummy', group: 7 });
  });
  t.is(rt.links.list().length, 21);
  rt.links.deleteGroup(7);
  t.is(rt.links.list().length, 1);
});

needs('bridge', 'dummy')(
  'links: ensure makes, changes what differs, and then does nothing',
  (t) => {
    const { rt, ns } = fresh(t);
    const bridge = {
      ifname: 'br0',
      kind: 'bridge',
      address: '02:00:00:00:00:AA',
      data: { forwardDelay: 200, ageingTime: 0 },
      flags: ['up'],
    } as const;
    t.true(rt.links.ensure(bridge).created);
    t.false(rt.links.ensure(bridge).created);
    t.like(ns.ip<Row[]>('link', 'show', 'br0')[0], { address: '02:00:00:00:00:aa' });
    const { links } = rt;
    rt.links.ensure({ ...bridge, mtu: 1400, data: { forwardDelay: 300 } });
    t.like(links.get('br0'), { mtu: 1400, kind: 'bridge' });
    t.like(links.get('br0').data, { forwardDelay: 300, ageingTime: 0 });
    rt.links.ensure({ ifname: 'd0', kind: 'dummy', master: 'br0' });
    t.is(rt.links.get('d0').master, links.get('br0').index);
    const port = {
      ifname: 'd1',
      kind: 'dummy',
      master: 'br0',
      slaveKind: 'bridge',
      slaveData: { cost: 7 },
    } as const;
    rt.links.ensure(port);
    t.like(links.get('d1').slaveData, { cost: 7 });
    rt.links.set('d1', { master: 0 });
    rt.links.ensure(port);
    t.like(links.get('d1').slaveData, { cost: 7 });
    t.is(
      code(t, () => rt.links.ensure({ ifname: 'br0', kind: 'dummy' })),
      'EEXIST',
    );
  },
);

needs('bridge')('links: ensure sends nothing when nothing differs', async (t) => {
  const { rt } = fresh(t);
  const spec = { ifname: 'br0', kind: 'bridge', mtu: 1400, flags: ['up'] } as const;
  rt.links.ensure(spec);
  await using events = rt.monitor({ links: true });
  rt.links.ensure(spec);
  rt.links.ensure({ ...spec, data: { stpState: 0 } });
  rt.links.set('lo', { flags: ['up'] });
  const { value } = await events.next();
  t.is(value?.type === 'links' && value.value.ifname, 'lo');
});

needs('dummy')('addrs: set, replaced, ensured and removed', (t) => {
  const { rt, ns } = withInterface(t);
  t.is(
    code(t, () => rt.addrs.add({ dev: 'd0', local: '192.0.2.1/24' })),
    'EEXIST',
  );
  t.false(rt.addrs.ensure({ dev: 'd0', local: '192.0.2.1/24' }).created);
  t.true(rt.addrs.ensure({ dev: 'd0', local: '192.0.2.2/24' }).created);
  rt.addrs.replace({ dev: 'd0', local: '192.0.2.2/24', cacheinfo: { valid: 600, prefered: 300 } });
  const [row] = ns.ip<{ addr_info: Row[] }[]>('-4', 'addr', 'show', 'd0');
  t.deepEqual(pick(row!.addr_info, 'local', 'prefixlen'), [
    ['192.0.2.1', 24],
    ['192.0.2.2', 24],
  ]);
  t.true((row!.addr_info[1]!['valid_life_time'] as number) <= 600);
  t.deepEqual(
    rt.addrs.list({ dev: 'd0', family: 'inet6' }).map(({ local, scope }) => [local, scope])[0],
    ['2001:db8::1/64', 'global'],
  );
  rt.addrs.delete({ dev: 'd0', local: '192.0.2.2/24' });
  t.is(
    code(t, () => rt.addrs.delete({ dev: 'd0', local: '192.0.2.2/24' })),
    'EADDRNOTAVAIL',
  );
});

needs('dummy')('routes: by filter, by lookup, ensured and replaced', (t) => {
  const { rt, ns } = withInterface(t);
  rt.routes.add({ dst: 'default', gateway: '192.0.2.9' });
  t.is(
    code(t, () => rt.routes.add({ dst: 'default', gateway: '192.0.2.9' })),
    'EEXIST',
  );
  t.false(rt.routes.ensure({ dst: 'default', gateway: '192.0.2.9' }).created);
  rt.routes.ensure({ dst: 'default', gateway: '192.0.2.8' });
  t.deepEqual(pick(ns.ip('route', 'show', 'default'), 'gateway', 'dev'), [['192.0.2.8', 'd0']]);
  t.true(rt.routes.ensure({ dst: '2001:db8:1::/48', gateway: '2001:db8::9' }).created);
  t.false(rt.routes.ensure({ dst: '2001:db8:1::/48', gateway: '2001:db8::9' }).created);
  t.is(ns.ip<Row[]>('-6', 'route', 'show', '2001:db8:1::/48').length, 1);
  rt.routes.add({ dst: '198.51.100.0/24', dev: 'd0', table: 1000, priority: 5 });
  t.deepEqual(
    rt.routes.list({ table: 1000 }).map(({ dst, priority }) => [dst, priority]),
    [['198.51.100.0/24', 5]],
  );
  t.is(rt.routes.list({ dev: 'd0', family: 'inet', table: 'main' }).length, 2);
  t.is(rt.routes.get('203.0.113.1').gateway, '192.0.2.8');
  t.is(rt.routes.get('203.0.113.1', { fibMatch: true }).dst, 'default');
  rt.routes.add({ dst: '203.0.113.0/24', type: 'unreachable' });
  t.is(
    code(t, () => rt.routes.get('203.0.113.1')),
    'EHOSTUNREACH',
  );
  rt.routes.delete({ dst: 'default' });
  t.is(
    code(t, () => rt.routes.get('8.8.8.8')),
    'ENETUNREACH',
  );
  t.is(
    code(t, () => rt.routes.delete({ dst: 'default' })),
    'ESRCH',
  );
});

needs('dummy')('neighs: permanent, proxy, by interface', (t) => {
  const { rt, ns } = withInterface(t);
  const spec = { dev: 'd0', dst: '192.0.2.9', lladdr: '02:00:00:00:00:09' };
  t.true(rt.neighs.ensure(spec).created);
  t.false(rt.neighs.ensure({ ...spec, lladdr: '02:00:00:00:00:0a' }).created);
  t.deepEqual(
    pick(ns.ip('neigh', 'show', 'dev', 'd0', 'nud', 'permanent'), 'dst', 'lladdr', 'state'),
    [['192.0.2.9', '02:00:00:00:00:0a', ['PERMANENT']]],
  );
  rt.neighs.add({ dev: 'd0', dst: '2001:db8::77', flags: ['proxy'] });
  t.deepEqual(
    rt.neighs.list({ proxy: true }).map(({ dst }) => dst),
    ['2001:db8::77'],
  );
  t.is(rt.neighs.get(spec).lladdr, '02:00:00:00:00:0a');
  t.is(rt.neighs.list({ dev: 'lo', family: 'inet' }).length, 0);
  rt.neighs.delete(spec);
  t.is(
    code(t, () => rt.neighs.get(spec)),
    'ENOENT',
  );
});

needs('bridge', 'veth')('fdb: of a bridge', (t) => {
  const { rt, ns } = fresh(t);
  rt.links.add({ ifname: 'br0', kind: 'bridge' });
  rt.links.add({ ifname: 'v0', kind: 'veth', master: 'br0' });
  const lladdr = '02:00:00:00:00:09';
  const spec = { dev: 'v0', lladdr, flags: ['master'], state: ['noarp'] } as const;
  t.true(rt.fdb.ensure(spec).created);
  t.false(rt.fdb.ensure(spec).created);
  const rows = ns.bridge<Row[]>('fdb', 'show', 'dev', 'v0').filter((row) => row['mac'] === lladdr);
  t.true(rows.length > 0);
  t.is(rows[0]!['state'], 'static');
  t.true(rt.fdb.list({ master: 'br0' }).some((entry) => entry.lladdr === lladdr));
  rt.fdb.delete(spec);
  t.is(
    code(t, () => rt.fdb.delete(spec)),
    'ENOENT',
  );
});

test('rules: ensured once, by priority', (t) => {
  const { rt, ns } = fresh(t);
  const spec = { src: '192.0.2.0/24', fwmark: 1, table: 1000, priority: 1000 } as const;
  t.true(rt.rules.ensure(spec).created);
  t.false(rt.rules.ensure(spec).created);
  rt.rules.add({ family: 'inet6', priority: 5, action: 'prohibit' });
  rt.rules.add({ dst: '198.51.100.7/32', flags: ['invert'], priority: 7 });
  t.deepEqual(
    pick(ns.ip('rule', 'show'), 'priority', 'src', 'srclen', 'fwmark', 'table', 'not')[1],
    [7, 'all', undefined, undefined, 'main', null],
  );
  t.deepEqual(pick(ns.ip('rule', 'show', 'pref', '1000'), 'src', 'srclen', 'fwmark', 'table'), [
    ['192.0.2.0', 24, '0x1', '1000'],
  ]);
  t.deepEqual(
    rt.rules.list({ family: 'inet6' }).map(({ priority }) => priority),
    [undefined, 5, 32766],
  );
  rt.rules.delete({ priority: 1000 });
  t.is(
    code(t, () => rt.rules.delete({ priority: 1000 })),
    'ENOENT',
  );
});

needs('dummy')('nexthops: single, group, and the routes that use them', (t) => {
  const { rt, ns } = withInterface(t);
  rt.nexthops.add({ id: 1, gateway: '192.0.2.9', dev: 'd0' });
  t.true(rt.nexthops.ensure({ id: 3, gateway: '192.0.2.10', dev: 'd0' }).created);
  t.false(rt.nexthops.ensure({ id: 3, gateway: '192.0.2.11', dev: 'd0' }).created);
  rt.nexthops.add({ id: 9, group: [{ id: 1 }, { id: 3, weight: 200 }] });
  rt.links.up('lo');
  rt.nexthops.add({ id: 11, blackhole: true });
  rt.routes.add({ dst: '198.51.100.0/24', nhId: 9 });
  t.deepEqual(pick(ns.ip('nexthop'), 'id', 'gateway', 'group'), [
    [1, '192.0.2.9', undefined],
    [3, '192.0.2.11', undefined],
    [9, undefined, [{ id: 1 }, { id: 3, weight: 200 }]],
    [11, undefined, undefined],
  ]);
  t.deepEqual(rt.nexthops.get(9).group, [
    { id: 1, weight: 1 },
    { id: 3, weight: 200 },
  ]);
  t.deepEqual(
    rt.nexthops.list({ groups: true }).map(({ id }) => id),
    [9],
  );
  t.deepEqual(
    rt.nexthops.list({ dev: 'd0' }).map(({ id }) => id),
    [1, 3],
  );
  rt.nexthops.delete(9);
  t.is(ns.ip<Row[]>('route', 'show', '198.51.100.0/24').length, 0);
  t.is(
    code(t, () => rt.nexthops.get(9)),
    'ENOENT',
  );
});

needs('vlan-filtering', 'veth')(
  'vlans: of a port and of the bridge, with ranges and options',
  (t) => {
    const { rt, ns } = fresh(t);
    rt.links.add({ ifname: 'br0', kind: 'bridge', data: { vlanFiltering: true } });
    rt.links.add({ ifname: 'v0', kind: 'veth', master: 'br0' });
    rt.vlans.add({ dev: 'v0', vid: 10, pvid: true, untagged: true });
    rt.vlans.add({ dev: 'v0', vid: 20, last: 29 });
    rt.vlans.add({ dev: 'br0', vid: 20, self: true });
    const shown = ns.bridge<{ ifname: string; vlans: Row[] }[]>('-compressvlans', 'vlan');
    t.deepEqual(shown.find(({ ifname }) => ifname === 'v0')!.vlans, [
      { vlan: 1, flags: ['Egress Untagged'] },
      { vlan: 10, flags: ['PVID', 'Egress Untagged'] },
      { vlan: 20, vlanEnd: 29, flags: [] },
    ]);
    const { index } = rt.links.get('v0');
    t.deepEqual(
      rt.vlans.list({ dev: 'v0' }).map(({ vid, last, flags }) => [vid, last, flags]),
      [
        [1, 1, ['untagged']],
        [10, 10, ['pvid', 'untagged']],
        [20, 29, []],
      ],
    );
    t.true(rt.vlans.list().some((vlan) => vlan.index !== index && vlan.vid === 20));
    rt.vlans.delete({ dev: 'v0', vid: 20, last: 25 });
    t.deepEqual(
      rt.vlans
        .list({ dev: 'v0' })
        .map(({ vid, last }) => [vid, last])
        .at(-1),
      [26, 29],
    );
    rt.vlans.set({ dev: 'v0', vid: 10, state: 'blocking' });
    t.is(rt.vlans.list({ dev: 'v0' }).find(({ vid }) => vid === 10)?.state, 'blocking');
  },
);

needs('bridge', 'veth')('mdb: a group on a port', (t) => {
  const { rt, ns } = fresh(t);
  rt.links.add({ ifname: 'br0', kind: 'bridge', flags: ['up'] });
  rt.links.add({ ifname: 'v0', kind: 'veth', master: 'br0', flags: ['up'] });
  rt.links.up('veth0');
  const spec = { dev: 'br0', port: 'v0', group: '239.1.1.1' };
  t.true(rt.mdb.ensure(spec).created);
  t.false(rt.mdb.ensure(spec).created);
  const [shown] = ns.bridge<{ mdb: Row[] }[]>('mdb', 'show');
  t.true(shown!.mdb.some((row) => row['grp'] === '239.1.1.1' && row['port'] === 'v0'));
  const found = rt.mdb.list({ dev: 'br0' }).find(({ group }) => group === '239.1.1.1');
  t.is(found?.state, 'permanent');
  rt.mdb.delete(spec);
  t.false(rt.mdb.list().some(({ group }) => group === '239.1.1.1'));
});

needs('dummy')('batch: the same verbs, sent at once, names of links of the batch included', (t) => {
  const { rt, ns } = fresh(t);
  const answers = rt.batch((b) => {
    b.links.add({ ifname: 'd0', index: 77, kind: 'dummy', flags: ['up'] });
    b.addrs.add({ dev: 'd0', local: '192.0.2.1/24' });
    b.addrs.add({ dev: 'd0', local: '192.0.2.1/24' });
    b.routes.add({ dst: '198.51.100.0/24', gateway: '192.0.2.9', dev: 'd0' });
  });
  t.deepEqual(
    answers.map(({ error }) => error?.code),
    [undefined, undefined, 'EEXIST', undefined],
  );
  t.is(answers[2]!.error!.index, 2);
  t.is(ns.ip<Row[]>('route', 'show', '198.51.100.0/24')[0]!['dev'], 'd0');
  t.is(
    code(t, () => rt.batch((b) => b.links.set('d0', { master: 'none' }))),
    'ENODEV',
  );
});

test('routes: metric is the word of ip-route(8) for the priority', (t) => {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path });
  rt.links.up('lo');
  rt.routes.add({ dst: '198.51.100.0/24', dev: 'lo', metric: 7 });
  rt.routes.add({ dst: '198.51.100.0/24', dev: 'lo', metric: 8, priority: 8 });
  t.false(rt.routes.ensure({ dst: '198.51.100.0/24', dev: 'lo', metric: 7 }).created);
  const metrics = ns.ip<{ metric: number }[]>('route', 'show', '198.51.100.0/24');
  t.deepEqual(
    metrics.map(({ metric }) => metric),
    [7, 8],
  );
  t.throws(() => rt.routes.add({ dst: '198.51.100.0/24', dev: 'lo', metric: 1, priority: 2 }), {
    message: 'metric 1 and priority 2: both mean the metric, give one',
  });
  rt.routes.delete({ dst: '198.51.100.0/24', dev: 'lo', metric: 7 });
  const left = rt.routes.dump({ table: 'main' }).filter(({ dst }) => dst === '198.51.100.0/24');
  t.deepEqual(
    left
      .map(({ priority }) => priority)
      .take(3)
      .toArray(),
    [8],
  );
  t.is(rt.links.list().length, 1);
});
