/** Flowtables, and the statement that adds connections to them. */
import { addChain, addFlowtable, addRule, addTable } from '../../../src/nftables/index.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import { ruleText } from '../../../src/nftables/rules/print-rule.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

needs('flowtable')(
  'flowtable: added by us, it is what nft shows, and what nft adds we list',
  (t) => {
    const ns = freshNamespace(t);
    ns.exec('ip', 'link', 'set', 'lo', 'up');
    using nft = openNftables({ netns: ns.path });
    const at = { family: 'inet', table: 't' } as const;
    nft.apply(
      addTable({ family: 'inet', name: 't' }),
      addFlowtable({ ...at, name: 'f', dev: ['lo'], flags: ['counter'] }),
      addChain({ ...at, name: 'c', hook: 'forward' }),
      addRule({
        ...{ ...at, chain: 'c' },
        expr: [{ name: 'flow_offload', data: { tableName: 'f' } }],
      }),
    );
    const text = ns.exec('nft', 'list', 'ruleset');
    t.regex(text, /flowtable f {\s+hook ingress priority filter\s+devices = { lo }\s+counter\s+}/);
    t.regex(text, /flow add @f/);
    const [rule] = nft.rules.list({ ...at, chain: 'c' });
    t.is(ruleText(rule!), 'flow add @f');
    t.like(nft.flowtables.get({ ...at, name: 'f' }), { dev: 'lo', hook: 'ingress', use: 1 });
    t.throws(() => nft.flowtables.delete({ ...at, name: 'f' }), { code: 'EBUSY' });
    nft.rules.delete({ ...at, chain: 'c', handle: rule!.handle! });
    nft.flowtables.delete({ ...at, name: 'f' });
    ns.exec('nft', 'add flowtable inet t g { hook ingress priority 5; devices = { lo }; }');
    t.deepEqual(
      nft.flowtables.list(at).map(({ name, prio }) => [name, prio]),
      [['g', 5]],
    );
  },
);
