/** The printer of rules against nft: what both say of the same rule in the kernel. */
import { openNftables } from '../../../src/nftables/open.ts';
import type { ExpressionInput } from '../../../src/nftables/messages/expression.ts';
import { compare, load, rule, udp } from '../../../src/nftables/rules/match.ts';
import { ruleText } from '../../../src/nftables/rules/print-rule.ts';
import { keyText } from '../../../src/nftables/messages/key.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import type { Feature } from '../../harness/features.ts';
import { needs } from '../../harness/needs.ts';

const CHAINS = `table inet t {
  set s { type ipv4_addr; }
  set six { type ipv6_addr; }
  set macs { type ether_addr; }
  set pair { type ipv4_addr . inet_service; }
  set d { type ipv4_addr; flags dynamic,timeout; }
  map m { type ipv4_addr : verdict; }
  set seen { type ipv4_addr . inet_service; flags dynamic,timeout; }
  map marks { type ipv4_addr : mark; flags dynamic; }
  map nets { type ipv4_addr : interval ipv4_addr; flags interval; }
  map ports { type inet_service : ipv4_addr . inet_service; }
  counter n { }
  ct helper h { type "ftp" protocol tcp; }
  ct timeout to { protocol tcp; }
  ct expectation ex { protocol udp; dport 9876; timeout 2m; size 8; l3proto ip; }
  chain other { }
  chain asking { type filter hook forward priority filter; }
  chain leaving { type filter hook postrouting priority filter; }
  chain bits { }
  chain filter { type filter hook forward priority filter; }
  chain pre { type nat hook prerouting priority dstnat; }
  chain post { type nat hook postrouting priority srcnat; }
}`;

const RULES: Readonly<Record<string, readonly string[]>> = {
  post: [
    'ip saddr @s ip daddr != 224.0.0.0/4 masquerade comment "net1"',
    'ip6 saddr @six ip6 daddr != ff00::/8 masquerade',
    'ip saddr 10.1.2.3 ip daddr != 10.1.2.0/24 masquerade',
    'ip6 saddr fd00::2 ip6 daddr != fd00::/64 masquerade',
    'ip saddr 10.0.0.0/20 oifname != "br0" masquerade random,persistent',
    'meta l4proto tcp masquerade to :1024-2048',
    'snat ip to 192.0.2.1',
    'meta l4proto udp snat ip to 192.0.2.1-192.0.2.9:100-200 fully-random',
    'meta nfproto ipv4 accept',
    'snat ip to ip saddr map @nets',
    'snat ip prefix to ip saddr map @nets',
  ],
  pre: [
    'tcp dport 8080 dnat ip to 10.0.0.1:80',
    'tcp dport 8080 dnat ip6 to [fd00::1]:80',
    'udp dport 53 redirect to :5353',
    'ip daddr 192.0.2.1 dnat ip to 10.0.0.1',
    'dnat ip to tcp dport map @ports',
  ],
  filter: [
    'accept',
    'drop',
    'return',
    'jump other',
    'goto other',
    'ip saddr @s drop',
    'ip saddr != @s drop',
    'ip saddr . tcp dport @pair accept',
    'ip saddr vmap @m',
    'tcp dport { 80, 443 } accept',
    'iifname "eth0" oifname "br*" accept',
    'iifname != "eth0" drop',
    'meta mark 0x0000002a accept',
    'meta mark & 0x000000ff == 0x00000001 accept',
    'meta mark set 0x0000002a',
    'ct mark set meta mark',
    'meta mark set ct mark',
    'ct state established,related accept',
    'ct state invalid drop',
    'ct status dnat accept',
    'ct original ip saddr 192.0.2.1 accept',
    'fib daddr type local accept',
    'fib saddr . iif oif missing drop',
    'tcp dport 1024-2048 drop',
    'tcp dport != 1024-2048 drop',
    'tcp sport > 5 drop',
    'log flags ip options flags skuid',
    'ip protocol icmp accept',
    'icmp code 8 accept',
    'ip ttl 64 accept',
    'ether saddr 02:00:00:00:00:01 accept',
    'counter packets 2 bytes 100 accept',
    'counter name "n"',
    'limit rate 10/second accept',
    'limit rate over 10/minute burst 7 packets drop',
    'limit rate 10 kbytes/second accept',
    'quota over 25 mbytes drop',
    'ct count over 20 drop',
    'log prefix "drop: " flags tcp sequence,options flags ip options flags skuid flags ether',
    'log prefix "p" group 2 snaplen 64 queue-threshold 4',
    'log level debug',
    'reject',
    'reject with icmpx host-unreachable',
    'meta l4proto tcp reject with tcp reset',
    'notrack',
    'add @d { ip saddr timeout 1m }',
    'update @d { ip saddr limit rate over 10/second } drop',
    'ip saddr 10.1.2.3 comment "only a comment"',
    'update @seen { ip saddr . tcp dport timeout 30s limit rate 5/second }',
    'add @seen { ip saddr . tcp dport }',
    'add @marks { ip saddr : meta mark }',
    'ct helper set "h"',
    'ct timeout set "to"',
    'meta iiftype ether accept',
    'meta iiftype != ether accept',
  ],
  asking: [
    'osf name "Linux"',
    'osf name != "Linux" drop',
    'osf ttl skip name "Windows"',
    'osf ttl loose version "Linux:4.20"',
    'ipsec in reqid 5',
    'ipsec in reqid 5-9 drop',
    'ipsec in reqid > 5',
    'ipsec in spi 16',
    'ipsec in ip saddr 10.0.0.1',
    'ipsec in ip daddr 10.1.0.0/20',
    'ipsec in spnum 1 ip6 saddr fd00::1',
    'ipsec in ip6 daddr @six drop',
    'ct expectation set "ex"',
    'rt ipsec exists',
  ],
  leaving: [
    'ipsec out spi 7',
    'rt classid 5',
    'rt ip nexthop 192.0.2.1',
    'rt ip6 nexthop fd00::1',
    'rt mtu 1300',
    'rt mtu > 1300',
    'rt ipsec missing',
  ],
  bits: [
    'meta mark set meta mark & 0x000001ff | 0x00000100',
    'meta mark set meta mark ^ 0x00000010',
    'meta mark set meta mark & 0xffffff0f ^ 0x00000001',
    'meta mark set meta mark & 0x0000000f',
    'meta mark ^ 0x00000001 == 0x00000005',
    'meta mark & 0x000000ff != 0x00000000',
    'ip saddr & 255.0.255.0 == 10.0.1.0',
    'ip daddr != 0.0.0.0/8',
    'ip daddr != 0.0.0.0/4',
    'ct state == established',
    'ct state ! established',
    'ct state established / established,related',
    'ct state != established / established,related',
    'ct label set 5',
    'ct id 5',
    'ct bytes 5',
  ],
};

