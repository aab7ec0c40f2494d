/**
 * Rules in nft's syntax, generated at random from the parts of its grammar that a table family has.
 */

/** A generator of numbers that gives the same ones for the same seed: mulberry32. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What the tables of all families hold. */
export const SETS = `
  set s { type ipv4_addr; }
  set six { type ipv6_addr; }
  set macs { type ether_addr; }
  set ports { type inet_service; }
  set marks { type mark; flags interval; }
  set names { type ifname; }
  set pair { type ipv4_addr . inet_service; }
  set d { type ipv4_addr; flags dynamic,timeout; }
  set dm { type mark; flags dynamic; }
  set dpair { type ipv4_addr . inet_service; flags dynamic,timeout; }
  map dmap { type ipv4_addr : mark; flags dynamic; }
  map vm { type ipv4_addr : verdict; }
  map mm { type ipv4_addr : mark; }
  counter n { }
  quota q { 25 mbytes }
  limit l { rate 5/second }
  chain other { }`;

const IP4 = ['10.1.2.3', '0.0.0.0', '255.255.255.255', '10.0.0.0/8', '10.1.0.0/16', '192.0.2.0/27'];
const IP6 = ['fd00::1', '::', 'fd00::/8', 'fd00:1::/64', '2001:db8::/45', '::ffff:0:0/96'];
const NUMBERS = ['0', '1', '5', '255', '1000', '65535'];
const SMALL = ['0', '1', '7', '64', '255'];
const OPS = ['', '!= ', '< ', '<= ', '> ', '>= ', '== '];
const NAMES = ['"eth0"', '"br*"', '"a.b-c_d"', '"x"', '"br\\*"', '"with space"', '"50%"', '"ä"'];

type Pick = (words: readonly string[]) => string;

const sized = (field: string, values: readonly string[]) => (pick: Pick) =>
  `${field} ${pick(OPS)}${pick(values)}`;
const plain = (field: string, values: readonly string[]) => (pick: Pick) =>
  `${field} ${pick(['', '!= '])}${pick(values)}`;
const range = (field: string, low: string, high: string) => (pick: Pick) =>
  `${field} ${pick(['', '!= '])}${low}-${high}`;
const bits = (field: string, values: readonly string[]) => (pick: Pick) => {
  const one = pick(values);
  const two = pick(values.filter((each) => each !== one));
  return `${field} ${pick([one, `${one},${two}`, `!= ${one}`, `! ${one}`, `${one} / ${one},${two}`, `== ${one}`])}`;
};

type Part = (pick: Pick) => string;

