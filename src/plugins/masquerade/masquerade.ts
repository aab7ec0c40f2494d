/**
 * Masquerade: packets that a container sends out of its subnet leave with the host's address. There
 * are two back ends, nf_tables over netlink and the iptables programs; DEL removes what either of
 * them left, and what the two back ends of the reference left.
 *
 * Masqueraded are packets from a container's address to anywhere but that address's own subnet and
 * multicast, for each address separately, as in the reference (pkg/ip of
 * containernetworking/plugins 1.9.1).
 */
import type { Connection } from '../../netlink/connection.ts';
import { CniError, INVALID_NETWORK_CONFIG, PLUGIN_NOT_AVAILABLE } from '../../cni/errors.ts';
import type { NetworkConfig } from '../../cni/config.ts';
import { addTable, deleteTable } from '../wire/nft.ts';
import { commit } from '../wire/nft-transaction.ts';
import { addMembers } from './add.ts';
import type { Masquerade, Masqueraded, WholeMasquerade } from './backend.ts';
import { isWithoutNftables, openConnection } from './nft-connection.ts';
import {
  addExcepted,
  exceptedFamilies,
  readSurroundings,
  type Surroundings,
} from './exceptions.ts';
import { iptablesMasquerade, iptablesUsable } from './iptables.ts';
import { leaseHolders } from './lease-holders.ts';
import { TABLE } from './rule-names.ts';
import { removeMembers } from './remove.ts';

/** Masquerade as an ADD uses it. */
export interface OpenMasquerade {
  /**
   * Masquerades an attachment; returns a function that undoes it. When the network is in use, and
   * its rules are gone all the same, the attachments that hold leases are masqueraded too.
   */
  add(entry: Masqueraded, inUse: boolean): () => void;
  close(): void;
}

/** The keys of a plugin's configuration that matter here. */
interface Wanted {
  readonly ipMasqBackend?: string | undefined;
  readonly ipam: { readonly type: string };
}

/** For ADD. Throws, before anything was changed, when no back end can be used. */
export function openMasquerade(
  { ipMasqBackend, ipam }: Wanted,
  network: NetworkConfig,
): OpenMasquerade {
  const { backend, close } = openWith(masqueradeForAdd, ipMasqBackend);
  return {
    add: (entry, inUse) =>
      backend.add(entry, () => (inUse ? leaseHolders(network, ipam.type, entry.addresses) : [])),
    close,
  };
}

/** A back end with the connection that it uses. */
interface Opened<M extends Masquerade> {
  readonly backend: M;
  close(): void;
}

/** Opens the back end that `choose` chooses. */
export function openWith<M extends Masquerade>(
  choose: (connection: Connection | undefined, wanted: string | undefined) => M,
  wanted: string | undefined,
): Opened<M> {
  const connection = openConnection();
  try {
    return { backend: choose(connection, wanted), close: () => connection?.close() };
  } catch (error) {
    connection?.close();
    throw error;
  }
}

export const nftablesMembers = (connection: Connection): Masquerade => ({
  name: 'nftables',
  add: (entry, others = () => []) => addMembers(connection, entry, others),
  del: (entry) => removeMembers(connection, entry),
});

/**
 * The back end for ADD; `connection` is undefined on a kernel without nf_tables. By default it is
 * nftables where the kernel has it, except for addresses with an exception from masquerade in the
 * rules of iptables, which affects only rules of iptables. Throws when the configured back end, or
 * any, cannot be used. On a kernel that has nf_tables without the inet family this is only noticed
 * when the table is made, because trying it before takes the kernel as long as everything else.
 */
export function masqueradeForAdd(connection: Connection | undefined, wanted?: string): Masquerade {
  requireKnown(wanted);
  if (wanted === 'iptables' || connection === undefined) return otherBackend(wanted);
  const found = lookAround(connection);
  if (found === undefined) return otherBackend(wanted);
  const members = nftablesMembers(connection);
  return {
    ...members,
    add(entry, others) {
      const excepted = wanted === undefined ? exceptedFamilies(connection, found, entry) : [];
      if (excepted.length > 0 && iptablesUsable()) {
        return addExcepted(connection, members, excepted, entry, others);
      }
      if (found.isThere) return members.add(entry, others);
      try {
        return members.add(entry, others);
      } catch (error) {
        if (!isWithoutNftables(error) || nftablesUsable(connection)) throw error;
        return otherBackend(wanted).add(entry, others);
      }
    },
  };
}

/**
 * Whether our table exists, and which rules of others there are; undefined on a kernel without
 * nf_tables.
 */
function lookAround(connection: Connection): Surroundings | undefined {
  try {
    return readSurroundings(connection);
  } catch (error) {
    if (!isWithoutNftables(error)) throw error;
    return undefined;
  }
}

/** Throws for an unknown back end. */
export function requireKnown(wanted: string | undefined): void {
  if (wanted === undefined || wanted === 'nftables' || wanted === 'iptables') return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `unknown ipMasqBackend "${wanted}"`,
    'ipMasqBackend is "nftables" or "iptables"',
  );
}

const MISSING = {
  nftables: 'the kernel has no nf_tables with address translation in the inet family',
  iptables: 'iptables is missing or cannot change the nat table',
};

/** Iptables, when nftables is not configured or does not exist. */
export function otherBackend(wanted: string | undefined): WholeMasquerade {
  if (wanted !== 'nftables' && iptablesUsable()) return iptablesMasquerade();
  const reason =
    wanted === undefined
      ? `${MISSING.nftables}, and ${MISSING.iptables}`
      : MISSING[wanted as keyof typeof MISSING];
  throw new CniError(PLUGIN_NOT_AVAILABLE, 'ipMasq cannot be set up', reason);
}

/**
 * Whether ADD can work: tried with a table of another name, in one transaction that leaves nothing.
 */
export function nftablesUsable(connection: Connection): boolean {
  const found = lookAround(connection);
  if (found === undefined || found.isThere) return found !== undefined;
  const probe = { family: 'inet', table: `${TABLE.table}_probe` } as const;
  const changes = [addTable({ ...probe, comment: '' }), deleteTable(probe)];
  const refused = commit(connection, changes);
  if (refused !== undefined && !isWithoutNftables(refused)) throw refused;
  return refused === undefined;
}