/** What nft puts between the braces of the chain. */
function listed(ns: Namespace, chain: string): string[] {
  const lines = ns.exec('nft', 'list', 'chain', 'inet', 't', chain).split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(table|chain|type|\})/.test(line));
}

/** What has no words here, with all that it reads; the names stand for the brackets. */
const UNREAD: Readonly<Record<string, string>> = {
  'jhash ip saddr mod 8 vmap { 1 : accept }': 'meta nfproto ipv4 [payload] [hash] [lookup]',
  'ip6 nexthdr tcp exthdr frag exists accept': 'ip6 nexthdr tcp [exthdr] [cmp] accept',
  'ip dscp set af11': 'meta nfproto ipv4 [payload] [bitwise] [payload]',
  'counter name ip saddr map @counters': 'meta nfproto ipv4 [payload] [objref]',
  'ip frag-off & 8191 != 0 drop': 'meta nfproto ipv4 @nh,48,16 & 8191 != 0 drop',
  'ip dscp cs1': 'meta nfproto ipv4 @nh,8,8 & 252 == 32',
  'ip saddr & 255.255.255.0 == @s': 'ip saddr & 255.255.255.0 == @s',
  'tcp flags syn / syn,ack': 'meta l4proto tcp @th,104,8 & 18 == 2',
};

/** What a chain's rules need besides. */
const NEEDS: Readonly<Record<string, readonly Feature[]>> = {
  asking: ['nft-osf'],
  leaving: ['nft-osf'],
};

for (const [chain, rules] of Object.entries(RULES)) {
  needs('nftables-inet', ...(NEEDS[chain] ?? []))(
    `print: rules of ${chain} as nft shows them`,
    (t) => {
      const ns = freshNamespace(t);
      ns.exec('nft', CHAINS);
      const known = rules.filter((rule) => {
        // An expression that this kernel is built without says nothing about the printer.
        try {
          ns.exec('nft', 'add', 'rule', 'inet', 't', chain, rule);
          return true;
        } catch (error) {
          t.log(rule, (error as Error).message);
          return false;
        }
      });
      t.true(known.length >= rules.length - 2);
      using nft = openNftables({ netns: ns.path });
      const anonymous = (set: string): string =>
        nft.elements
          .list({ family: 'inet', table: 't', name: set })
          .map(({ key }) => keyText('inet_service', key!))
          .sort((a, b) => Number(a) - Number(b))
          .join(', ');
      const ours = nft.rules
        .list({ family: 'inet', table: 't', chain })
        .map((rule) => ruleText(rule, { anonymous }));
      t.deepEqual(ours, listed(ns, chain));
    },
  );
}

