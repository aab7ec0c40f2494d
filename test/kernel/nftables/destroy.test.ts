/** `destroy` deletes what is there, and is content with what is not. */
import { openNftables } from '../../../src/nftables/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const RULESET = `table inet t {
  counter n { }
  set s { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
  set used { type ipv4_addr; }
  chain c { counter; }
  chain d { ip saddr @used accept; }
}`;

needs('nft-destroy')('destroy: every object, whether it is there or not', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const at = { family: 'inet', table: 't' } as const;
  const listed = (): string => ns.exec('nft', 'list', 'ruleset').replace(/\s+/g, ' ').trim();
  nft.tables.destroy({ family: 'inet', name: 't' });
  ns.exec('nft', RULESET);
  const handle = nft.rules.list({ ...at, chain: 'c' })[0]!.handle!;
  for (const [destroy, text] of [
    [() => nft.rules.destroy({ ...at, chain: 'c', handle }), /chain c { }/],
    [() => nft.chains.destroy({ ...at, name: 'c' }), /^(?!.*chain c)/],
    [
      () => nft.elements.destroy({ ...at, name: 's', elem: [{ key: '192.0.2.1' }] }),
      /elements = { 192.0.2.2 }/,
    ],
    [() => nft.sets.destroy({ ...at, name: 's' }), /^(?!.*set s )/],
    [() => nft.objects.destroy({ ...at, type: 'counter', name: 'n' }), /^(?!.*counter n)/],
    [() => nft.flowtables.destroy({ ...at, name: 'f' }), /^(?!.*flowtable)/],
    [() => nft.tables.destroy({ family: 'inet', name: 't' }), /^$/],
  ] as const) {
    if (String(text) === '/^$/') {
      t.throws(() => nft.sets.destroy({ ...at, name: 'used' }), { code: 'EBUSY' });
    }
    destroy();
    t.regex(listed(), text);
    const before = listed();
    // Rules, elements and the like need their table, not themselves.
    t.notThrows(destroy);
    t.is(listed(), before);
  }
  t.throws(() => nft.chains.destroy({ ...at, name: 'c' }), { code: 'ENOENT' });
});

needs('nft-destroy')('destroy: in a transaction, the table is made anew', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const table = { family: 'inet', name: 't' } as const;
  for (const comment of ['first', 'second']) {
    nft.transact((b) => {
      b.tables.destroy(table);
      b.tables.add({ ...table, comment, exclusive: true });
    });
    t.is(nft.tables.get(table).comment, comment);
  }
});