const META: readonly Part[] = [
  sized('meta length', NUMBERS),
  range('meta length', '100', '1500'),
  sized('meta mark', ['0x2a', '0xffffffff', '0']),
  range('meta mark', '1', '5'),
  plain('meta mark & 0xff', ['1', '0x10']),
  sized('meta mark & 0xffff0000', ['0x10000']),
  plain('meta mark ^ 1', ['5']),
  plain('meta mark', ['@marks']),
  plain('iif', ['1', '"lo"']),
  plain('oif', ['1']),
  plain('iifname', NAMES),
  plain('oifname', NAMES),
  plain('meta sdifname', NAMES),
  plain('iifname', ['@names']),
  plain('meta iiftype', ['ether', 'loopback', 'ppp', '5', '768']),
  plain('meta oiftype', ['ether', '778']),
  sized('meta skuid', ['0', '1000', '4294967294']),
  range('meta skgid', '100', '200'),
  plain('meta nftrace', ['0', '1']),
  sized('meta rtclassid', ['5', '7']),
  plain('meta l4proto', ['tcp', 'udp', 'icmp', 'ipv6-icmp', 'sctp', '47', '255']),
  range('meta l4proto', '1', '17'),
  plain('meta pkttype', ['host', 'broadcast', 'multicast', 'other']),
  sized('meta cpu', SMALL),
  plain('iifgroup', ['0', '5']),
  plain('oifgroup', ['77']),
  plain('meta cgroup', ['5', '1048577']),
  sized('meta random', ['1000', '1', '4294967295']),
  range('meta random', '5', '100000'),
  plain('meta ipsec', ['exists', 'missing']),
  plain('meta iifkind', ['"vrf"', '"bridge"']),
  plain('meta oifkind', ['"veth"']),
  sized('meta time', ['1577836800', '1']),
  range('meta time', '1577836800', '1577836900'),
  plain('meta day', ['"Monday"', '0', '6']),
  plain('meta hour', ['"17:00"']),
  plain('meta sdif', ['1']),
  plain('meta priority', ['1:2', 'ffff:1', 'none', 'root', '0:5']),
  plain('rt classid', ['5']),
  plain('socket transparent', ['1']),
  plain('numgen inc mod 5', ['1']),
  plain('@th,16,16', ['22', '0']),
  sized('@nh,96,32', ['5', '0x0a000001']),
  plain('@nh,96,128', ['0xfd000000000000000000000000000001']),
  plain('@ll,0,48', ['1']),
  plain('@ih,0,8', ['5']),
  plain('@ih,32,32', ['0xdeadbeef']),
  plain('@th,4,4', ['5']),
  range('@th,0,16', '5', '9'),
  plain('@th,104,8 & 18', ['2']),
  plain('meta cgroup', ['{ 1, 2 }']),
  plain('meta cpu', ['{ 1, 2 }']),
  plain('meta length', ['{ 100, 200 }']),
  plain('meta skuid', ['{ 0, 1000 }']),
  plain('meta skgid', ['{ 5, 1000 }']),
  plain('meta oifkind', ['{ "veth", "vrf" }']),
  plain('meta priority', ['{ 1:1, 2:2 }']),
  plain('meta mark . meta priority', ['{ 5 . 1:2 }']),
  plain('iifname', ['{ "br\\*", "x" }', '{ "a b", "c" }']),
  plain('iifgroup', ['{ 1, 2 }']),
];

const CT: readonly Part[] = [
  bits('ct state', ['established', 'related', 'new', 'invalid', 'untracked']),
  bits('ct status', ['dnat', 'snat', 'assured', 'seen-reply', 'dying']),
  plain('ct state', ['0x20']),
  plain('ct direction', ['original', 'reply']),
  sized('ct mark', ['0x1', '77']),
  plain('ct mark & 0xf', ['0x1']),
  sized('ct expiration', ['30s', '1h5m', '100ms', '0s']),
  range('ct expiration', '30s', '1m'),
  plain('ct helper', ['"ftp"', '"sip"']),
  bits('ct label', ['1', '2', '127', '0']),
  plain('ct label', ['5']),
  sized('ct bytes', ['5', '5000000000']),
  sized('ct original packets', ['5']),
  sized('ct avgpkt', ['500']),
  range('ct reply bytes', '5', '500'),
  sized('ct zone', ['5']),
  plain('ct original zone', ['5']),
  plain('ct original ip saddr', ['10.1.2.3', '10.0.0.0/8']),
  plain('ct reply ip6 daddr', ['fd00::1']),
  plain('ct id', ['5']),
  plain('ct original protocol', ['tcp']),
  plain('meta l4proto tcp ct original proto-dst', ['22']),
  plain('ct original l3proto', ['ipv4', 'ipv6']),
  plain('ct helper', ['{ "ftp", "sip" }']),
  plain('ct label', ['{ 1, 2 }']),
  plain('ct label & 3 ==', ['0', '1']),
  plain('ct zone', ['{ 1, 2 }']),
  plain('ct mark . ct zone', ['{ 1 . 2 }']),
  plain('ct expiration', ['{ 5s, 10s }']),
  plain('ct bytes', ['{ 5, 6 }']),
];

