/**
 * One of several processes that change rulesets at the same time, for
 * `test/kernel/masquerade/churn.test.ts`: it attaches and detaches containers, or, as `foreign`,
 * keeps changing a table of its own. Exits 1 with a line for what went wrong.
 *
 *     node masquerade-churn.ts NETNS NUMBER ROUNDS
 *     node masquerade-churn.ts NETNS foreign ROUNDS
 */
import * as change from '../../src/nftables/index.ts';
import { openNftables } from '../../src/nftables/open.ts';
import { nftablesMasquerade } from '../../src/plugins/masquerade/nftables.ts';

const [netns, who, count] = process.argv.slice(2) as [string, string, string];
const rounds = Number(count);
using nft = openNftables({ netns });

function foreign(): void {
  const table = { family: 'ip', name: 'foreign' } as const;
  for (let round = 0; round < rounds; round++) {
    nft.apply(
      change.addTable(table),
      change.addChain({ family: 'ip', table: table.name, name: `c${round % 10}` }),
    );
    if (round % 50 === 49) nft.apply(change.deleteTable(table));
  }
}

function attachments(): void {
  const masquerade = nftablesMasquerade(nft);
  for (let round = 0; round < rounds; round++) {
    const entries = [0, 1, 2].map((i) => ({
      network: 'net1',
      containerId: `c${who}-${i}`,
      ifname: 'eth0',
      addresses: [`10.${who}.${i}.2/8`, `fd00::${who}:${i}/64`],
    }));
    for (const entry of entries) masquerade.add(entry);
    for (const entry of entries) {
      const problems = masquerade.check(entry);
      if (problems.length > 0) throw new Error(`round ${round}: ${problems.join('; ')}`);
    }
    for (const entry of entries) masquerade.del(entry);
  }
}

try {
  if (who === 'foreign') foreign();
  else attachments();
} catch (error) {
  console.error(`${who}: ${(error as Error).message}`);
  process.exitCode = 1;
}
