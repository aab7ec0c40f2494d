/** CHECK of masquerade by nf_tables: finds what is not as ADD left it. Reads only. */
import type { Chain } from '../../nftables/messages/chain.ts';
import * as query from '../../nftables/queries.ts';
import { ruleText } from '../../nftables/rules/print-rule.ts';
import type { Rule } from '../../nftables/messages/rule.ts';
import type { Batch } from '../../nftables/transaction.ts';
import type { Masqueraded } from './masquerade.ts';
import { CHAIN, hostOf, ownerOf, placeOf, TABLE } from './names.ts';
import { getElement, ownerIn, ruleOf } from './table.ts';

const NAME = `${TABLE.family} ${TABLE.table}`;
/** `NF_INET_POST_ROUTING`, include/uapi/linux/netfilter.h. */
const POSTROUTING = 4;

/** Whether packets that leave the host pass the chain, and are accepted by its policy. */
export function isOnPostrouting(chain: Chain | undefined): boolean {
  const { type, hook, policy } = chain?.attrs ?? {};
  return type === 'nat' && hook?.hooknum === POSTROUTING && policy === 'accept';
}

/** The problems, one line each, in the order in which packets would meet them. */
export function findProblems(b: Batch, entry: Masqueraded): string[] {
  const [table, chain] = b.get(query.getTable(TABLE), query.getChain(CHAIN));
  if (table === undefined) return [`nftables table ${NAME} is missing`];
  if (!isOnPostrouting(chain)) {
    return [`nftables chain ${NAME} ${CHAIN.chain} is not on the postrouting hook`];
  }
  if (table.attrs.flags?.includes('dormant')) return [`nftables table ${NAME} is dormant`];
  const rules = new Set(b.list(query.listRules(CHAIN)).map((each) => ruleText(each)));
  const problems: string[] = [];
  for (const address of entry.addresses) {
    const place = placeOf(entry.network, address);
    const rule = ruleText({ family: TABLE.family, attrs: { expressions: ruleOf(place) } } as Rule);
    if (!rules.has(rule)) problems.push(`nftables rule "${rule}" is missing from ${NAME}`);
    const [found] = b.get(getElement(place.set, address));
    const owner = ownerIn(found);
    if (owner === undefined) {
      problems.push(`${hostOf(address)} is not in the nftables set ${NAME} ${place.set}`);
    } else if (owner !== ownerOf(entry)) {
      problems.push(`${hostOf(address)} in the nftables set ${place.set} belongs to "${owner}"`);
    }
  }
  return problems;
}