const TRANSPORT: readonly Part[] = [
  ...['tcp', 'udp'].flatMap((protocol) => [
    sized(`${protocol} dport`, ['22', '0', '65535']),
    range(`${protocol} sport`, '1024', '2048'),
    plain(`${protocol} dport`, ['{ 80, 443 }', '@ports', '{ 22 }']),
    plain(`${protocol} sport . ${protocol} dport`, ['{ 1 . 2, 3 . 4 }']),
  ]),
  plain('tcp flags', ['syn', 'syn,ack']),
  plain('tcp flags syn / syn,ack meta l4proto', ['tcp']),
  plain('th dport', ['53']),
  plain('meta l4proto { tcp, udp } th dport', ['53']),
  plain('meta l4proto tcp tcp dport', ['22']),
  plain('meta l4proto udp meta mark 5 udp dport', ['22']),
  plain('sctp dport', ['5']),
  plain('tcp option maxseg size', ['5']),
  plain('dccp type', ['request']),
];

const IP: readonly Part[] = [
  plain('ip saddr', IP4),
  plain('ip daddr', IP4),
  sized('ip daddr', ['10.1.2.3']),
  range('ip saddr', '10.0.0.1', '10.0.0.9'),
  plain('ip saddr', ['{ 10.0.0.1, 10.0.0.2 }', '@s']),
  plain('ip saddr & 255.0.255.0', ['10.0.1.0']),
  plain('ip saddr & 255.255.0.0 ==', ['10.1.0.0']),
  plain('ip ttl . ip saddr', ['{ 64 . 10.1.2.3 }']),
  plain('icmp type . icmp code', ['{ 3 . 4 }']),
  plain('ip dscp', ['{ cs1, af11 }']),
  plain('ip saddr & 255.255.255.0 ==', ['@s']),
  plain('ip protocol', ['tcp', 'udp', 'icmp', '47']),
  plain('ip protocol tcp tcp dport', ['22']),
  plain('ip protocol udp ip saddr 10.1.2.3 udp dport', ['53']),
  plain('ip saddr 10.1.2.3 ip daddr', ['10.1.2.4']),
  plain('ip saddr 10.1.2.3 tcp dport', ['22']),
  plain('tcp dport 22 ip saddr', ['10.1.2.3']),
  plain('ip ttl', SMALL),
  sized('ip length', NUMBERS),
  plain('ip dscp', ['cs1', 'af11']),
  plain('ip frag-off & 0x1fff', ['0']),
  plain('ip id', ['5']),
  plain('ip version', ['4']),
  plain('icmp type', ['echo-request', '8', '255']),
  plain('icmp code', ['8']),
  plain('ip protocol icmp icmp type', ['8']),
  plain('meta l4proto icmp icmp type', ['8']),
  plain('icmp id', ['5']),
  plain('ip saddr . tcp dport', ['@pair', '{ 10.1.2.3 . 22 }']),
  plain('tcp dport . ip saddr', ['{ 22 . 10.1.2.3 }']),
  plain('ip saddr . meta mark', ['{ 10.1.2.3 . 5 }']),
  () => 'ip saddr vmap @vm',
  () => 'ip saddr vmap { 10.1.2.3 : accept, 10.1.2.4 : jump other }',
  () => 'ip saddr map @mm 5',
  plain('ip daddr . iifname', ['{ 10.1.2.3 . "eth0" }']),
];

