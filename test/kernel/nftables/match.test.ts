/** The rule builder against nft: what the kernel has of the same words. */
import { addRule } from '../../../src/nftables/index.ts';
import {
  ether,
  ip,
  ip6,
  meta,
  rule,
  tcp,
  udp,
  type Statement,
} from '../../../src/nftables/rules/match.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import { accept } from '../../../src/nftables/rules/statement.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const MAC = '02:00:00:00:00:01';

const ETHER: Readonly<Record<string, readonly Statement[]>> = {
  [`ether saddr ${MAC} accept`]: [ether.saddr.is(MAC), accept()],
  [`ether daddr != ${MAC} accept`]: [ether.daddr.not(MAC), accept()],
  'ether saddr @macs accept': [ether.saddr.in('macs'), accept()],
  // Two values side by side nft compares at once; one that is looked up stands alone.
  [`ether saddr @macs ether daddr ${MAC}`]: [ether.saddr.in('macs'), ether.daddr.is(MAC)],
};
const TRANSPORT: Readonly<Record<string, readonly Statement[]>> = {
  'meta l4proto tcp tcp dport 22': [meta.l4proto.is(6), tcp.dport.is(22)],
  'meta l4proto udp udp dport != 53': [meta.l4proto.is(17), udp.dport.not(53)],
  'meta l4proto != tcp udp dport 53': [meta.l4proto.not(6), udp.dport.is(53)],
  'tcp dport 0': [tcp.dport.is(0)],
  'tcp dport 65535': [tcp.dport.is(65_535)],
  'meta mark 0xffffffff': [meta.mark.is(0xffff_ffff)],
};
const RULES: Readonly<Record<string, Readonly<Record<string, readonly Statement[]>>>> = {
  inet: {
    ...ETHER,
    ...TRANSPORT,
    [`ip saddr 10.0.0.1 ether saddr ${MAC}`]: [ip.saddr.is('10.0.0.1'), ether.saddr.is(MAC)],
    [`ip6 saddr fd00::1 ether saddr ${MAC}`]: [ip6.saddr.is('fd00::1'), ether.saddr.is(MAC)],
  },
  ip: ETHER,
  ip6: ETHER,
  arp: ETHER,
  netdev: ETHER,
  bridge: {
    ...ETHER,
    [`ip saddr 10.0.0.1 ether saddr ${MAC}`]: [ip.saddr.is('10.0.0.1'), ether.saddr.is(MAC)],
  },
};

for (const [family, rules] of Object.entries(RULES)) {
  const feature = family === 'bridge' ? 'nftables-bridge' : 'nftables-inet';
  needs(feature)(`match: rules of family ${family} are the expressions that nft makes`, (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    const table = { family: family as 'inet', table: 't' };
    ns.exec(
      'nft',
      `table ${family} t { set macs { type ether_addr; }; chain ours { }; chain theirs { }; }`,
    );
    for (const [words, statements] of Object.entries(rules)) {
      nft.apply(addRule({ ...table, chain: 'ours', expr: rule(table.family, ...statements) }));
      ns.exec('nft', `add rule ${family} t theirs ${words}`);
    }
    const [ours, theirs] = ['ours', 'theirs'].map((chain) => nft.rules.list({ ...table, chain }));
    for (const [i, { expr }] of theirs!.entries()) {
      t.deepEqual(ours![i]!.expr, expr, Object.keys(rules)[i]);
    }
  });
}
