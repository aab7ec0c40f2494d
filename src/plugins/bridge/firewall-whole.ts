/**
 * All operations on rules: what CHECK and STATUS need, GC, and the removal of other
 * implementations' rules in DEL.
 */
import type { Connection } from '../../netlink/connection.ts';
import { connect } from '../../netlink/connection.ts';
import { nftables } from '../../nftables/nf-tables.ts';
import type { Attachment } from '../attach/attachment.ts';
import type { Invocation } from '../../cni/skel.ts';
import type { BridgeConfig } from './config.ts';
import { addressesOf, openWith, type Firewall } from './firewall.ts';
import {
  isWithoutNftables,
  nftablesMembers,
  nftablesUsable,
  openConnection,
  otherBackend,
  requireKnown,
  type Masqueraded,
  type WholeMasquerade,
} from '../masquerade/masquerade.ts';
import { iptablesMasquerade } from '../masquerade/iptables.ts';
import { nftablesMasquerade } from '../masquerade/nftables.ts';
import { removeReferenceRules } from '../masquerade/reference.ts';
import { collect } from '../masquerade/remove.ts';
import { removeReferenceSpoofCheck } from './spoof-reference.ts';

/**
 * The back end that ADD would choose, where masquerade is configured; throws when there is none.
 */
export const openWholeFirewall = (config: BridgeConfig): Firewall<WholeMasquerade> | undefined =>
  openWith(config, wholeMasquerade);

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
 * DEL: removes our rules and the reference's. If there is no connection, a new one is tried: a
 * failed connection does not mean that there are no rules.
 */
export function dropRules(
  attachment: Attachment,
  invocation: Invocation,
  found: Connection | undefined,
): void {
  const entry = { ...attachment, addresses: addressesOf(invocation) };
  const own = found === undefined ? openConnection() : undefined;
  const connection = found ?? own;
  if (connection === undefined) {
    iptablesMasquerade().del(entry);
    return;
  }
  try {
    removeMasquerade(connection, entry);
    removeReferenceSpoofCheck(connect(nftables, connection.socket), attachment);
  } catch (error) {
    if (!isWithoutNftables(error)) throw error;
  } finally {
    own?.close();
  }
}

/**
 * Removes the rules of every back end, ours and the reference's. Continues after a failure and
 * throws all failures at the end.
 */
export function removeMasquerade(connection: Connection, entry: Masqueraded): void {
  const failures: unknown[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!isWithoutNftables(error)) failures.push(error);
    }
  };
  attempt(() => nftablesMembers(connection).del(entry));
  attempt(() => removeReferenceRules(connect(nftables, connection.socket), entry));
  attempt(() => iptablesMasquerade().del(entry));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
}

/** GC: removes what does not belong to the attachments in `kept`. */
export function collectMasquerade(network: string, kept: () => ReadonlySet<string>): void {
  const connection = openConnection();
  try {
    if (connection !== undefined) collect(connection, network, kept);
  } catch (error) {
    if (!isWithoutNftables(error)) throw error;
  } finally {
    connection?.close();
  }
}
