/** Changes of a ruleset as the kernel tells them, made by nft. */
import { ruleText } from '../../../src/nftables/rules/print-rule.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

needs('nftables-inet')(
  'monitor: what nft changes is reported in order, and each transaction ends',
  async (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    await using monitor = nft.monitor();
    ns.exec(
      'nft',
      'add table inet t; add set inet t s { type ipv4_addr; }; add element inet t s { 10.1.2.3 }; add chain inet t c; add rule inet t c ip saddr @s accept',
    );
    ns.exec('nft', 'delete', 'table', 'inet', 't');
    const told: string[] = [];
    for await (const event of monitor) {
      if (!('action' in event)) told.push(event.type);
      else told.push(`${event.action} ${event.type}`);
      if (event.type === 'rule' && event.action === 'new')
        t.is(ruleText(event.value), 'ip saddr @s accept');
      if (told.at(-2) === 'del table') break;
    }
    t.deepEqual(told.slice(0, 6), [
      'new table',
      'new set',
      'new element',
      'new chain',
      'new rule',
      'generation',
    ]);
    t.deepEqual(told.slice(-2), ['del table', 'generation']);
  },
);
