/** Masquerade by nf_tables over netlink, whole: what CHECK and STATUS ask of it too, which goes over the declarations. */
import type { Connection } from '../../netlink/connection.ts';
import { connect } from '../../netlink/connection.ts';
import * as query from '../../nftables/queries.ts';
import { nftables } from '../../nftables/protocol.ts';
import { transact } from '../../nftables/transaction.ts';
import { findProblems } from './masquerade-check.ts';
import { isOfNetwork, ownerOf, TABLE } from './masquerade-names.ts';
import { nftablesMembers, type WholeMasquerade } from './masquerade.ts';
import { collect } from './masquerade-remove.ts';
import { masqueradesByReference } from './reference-check.ts';

/** `wanted` is the back end that the configuration asks for; CHECK lets the reference's rules count by that one, or by either. */
export function nftablesMasquerade(connection: Connection, wanted?: string): WholeMasquerade {
  const declared = connect(nftables, connection.socket);
  return {
    ...nftablesMembers(connection),
    check(entry) {
      const problems = transact(declared, (b) => findProblems(b, entry));
      if (problems.length === 0 || masqueradesByReference(declared, entry, wanted)) return [];
      return problems;
    },
    knows: (network) =>
      transact(declared, (b) => {
        const [table] = b.get(query.getTable(TABLE));
        const sets = table === undefined ? [] : b.list(query.listSets(TABLE));
        return sets.some(({ attrs }) => isOfNetwork(attrs.name ?? '', network));
      }),
    gc: (network, valid) => collect(connection, network, () => new Set(valid.map(ownerOf))),
  };
}