const IP6_PARTS: readonly Part[] = [
  plain('ip6 saddr', IP6),
  plain('ip6 daddr', IP6),
  range('ip6 saddr', 'fd00::1', 'fd00::9'),
  plain('ip6 saddr', ['@six', '{ fd00::1, fd00::2 }']),
  plain('ip6 nexthdr', ['tcp', 'udp', 'ipv6-icmp', '44']),
  plain('ip6 nexthdr udp udp dport', ['53']),
  plain('ip6 nexthdr tcp ip6 saddr fd00::1 tcp dport', ['22']),
  plain('ip6 hoplimit', SMALL),
  plain('ip6 saddr & ffff::ffff', ['fd00::1']),
  plain('ip6 saddr & ffff:: ==', ['fd00::']),
  plain('icmpv6 type', ['echo-request', 'nd-neighbor-solicit', '5']),
  plain('meta l4proto ipv6-icmp icmpv6 type', ['5']),
  plain('ip6 nexthdr ipv6-icmp icmpv6 code', ['5']),
  plain('exthdr frag', ['exists']),
  plain('ip6 flowlabel', ['5']),
  plain('ip6 dscp', ['cs1']),
];

const ETHER: readonly Part[] = [
  plain('ether saddr', ['02:00:00:00:00:01', '@macs']),
  plain('ether daddr', ['ff:ff:ff:ff:ff:ff']),
  plain('ether type', ['ip', 'ip6', 'arp', '0x88cc']),
  plain('ether type ip ip saddr', ['10.1.2.3']),
  plain('ether daddr & ff:00:00:00:00:00', ['01:00:00:00:00:00']),
  plain('ether saddr 02:00:00:00:00:01 tcp dport', ['22']),
];

const VLAN: readonly Part[] = [
  plain('vlan id', ['5']),
  plain('ether type vlan vlan id', ['5']),
  plain('ether type vlan vlan type ip ip saddr', ['10.1.2.3']),
  plain('vlan id 5 ip saddr', ['10.1.2.3']),
  plain('vlan id 5 tcp dport', ['22']),
  plain('meta protocol', ['ip', 'ip6', 'arp', 'vlan', '0x88cc']),
  plain('meta protocol ip ip saddr', ['10.1.2.3']),
  plain('meta protocol ip icmp type', ['8']),
  plain('ether type ip icmp type', ['8']),
  plain('arp operation', ['request']),
];

const FIB: readonly Part[] = [
  plain('fib daddr type', ['local', 'broadcast', 'unicast', '9']),
  plain('fib saddr . iif oif', ['exists', 'missing', '1']),
  plain('fib daddr . mark oifname', ['"eth0"', '"eth*"']),
  plain('fib daddr oifname', ['{ "a", "b" }']),
];

const STATEMENTS: readonly Part[] = [
  ...['accept', 'drop', 'return', 'continue', 'jump other', 'goto other'].map((word) => () => word),
  () => 'counter',
  () => 'counter packets 5 bytes 500 accept',
  () => 'counter name "n"',
  () => 'quota name "q" drop',
  () => 'limit name "l"',
  (pick) =>
    `limit rate ${pick(['', 'over '])}${pick(['1', '10', '1000'])}/${pick(['second', 'minute', 'hour', 'day', 'week'])}${pick(['', ' burst 7 packets'])}`,
  (pick) =>
    `limit rate ${pick(['', 'over '])}${pick(['10 kbytes', '1 mbytes', '1000 bytes'])}/second${pick(['', ' burst 5 kbytes'])}`,
  (pick) =>
    `quota ${pick(['', 'over '])}${pick(['25 mbytes', '1000 bytes', '3 kbytes'])}${pick(['', ' used 500 bytes'])}`,
  (pick) => `ct count ${pick(['', 'over '])}20`,
  (pick) =>
    `log prefix ${pick(['"a: "', '"back\\slash"', '"ä { } ; #"', '"[x]"', '"drop: "'])}${pick(['', ' level debug', ' group 5', ' flags all', ' flags tcp sequence', ' flags skuid flags ether'])}`,
  (pick) => `log group 2 snaplen ${pick(['64', '0'])} queue-threshold ${pick(['1', '5'])}`,
  (pick) =>
    `log level ${pick(['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'])}`,
  (pick) =>
    `meta mark set ${pick(['5', '0xffffffff', 'meta mark & 0xff', 'meta mark | 0x100', 'meta mark ^ 0x5', 'meta mark and 0xffffff0f xor 1'])}`,
  (pick) => `meta priority set ${pick(['1:2', 'none', 'root', 'ab:cd'])}`,
  () => 'meta nftrace set 1',
  (pick) => `meta pkttype set ${pick(['host', 'broadcast'])}`,
  () => 'notrack',
  (pick) => `queue num ${pick(['5', '1-3'])} ${pick(['', 'bypass'])}`,
  (pick) => `add @dm { meta mark${pick(['', ' counter'])} }`,
  () => 'update @dm { meta mark & 0xff }',
  (pick) =>
    `comment ${pick(['"plain"', '"a: b; c # d"', '"back\\slash"', '"ü [x] {y}"', '"accept"'])}`,
];

