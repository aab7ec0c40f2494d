/** The printer of rules against nft: what both say of the same rule in the kernel. */
import { openNftables } from '../../src/nftables/open.ts';
import { ruleText } from '../../src/nftables/print-rule.ts';
import { keyText } from '../../src/nftables/key.ts';
import { freshNamespace, type Namespace } from '../harness/namespace.ts';
import { needs } from '../harness/needs.ts';

const CHAINS = `table inet t {
  set s { type ipv4_addr; }
  set six { type ipv6_addr; }
  set pair { type ipv4_addr . inet_service; }
  set d { type ipv4_addr; flags dynamic,timeout; }
  map m { type ipv4_addr : verdict; }
  counter n { }
  chain other { }
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
  ],
  pre: [
    'tcp dport 8080 dnat ip to 10.0.0.1:80',
    'tcp dport 8080 dnat ip6 to [fd00::1]:80',
    'udp dport 53 redirect to :5353',
    'ip daddr 192.0.2.1 dnat ip to 10.0.0.1',
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
  ],
};

/** What nft puts between the braces of the chain. */
function listed(ns: Namespace, chain: string): string[] {
  const lines = ns.exec('nft', 'list', 'chain', 'inet', 't', chain).split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(table|chain|type|\})/.test(line));
}

for (const [chain, rules] of Object.entries(RULES)) {
  needs('nftables-inet')(`print: rules of ${chain} as nft shows them`, (t) => {
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
      nft
        .elements({ family: 'inet', table: 't', set })
        .map(({ key }) => keyText('inet_service', key!.value!))
        .sort((a, b) => Number(a) - Number(b))
        .join(', ');
    const ours = nft
      .rules({ family: 'inet', table: 't', chain })
      .map((rule) => ruleText(rule, { anonymous }));
    t.deepEqual(ours, listed(ns, chain));
  });
}
