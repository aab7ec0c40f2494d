/**
 * Transactions on the real kernel: atomic, bound to what was read, and clear about what was
 * refused.
 */
import { NetlinkError } from '../../../src/errors.ts';
import * as change from '../../../src/nftables/index.ts';
import * as nftables from '../../../src/nftables/index.ts';
import { ip, rule } from '../../../src/nftables/rules/match.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import { getElement, getSet, getTable } from '../../../src/nftables/index.ts';
import { accept, jump, masquerade } from '../../../src/nftables/rules/statement.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const inet = needs('nftables-inet');
const T = { family: 'inet', name: 't' } as const;
const IN_T = { family: 'inet', table: 't' } as const;
const C = { ...IN_T, name: 'c' } as const;
const IN_C = { ...IN_T, chain: 'c' } as const;
const S = { ...IN_T, name: 's' } as const;

inet('nftables: table, chain, set, elements and rule are what nft lists', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nft.apply(
    change.addTable({ ...T, comment: 'all of it' }),
    change.addSet({ ...S, type: 'ipv4_addr', comment: 'hosts' }),
    change.addElements({ ...S, elem: [{ key: '10.1.2.2', comment: 'net1 c1 eth0' }] }),
    change.addSet({ ...IN_T, name: 'p', type: ['ipv4_addr', 'inet_service'], flags: ['interval'] }),
    change.addElements({
      ...IN_T,
      name: 'p',
      elem: [{ key: ['10.1.2.0', 80], keyEnd: ['10.1.2.255', 90] }],
    }),
    change.addChain({
      ...C,
      type: 'nat',
      hook: 'postrouting',
      prio: 'srcnat',
      policy: 'accept',
    }),
    change.addRule({
      ...IN_C,
      expr: rule('inet', ip.saddr.in('s'), ip.daddr.not('224.0.0.0/4'), masquerade()),
      comment: 'net1',
    }),
  );
  t.is(
    ns.exec('nft', 'list', 'ruleset'),
    `table inet t {
	comment "all of it"
	set s {
		type ipv4_addr
		comment "hosts"
		elements = { 10.1.2.2 comment "net1 c1 eth0" }
	}

	set p {
		type ipv4_addr . inet_service
		flags interval
		elements = { 10.1.2.0/24 . 80-90 }
	}

	chain c {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr @s ip daddr != 224.0.0.0/4 masquerade comment "net1"
	}
}
`,
  );
  t.deepEqual(
    nft.elements.list(S).map(({ comment }) => comment),
    ['net1 c1 eth0'],
  );
  t.deepEqual(
    nft.sets.list(IN_T).map(({ name }) => name),
    ['s', 'p'],
  );
  t.is(nft.chains.list(IN_T)[0]!.prio, 100);
});

inet('nftables: adding twice is no error unless it is asked for', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const element = { ...S, elem: [{ key: '10.1.2.2' }] };
  const all = [
    change.addTable(T),
    change.addSet({ ...S, type: 'ipv4_addr' }),
    change.addElements(element),
  ];
  nft.apply(...all);
  nft.apply(...all);
  const error = t.throws<NetlinkError>(() =>
    nft.apply(change.addElements({ ...element, exclusive: true })),
  );
  t.is(error.code, 'EEXIST');
  t.is(error.subject, 'inet t s');
});

inet('nftables: one refused change undoes all others', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const error = t.throws<NetlinkError>(() =>
    nft.apply(change.addTable(T), change.addChain(C), change.deleteSet(S)),
  );
  t.is(error.code, 'ENOENT');
  t.is(error.operation, 'NFT_MSG_DELSET');
  t.is(error.index, 2);
  t.is(ns.exec('nft', 'list', 'ruleset'), '');
});

inet('nftables: the error names the object and the expression', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const error = t.throws<NetlinkError>(() =>
    nft.apply(
      change.addTable(T),
      change.addChain({ ...C, hook: 'input' }),
      change.addRule({ ...IN_C, expr: rule('inet', ip.saddr.in('nowhere'), accept()) }),
    ),
  );
  t.is(error.code, 'ENOENT');
  t.is(error.index, 2);
  t.regex(error.message, /^NFT_MSG_NEWRULE "inet t c expression 4 lookup": ENOENT/);
});

