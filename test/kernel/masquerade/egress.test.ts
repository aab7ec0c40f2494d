/**
 * The address with which a container's packets leave a host whose administrator has rules of his
 * own: what the reference gives with its default back end where it comes after those rules,
 * whatever comes first with ours: the rules, the container, or a reload of all rules between two
 * containers.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import {
  egress,
  FAMILIES,
  type ContainerId,
  type Egress,
  type Family,
  type Tools,
  WORLD,
} from '../../harness/egress.ts';
import { hasFeature } from '../../harness/features.ts';
import { needs } from '../../harness/needs.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';

/** Of the container itself, of the host, or what the administrator gives. */
type Word = 'own' | 'host' | 'snat';
/** To `outside`, and to the network behind it for which the rules are. */
type Sources = readonly [outside: Word, private_: Word];

interface State {
  /** The administrator's rules in one family; `$T` is the program with its table. */
  rules(family: Family, words: (typeof WORLD)[Family]): string;
  readonly ours: Sources;
  /** What the reference does when that is something else; docs/compatibility.md says why. */
  readonly reference?: Sources;
  /** Why the addresses are to be masqueraded by rules of iptables. */
  readonly isException?: true;
  /** Needs nf_tables. */
  readonly native?: true;
}

const MASQUERADED: Sources = ['host', 'host'];
const EXCEPTED: Sources = ['host', 'own'];
const TRANSLATED: Sources = ['host', 'snat'];

const post = (rule: string): string => `$T -A POSTROUTING ${rule}\n`;
/** A base chain of nf_tables on the hook, in a table of the administrator's. */
const native = (family: string, priority: string, rule: string, chain = 'c'): string =>
  `nft 'table ${family} admin { chain ${chain} { type nat hook postrouting priority ${priority}; ${rule}; }; }'\n`;
/** The chain that iptables over nf_tables goes through, before any iptables has made it. */
const own = (family: Family): string =>
  `nft 'table ${family} nat { chain POSTROUTING { type nat hook postrouting priority srcnat; }; }'`;
const masquerade = (rules: State['rules'], more: Partial<State> = {}): State => ({
  rules,
  ours: MASQUERADED,
  ...more,
});
const exception = (rules: State['rules'], more: Partial<State> = {}): State => ({
  rules,
  ours: EXCEPTED,
  isException: true,
  ...more,
});
const snat = (rules: State['rules'], more: Partial<State> = {}): State => ({
  rules,
  ours: TRANSLATED,
  ...more,
});

