/**
 * Masquerade: what a container sends out of its subnet leaves with the host's address. Two back ends make it so, nf_tables over netlink
 * and the iptables programs; DEL takes away what either left, and what the reference's two left.
 *
 * Which packets: from a container's address to anywhere but that address's own subnet and multicast, for each address by
 * itself, as in the reference (pkg/ip of containernetworking/plugins 1.9.1).
 */
import type { Connection } from '../../netlink/connection.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import type { Attachment } from '../attachment.ts';
import { CniError, INVALID_NETWORK_CONFIG, PLUGIN_NOT_AVAILABLE } from '../cni/errors.ts';
import { iptablesMasquerade, iptablesUsable } from './masquerade-iptables.ts';
import { nftablesMasquerade, nftablesUsable } from './masquerade-nftables.ts';
import { removeReferenceRules } from './masquerade-reference.ts';

/** An attachment and its addresses, with prefix lengths: `10.1.2.3/24`. */
export interface Masqueraded extends Attachment {
  readonly addresses: readonly string[];
}

/** What a back end can do. All of it may be repeated without harm. */
export interface Masquerade {
  readonly name: 'nftables' | 'iptables';
  /**
   * Masquerades the addresses. Returns the inverse. `others` is asked for when nothing of their subnets is there, as after
   * `nft flush ruleset`: attachments that should be masqueraded too.
   */
  add(entry: Masqueraded, others?: () => readonly Masqueraded[]): () => void;
  /** Takes away what the attachment owns. The addresses are where to look first; they may be missing. */
  del(entry: Masqueraded): void;
  /** What is not as `add` leaves it, one line each. */
  check(entry: Masqueraded): string[];
  /** Whether there is anything of the network; what cannot be told is taken for granted. */
  knows(network: string): boolean;
  /** Takes away what attachments to the network own that are not among the valid ones. */
  gc(network: string, valid: readonly Attachment[]): void;
}

const MISSING = {
  nftables: 'the kernel has no nf_tables with address translation in the inet family',
  iptables: 'the program iptables is not there or cannot change the nat table',
};

/**
 * The back end for ADD and CHECK; no connection on a kernel without nf_tables. Without a wish it is nftables where the kernel has it. Throws before anything was changed
 * when the one that is wanted, or either, cannot be used.
 */
export function masqueradeBackend(connection: Connection | undefined, wanted?: string): Masquerade {
  if (wanted !== undefined && wanted !== 'nftables' && wanted !== 'iptables') {
    throw new CniError(
      INVALID_NETWORK_CONFIG,
      `unknown ipMasqBackend "${wanted}"`,
      'nftables and iptables are known',
    );
  }
  if (wanted !== 'iptables' && connection !== undefined && nftablesUsable(connection)) {
    return nftablesMasquerade(connection);
  }
  if (wanted !== 'nftables' && iptablesUsable()) return iptablesMasquerade();
  const reason =
    wanted === undefined ? `${MISSING.nftables}, and ${MISSING.iptables}` : MISSING[wanted];
  throw new CniError(PLUGIN_NOT_AVAILABLE, 'ipMasq cannot be set up', reason);
}

/** DEL: every back end's, ours and the reference's. Goes on after a failure and throws all of them in the end. */
export function removeMasquerade(connection: Connection, entry: Masqueraded): void {
  const failures: unknown[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!isWithoutNftables(error)) failures.push(error);
    }
  };
  attempt(() => nftablesMasquerade(connection).del(entry));
  attempt(() => removeReferenceRules(connection, entry));
  attempt(() => iptablesMasquerade().del(entry));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
}

/** A kernel without nf_tables has nothing to remove there. */
const isWithoutNftables = (error: unknown): boolean =>
  error instanceof NetlinkError && WITHOUT_NFTABLES.includes(error.code);
const WITHOUT_NFTABLES = ['EOPNOTSUPP', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EINVAL'];
