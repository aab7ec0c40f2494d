/**
 * Masquerade: what a container sends out of its subnet leaves with the host's address. Two back
 * ends make it so, nf_tables over netlink and the iptables programs; DEL takes away what either
 * left, and what the reference's two left.
 *
 * Which packets: from a container's address to anywhere but that address's own subnet and
 * multicast, for each address by itself, as in the reference (pkg/ip of containernetworking/plugins
 * 1.9.1).
 */
import type { Connection } from '../../netlink/connection.ts';
import { NetlinkError } from '../../errors.ts';
import type { Attachment } from '../attach/attachment.ts';
import { CniError, INVALID_NETWORK_CONFIG, PLUGIN_NOT_AVAILABLE } from '../../cni/errors.ts';
import { connectNft } from '../wire/nft.ts';
import { addTable, deleteTable } from '../wire/nft-ruleset.ts';
import { commit } from '../wire/nft-transaction.ts';
import { addMembers } from './add.ts';
import {
  addExcepted,
  exceptedFamilies,
  readSurroundings,
  type Surroundings,
} from './exceptions.ts';
import { iptablesMasquerade, iptablesUsable } from './iptables.ts';
import { TABLE } from './names.ts';
import { removeMembers } from './remove.ts';

/** An attachment and its addresses, with prefix lengths: `10.1.2.3/24`. */
export interface Masqueraded extends Attachment {
  readonly addresses: readonly string[];
}

/** What a back end does for one attachment. All of it may be repeated without harm. */
export interface Masquerade {
  readonly name: 'nftables' | 'iptables';
  /**
   * Masquerades the addresses. Returns the inverse. `others` is asked for when nothing of their
   * subnets is there, as after `nft flush ruleset`: attachments that should be masqueraded too.
   */
  add(entry: Masqueraded, others?: () => readonly Masqueraded[]): () => void;
  /**
   * Takes away what the attachment owns. The addresses are where to look first; they may be
   * missing.
   */
  del(entry: Masqueraded): void;
}

/** What a back end can tell, and do for a whole network. */
export interface WholeMasquerade extends Masquerade {
  /** What is not as `add` leaves it, one line each. */
  check(entry: Masqueraded): string[];
  /** Whether there is anything of the network; what cannot be told is taken for granted. */
  knows(network: string): boolean;
  /** Takes away what attachments to the network own that are not among the valid ones. */
  gc(network: string, valid: readonly Attachment[]): void;
}

export const nftablesMembers = (connection: Connection): Masquerade => ({
  name: 'nftables',
  add: (entry, others = () => []) => addMembers(connection, entry, others),
  del: (entry) => removeMembers(connection, entry),
});

/** Undefined on a kernel that has no nf_tables. */
export function openConnection(): Connection | undefined {
  try {
    return connectNft();
  } catch (error) {
    if (isWithoutNftables(error)) return undefined;
    throw error;
  }
}

/**
 * The back end for ADD; no connection on a kernel without nf_tables. Without a wish it is nftables
 * where the kernel has it, but for addresses with an exception from masquerade in the rules of
 * iptables, which only rules of iptables keep to. Throws when the one that is wanted, or either,
 * cannot be used; of a kernel that has nf_tables without the inet family that comes to light only
 * when the table is made, because to try it before takes the kernel as long as all the rest.
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
 * Whether our table is there, and what there is of others; undefined on a kernel without nf_tables.
 */
function lookAround(connection: Connection): Surroundings | undefined {
  try {
    return readSurroundings(connection);
  } catch (error) {
    if (!isWithoutNftables(error)) throw error;
    return undefined;
  }
}

/** Throws for a back end that nobody knows. */
export function requireKnown(wanted: string | undefined): void {
  if (wanted === undefined || wanted === 'nftables' || wanted === 'iptables') return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `unknown ipMasqBackend "${wanted}"`,
    'nftables and iptables are known',
  );
}

const MISSING = {
  nftables: 'the kernel has no nf_tables with address translation in the inet family',
  iptables: 'the program iptables is not there or cannot change the nat table',
};

/** Iptables, when nftables is not wanted or not there. */
export function otherBackend(wanted: string | undefined): WholeMasquerade {
  if (wanted !== 'nftables' && iptablesUsable()) return iptablesMasquerade();
  const reason =
    wanted === undefined
      ? `${MISSING.nftables}, and ${MISSING.iptables}`
      : MISSING[wanted as keyof typeof MISSING];
  throw new CniError(PLUGIN_NOT_AVAILABLE, 'ipMasq cannot be set up', reason);
}

/**
 * Whether ADD can work: tried on a table of another name, in one transaction that leaves nothing.
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

/** What kernels answer that lack nf_tables, or one of its families. */
const WITHOUT = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EOPNOTSUPP', 'EINVAL'];

/**
 * Whether it failed because there are no nf_tables, or not in that family: then there is nothing to
 * remove.
 */
export const isWithoutNftables = (error: unknown): boolean =>
  error instanceof NetlinkError && WITHOUT.includes(error.code);