needs('nftables-inet')('print: what has no words is in brackets, and nothing is left out', (t) => {
  const ns = freshNamespace(t);
  ns.exec('nft', `${CHAINS}; add map inet t counters { type ipv4_addr : counter; }`);
  using nft = openNftables({ netns: ns.path });
  for (const [words, text] of Object.entries(UNREAD)) {
    ns.exec('nft', 'flush', 'chain', 'inet', 't', 'bits');
    try {
      ns.exec('nft', 'add', 'rule', 'inet', 't', 'bits', words);
    } catch (error) {
      t.log(words, (error as Error).message);
      continue;
    }
    const [rule] = nft.rules.list({ family: 'inet', table: 't', chain: 'bits' });
    t.is(ruleText(rule!).replace(/\[NFTA_EXPR_NAME="(\w+)"[^\]]*\]/g, '[$1]'), text);
  }
});

/** Rules of families and hooks that have statements of their own. */
const OWN: Readonly<
  Record<string, { needs: Feature; base: string; chain: string[]; rules: readonly string[] }>
> = {
  'on the way in': {
    needs: 'nft-synproxy',
    base: `table inet t {
      synproxy sp { mss 1460; wscale 7; timestamp; }
      chain c { type filter hook input priority 0; }
    }`,
    chain: ['inet', 't', 'c'],
    rules: [
      'tcp dport 80 synproxy mss 1460 wscale 7 timestamp sack-perm',
      'tcp dport 81 synproxy',
      'ct state invalid synproxy mss 1 wscale 2 sack-perm',
      'tcp dport 82 synproxy name "sp"',
    ],
  },
  'of an interface': {
    needs: 'nft-fwd',
    base: 'table netdev t { chain c { type filter hook ingress device "lo" priority 0; }; }',
    chain: ['netdev', 't', 'c'],
    rules: [
      'fwd to "lo"',
      'fwd ip to 192.0.2.1 device "lo"',
      'fwd ip6 to fd00::1 device "lo"',
      'ip saddr 192.0.2.1 fwd to iif',
      'dup to "lo"',
    ],
  },
  'that copy packets': {
    needs: 'nft-fwd',
    base: 'table ip t { chain c { type filter hook prerouting priority 0; }; }',
    chain: ['ip', 't', 'c'],
    rules: ['dup to 192.0.2.1', 'dup to 192.0.2.1 device "lo"'],
  },
};

for (const [which, { needs: feature, base, chain, rules }] of Object.entries(OWN)) {
  needs(feature)(`print: rules ${which} as nft shows them`, (t) => {
    const ns = freshNamespace(t);
    ns.exec('ip', 'link', 'set', 'lo', 'up');
    ns.exec('nft', base);
    for (const rule of rules) ns.exec('nft', 'add', 'rule', ...chain, rule);
    using nft = openNftables({ netns: ns.path });
    const ours = nft.rules.list().map((rule) => ruleText(rule));
    const theirs = ns.exec('nft', 'list', 'chain', ...chain).split('\n');
    // The kernel has the index of an interface, and nft looks its name up.
    const indexed = theirs.map((line) => line.trim().replace(/(to|device) "lo"/, '$1 1'));
    t.deepEqual(ours, indexed.slice(3, 3 + rules.length));
    t.is(ours.length, rules.length);
    // And nft makes the same rules of them.
    const before = ns.exec('nft', '--debug=netlink', 'list', 'chain', ...chain);
    ns.exec('nft', 'flush', 'chain', ...chain);
    for (const rule of ours) ns.exec('nft', 'add', 'rule', ...chain, rule);
    const codes = (text: string): string[] =>
      text.split('\n').filter((line) => /^ {2}\[/.test(line));
    const after = ns.exec('nft', '--debug=netlink', 'list', 'chain', ...chain);
    t.deepEqual(codes(after), codes(before));
  });
}

needs('nft-destroy')('print: what is inside of a tunnel, as the kernel tells it', (t) => {
  const ns = freshNamespace(t);
  ns.exec('nft', 'add table inet t; add chain inet t c');
  using nft = openNftables({ netns: ns.path });
  const inner = (expr: ExpressionInput): ExpressionInput => ({
    name: 'inner',
    data: {
      ...{ num: 0, type: 'vxlan', hdrsize: 8, expr },
      flags: ['hdrsize', 'link', 'network', 'transport'],
    },
  });
  const chain = { family: 'inet', table: 't', chain: 'c' } as const;
  const protocol = [inner(load.meta('protocol')), compare('==', Uint8Array.of(8, 0))];
  const saddr = [inner(load.payload('network', 12, 4)), compare('==', Uint8Array.of(192, 0, 2, 1))];
  const outer = rule('inet', udp.dport.is(4789));
  nft.rules.add({ ...chain, expr: [...outer, ...protocol, ...saddr] });
  nft.rules.add({ ...chain, expr: [...outer, ...saddr] });
  const [first, second] = nft.rules.list();
  t.is(ruleText(first!), 'udp dport 4789 vxlan ip saddr 192.0.2.1');
  t.regex(ruleText(second!), /^udp dport 4789 \[.*"inner".*\] \[.*"cmp".*\]$/);
  nft.rules.add(first!);
  t.deepEqual(nft.rules.list()[2]!.expr, first!.expr);
});
