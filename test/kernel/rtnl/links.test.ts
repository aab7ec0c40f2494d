/**
 * Links of every kind as the running kernel reports them, held against `ip -d -j link` and against
 * their own bytes.
 */
import test, { type ExecutionContext } from 'ava';
import { existsSync, writeFileSync } from 'node:fs';
import { decode, encode } from '../../../src/netlink/codec/frame.ts';
import type { BridgeLink, Link } from '../../../src/rtnl/link/message.ts';
import { rtnetlink } from '../../../src/rtnl/rtnetlink.ts';
import { type Feature, skipLine } from '../../harness/features.ts';
import { linkInIpWords } from '../../harness/ip-words.ts';
import {
  createNamespace,
  freshNamespace,
  type Namespace,
  type Row,
} from '../../harness/namespace.ts';
import { program } from '../../harness/program.ts';
import { rawDump } from '../../harness/raw-dump.ts';
import { steady } from '../../harness/steady.ts';

/*
 * User-mode Linux loads modules when it is told to. Fallback tunnels in each new namespace would
 * disturb other tests.
 */
const MODULES =
  'bonding vxlan vrf geneve macvtap ipvtap ifb ip_gre ip6_gre ip6_tunnel ipip sit ip_vti macsec hsr tun vcan vxcan gtp batman-adv';
if (existsSync('/run/kernel/lib/modules')) {
  writeFileSync('/proc/sys/net/core/fb_tunnels_only_for_init_net', '2');
  program('modprobe', '--dirname', '/run/kernel', '-a', ...MODULES.split(' '));
}

const PAIR = 'ip link add v0 type veth peer name v1';
const BRIDGE = 'ip link add br0 type bridge';

/** By kind: the commands that make one, named `x0` where it is not a master. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  bridge: [BRIDGE, PAIR, 'ip link set v0 master br0', 'ip link set br0 mtu 1400'],
  'bridge with VLANs': [
    `${BRIDGE} vlan_filtering 1 vlan_protocol 802.1ad vlan_stats_enabled 1 mcast_querier 1 no_linklocal_learn 1`,
    PAIR,
    'ip link set v0 master br0',
    'ip link set v0 type bridge_slave hairpin on isolated on cost 7',
    'bridge vlan add dev v0 vid 10 pvid untagged',
    'bridge vlan add dev v0 vid 20-29',
  ],
  'veth between namespaces': ['ip link add v0 type veth peer name v1 netns $PEER'],
  'names, alias and group': [
    PAIR,
    'ip link property add dev v0 altname uplink altname other-name',
    'ip link set v0 alias "to the world" group 5 promisc on',
  ],
  vlan: [
    PAIR,
    'ip link add link v0 name x0 type vlan id 10 gvrp on ingress-qos-map 1:2 3:4 egress-qos-map 5:6',
  ],
  macvlan: [PAIR, 'ip link add link v0 name x0 type macvlan mode bridge'],
  'macvlan by source': [
    PAIR,
    'ip link add link v0 name x0 type macvlan mode source',
    'ip link set x0 type macvlan macaddr set 02:00:00:00:00:98',
  ],
  macvtap: [PAIR, 'ip link add link v0 name x0 type macvtap mode vepa'],
  ipvlan: [PAIR, 'ip link add link v0 name x0 type ipvlan mode l3s vepa'],
  ipvtap: [PAIR, 'ip link add link v0 name x0 type ipvtap mode l2 private'],
  vxlan: [
    PAIR,
    'ip link add x0 type vxlan id 42 remote 192.0.2.2 local 192.0.2.1 dev v0 ttl 5 df set dstport 4789 srcport 32768 61000 nolearning proxy gbp',
  ],
  'vxlan over IPv6': [
    'ip link add x0 type vxlan id 43 remote 2001:db8::2 local 2001:db8::1 dstport 4789',
  ],
  vrf: ['ip link add x0 type vrf table 10', PAIR, 'ip link set v0 master x0'],
  dummy: ['ip link add x0 type dummy'],
  ifb: ['ip link add x0 type ifb'],
  bond: [
    'ip link add x0 type bond mode 802.3ad miimon 100 xmit_hash_policy layer3+4',
    PAIR,
    'ip link set v0 master x0',
  ],
  geneve: ['ip link add x0 type geneve id 42 remote 192.0.2.2 ttl 5 df set'],
  gre: ['ip link add x0 type gre remote 192.0.2.2 local 192.0.2.1 ttl 5 key 7'],
  gretap: ['ip link add x0 type gretap remote 192.0.2.2'],
  erspan: ['ip link add x0 type erspan remote 192.0.2.2 seq key 7 erspan_ver 1 erspan 123'],
  ip6gre: ['ip link add x0 type ip6gre remote 2001:db8::2 local 2001:db8::1 key 7'],
  ipip: ['ip link add x0 type ipip remote 192.0.2.2 local 192.0.2.1 ttl 5'],
  sit: ['ip link add x0 type sit remote 192.0.2.2 local 192.0.2.1 ttl 5'],
  ip6tnl: ['ip link add x0 type ip6tnl remote 2001:db8::2 local 2001:db8::1'],
  vti: ['ip link add x0 type vti remote 192.0.2.2 local 192.0.2.1 key 7'],
  macsec: [PAIR, 'ip link add link v0 name x0 type macsec encrypt on'],
  vcan: ['ip link add x0 type vcan'],
  vxcan: ['ip link add x0 type vxcan peer name x1'],
  gtp: ['ip link add x0 type gtp role sgsn hsize 1024 restart_count 3'],
  batadv: ['ip link add x0 type batadv ra BATMAN_IV'],
  hsr: [PAIR, 'ip link add x0 type hsr slave1 v0 slave2 v1 supervision 5'],
};

/** Whether this kernel makes such links. */
function isMade(setup: readonly string[]): boolean {
  const [here, peer] = [createNamespace(), createNamespace()];
  try {
    return setup.every((command) => run(here, peer, command).code === 0);
  } finally {
    here.remove();
    peer.remove();
  }
}

