/**
 * Flat objects of nf_tables: they have the words and values of `nft -j`, and what a list returns
 * can be given to add, after which nft lists the same ruleset.
 */
import { openNftables, type Nftables } from '../../../src/nftables/open.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

/** What both kernels and nft 1.0.6 know, with something of each object. */
const RULESET = `
table inet t {
  comment "all of it"
  counter http { comment "requests" packets 3 bytes 180 }
  quota much { over 25 mbytes used 1 mbytes }
  set hosts { type ipv4_addr; comment "hosts"; elements = { 10.0.0.1 comment "one", 10.0.0.2 } }
  set six { type ipv6_addr; elements = { fd00::1 } }
  set nets {
    type ipv4_addr; flags interval
    elements = { 0.0.0.0/8, 10.1.0.0/16 comment "net", 10.2.0.5, 10.2.0.6-10.2.0.9, 255.0.0.0/8 }
  }
  set slow {
    type inet_service; flags timeout; timeout 1h; gc-interval 10s; size 100; policy memory
    elements = { 22 timeout 2h }
  }
  set marks { type mark; elements = { 0x5, 0x00010000 } }
  set names { type ifname; elements = { "eth0", "lo" } }
  set pairs { type ipv4_addr . inet_service; elements = { 10.0.0.1 . 80, 10.0.0.2 . 443 } }
  set spans {
    type ipv4_addr . inet_service; flags interval
    elements = { 10.0.0.0/24 . 80-90, 10.0.1.1 . 443 }
  }
  set counted { type ipv4_addr; counter; elements = { 10.0.0.1 counter packets 2 bytes 84 } }
  map ports { type inet_service : ipv4_addr; elements = { 80 : 10.0.0.1, 443 : 10.0.0.2 } }
  map ranges { type inet_service : mark; flags interval; elements = { 80-90 : 0x7 } }
  map verdicts { type ipv4_addr : verdict; elements = { 10.0.0.1 : jump other, 10.0.0.2 : drop } }
  map named { type ipv4_addr : counter; elements = { 10.0.0.1 : "http" } }
  chain other { comment "jumped to"; }
  chain input {
    type filter hook input priority filter - 5; policy drop;
    ip saddr @hosts tcp dport 22 counter packets 1 bytes 52 accept comment "ssh"
    ip saddr vmap @verdicts
    counter name "http" log prefix "x "
  }
  chain out { type nat hook postrouting priority srcnat; policy accept; ip saddr @nets masquerade; }
}
table ip6 dormant { flags dormant; }
table netdev dev { chain in { type filter hook ingress device "lo" priority 7; }; }
`;

/** The objects of `nft -j list ruleset`, without the handles of the kernel. */
const theirs = (ns: Namespace): unknown[] =>
  (ns.nft('list', 'ruleset') as Record<string, object>[])
    .filter((each) => !('metainfo' in each))
    .map((each) => JSON.parse(JSON.stringify(each, (key, v) => (key === 'handle' ? 0 : v))));

/** Adds what one handle lists to another, in the order in which objects refer to each other. */
function copy(from: Nftables, to: Nftables): void {
  to.transact((b) => {
    for (const each of from.tables.list()) b.tables.add(each);
    for (const each of from.chains.list()) b.chains.add(each);
    for (const each of from.objects.list()) b.objects.add(each);
    for (const each of from.flowtables.list()) b.flowtables.add(each);
    for (const each of from.sets.list()) {
      b.sets.add(each);
      const elem = from.elements.list(each);
      if (elem.length > 0)
        b.elements.add({ family: each.family, table: each.table, name: each.name, elem });
    }
    for (const each of from.rules.list()) b.rules.add(each);
  });
}

const inet = needs('nftables-inet');

inet('flat: what lists return can be added, and nft lists the same ruleset', (t) => {
  const [one, two] = [freshNamespace(t), freshNamespace(t)];
  one.exec('nft', RULESET);
  using from = openNftables({ netns: one.path });
  using to = openNftables({ netns: two.path });
  copy(from, to);
  const strip = (text: string): string => text.replace(/ expires \S+/g, '');
  t.is(strip(two.exec('nft', 'list', 'ruleset')), strip(one.exec('nft', 'list', 'ruleset')));
  t.true(theirs(two).length > 20);
  // The copy is the same for us too, but for handles and the time that passes.
  const listed = (nft: Nftables): string =>
    JSON.stringify(
      [nft.tables.list(), nft.chains.list(), nft.sets.list(), nft.objects.list(), nft.rules.list()],
      (key, value: unknown) => {
        if (['handle', 'position', 'nlaNotes'].includes(key)) return undefined;
        return typeof value === 'bigint' ? String(value) : value;
      },
    );
  t.is(listed(to), listed(from));
});

