/** `reset` tells what was counted, and the kernel begins at zero. */
import { openNftables } from '../../../src/nftables/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const RULESET = `table inet t {
  counter n { packets 3 bytes 180 }
  quota q { over 25 mbytes used 1 mbytes }
  set s { type ipv4_addr; counter; elements = { 192.0.2.1 counter packets 2 bytes 84, 192.0.2.2 counter packets 1 bytes 42 }; }
  chain c { counter packets 1 bytes 52 accept; }
  chain d { counter packets 7 bytes 70; }
}`;
const at = { family: 'inet', table: 't' } as const;

needs('nftables-inet')('reset: objects of one type, the others stay', (t) => {
  const ns = freshNamespace(t);
  ns.exec('nft', RULESET);
  using nft = openNftables({ netns: ns.path });
  const [counter, ...others] = nft.objects.reset({ ...at, type: 'counter' });
  t.deepEqual(others, []);
  t.like(counter, { name: 'n', data: { packets: 3n, bytes: 180n } });
  const text = ns.exec('nft', 'list', 'ruleset');
  t.regex(text, /counter n {\s+packets 0 bytes 0/);
  t.regex(text, /quota q {\s+over 25 mbytes used 1 mbytes/);
  t.is(nft.objects.reset().length, 2);
  t.notRegex(ns.exec('nft', 'list', 'ruleset'), /used/);
  t.deepEqual(nft.objects.reset({ family: 'inet', table: 'nowhere' }), []);
});

needs('nft-destroy')('reset: rules of one chain, elements of a set, and one element', (t) => {
  const ns = freshNamespace(t);
  ns.exec('nft', RULESET);
  using nft = openNftables({ netns: ns.path });
  const [rule, ...others] = nft.rules.reset({ ...at, chain: 'c' });
  t.deepEqual(others, []);
  t.like(rule!.expr[0], { name: 'counter', data: { packets: 1n, bytes: 52n } });
  const set = { ...at, name: 's' } as const;
  const counts = (elements: readonly { key?: unknown; expr?: readonly object[] }[]): unknown[] =>
    elements
      .map(({ key, expr }) => [key, (expr![0] as { data: { packets: bigint } }).data.packets])
      .sort();
  t.deepEqual(counts(nft.elements.reset({ ...set, key: '192.0.2.1' })), [['192.0.2.1', 2n]]);
  t.deepEqual(counts(nft.elements.list(set)), [
    ['192.0.2.1', 0n],
    ['192.0.2.2', 1n],
  ]);
  t.deepEqual(counts(nft.elements.reset(set)), [
    ['192.0.2.1', 0n],
    ['192.0.2.2', 1n],
  ]);
  const text = ns.exec('nft', 'list', 'ruleset');
  t.regex(text, /192.0.2.2 counter packets 0 bytes 0/);
  t.regex(text, /chain c {\s+counter packets 0 bytes 0 accept/);
  t.regex(text, /chain d {\s+counter packets 7 bytes 70/);
  t.deepEqual(nft.rules.reset({ family: 'inet', table: 'nowhere' }), []);
  t.deepEqual(nft.elements.reset({ ...at, name: 'nowhere' }), []);
  t.throws(() => nft.elements.reset({ ...set, key: '192.0.2.9' }), { code: 'ENOENT' });
});