const STATES: Readonly<Record<string, State>> = {
  'no rules': masquerade(() => ''),
  "Docker's rules": masquerade((family, { elsewhere }) =>
    [
      '$T -N DOCKER',
      '$T -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      `$T -A POSTROUTING -s ${elsewhere} ! -o docker0 -j MASQUERADE`,
      `$T -A POSTROUTING -s ${family === 'ip' ? '172.17.0.2' : 'fd17::2'} -p tcp --dport 80 -j MASQUERADE`,
      '$T -A DOCKER -i docker0 -j RETURN',
    ].join('\n'),
  ),
  "kube-proxy's rules and portmap's": masquerade(() =>
    [
      '$T -N KUBE-POSTROUTING',
      '$T -N CNI-HOSTPORT-MASQ',
      '$T -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
      '$T -A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
      '$T -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
      '$T -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
      '$T -A KUBE-POSTROUTING -j MASQUERADE --random-fully',
      '$T -A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE',
    ].join('\n'),
  ),
  "libvirt's rules": masquerade((_, { elsewhere, outside }) =>
    [
      '$T -N LIBVIRT_PRT',
      '$T -A POSTROUTING -j LIBVIRT_PRT',
      `$T -A LIBVIRT_PRT -s ${elsewhere} -d ${outside} -j RETURN`,
      `$T -A LIBVIRT_PRT -s ${elsewhere} ! -d ${elsewhere} -j MASQUERADE`,
    ].join('\n'),
  ),
  'ACCEPT for a destination': exception((_, { net, privateNet }) =>
    post(`-s ${net} -d ${privateNet} -j ACCEPT`),
  ),
  'RETURN for a destination': exception((_, { net, privateNet }) =>
    post(`-s ${net} -d ${privateNet} -j RETURN`),
  ),
  'ACCEPT for a destination from wherever': exception((_, { privateNet }) =>
    post(`-d ${privateNet} -j ACCEPT`),
  ),
  'ACCEPT for all but one source': exception((_, { elsewhere, privateNet }) =>
    post(`! -s ${elsewhere} -d ${privateNet} -j ACCEPT`),
  ),
  'ACCEPT for all but our sources': masquerade((_, { net }) => post(`! -s ${net} -j ACCEPT`)),
  'ACCEPT for other sources': masquerade((_, { elsewhere }) => post(`-s ${elsewhere} -j ACCEPT`)),
  'ACCEPT to our own network': masquerade((_, { net }) => post(`-s ${net} -d ${net} -j ACCEPT`)),
  'ACCEPT to all but one destination': {
    rules: (_, { net, privateNet }) => post(`-s ${net} ! -d ${privateNet} -j ACCEPT`),
    ours: ['own', 'host'],
    isException: true,
  },
  'ACCEPT by interface': {
    rules: () => post('-o out0 -j ACCEPT'),
    ours: ['own', 'own'],
    isException: true,
  },
  'ACCEPT of everything': {
    rules: () => post('-j ACCEPT'),
    ours: ['own', 'own'],
    isException: true,
  },
  'ACCEPT by mark': exception((family, { privateNet }) =>
    [
      `${family === 'ip' ? 'iptables' : 'ip6tables'} -w -t mangle -A FORWARD -d ${privateNet} -j MARK --set-mark 5`,
      '$T -A POSTROUTING -m mark --mark 5 -j ACCEPT',
    ].join('\n'),
  ),
  'ACCEPT in a chain that is jumped to': exception((_, { net, privateNet }) =>
    [
      '$T -N first',
      '$T -N second',
      `$T -A POSTROUTING -s ${net} -j first`,
      '$T -A first -j second',
      `$T -A second -d ${privateNet} -j ACCEPT`,
    ].join('\n'),
  ),
  'RETURN in a chain that is jumped to': masquerade((_, { privateNet }) =>
    ['$T -N first', '$T -A POSTROUTING -j first', `$T -A first -d ${privateNet} -j RETURN`].join(
      '\n',
    ),
  ),
  'a chain that nothing leads back from': exception((_, { privateNet }) =>
    ['$T -N first', `$T -A POSTROUTING -d ${privateNet} -g first`].join('\n'),
  ),
  'a chain that leads back to the first': masquerade((_, { privateNet }) =>
    [
      '$T -N first',
      '$T -N second',
      '$T -A POSTROUTING -j first',
      `$T -A first -d ${privateNet} -g second`,
    ].join('\n'),
  ),
  'ACCEPT in an unreachable chain': masquerade((_, { net, elsewhere }) =>
    [
      '$T -N first',
      '$T -N second',
      `$T -A POSTROUTING -s ${elsewhere} -j first`,
      `$T -A first -s ${net} -j ACCEPT`,
      '$T -A second -j ACCEPT',
    ].join('\n'),
  ),
  'SNAT for a destination': snat((_, words) =>
    post(`-s ${words.net} -d ${words.privateNet} -j SNAT --to-source ${words.snat}`),
  ),
  'SNAT of everything': {
    rules: (_, words) => post(`-s ${words.net} -o out0 -j SNAT --to-source ${words.snat}`),
    ours: ['snat', 'snat'],
  },
  'MASQUERADE of everything': masquerade(() => post('-o out0 -j MASQUERADE')),
  'SNAT and an exception from it': {
    rules: (_, words) =>
      post(`-s ${words.net} -d ${words.privateNet} -j ACCEPT`) +
      post(`-s ${words.net} -o out0 -j SNAT --to-source ${words.snat}`),
    ours: ['snat', 'own'],
    isException: true,
  },
  'a set of nft(8) in the chain of iptables': exception(
    (family, { privateNet }) =>
      [
        own(family),
        `nft add set ${family} nat s '{ type ${family === 'ip' ? 'ipv4' : 'ipv6'}_addr; flags interval; elements = { ${privateNet} }; }'`,
        `nft add rule ${family} nat POSTROUTING ${family} daddr @s accept`,
      ].join('\n'),
    { native: true },
  ),
  'a map of verdicts in the chain of iptables': exception(
    (family, { privateNet }) =>
      [
        own(family),
        `nft add rule ${family} nat POSTROUTING ${family} daddr vmap '{ ${privateNet} : accept }'`,
      ].join('\n'),
    { native: true },
  ),
  'nft(8): accept on the same hook, before all': masquerade(
    (family) => native(family, '-100', 'accept'),
    { native: true },
  ),
  'nft(8): accept on the same hook, at srcnat': masquerade(
    (family) => native(family, 'srcnat', 'accept'),
    { native: true },
  ),
  'nft(8): SNAT before srcnat': snat(
    (family, { net, privateNet, snat: to }) =>
      native(
        family,
        'srcnat - 10',
        `${family} saddr ${net} ${family} daddr ${privateNet} snat to ${to}`,
      ),
    { native: true },
  ),
  // Of two chains at srcnat the kernel asks the one that came last; with the reference that is
  // iptables' own.
  'nft(8): SNAT at srcnat': snat(
    (family, { net, privateNet, snat: to }) =>
      native(
        family,
        'srcnat',
        `${family} saddr ${net} ${family} daddr ${privateNet} snat to ${to}`,
      ),
    { native: true, reference: MASQUERADED },
  ),
  'nft(8): SNAT behind srcnat': snat(
    (family, { net, privateNet, snat: to }) =>
      native(
        family,
        'srcnat + 10',
        `${family} saddr ${net} ${family} daddr ${privateNet} snat to ${to}`,
      ),
    { native: true, reference: MASQUERADED },
  ),
  'nft(8): SNAT far behind srcnat, in a table for both families': snat(
    (family, { net, privateNet, snat: to }) =>
      native(
        'inet',
        '150',
        `${family} saddr ${net} ${family} daddr ${privateNet} snat ${family} to ${to}`,
        `c_${family}`,
      ),
    { native: true, reference: MASQUERADED },
  ),
  "nft(8): firewalld's masquerade": masquerade(
    (family) => native('inet', 'srcnat + 10', 'oifname "out0" masquerade', `c_${family}`),
    { native: true },
  ),
};

