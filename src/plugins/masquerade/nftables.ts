/**
 * All of masquerade by nf_tables over netlink: also CHECK and STATUS, which use the declarations.
 */
import type { Connection } from '../../netlink/connection.ts';
import { connect } from '../../netlink/connection.ts';
import { listRules } from '../wire/nft.ts';
import { all, ask } from '../wire/nft-ask.ts';
import { findProblems } from './check.ts';
import {
  families,
  nftFamilyOf,
  isIptablesChain,
  isOfNetwork,
  POSTROUTING,
  TABLE,
  type Family,
} from './rule-names.ts';
import type { WholeMasquerade } from './backend.ts';
import { declaredNftables, transact } from './declared-nftables.ts';
import {
  nftablesMembers,
  nftablesUsable,
  openWith,
  otherBackend,
  requireKnown,
} from './masquerade.ts';
import { masqueradesByReference } from './reference-check.ts';
import { hasLegacyNat } from './rule-tables.ts';
import { verdictOf } from './verdicts.ts';

/** The back end that ADD would choose, for CHECK and STATUS; throws when there is none. */
export const openWholeMasquerade = (wanted: string | undefined) =>
  openWith(wholeMasquerade, wanted);

/** No connection on a kernel without nf_tables. */
export function wholeMasquerade(
  connection: Connection | undefined,
  wanted?: string,
): WholeMasquerade {
  requireKnown(wanted);
  if (wanted !== 'iptables' && connection !== undefined && nftablesUsable(connection)) {
    return nftablesMasquerade(connection, wanted);
  }
  return otherBackend(wanted);
}

/**
 * `wanted` is the configured back end; CHECK accepts the reference's rules of that one, or of
 * either.
 */
export function nftablesMasquerade(connection: Connection, wanted?: string): WholeMasquerade {
  const declared = connect(declaredNftables, connection.socket);
  return {
    ...nftablesMembers(connection),
    // Each family separately: an exception in the rules of one family sends only that one to
    // iptables.
    check(entry) {
      const problems = families.flatMap((family) => {
        const addresses = entry.addresses.filter((address) => nftFamilyOf(address) === family);
        if (addresses.length === 0) return [];
        const own = { ...entry, addresses };
        const found = transact(declared, (b) => findProblems(b, own));
        return found.length > 0 && masqueradesByReference(declared, own, wanted) ? [] : found;
      });
      // Problems of the complete table would be reported twice.
      return [...new Set(problems)];
    },
    knows(network) {
      const sets = transact(declared, (b) => b.sets.list(TABLE));
      return (
        sets.some(({ name }) => isOfNetwork(name, network)) ||
        (wanted === undefined && families.some((family) => mayKnow(connection, family)))
      );
    },
  };
}

/** Whether iptables has chains of containers, of any network. */
const mayKnow = (connection: Connection, family: Family): boolean =>
  hasLegacyNat(family) ||
  ask(connection, [all(listRules(POSTROUTING[family]))])[0].some((rule) => {
    const { target } = verdictOf(rule, family);
    return target !== undefined && isIptablesChain(target);
  });