const IP_STATEMENTS: readonly Part[] = [
  (pick) =>
    `${pick(['add', 'update'])} @d { ip saddr${pick(['', ' timeout 1m', ' timeout 1d2h3m4s'])}${pick(['', ' limit rate 5/second', ' counter', ' quota over 5 mbytes', ' ct count over 5'])} }`,
  () => 'update @dmap { ip saddr : 5 }',
  () => 'update @dmap { ip saddr : meta mark }',
  () => 'add @dpair { ip saddr . tcp dport timeout 30s }',
  () => 'meta mark set ip saddr map @mm',
  () => 'meta mark set ip saddr map { 10.1.2.3 : 5, 10.1.2.4 : 6 }',
  () => 'meta priority set ip saddr map { 10.1.2.3 : 1:2, 10.1.2.4 : none }',
];

const CT_STATEMENTS: readonly Part[] = [
  (pick) => `ct mark set ${pick(['5', 'meta mark', '0xffffffff'])}`,
  () => 'meta mark set ct mark',
  () => 'ct mark set ct mark & 0xff',
  () => 'ct label set 5',
  (pick) => `ct event set ${pick(['new', 'new,destroy', 'mark,label'])}`,
  () => 'ct zone set 5',
  () => 'ct original zone set 5',
  () => 'ct zone set meta mark map { 1 : 5 }',
];

const REJECT: readonly Part[] = [
  () => 'reject',
  (pick) => `reject with icmpx ${pick(['no-route', 'port-unreachable', 'admin-prohibited'])}`,
  () => 'reject with tcp reset',
  () => 'meta l4proto tcp reject with tcp reset',
];
const REJECT4: readonly Part[] = [
  (pick) => `reject with icmp ${pick(['net-unreachable', 'port-unreachable', 'host-prohibited'])}`,
];
const REJECT6: readonly Part[] = [
  (pick) => `reject with icmpv6 ${pick(['no-route', 'port-unreachable', 'addr-unreachable'])}`,
];

export interface Grammar {
  readonly family: string;
  readonly matches: readonly Part[];
  readonly statements: readonly Part[];
  /** Base chains, for statements that a regular chain must not contain. */
  readonly hooks: Readonly<
    Record<string, { readonly hook: string; readonly statements: readonly Part[] }>
  >;
}

const NAT4: readonly Part[] = [
  (pick) =>
    `snat ip to ${pick(['192.0.2.1', '192.0.2.1-192.0.2.9'])}${pick(['', ' random', ' persistent', ' random,persistent', ' fully-random'])}`,
  (pick) => `meta l4proto tcp snat ip to 192.0.2.1:${pick(['80', '1000-2000'])}`,
  (pick) => `masquerade${pick(['', ' random', ' fully-random,persistent'])}`,
  () => 'meta l4proto udp masquerade to :1024-2048',
  () => 'ip saddr @s ip daddr != 224.0.0.0/4 masquerade',
];
const DNAT4: readonly Part[] = [
  (pick) => `dnat ip to ${pick(['192.0.2.1', '192.0.2.1-192.0.2.9'])}`,
  (pick) => `tcp dport 80 dnat ip to 192.0.2.1:${pick(['80', '1000-2000'])}`,
  (pick) => `udp dport 53 redirect to :${pick(['5353', '1000-2000'])}`,
  () => 'redirect',
  () => 'dnat ip to ip saddr map { 10.1.2.3 : 192.0.2.1 }',
];
const NAT6: readonly Part[] = [
  () => 'snat ip6 to fd00::1',
  () => 'meta l4proto tcp snat ip6 to [fd00::1]:80',
  () => 'ip6 saddr @six ip6 daddr != ff00::/8 masquerade',
];
const DNAT6: readonly Part[] = [
  () => 'tcp dport 80 dnat ip6 to [fd00::1]:80-90',
  () => 'dnat ip6 to fd00::1-fd00::9',
];