const RULES = new Map<Tools, (state: State) => string>();
for (const tools of ['nft', 'legacy'] as const) {
  RULES.set(tools, ({ rules }) =>
    FAMILIES.map((family) => {
      const program = family === 'ip' ? 'iptables' : 'ip6tables';
      return `T='${program} -w -t nat'\n${rules(family, WORLD[family])}\n`;
    }).join(''),
  );
}

const wordsOf = (net: Egress, id: ContainerId): Record<Family, string[]> => {
  const of = (family: Family): string[] => {
    const { [id]: own, host, snat: given } = WORLD[family];
    const words: Record<string, Word> = { [own]: 'own', [host]: 'host', [given]: 'snat' };
    return (['outside', 'private'] as const).map((to) => {
      const source = net.source(id, family, to);
      return words[source ?? ''] ?? `${source}`;
    });
  };
  return { ip: of('ip'), ip6: of('ip6') };
};
const both = (sources: Sources): Record<Family, string[]> => ({
  ip: [...sources],
  ip6: [...sources],
});

function attach(t: ExecutionContext, net: Egress, id: ContainerId): void {
  const { code, stdout } = net.call('ADD', id);
  t.is(code, 0, stdout);
}

/** All rules of both kinds of iptables and of nft. */
const listed = ({ sh }: Egress): string =>
  sh('nft list ruleset; iptables-save -t nat; ip6tables-save -t nat');

/** As a reload of the firewall does it. */
const FLUSH: Readonly<Record<Tools, string>> = {
  nft: 'nft flush ruleset\n',
  legacy: `
for t in iptables ip6tables; do $t -w -t nat -F; $t -w -t nat -X; done
for table in admin cni_netlink_ts; do
  for f in ip ip6 inet; do nft delete table $f $table 2>/dev/null || true; done
done\n`,
};

