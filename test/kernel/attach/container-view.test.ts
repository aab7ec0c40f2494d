/**
 * What a workload sees of its interfaces, made by the reference and by ours: every setting below
 * /proc/sys, the tables of /proc/net, what sysfs and ip(8) show, and the order of several. What
 * differs is named here, and in docs/compatibility*.md with the reason.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { freshNode, type Node, succeeded } from '../../harness/node.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';
import { addUplink, UPLINK, V4, V6 } from '../../plugins/ipvlan/node.ts';

/** How often a route was used is no property of it; what sysfs counts is not either. */
const VIEW = `
grep -Hs . /proc/sys/net/*/*/{eth0,lo,all,default}/*
for file in arp dev_mcast igmp if_inet6 igmp6 route wireless; do grep -Hs . /proc/net/$file; done
awk '{ $7 = $8 = ""; print "/proc/net/ipv6_route:" $0 }' /proc/net/ipv6_route
cut -d: -f1 /proc/net/dev | sed 's/^/dev:/'; ls /proc/net/dev_snmp6 | sed 's/^/snmp6:/'
cd /sys/class/net/eth0 && grep -Hs . {ifindex,iflink,flags,mtu,tx_queue_len,type,addr_assign_type,name_assign_type,link_mode,dormant,carrier}
show() { ip -d -o "$@" | sed "s/^/ip $*: /"; }
show link; show addr; show route show table all; show -6 route show table all; show rule; show netconf; true`;

/** Link-local addresses and their groups follow from MAC addresses. */
const BY_CHANCE = /fe80|ff0200000000000000000001ff|3333ff|stable_secret|_use /i;
const IN_MOTION = /\btentative |\bstate \S+ |_lft \d+sec/g;

type Kind = 'bridge' | 'ipvlan';
const PLUGINS: Readonly<Record<Kind, readonly [theirs: string, ours: string]>> = {
  bridge: [referencePlugin('bridge'), ourPlugin('bridge')],
  ipvlan: [referencePlugin('ipvlan'), ourPlugin('ipvlan')],
};

function attach(node: Node, plugin: string, config: object, container: Namespace, ifname = 'eth0') {
  const call = { netns: container.path, ifname };
  return succeeded(node.call('ADD', config, call, plugin));
}

function nodeWithUplink(t: ExecutionContext, kind: Kind): Node {
  const node = freshNode(t);
  if (kind === 'ipvlan') addUplink(node.host, UPLINK);
  return node;
}

function view(t: ExecutionContext, kind: Kind, plugin: string, { subnets, keys }: Case): string[] {
  const node = nodeWithUplink(t, kind);
  const container = freshNamespace(t);
  const own = kind === 'bridge' ? {} : { bridge: undefined, type: 'ipvlan', master: UPLINK };
  attach(node, plugin, node.config(subnets, { ...own, ...keys }), container);
  const text = container.exec('ip', 'netns', 'exec', container.name, 'bash', '-c', VIEW);
  const [link] = container.ip<{ address: string }[]>('link', 'show', 'dev', 'eth0');
  const lines = text
    .replaceAll(node.host.name, 'HOST')
    .replaceAll(link!.address, 'MAC')
    .replaceAll(IN_MOTION, '')
    .trim()
    .split('\n');
  return lines
    .map((line) => line.trimEnd())
    .filter((line) => !BY_CHANCE.test(line))
    .sort();
}

interface Case {
  readonly subnets: readonly string[];
  readonly keys: Readonly<Record<string, unknown>>;
  readonly known: readonly RegExp[];
}

/** IPv6 is off, and with it what follows from that. */
const WITHOUT_INET6 = [/eth0\/disable_ipv6:/, /ff00/];
const ADDRESS_IS_GIVEN = [/^addr_assign_type:/];
const BRIDGE_WITHOUT_INET6 = [
  ...WITHOUT_INET6,
  ...ADDRESS_IS_GIVEN,
  /eth0\/(accept_dad|accept_ra):/,
];
// The flag says that nobody was asked whether the address is taken.
const BRIDGE_INET6 = [
  ...ADDRESS_IS_GIVEN,
  /eth0\/(accept_ra|ndisc_notify):/,
  /^\/proc\/net\/if_inet6:fd88/,
  /^ip addr: .* fd88::2\/64 scope global /,
];
// The reference renames the link that it has made. The alias is in this line.
const IPVLAN = [/^name_assign_type:/, /^ip link: .* ipvlan /];
const STATIC = { ipam: { type: 'static', addresses: [{ address: '10.88.0.2/24' }] } };

