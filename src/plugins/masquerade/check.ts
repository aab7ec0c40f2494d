/** CHECK of masquerade by nf_tables: finds what is not as ADD left it. Reads only. */
import type { ChainObject } from '../../nftables/chain/verbs.ts';
import type { Expression } from '../../nftables/messages/expression.ts';
import { ruleText } from '../../nftables/rules/print-rule.ts';
import type { Masqueraded } from './backend.ts';
import type { Batch } from './declared-nftables.ts';
import { CHAIN, chainName, hostOf, ownerOf, placeOf, TABLE } from './rule-names.ts';
import { ruleOf } from './rule.ts';

const NAME = `${TABLE.family} ${TABLE.table}`;

/** Whether packets that leave the host pass the chain, and are accepted by its policy. */
export const isOnPostrouting = (chain: ChainObject | undefined): boolean =>
  chain?.type === 'nat' && chain.hook === 'postrouting' && chain.policy === 'accept';

/** The problems, one line each, in the order in which packets would meet them. */
export function findProblems(b: Batch, entry: Masqueraded): string[] {
  const table = b.tables.find({ family: TABLE.family, name: TABLE.table });
  if (table === undefined) return [`nftables table ${NAME} is missing`];
  if (!isOnPostrouting(b.chains.find(chainName(CHAIN)))) {
    return [`nftables chain ${NAME} ${CHAIN.chain} is not on the postrouting hook`];
  }
  if (table.flags?.includes('dormant')) return [`nftables table ${NAME} is dormant`];
  const rules = new Set(b.rules.list(CHAIN).map((each) => ruleText(each)));
  const problems: string[] = [];
  for (const address of entry.addresses) {
    const place = placeOf(entry.network, address);
    const rule = ruleText({ family: TABLE.family, expr: ruleOf(place) as Expression[] });
    if (!rules.has(rule)) problems.push(`nftables rule "${rule}" is missing from ${NAME}`);
    const found = b.elements.find({ ...TABLE, name: place.set, key: hostOf(address) });
    // An element that was made by hand has no owner.
    const owner = found?.comment ?? '';
    if (found === undefined) {
      problems.push(`${hostOf(address)} is not in the nftables set ${NAME} ${place.set}`);
    } else if (owner !== ownerOf(entry)) {
      problems.push(`${hostOf(address)} in the nftables set ${place.set} belongs to "${owner}"`);
    }
  }
  return problems;
}
