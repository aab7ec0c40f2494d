/**
 * CHECK of attachments that the reference made: its rules for the same configuration count in place
 * of ours. Reads only, and only where our rules are missing.
 *
 * reference: pkg/ip/ipmasq_*_linux.go and pkg/link/spoofcheck.go of containernetworking/plugins
 * 1.9.1.
 */
import type { Connection } from '../../netlink/connection.ts';
import { connect } from '../../netlink/connection.ts';
import { ip, ip6, rule } from '../../nftables/rules/match.ts';
import { ruleText } from '../../nftables/rules/print-rule.ts';
import { getChain } from '../../nftables/chain/verbs.ts';
import type { Expression } from '../../nftables/messages/expression.ts';
import type { InChain, RuleObject } from '../../nftables/rule/verbs.ts';
import { masquerade } from '../../nftables/rules/statement.ts';
import type { Attachment } from '../attach/attachment.ts';
import type { Masqueraded } from './backend.ts';
import { declaredNftables, transact, type Batch } from './declared-nftables.ts';
import { isWithoutNftables, openConnection } from './nft-connection.ts';
import { isOnPostrouting } from './check.ts';
import { iptablesMasquerade } from './iptables.ts';
import {
  chainName,
  hostOf,
  iptablesChain,
  placeOf,
  referenceRulePrefix,
  spoofChains,
} from './rule-names.ts';
import { CHECKS, IPTABLES } from './reference.ts';
import { hasLegacyNat } from './rule-tables.ts';

/**
 * Whether the reference masquerades all addresses of the attachment, by the back end `wanted` or by
 * either.
 */
export function masqueradesByReference(
  declared: Connection,
  entry: Masqueraded,
  wanted: string | undefined,
): boolean {
  if (transact(declared, (b) => hasNftables(b, entry))) return true;
  if (wanted === 'nftables') return false;
  // Checked first: the programs may create the tables that they read.
  const chains = IPTABLES.map((at) => getChain(chainName({ ...at, chain: iptablesChain(entry) })));
  const found = transact(declared, (b) => b.get(...chains));
  const isFound = found.some((chain) => chain !== undefined);
  const mayBe = isFound || hasLegacyNat('ip') || hasLegacyNat('ip6');
  return mayBe && iptablesMasquerade().check(entry).length === 0;
}

/** Whether there is a rule for each address in a chain that is called from the postrouting hook. */
function hasNftables(b: Batch, entry: Masqueraded): boolean {
  const hooked = { ...CHECKS, chain: 'postrouting' };
  const chain = b.chains.find(chainName(hooked));
  if (!isOnPostrouting(chain) || !textsOf(b, hooked).includes(`goto ${CHECKS.chain}`)) return false;
  const prefix = referenceRulePrefix(entry);
  const own = b.rules.list(CHECKS).filter(({ comment }) => comment?.startsWith(prefix));
  const texts = own.map(textOf);
  return entry.addresses.every((address) => {
    const { family, subnet } = placeOf(entry.network, address);
    const { saddr, daddr } = family === 'ip' ? ip : ip6;
    const wanted = [saddr.is(hostOf(address)), daddr.not(subnet), masquerade()];
    const expr = rule('inet', ...wanted) as Expression[];
    return texts.includes(ruleText({ family: 'inet', expr }));
  });
}

/** Whether the reference's rules allow only the container's MAC address through a port. */
export function guardsByReference(attachment: Attachment, port: string, mac: string): boolean {
  const [chain, inner] = spoofChains(attachment);
  if (chain === undefined || inner === undefined) return false;
  const connection = openConnection();
  if (connection === undefined) return false;
  const at = { family: 'bridge', table: 'nat' } as const;
  try {
    return transact(connect(declaredNftables, connection.socket), (b) => {
      const jump = `iifname "${port}" jump ${chain}`;
      if (!textsOf(b, { ...at, chain: 'PREROUTING' }).includes(jump)) return false;
      const [first, last] = textsOf(b, { ...at, chain: inner });
      if (first !== `ether saddr ${mac} return` || last !== 'drop') return false;
      return textsOf(b, { ...at, chain }).includes(`jump ${inner}`);
    });
  } catch (error) {
    if (isWithoutNftables(error)) return false;
    throw error;
  } finally {
    connection.close();
  }
}

const textsOf = (b: Batch, chain: InChain): string[] => b.rules.list(chain).map(textOf);

/** The text of a rule without its comment. */
const textOf = ({ family, expr }: RuleObject): string => ruleText({ family, expr });