const run = (here: Namespace, peer: Namespace, command: string) =>
  here.run(() => program('sh', '-c', command.replaceAll('$PEER', peer.name)));

for (const [kind, setup] of Object.entries(KINDS)) {
  const title = `links: ${kind}: what ip -d -j link says, and the same bytes again`;
  if (isMade(setup)) {
    test.serial(title, (t) => {
      const [here, peer] = [freshNamespace(t), freshNamespace(t)];
      for (const command of setup) run(here, peer, command);
      agreesWithIp(t, here);
      for (const family of ['unspec', 'bridge', 'inet6']) isByteExact(t, here, family);
    });
  } else {
    console.error(skipLine(title, [kind as Feature]));
    test.skip(title, (t) => t.pass());
  }
}

function agreesWithIp(t: ExecutionContext, namespace: Namespace): void {
  const [rows, links] = steady(
    () => namespace.ip<Row[]>('-d', 'link'),
    () => dump(namespace, { attrs: { extMask: ['vf'] } }) as Link[],
  );
  const byIndex = new Map(links.map((link) => [link.index, link]));
  t.is(rows.length, links.length);
  for (const [i, row] of rows.entries()) {
    const ours = linkInIpWords(links[i]!, byIndex, row);
    t.deepEqual(ours, row, String(row['ifname']));
  }
}

test('links: bridge vlan show agrees', (t) => {
  const setup = KINDS['bridge with VLANs']!;
  if (!isMade(setup)) {
    console.error(skipLine(t.title, ['vlan-filtering']));
    return t.pass();
  }
  const [here, peer] = [freshNamespace(t), freshNamespace(t)];
  for (const command of setup) run(here, peer, command);
  const extMask = ['brvlan_compressed'];
  const links = dump(here, { family: 'bridge', attrs: { extMask } }) as BridgeLink[];
  const ours = links
    .filter(({ attrs }) => attrs.afSpec?.vlanInfo !== undefined)
    .map(({ attrs }) => ({ ifname: attrs.ifname, vlans: vlansOf(attrs.afSpec!.vlanInfo!) }));
  t.deepEqual(ours as unknown as Row[], here.bridge('vlan', 'show'));
});

type VlanInfo = NonNullable<NonNullable<BridgeLink['attrs']['afSpec']>['vlanInfo']>;

/** As `bridge -j vlan` prints them: one object for each of a range, flags are words. */
function vlansOf(entries: VlanInfo): Row[] {
  const rows: Row[] = [];
  const words = { pvid: 'PVID', untagged: 'Egress Untagged' } as const;
  for (const { flags, vid } of entries) {
    const from = flags.includes('range_end') ? Number(rows.at(-1)!['vlan']) + 1 : vid;
    const named = Object.entries(words).flatMap(([flag, word]) =>
      flags.includes(flag as 'pvid') ? [word] : [],
    );
    for (let vlan = from; vlan <= vid; vlan++) {
      rows.push({ vlan, ...(named.length > 0 && { flags: named }) });
    }
  }
  return rows;
}

const dump = (namespace: Namespace, request: object): unknown[] =>
  rawDump(namespace, 'RTM_GETLINK', request).map((bytes) => decode(rtnetlink, bytes)[0]!.payload);

function isByteExact(t: ExecutionContext, namespace: Namespace, family: string): void {
  const extMask = family === 'bridge' ? ['brvlan', 'mst'] : ['vf'];
  const messages = rawDump(namespace, 'RTM_GETLINK', { family, attrs: { extMask } });
  for (const bytes of messages) {
    const [frame] = decode(rtnetlink, bytes);
    t.deepEqual(encode(rtnetlink, frame!), bytes);
  }
}