inet('flat: objects have the words and values of nft -j', (t) => {
  const ns = freshNamespace(t);
  ns.exec('nft', RULESET);
  using nft = openNftables({ netns: ns.path });
  const rows = (ns.nft('list', 'ruleset') as Record<string, Record<string, unknown>>[]).flatMap(
    (each) =>
      Object.entries(each).map(([kind, row]) => ({ ...row, kind }) as Record<string, unknown>),
  );
  const row = (kind: string, name: string, family = 'inet'): Record<string, unknown> =>
    rows.find(
      (each) => each['kind'] === kind && each['name'] === name && each['family'] === family,
    )!;
  const same = (
    ours: object,
    kind: string,
    name: string,
    keys: string[],
    family = 'inet',
  ): void => {
    const wanted = row(kind, name, family);
    for (const key of keys) {
      const value = (ours as Record<string, unknown>)[key];
      t.deepEqual(typeof value === 'bigint' ? Number(value) : value, wanted[key], `${name} ${key}`);
    }
  };
  const t1 = { family: 'inet', table: 't' } as const;
  const base = ['family', 'table', 'name', 'handle'];
  const table = nft.tables.get({ family: 'inet', name: 't' });
  same(table, 'table', 't', ['family', 'name', 'handle']);
  t.is(table.comment, 'all of it');
  same(nft.tables.get({ family: 'ip6', name: 'dormant' }), 'table', 'dormant', ['name'], 'ip6');
  const hooked = [...base, 'type', 'hook', 'prio', 'policy'];
  same(nft.chains.get({ ...t1, name: 'input' }), 'chain', 'input', hooked);
  same(nft.chains.get({ ...t1, name: 'out' }), 'chain', 'out', hooked);
  const dev = { family: 'netdev', table: 'dev', name: 'in' } as const;
  same(nft.chains.get(dev), 'chain', 'in', hooked, 'netdev');
  // nft 1.0.6 leaves it out.
  t.is(nft.chains.get(dev).dev, 'lo');
  for (const name of ['hosts', 'six', 'marks', 'names', 'pairs']) {
    same(nft.sets.get({ ...t1, name }), 'set', name, [...base, 'type']);
  }
  for (const name of ['nets', 'slow', 'spans']) {
    same(nft.sets.get({ ...t1, name }), 'set', name, [...base, 'type', 'flags', 'size', 'policy']);
  }
  for (const name of ['ports', 'verdicts', 'named']) {
    same(nft.sets.get({ ...t1, name }), 'map', name, [...base, 'type', 'map']);
  }
  const counter = nft.objects.get({ ...t1, type: 'counter', name: 'http' });
  same(counter, 'counter', 'http', base);
  t.like(counter, { type: 'counter', data: { packets: 3n, bytes: 180n } });
  t.deepEqual(
    nft.elements
      .list({ ...t1, name: 'hosts' })
      .map(({ key, comment }) => [key, comment])
      .sort(),
    [
      ['10.0.0.1', 'one'],
      ['10.0.0.2', undefined],
    ],
  );
  t.deepEqual(
    nft.elements
      .list({ ...t1, name: 'nets' })
      .map(({ key, keyEnd }) => `${String(key)}-${String(keyEnd)}`)
      .sort(),
    [
      '0.0.0.0-0.255.255.255',
      '10.1.0.0-10.1.255.255',
      '10.2.0.5-10.2.0.5',
      '10.2.0.6-10.2.0.9',
      '255.0.0.0-255.255.255.255',
    ],
  );
  t.like(nft.elements.get({ ...t1, name: 'verdicts', key: '10.0.0.1' }), {
    data: { code: 'jump', chain: 'other' },
  });
  t.is(nft.elements.find({ ...t1, name: 'hosts', key: '10.9.9.9' }), undefined);
  t.is(nft.sets.find({ ...t1, name: 'nowhere' }), undefined);
  t.deepEqual(nft.elements.list({ ...t1, name: 'nowhere' }), []);
  const [ssh] = nft.rules.list({ ...t1, chain: 'input' });
  t.is(ssh!.comment, 'ssh');
});

inet('flat: a rule goes where it is said', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const chain = { family: 'inet', table: 't', chain: 'c' } as const;
  nft.tables.add({ family: 'inet', name: 't' });
  nft.chains.add({ family: 'inet', table: 't', name: 'c' });
  const expr = [{ name: 'counter', data: {} }] as const;
  nft.rules.add({ ...chain, expr, comment: 'b' });
  const [b] = nft.rules.list(chain);
  nft.rules.add({ ...chain, expr, comment: 'd' });
  nft.rules.add({ ...chain, expr, comment: 'a', insert: true });
  nft.rules.add({ ...chain, expr, comment: 'c', after: b!.handle! });
  const { handle } = nft.rules.list(chain).find(({ comment }) => comment === 'd')!;
  nft.rules.add({ ...chain, expr, comment: 'c2', before: handle! });
  const comments = (): unknown[] => nft.rules.list(chain).map(({ comment }) => comment);
  t.deepEqual(comments(), ['a', 'b', 'c', 'c2', 'd']);
  nft.rules.delete({ ...chain, handle: handle! });
  t.deepEqual(comments(), ['a', 'b', 'c', 'c2']);
  t.throws(() => nft.rules.add({ ...chain, expr, insert: true, before: 1n }), {
    message: 'addRule: insert, before and after exclude each other',
  });
  nft.chains.flush({ family: 'inet', table: 't', name: 'c' });
  t.deepEqual(comments(), []);
});

inet('flat: what a plan lists binds its transaction, and its verbs end with it', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const table = { family: 'inet', name: 't' } as const;
  let plans = 0;
  nft.transact((b) => {
    plans++;
    const found = b.tables.find(table);
    if (plans === 1) ns.exec('nft', 'add table ip other');
    if (found === undefined) b.tables.add({ ...table, exclusive: true });
  });
  t.is(plans, 2);
  t.deepEqual(
    nft.tables
      .list()
      .map(({ name }) => name)
      .sort(),
    ['other', 't'],
  );
});
