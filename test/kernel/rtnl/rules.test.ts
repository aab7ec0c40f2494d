/**
 * Rules, namespace ids, VLANs and groups of bridges, and forwarding switches: the same bytes again,
 * and what ip and bridge say as JSON.
 */
import test from 'ava';
import type { Mdb } from '../../../src/rtnl/mdb/message.ts';
import type { Nsid } from '../../../src/rtnl/nsid/message.ts';
import type { Rule } from '../../../src/rtnl/rule/message.ts';
import type { Vlan } from '../../../src/rtnl/vlan/message.ts';
import { agree, dump, namesIn, prepared } from '../../harness/live-dump.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const PAIR = ['ip link add e0 type veth peer name e1'];

const RULES = [
  'ip rule add from 192.0.2.0/24 to 10.0.0.0/8 iif e0 oif e1 fwmark 1/0xff lookup 1000 pref 100 ipproto tcp sport 1-2 dport 3 uidrange 0-5 protocol static suppress_prefixlength 0 suppress_ifgroup 5 tos 0x10',
  'ip rule add goto 200 pref 150',
  'ip rule add nop pref 200',
  'ip rule add tun_id 5 lookup 100 pref 300',
  'ip rule add not from 192.0.2.0/24 blackhole pref 306',
  'ip rule add to 198.51.100.7 unreachable pref 307',
  'ip -6 rule add from 2001:db8::/32 prohibit pref 307',
];

const BRIDGE = [
  'ip link add br0 type bridge vlan_filtering 1 mcast_snooping 1',
  'ip link set e0 addrgenmode none master br0 up',
  'ip link set e1 addrgenmode none up',
  'ip link set br0 addrgenmode none up',
  'bridge vlan add dev e0 vid 10-12',
];

const GROUPS = [
  'bridge mdb add dev br0 port e0 grp 239.1.1.1 permanent vid 10',
  'bridge mdb add dev br0 port e0 grp ff05::1 permanent vid 11',
  'bridge mdb add dev br0 port e0 grp 239.1.1.2 src 192.0.2.77 permanent vid 12',
];

const hex = (number: number | undefined): string => `0x${(number ?? 0).toString(16)}`;

function ruleWords({ srcLen, dstLen, tos, action, flags, table, attrs }: Rule): Row {
  const { sportRange, dportRange, uidRange, suppressIfgroup } = attrs;
  return {
    priority: attrs.priority ?? 0,
    not: flags.includes('invert') ? null : undefined,
    src: attrs.src ?? 'all',
    srclen: srcLen,
    dst: attrs.dst,
    dstlen: dstLen,
    tos: hex(tos),
    fwmark: hex(attrs.fwmark),
    fwmask: hex(attrs.fwmask),
    iif: attrs.iifname,
    oif: attrs.oifname,
    uid_start: uidRange?.start,
    uid_end: uidRange?.end,
    ipproto: attrs.ipProto,
    sport_start: sportRange?.start,
    sport_end: sportRange?.end,
    dport: dportRange?.start,
    tun_id: attrs.tunId === undefined ? undefined : Number(attrs.tunId),
    table: String(attrs.table ?? table),
    suppress_prefixlen: attrs.suppressPrefixlen,
    suppress_ifgroup: suppressIfgroup === undefined ? undefined : String(suppressIfgroup),
    goto: attrs.goto,
    nop: action === 'nop' ? null : undefined,
    action,
    protocol: attrs.protocol,
  };
}

test('rules: ip -j rule says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...PAIR, ...RULES);
  for (const [family, option] of [
    ['inet', '-4'],
    ['inet6', '-6'],
  ] as const) {
    const rules = dump<Rule>(t, here, 'RTM_GETRULE', { family });
    agree(t, rules.map(ruleWords), here.ip('-d', option, 'rule'));
  }
});

test('nsids: ip -j netns list-id says the same, and the bytes come back', (t) => {
  const [here, peer] = [freshNamespace(t), freshNamespace(t)];
  here.exec('ip', 'netns', 'set', peer.name, '5');
  const ids = dump<Nsid>(t, here, 'RTM_GETNSID', {});
  const theirs = here.ip('netns', 'list-id').map(({ nsid }) => ({ nsid }));
  agree(
    t,
    ids.map(({ attrs }) => ({ nsid: attrs.nsid })),
    theirs,
  );
  t.deepEqual(theirs, [{ nsid: 5 }]);
});

