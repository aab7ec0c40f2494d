/** Masquerade by nf_tables over netlink, whole: what CHECK and STATUS ask of it too, which goes over the declarations. */
import type { Connection } from '../../netlink/connection.ts';
import { connect } from '../../netlink/connection.ts';
import * as query from '../../nftables/queries.ts';
import { nftables } from '../../nftables/protocol.ts';
import { transact } from '../../nftables/transaction.ts';
import { findProblems } from './masquerade-check.ts';
import { isOfNetwork, TABLE } from './masquerade-names.ts';
import { nftablesMembers, type WholeMasquerade } from './masquerade.ts';
import { collect } from './masquerade-remove.ts';

export function nftablesMasquerade(connection: Connection): WholeMasquerade {
  const declared = connect(nftables, connection.socket);
  return {
    ...nftablesMembers(connection),
    check: (entry) => transact(declared, (b) => findProblems(b, entry)),
    knows: (network) =>
      transact(declared, (b) => {
        const [table] = b.get(query.getTable(TABLE));
        const sets = table === undefined ? [] : b.list(query.listSets(TABLE));
        return sets.some(({ attrs }) => isOfNetwork(attrs.name ?? '', network));
      }),
    gc: (network, valid) => collect(connection, network, valid),
  };
}
