/** The VNIs of VXLAN links, held against bridge(8): before and after our verbs. */
import { CodecError, NetlinkError } from '../../../src/errors.ts';
import { open, type Rtnl } from '../../../src/rtnl/open.ts';
import type { VniFilter } from '../../../src/rtnl/vni-filter/message.ts';
import { dump } from '../../harness/live-dump.ts';
import {
  freshNamespace,
  type Namespace,
  type Row,
  type Teardown,
} from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

/** A namespace with a VXLAN link for each family, and a connection to it. */
function withVxlans(t: Teardown): { readonly ns: Namespace; readonly rt: Rtnl } {
  const ns = freshNamespace(t);
  ns.exec('ip', 'link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'e1');
  for (const [name, port, local] of [
    ['vx4', '4789', '192.0.2.1'],
    ['vx6', '4790', '2001:db8::1'],
  ] as const) {
    const underlay = ['dstport', port, 'local', local, 'dev', 'e0'];
    ns.exec(
      ...(['ip', 'link', 'add', name, 'type', 'vxlan', 'external', 'vnifilter'] as const),
      ...underlay,
    );
  }
  const rt = open({ netns: ns.path });
  t.teardown(() => rt.close());
  return { ns, rt };
}

const theirs = (ns: Namespace): Row[] => ns.bridge('vni', 'show');

/** Our list as bridge(8) prints it. */
function ours(rt: Rtnl): Row[] {
  const rows = new Map<number, Row[]>();
  for (const { ifindex, vni, vniEnd, group } of rt.vniFilters.list()) {
    const isMulticast = group !== undefined && /^(239|ff)/.test(group);
    const row = {
      vni,
      ...(vniEnd === vni ? {} : { vniEnd }),
      ...(group === undefined ? {} : { [isMulticast ? 'group' : 'remote']: group }),
    };
    rows.set(ifindex, [...(rows.get(ifindex) ?? []), row]);
  }
  return [...rows].map(([index, vnis]) => ({ ifname: rt.links.get(index).ifname, vnis }));
}

needs('vxlan', 'veth')('VNI filters: bridge -j vni says the same as we do and have set', (t) => {
  const { ns, rt } = withVxlans(t);
  for (const command of [
    'bridge vni add vni 100-102 group 239.1.1.1 dev vx4',
    'bridge vni add vni 5 remote 192.0.2.9 dev vx4',
    'bridge vni add vni 5 remote 2001:db8::9 dev vx6',
  ]) {
    ns.exec(...(command.split(' ') as [string, ...string[]]));
  }
  t.is(theirs(ns).length, 2);
  t.deepEqual(ours(rt), theirs(ns));
  dump<VniFilter>(t, ns, 'RTM_GETTUNNEL', { family: 'bridge' });

  const { vniFilters } = rt;
  vniFilters.add({ dev: 'vx4', vni: 200, vniEnd: 203 });
  vniFilters.add({ dev: 'vx6', vni: 6, group: 'ff05::2' });
  t.deepEqual(theirs(ns)[1]?.['vnis'], [
    { vni: 5, remote: '2001:db8::9' },
    { vni: 6, group: 'ff05::2' },
  ]);
  t.deepEqual(ours(rt), theirs(ns));
  // What is listed can be deleted and added.
  const listed = vniFilters.list({ dev: 'vx4' });
  const before = theirs(ns);
  rt.batch((b) => listed.forEach((each) => b.vniFilters.delete(each)));
  t.deepEqual(vniFilters.list({ dev: 'vx4' }), []);
  rt.batch((b) => listed.forEach((each) => b.vniFilters.add(each)));
  t.deepEqual(theirs(ns), before);
});

needs('vxlan', 'veth')('VNI filters: with counters each VNI is listed by itself', (t) => {
  const { rt } = withVxlans(t);
  rt.vniFilters.add({ dev: 'vx4', vni: 0, vniEnd: 1 });
  const [first, second, ...rest] = rt.vniFilters.list({ dev: 'vx4', stats: true });
  t.deepEqual(rest, []);
  t.like(first, { vni: 0, vniEnd: 0, stats: { rxPkts: 0n } });
  t.like(second, { vni: 1, vniEnd: 1, stats: { txBytes: 0n } });
});

needs('vxlan', 'veth')('VNI filters: events, one for each VNI', async (t) => {
  const { rt } = withVxlans(t);
  rt.vniFilters.add({ dev: 'vx4', vni: 7, vniEnd: 8, group: '239.1.1.1' });
  const { index: ifindex } = rt.links.get('vx4');
  const events: unknown[] = [];
  for await (const event of rt.monitor({ vniFilters: true }, { initial: true })) {
    events.push(event);
    if (event.type === 'synced') {
      rt.vniFilters.add({ dev: 'vx4', vni: 9 });
      rt.vniFilters.delete({ dev: 'vx4', vni: 7 });
    }
    if (events.length === 5) break;
  }
  const group = '239.1.1.1';
  const told = (action: 'new' | 'del', vni: number, rest = {}) => ({
    ...{ type: 'vniFilters', action },
    value: { ifindex, vni, vniEnd: vni, ...rest },
  });
  t.deepEqual(events, [
    told('new', 7, { group }),
    told('new', 8, { group }),
    { type: 'synced' },
    told('new', 9),
    told('del', 7, { group }),
  ]);
});

needs('vxlan', 'veth')('VNI filters: what cannot be one is named before it is sent', (t) => {
  const { rt } = withVxlans(t);
  const vniFilters = rt.vniFilters as any;
  for (const [spec, message] of [
    [{}, /vni must be 0 to 16777215, not undefined/],
    [{ vni: '5' }, /vni must be 0 to 16777215, not "5"/],
    [{ vni: -1 }, /vni must be/],
    [{ vni: 1.5 }, /vni must be/],
    [{ vni: 0x1000000 }, /vni must be 0 to 16777215, not 16777216/],
    [{ vni: 50, vniEnd: 40 }, /vniEnd must be 50 to 16777215, not 40/],
    [{ vni: 50, vniEnd: null }, /vniEnd must be 50 to/],
    [{ vni: 50, vniEnd: 0x1000000 }, /vniEnd must be/],
    [{ vni: 50, group: 5 }, /5 is not an address/],
    [{ vni: 50, group: 'x' }, /VXLAN_VNIFILTER_ENTRY_GROUP/],
    [{ vni: 50, group: 'x:' }, /VXLAN_VNIFILTER_ENTRY_GROUP6/],
    [{ vni: 50, dev: {} }, /is not the name or index of a link/],
  ] as const) {
    const add = () => vniFilters.add({ dev: 'vx4', ...spec });
    t.throws(add, { instanceOf: CodecError, message });
  }
  t.deepEqual(vniFilters.list(), []);
  const refused = { instanceOf: NetlinkError, code: 'EINVAL' };
  const error = t.throws(() => vniFilters.add({ dev: 'e0', vni: 5, vniEnd: 6 }), refused);
  t.regex(error.message, /VNIs 5-6.*not a vxlan device/i);
  t.throws(() => vniFilters.delete({ dev: 'vx4', vni: 5 }), { code: 'ENOENT', message: /VNI 5/ });
});