const FLAGS = { pvid: 'PVID', untagged: 'Egress Untagged' } as const;

function vlanWords({
  info,
  range,
  state,
  mcastRouter,
}: NonNullable<Vlan['attrs']['entry']>[0]): Row {
  const flags = (info?.flags ?? []).map((flag) => FLAGS[flag as keyof typeof FLAGS]);
  return { vlan: info?.vid, vlanEnd: range, flags, state, mcast_router: mcastRouter };
}

needs('vlan-filtering')('vlans: bridge -d -j vlan says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...PAIR, ...BRIDGE, 'bridge vlan set dev e0 vid 11 state blocking');
  const names = namesIn(here);
  const links = dump<Vlan>(t, here, 'RTM_GETVLAN', { family: 'bridge' });
  const rows = here.bridge('-d', '-c', 'vlan', 'show');
  t.deepEqual(
    links.map(({ ifindex }) => names.get(ifindex)),
    rows.map(({ ifname }) => ifname as string),
  );
  for (const [i, { vlans }] of rows.entries()) {
    agree(t, links[i]!.attrs.entry!.map(vlanWords), vlans as Row[]);
  }
  const [global] = dump<Vlan>(t, here, 'RTM_GETVLAN', {
    family: 'bridge',
    attrs: { flags: ['global'] },
  });
  const [{ vlans } = { vlans: [] }] = here.bridge('-d', '-c', 'vlan', 'global', 'show');
  const ours = global!.attrs.globalOptions!.map((each) => ({
    vlan: each.id,
    vlanEnd: each.range,
    mcast_snooping: Number(each.mcastSnooping),
    mcast_querier: Number(each.mcastQuerier),
    mcast_igmp_version: each.mcastIgmpVersion,
    mcast_mld_version: each.mcastMldVersion,
    mcast_last_member_count: each.mcastLastMemberCnt,
    mcast_last_member_interval: Number(each.mcastLastMemberIntvl),
    mcast_startup_query_count: each.mcastStartupQueryCnt,
    mcast_startup_query_interval: Number(each.mcastStartupQueryIntvl),
    mcast_membership_interval: Number(each.mcastMembershipIntvl),
    mcast_querier_interval: Number(each.mcastQuerierIntvl),
    mcast_query_interval: Number(each.mcastQueryIntvl),
    mcast_query_response_interval: Number(each.mcastQueryResponseIntvl),
  }));
  agree(t, ours, vlans as Row[]);
});

needs('vlan-filtering')('mdb: bridge -d -j mdb says the same, and the bytes come back', (t) => {
  const here = prepared(t, ...PAIR, ...BRIDGE, ...GROUPS, 'bridge link set dev e0 mcast_router 2');
  const names = namesIn(here);
  const bridges = dump<Mdb>(t, here, 'RTM_GETMDB', { family: 'bridge' });
  const [{ mdb, router } = { mdb: [], router: {} }] = here.bridge('-d', 'mdb', 'show');
  const entries = bridges.flatMap(({ ifindex, attrs }) =>
    (attrs.mdb?.entry ?? [])
      .flatMap(({ info = [] }) => info)
      .map((each) => ({
        index: ifindex,
        dev: names.get(ifindex),
        port: names.get(each.ifindex),
        grp: each.addr,
        src: each.attrs.source,
        state: each.state,
        protocol: each.attrs.rtprot,
        flags: each.flags,
        vid: each.vid,
      })),
  );
  // The kernel's own come and go while the ports come up.
  const isAsked = ({ state }: { state?: unknown }): boolean => state === 'permanent';
  agree(t, entries.filter(isAsked), (mdb as Row[]).filter(isAsked));
  const routers = bridges.flatMap(({ attrs }) => attrs.router?.port ?? []);
  agree(
    t,
    routers.map(({ ifindex }) => ({ port: names.get(ifindex) })),
    (router as { br0: Row[] }).br0,
  );
});