inet('nftables: a chain that is jumped to cannot be deleted', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nft.apply(
    change.addTable(T),
    change.addChain(C),
    change.addChain({ ...IN_T, name: 'from' }),
    change.addRule({ ...IN_T, chain: 'from', expr: rule('inet', jump('c')) }),
  );
  t.throws(() => nft.apply(change.deleteChain(C)), { code: 'EBUSY', message: /inet t c/ });
  nft.apply(change.flushChain({ ...IN_T, name: 'from' }), change.deleteChain(C));
  t.is(nft.chains.list().length, 1);
});

inet('nftables: what is not there is undefined, and an empty list', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nft.transact((b) => {
    t.deepEqual(b.get(getTable(T), getSet(S), getElement({ ...S, key: '10.1.2.2' })), [
      undefined,
      undefined,
      undefined,
    ]);
  });
  t.deepEqual(nft.rules.list(IN_C), []);
  t.deepEqual(nft.elements.list(S), []);
});

inet('nftables: a plan is made again when the ruleset has changed since it was read', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const seen: boolean[] = [];
  nft.transact((b) => {
    const [table] = b.get(getTable(T));
    seen.push(table !== undefined);
    // Another process is faster.
    if (seen.length === 1) ns.exec('nft', 'add', 'table', 'inet', 't');
    b.push(table === undefined ? change.addTable({ ...T, exclusive: true }) : change.addChain(C));
  });
  t.deepEqual(seen, [false, true]);
  t.is(nft.chains.list(IN_T).length, 1);
});

inet('nftables: a plan that gives up the binding is made once', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  let plans = 0;
  nft.transact((b) => {
    b.get(getTable(T));
    plans++;
    ns.exec('nft', 'add', 'table', 'ip', 'other');
    b.push(change.addTable(T));
    b.unbind();
  });
  t.is(plans, 1);
});

inet('nftables: a ruleset that never rests is an error in the end', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  using other = openNftables({ netns: ns.path });
  let plans = 0;
  const error = t.throws<NetlinkError>(() =>
    nft.transact(
      (b) => {
        b.get(getTable(T));
        other.apply(change.addTable({ family: 'ip', name: `t${plans++}` }));
        b.push(change.addTable(T));
      },
      { retries: 12 },
    ),
  );
  t.is(error.code, 'ERESTART');
  t.is(plans, 13);
});

inet('nftables: a transaction may be larger than the send buffer', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const elem = Array.from({ length: 20_000 }, (_, i) => ({
    key: `10.1.${i >> 8}.${i & 255}`,
    comment: `element ${i}`,
  }));
  const messages = Array.from({ length: 40 }, (_, i) =>
    change.addElements({ ...S, elem: elem.slice(i * 500, (i + 1) * 500) }),
  );
  nft.apply(change.addTable(T), change.addSet({ ...S, type: 'ipv4_addr' }), ...messages);
  t.is(nft.elements.list(S).length, 20_000);
  nft.apply(change.flushSet(S));
  t.is(nft.elements.list(S).length, 0);
});

inet('nftables: the entry point has what its samples use', async (t) => {
  const ns = freshNamespace(t);
  using connection = nftables.openNftables({ netns: ns.path });
  const { signal } = new AbortController();
  const monitor = connection.monitor({ signal });
  t.teardown(() => monitor.close());
  const example = { family: 'inet', name: 'example' } as const;
  connection.transact((b) => {
    const [table] = b.get(nftables.getTable(example));
    if (table === undefined) b.push(nftables.addTable(example));
  });
  connection.transact((b) => t.is(b.list(nftables.listTables({ family: 'inet' })).length, 1));
  for await (const event of monitor) {
    const told: nftables.RulesetEvent = event;
    t.is(told.type, 'table');
    break;
  }
});
