/** Objects of every type that a kernel here has, beside nft, and again after we have added them. */
import { openNftables } from '../../../src/nftables/open.ts';
import type { StatefulObject, StatefulObjectSpec } from '../../../src/nftables/object/verbs.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

/** One command each: nft 1.0.6 crashes on some of them in a block. */
const OBJECTS = [
  'add table inet t',
  'add ct timeout inet t one { protocol tcp; l3proto ip; policy = { established : 120, close_wait : 21 }; }',
  'add ct timeout inet t two { protocol udp; l3proto ip6; policy = { unreplied : 15, replied : 60 }; }',
  'add ct expectation inet t more { protocol udp; dport 9876; timeout 2m; size 8; l3proto ip; }',
  'add synproxy inet t front { mss 1460; wscale 7; timestamp sack-perm; }',
];

const ENCODED = { comment: undefined, handle: 0n, use: 0, nlaNotes: undefined };
const plain = (object: StatefulObject | undefined): object => ({ ...object!, ...ENCODED });
const camel = (word: string): string =>
  word.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

needs('nft-ct-timeout', 'nft-synproxy')(
  'objects: timeouts, expectations and proxies as nft has them',
  (t) => {
    const [one, two] = [freshNamespace(t), freshNamespace(t)];
    for (const each of OBJECTS) one.exec('nft', each);
    using nft = openNftables({ netns: one.path });
    using other = openNftables({ netns: two.path });
    const rows = (one.nft('list', 'ruleset') as Record<string, Record<string, unknown>>[]).flatMap(
      (each) => Object.entries(each),
    );
    const kinds = ['ct timeout', 'ct expectation', 'synproxy'];
    const theirs = rows.filter(([kind]) => kinds.includes(kind));
    t.is(theirs.length, 4);
    for (const [type, row] of theirs) {
      const at = { family: 'inet', table: 't', name: row['name'] as string } as const;
      const { data } = nft.objects.get({ ...at, type: type as StatefulObjectSpec['type'] });
      const { protocol, policy, flags, ...same } = row;
      for (const key of ['family', 'table', 'name', 'handle']) delete same[key];
      const ours = data as Record<string, unknown>;
      for (const [key, value] of Object.entries(same)) t.is(ours[key], value, `${type} ${key}`);
      t.is(ours['l4proto'], protocol);
      for (const flag of (flags ?? []) as string[])
        t.true((ours['flags'] as string[]).includes(flag));
      for (const [state, seconds] of Object.entries((policy ?? {}) as object)) {
        t.is((ours['data'] as Record<string, unknown>)[camel(state)], seconds);
      }
    }
    other.transact((b) => {
      for (const each of nft.tables.list()) b.tables.add(each);
      for (const each of nft.objects.list()) b.objects.add(each);
    });
    t.is(two.exec('nft', 'list', 'ruleset'), one.exec('nft', 'list', 'ruleset'));
    t.is(nft.objects.list({ type: 'ct timeout' }).length, 2);
    t.is(nft.objects.list({ type: 'counter' }).length, 0);
  },
);

needs('nft-ct-timeout')('objects: timeouts of every transport protocol', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nft.tables.add({ family: 'inet', name: 't' });
  // The kernel fills in what is not given, and tells all of it.
  const DATA = {
    icmp: { timeout: 41 },
    tcp: { synSent: 42, timeWait: 43 },
    udp: { replied: 44 },
    gre: { unreplied: 46 },
    icmpv6: { timeout: 47 },
    sctp: { cookieWait: 48, shutdownAckSent: 49 },
  } as const;
  for (const [l4proto, data] of Object.entries(DATA)) {
    const at = { family: 'inet', table: 't', name: l4proto, type: 'ct timeout' } as const;
    const inside = { l3proto: 'ip', l4proto, data } as StatefulObjectSpec['data'];
    try {
      nft.objects.add({ ...at, data: inside });
    } catch (error) {
      // Kernels are built without some of them.
      t.like(error, { code: 'EOPNOTSUPP' }, l4proto);
      t.log(l4proto, (error as Error).message);
      continue;
    }
    t.like(nft.objects.get(at).data, { l3proto: 'ip', l4proto, data }, l4proto);
  }
  t.true(nft.objects.list().length >= 4);
});

needs('nft-tunnel')('objects: tunnel metadata is read as it was written', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nft.tables.add({ family: 'netdev', name: 't' });
  const ports = { sport: 10, dport: 11, ttl: 12, tos: 13 } as const;
  const ip = { src: '192.0.2.1', dst: '192.0.2.2' } as const;
  const DATA = {
    plain: { id: 1, ip, flags: ['dont-fragment', 'seq-number'], ...ports },
    six: { id: 2, ip6: { src: 'fd00::1', dst: 'fd00::2', flowlabel: 3 }, ...ports },
    vxlan: { id: 3, ip, ...ports, opts: { vxlan: { gbp: 200 } } },
    erspan: { id: 4, ip, ...ports, opts: { erspan: { version: 1, v1Index: 5 } } },
    erspan2: { id: 5, ip, ...ports, opts: { erspan: { version: 2, v2Hwid: 6, v2Dir: 1 } } },
    geneve: {
      ...{ id: 6, ip, ...ports },
      opts: { geneve: [{ class: 0x1010, type: 1, data: Uint8Array.of(1, 2, 3, 4) }] },
    },
  } as const;
  for (const [name, data] of Object.entries(DATA)) {
    const at = { family: 'netdev', table: 't', name, type: 'tunnel' } as const;
    nft.objects.add({ ...at, data } as StatefulObjectSpec);
    const first = nft.objects.get(at);
    t.like(first.data, data, name);
    nft.objects.delete(at);
    nft.objects.add(first as StatefulObjectSpec);
    t.deepEqual(plain(nft.objects.find(at)), plain(first), name);
  }
});