/** Programs take their time in user-mode Linux, which is there for a kernel without nf_tables. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');
const IN_UML = ["kube-proxy's", 'ACCEPT for a destination', 'SNAT for a'];

for (const tools of ['nft', 'legacy'] as const) {
  const features =
    tools === 'nft'
      ? (['iptables-nft', 'nftables-inet'] as const)
      : (['iptables-legacy', 'ip6tables-legacy'] as const);
  for (const [title, state] of Object.entries(STATES)) {
    if (isUml && !IN_UML.some((each) => title.startsWith(each))) continue;
    if (tools === 'legacy' && state.native && title.includes('chain of iptables')) continue;
    const needed = [...features, 'bridge', 'veth', 'ipv6'] as const;
    const on = state.native ? needs(...needed, 'nftables-inet') : needs(...needed);
    const rules = RULES.get(tools)!(state);
    on(`egress: iptables-${tools}, ${title}`, (t) => {
      const reference = egress(t, referencePlugin('bridge'), tools);
      reference.sh(rules);
      attach(t, reference, 'c1');
      t.deepEqual(wordsOf(reference, 'c1'), both(state.reference ?? state.ours), 'the reference');

      const before = egress(t, ourPlugin('bridge'), tools);
      before.sh(rules);
      attach(t, before, 'c1');
      t.deepEqual(wordsOf(before, 'c1'), both(state.ours), 'rules, then container');
      // Only an exception is worth a program.
      const mayBeNft = hasFeature('nftables-inet') && state.isException !== true;
      t.is(/CNI-[0-9a-f]{24}/.test(listed(before)), !mayBeNft);

      before.sh(FLUSH[tools] + rules);
      attach(t, before, 'c2');
      t.deepEqual(wordsOf(before, 'c1'), both(state.ours), 'after a reload');
      t.deepEqual(wordsOf(before, 'c2'), both(state.ours), 'after a reload, the next');

      // Rules of iptables alone stand in the order in which they came, as the reference's do.
      if (!hasFeature('nftables-inet')) return;
      const after = egress(t, ourPlugin('bridge'), tools);
      attach(t, after, 'c1');
      after.sh(rules);
      if (!state.isException) t.deepEqual(wordsOf(after, 'c1'), both(state.ours), 'first');
      attach(t, after, 'c2');
      t.deepEqual(wordsOf(after, 'c1'), both(state.ours), 'container, then rules');
      t.deepEqual(wordsOf(after, 'c2'), both(state.ours), 'container, rules, next container');
      // Nothing of either is left.
      for (const id of ['c1', 'c2'] as const) t.is(after.call('DEL', id).code, 0);
      t.notRegex(listed(after), /CNI-[0-9a-f]{24}|cni_/);
    });
  }
}

const nft = needs('iptables-nft', 'nftables-inet', 'bridge', 'veth', 'ipv6');
const [{ net: net4, privateNet, snat: snat4 }, { net: net6 }] = [WORLD.ip, WORLD.ip6];

nft(
  'egress: an exception in one family leaves the other to nf_tables, and CHECK knows both',
  (t) => {
    const net = egress(t, ourPlugin('bridge'), 'nft');
    net.sh(`iptables -w -t nat -A POSTROUTING -s ${net4} -d ${privateNet} -j ACCEPT`);
    const { code, stdout, json: prevResult } = net.call('ADD', 'c1');
    t.is(code, 0, stdout);
    t.deepEqual(wordsOf(net, 'c1'), { ip: [...EXCEPTED], ip6: [...MASQUERADED] });
    const rules = listed(net);
    t.true(rules.includes('ip6_net1_'));
    t.false(rules.includes('ip_net1_'));
    const check = (): number => net.call('CHECK', 'c1', { prevResult }).code;
    t.is(check(), 0);
    net.sh('iptables -w -t nat -F POSTROUTING');
    t.is(check(), 1);
  },
);

nft('egress: what the administrator says stands when the last container comes again', (t) => {
  const net = egress(t, ourPlugin('bridge'), 'nft');
  attach(t, net, 'c1');
  const rule = `ip saddr ${net4} ip daddr ${privateNet} snat to ${snat4}`;
  net.sh(native('ip', 'srcnat', rule));
  for (const _ of ['first', 'again']) {
    t.deepEqual(wordsOf(net, 'c1').ip, [...TRANSLATED]);
    t.is(net.call('DEL', 'c1').code, 0);
    attach(t, net, 'c1');
  }
});

nft('egress: a chain that an older version made comes behind those of others', (t) => {
  const net = egress(t, ourPlugin('bridge'), 'nft');
  net.sh(native('ip', 'srcnat', `ip saddr ${net4} ip daddr ${privateNet} snat to ${snat4}`));
  net.sh(`nft -f - <<'END'
table inet cni_netlink_ts {
  set ip6_net1_fd88--/64 { type ipv6_addr; elements = { fd88::9 comment "net1/c9/eth0" }; }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip6 saddr @ip6_net1_fd88--/64 ip6 daddr != ${net6} ip6 daddr != ff00::/8 masquerade
  }
}
END`);
  attach(t, net, 'c1');
  t.deepEqual(wordsOf(net, 'c1'), { ip: [...TRANSLATED], ip6: [...MASQUERADED] });
  t.is(listed(net).match(/ip6 saddr @ip6_net1/g)?.length, 1);
});

needs(
  'iptables-legacy',
  'nftables-inet',
  'bridge',
  'veth',
  'ipv6',
)(
  'egress: without CAP_NET_RAW, which reading the rules of iptables-legacy takes, ADD goes on',
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'without-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const binary = join(folder, 'bridge');
    const drop = 'setpriv --bounding-set -net_raw --inh-caps -net_raw';
    writeFileSync(binary, `#!/bin/sh\nexec ${drop} ${ourPlugin('bridge')}\n`, { mode: 0o755 });
    const net = egress(t, binary, 'legacy');
    net.sh('iptables -w -t nat -A POSTROUTING -j ACCEPT');
    attach(t, net, 'c1');
    t.true(listed(net).includes('ip_net1_'));
  },
);