const POST = 'type nat hook postrouting priority srcnat;';
const PRE = 'type nat hook prerouting priority dstnat;';
const FORWARD = 'type filter hook forward priority filter;';

export const GRAMMARS: readonly Grammar[] = [
  {
    family: 'inet',
    matches: [
      ...META,
      ...CT,
      ...TRANSPORT,
      ...IP,
      ...IP6_PARTS,
      ...ETHER,
      plain('meta nfproto', ['ipv4', 'ipv6']),
      plain('meta nfproto ipv4 ip saddr', ['10.1.2.3']),
      plain('meta protocol ip ip saddr', ['10.1.2.3']),
    ],
    statements: [...STATEMENTS, ...IP_STATEMENTS, ...CT_STATEMENTS],
    hooks: {
      post: { hook: POST, statements: [...NAT4, ...NAT6] },
      pre: { hook: PRE, statements: [...DNAT4, ...DNAT6] },
      forward: { hook: FORWARD, statements: [...REJECT, ...REJECT4, ...REJECT6] },
      raw: { hook: 'type filter hook prerouting priority raw;', statements: FIB },
    },
  },
  {
    family: 'ip',
    matches: [...META, ...CT, ...TRANSPORT, ...IP],
    statements: [...STATEMENTS, ...IP_STATEMENTS, ...CT_STATEMENTS],
    hooks: {
      post: { hook: POST, statements: NAT4 },
      pre: { hook: PRE, statements: DNAT4 },
      forward: { hook: FORWARD, statements: [...REJECT, ...REJECT4] },
      raw: { hook: 'type filter hook prerouting priority raw;', statements: FIB },
    },
  },
  {
    family: 'ip6',
    matches: [...META, ...CT, ...TRANSPORT, ...IP6_PARTS],
    statements: [...STATEMENTS, ...CT_STATEMENTS],
    hooks: {
      post: { hook: POST, statements: NAT6 },
      pre: { hook: PRE, statements: DNAT6 },
      forward: { hook: FORWARD, statements: [...REJECT, ...REJECT6] },
    },
  },
  {
    family: 'bridge',
    matches: [
      ...META,
      ...TRANSPORT,
      ...IP,
      ...IP6_PARTS,
      ...ETHER,
      ...VLAN,
      plain('meta ibrname', NAMES),
      plain('meta ibrpvid', ['5']),
    ],
    statements: STATEMENTS,
    hooks: {},
  },
];

/** Generates rules of a family, each with the chain that it belongs to. */
export function generated(
  { matches, statements, hooks }: Grammar,
  count: number,
  seed: number,
): { chain: string; rule: string }[] {
  const below = numbers(seed);
  const one = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const pick: Pick = one;
  const chains = ['plain', ...Object.keys(hooks)];
  return Array.from({ length: count }, (_, i) => {
    // First each part alone, then combined with others.
    const all = [...matches, ...statements];
    if (i < all.length) return { chain: 'plain', rule: all[i]!(pick) };
    const chain = one(chains);
    const last = one(hooks[chain]?.statements ?? statements);
    const parts = Array.from({ length: below(3) }, () => one(matches));
    const rule = [...parts, last].map((part) => part(pick)).join(' ');
    return { chain, rule };
  });
}
