/**
 * Removes over netlink what the reference's two back ends leave for an attachment: rules in the
 * table `inet cni_plugins_masquerade`, recognised by their comment, and the chain that iptables
 * over nf_tables made.
 *
 * reference: pkg/ip/ipmasq_nftables_linux.go and ipmasq_iptables_linux.go of
 * containernetworking/plugins 1.9.1.
 */
import type { Connection } from '../../netlink/connection.ts';
import { deleteChain, flushChain, getChain } from '../../nftables/chain/verbs.ts';
import { isKnown } from '../../nftables/messages/expression.ts';
import { keyText } from '../../nftables/messages/key.ts';
import { deleteRule, type InChain, type RuleObject } from '../../nftables/rule/verbs.ts';
import { IP_HEADER } from '../../nftables/rules/ip-header.ts';
import type { Attachment } from '../attach/attachment.ts';
import type { Masqueraded } from './backend.ts';
import { transact, type Batch } from './declared-nftables.ts';
import {
  chainName,
  hostOf,
  iptablesChain,
  POSTROUTING,
  referenceRulePrefix,
  spoofChains,
  type Family,
} from './rule-names.ts';

/** The chain with the rules of the nftables back end. */
export const CHECKS = {
  family: 'inet',
  table: 'cni_plugins_masquerade',
  chain: 'masq_checks',
} as const;
/** The chains that jump to those of the iptables back end. */
export const IPTABLES = [POSTROUTING.ip, POSTROUTING.ip6] as const;

export function removeReferenceRules(connection: Connection, entry: Masqueraded): void {
  const chains = IPTABLES.map((at) => ({ ...at, chain: iptablesChain(entry) }));
  transact(connection, (b) => {
    // On a node that never had the reference this is the only exchange.
    const [checks, ...found] = b.get(
      getChain(chainName(CHECKS)),
      ...chains.map((each) => getChain(chainName(each))),
    );
    if (checks !== undefined) planRules(b, entry);
    IPTABLES.forEach((at, i) => {
      if (found[i] !== undefined) planIptables(b, at, chains[i]!, entry);
    });
  });
}

/** The table, the chains and the rules for multicast stay, as the reference leaves them. */
function planRules(b: Batch, attachment: Attachment): void {
  const prefix = referenceRulePrefix(attachment);
  for (const { comment, handle } of b.rules.list(CHECKS)) {
    if (comment?.startsWith(prefix)) b.push(deleteRule({ ...CHECKS, handle: handle! }));
  }
}

/**
 * The reference names the chain by network and container, so two attachments of one container share
 * it. While another address still jumps there, only our own jump is removed.
 */
function planIptables(b: Batch, at: InChain, chain: InChain, entry: Masqueraded): void {
  const jumps = b.rules.list(at).filter((rule) => jumpsTo(rule, chain.chain));
  const hosts = new Set(entry.addresses.map(hostOf));
  const mine = jumps.filter((rule) => hosts.size === 0 || hosts.has(sourceOf(rule) ?? ''));
  for (const { handle } of mine) b.push(deleteRule({ ...at, handle: handle! }));
  if (mine.length === jumps.length) b.push(deleteChain(chainName(chain)));
}

function jumpsTo({ expr }: RuleObject, chain: string): boolean {
  return expr.some(
    (each) =>
      isKnown(each) && each.name === 'immediate' && each.data?.data?.verdict?.chain === chain,
  );
}

/** The address after `-s`, which iptables compares right after loading it. */
function sourceOf({ family, expr }: RuleObject): string | undefined {
  const expressions = expr.filter(isKnown);
  const { saddr } = IP_HEADER[family as Family];
  for (const [i, each] of expressions.entries()) {
    const next = expressions[i + 1];
    if (each.name !== 'payload' || each.data?.offset !== saddr || next?.name !== 'cmp') continue;
    const { value } = next.data?.data ?? {};
    if (value?.length === each.data.len) return keyText(TYPES[family as Family], value!);
  }
  return undefined;
}
const TYPES = { ip: 'ipv4_addr', ip6: 'ipv6_addr' } as const;

const NAT = { family: 'bridge', table: 'nat' } as const;
const PREROUTING = { ...NAT, chain: 'PREROUTING' } as const;

/**
 * What the reference's `macspoofchk` leaves: a rule in `bridge nat PREROUTING` and two chains. We
 * lock the port instead, which leaves nothing behind; but a node may have changed to our plugins
 * between ADD and DEL. The table and the base chain stay, as the reference leaves them. reference:
 * pkg/link/spoofcheck.go.
 */
export function removeReferenceSpoofCheck(connection: Connection, attachment: Attachment): void {
  const names = spoofChains(attachment);
  if (names.length === 0) return;
  const all = names.map((name) => ({ ...NAT, name }));
  const comment = `macspoofchk-${attachment.containerId}-${attachment.ifname}`;
  transact(connection, (b) => {
    const present = b.get(...all.map(getChain));
    if (present.every((chain) => chain === undefined)) return;
    for (const rule of b.rules.list(PREROUTING)) {
      if (rule.comment === comment) {
        b.push(deleteRule({ ...PREROUTING, handle: rule.handle! }));
      }
    }
    const chains = all.filter((_, i) => present[i] !== undefined);
    // Flushed before they are deleted: the first jumps to the second.
    b.push(...chains.map(flushChain), ...chains.map(deleteChain));
  });
}
