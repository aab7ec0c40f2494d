/**
 * The rules of an attachment that are not in our table: those that ADD makes by iptables where it
 * has to, and those that the reference left.
 */
import { connect } from '../../netlink/connection.ts';
import type { RemoveRules } from './backend.ts';
import { declaredNftables } from './declared-nftables.ts';
import { whereNftables } from './nft-connection.ts';
import { iptablesMasquerade } from './iptables.ts';
import { removeReferenceRules, removeReferenceSpoofCheck } from './reference.ts';

export const removeElsewhere: RemoveRules = (connection, entry, attempt) => {
  if (connection !== undefined) {
    const declared = connect(declaredNftables, connection.socket);
    attempt(() => whereNftables(() => removeReferenceRules(declared, entry)));
    attempt(() => whereNftables(() => removeReferenceSpoofCheck(declared, entry)));
  }
  attempt(() => iptablesMasquerade().del(entry));
};
