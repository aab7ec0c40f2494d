/** Base chains as `addChain` makes them, and the words for their priorities, beside nft's. */
import { addChain, addTable } from '../../../src/nftables/index.ts';
import {
  priorityNumber,
  priorityText,
  type HookName,
} from '../../../src/nftables/messages/hook.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

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
      PRIORITIES.map((prio) => ({ ...table, name: `${hook}${prio}`, hook, prio })),
    );
    nft.apply(addTable({ family: table.family, name: 't' }), ...chains.map(addChain));
    const theirs = ns.exec('nft', 'list ruleset').match(/hook \w+ priority [^;]+/g);
    const ours = nft.chains.list(table).map(({ hook, prio }) => {
      return `hook ${hook} priority ${priorityText(table.family, hook as HookName, prio!)}`;
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