const CASES: Readonly<Record<Kind, Readonly<Record<string, Case>>>> = {
  bridge: {
    IPv4: { subnets: [V4], keys: { isDefaultGateway: true }, known: BRIDGE_WITHOUT_INET6 },
    'both families': {
      subnets: [V4, V6],
      keys: { isDefaultGateway: true },
      known: BRIDGE_INET6,
    },
    IPv6: { subnets: [V6], keys: { isGateway: true }, known: BRIDGE_INET6 },
    'an address of static, and an MTU': {
      subnets: [],
      keys: { ...STATIC, mtu: 1400 },
      known: BRIDGE_WITHOUT_INET6,
    },
    'no addresses': { subnets: [], keys: {}, known: ADDRESS_IS_GIVEN },
  },
  ipvlan: {
    'IPv4, mode l2': {
      subnets: [V4],
      keys: { mode: 'l2' },
      known: [...IPVLAN, ...WITHOUT_INET6],
    },
    'both families, mode l2': { subnets: [V4, V6], keys: { mode: 'l2' }, known: IPVLAN },
    'both families, mode l3': { subnets: [V4, V6], keys: { mode: 'l3' }, known: IPVLAN },
    'IPv4, mode l3s': {
      subnets: [V4],
      keys: { mode: 'l3s' },
      known: [...IPVLAN, ...WITHOUT_INET6],
    },
    'an address of static, and an MTU': {
      subnets: [],
      keys: { ...STATIC, mtu: 1400 },
      known: [...IPVLAN, ...WITHOUT_INET6],
    },
  },
};

for (const kind of Object.keys(CASES) as Kind[]) {
  const on = kind === 'bridge' ? test : needs('ipvlan', 'dummy', 'ipv6');
  for (const [title, wanted] of Object.entries(CASES[kind])) {
    on.serial(`${kind}: a container sees what the reference shows it: ${title}`, (t) => {
      const [theirs, ours] = PLUGINS[kind].map((plugin) => view(t, kind, plugin, wanted));
      const differing = [
        ...theirs!.filter((line) => !ours!.includes(line)).map((line) => `- ${line}`),
        ...ours!.filter((line) => !theirs!.includes(line)).map((line) => `+ ${line}`),
      ];
      t.deepEqual(
        differing.filter((line) => !wanted.known.some((known) => known.test(line.slice(2)))),
        [],
      );
      t.true(ours!.length > 400);
    });
  }
}

/** The kinds of a container's interfaces, in the order of their ADDs. */
function inOrder(t: ExecutionContext, kinds: readonly Kind[]): void {
  const [theirs, ours] = [0, 1].map((whose) => {
    const node = nodeWithUplink(t, kinds.includes('ipvlan') ? 'ipvlan' : 'bridge');
    const container = freshNamespace(t);
    kinds.forEach((kind, i) => {
      const own =
        kind === 'bridge'
          ? { bridge: `br${i}`, isGateway: true }
          : { bridge: undefined, type: 'ipvlan', master: UPLINK };
      const name = `net${i}`;
      const config = node.config([`10.${i}.0.0/24`, `fd0${i}::/64`], { ...own, name });
      attach(node, PLUGINS[kind][whose]!, config, container, `if${kinds.length - i}`);
    });
    // The same dumps that if_nameindex(3) and getifaddrs(3) read.
    const links = container.ip<{ ifname: string; ifindex: number }[]>('link');
    return {
      links: links.map(({ ifname, ifindex }) => `${ifindex} ${ifname}`),
      addresses: container.exec('hostname', '-I').trim().split(' '),
    };
  });
  t.deepEqual(ours, theirs);
  const names = kinds.map((_, i) => `${i + 2} if${kinds.length - i}`);
  t.deepEqual(ours!.links, ['1 lo', ...names]);
  t.is(ours!.addresses.length, 2 * kinds.length);
}

test.serial('bridge: several interfaces of a container are in the order of their ADDs', (t) =>
  inOrder(t, ['bridge', 'bridge', 'bridge', 'bridge']),
);

needs('ipvlan', 'dummy', 'ipv6').serial(
  'bridge and ipvlan: several interfaces of a container are in the order of their ADDs',
  (t) => inOrder(t, ['ipvlan', 'bridge', 'ipvlan', 'bridge']),
);
