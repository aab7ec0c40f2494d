/** Base chains as `addChain` makes them, and the words for their priorities, beside nft's. */
import { addChain, addTable } from '../../src/nftables/changes.ts';
import { hookName, priorityNumber, priorityText } from '../../src/nftables/messages/hook.ts';
import { openNftables } from '../../src/nftables/open.ts';
import { freshNamespace } from '../harness/namespace.ts';
import { needs } from '../harness/needs.ts';

const HOOKS = {
  inet: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  ip: ['prerouting', 'forward', 'postrouting'],
  ip6: ['prerouting', 'forward', 'postrouting'],
  arp: ['input', 'output'],
  bridge: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
} as const;
/** All that have a word in some family, and some beside them. */
const PRIORITIES = [-311, -310, -300, -200, -150, -100, -89, -10, 0, 7, 11, 50, 60, 100, 300];

for (const [family, hooks] of Object.entries(HOOKS)) {
  const feature = family === 'bridge' ? 'nftables-bridge' : 'nftables-inet';
  needs(feature)(`chain: priorities of family ${family} are in nft's words, by hook`, (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    const table = { family, table: 't' } as { family: keyof typeof HOOKS; table: string };
    const chains = hooks.flatMap((hook) =>
      PRIORITIES.map((priority) => ({ ...table, chain: `${hook}${priority}`, hook, priority })),
    );
    nft.apply(addTable(table), ...chains.map(addChain));
    const theirs = ns.exec('nft', 'list ruleset').match(/hook \w+ priority [^;]+/g);
    const ours = nft.chains(table).map(({ attrs }) => {
      const hook = hookName(table.family, attrs.hook!.hooknum!)!;
      return `hook ${hook} priority ${priorityText(table.family, hook, attrs.hook!.priority!)}`;
    });
    t.deepEqual(ours, theirs);
  });
}

needs('nftables-inet')('chain: a word for a priority goes with its hooks only', (t) => {
  t.is(priorityNumber('inet', 'postrouting', 'srcnat'), 100);
  t.is(priorityNumber('bridge', 'postrouting', 'srcnat'), 300);
  t.throws(() => priorityNumber('inet', 'forward', 'srcnat'), {
    message: 'priority: family inet has no priority srcnat on hook forward: use a number',
  });
  const ns = freshNamespace(t);
  ns.exec('nft', 'add table inet t');
  t.throws(() =>
    ns.exec('nft', 'add chain inet t c { type filter hook forward priority srcnat; }'),
  );
});
