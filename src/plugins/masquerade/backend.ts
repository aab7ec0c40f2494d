/** What the back ends of masquerade have in common: nf_tables over netlink, and iptables. */
import type { Connection } from '../../netlink/connection.ts';
import type { Attachment } from '../attach/attachment.ts';
import type { Attempt } from '../attach/cleanup.ts';

/** An attachment and its addresses, with prefix lengths: `10.1.2.3/24`. */
export interface Masqueraded extends Attachment {
  readonly addresses: readonly string[];
}

/**
 * Called when nothing of their subnets exists, as after `nft flush ruleset`: other attachments that
 * have to be masqueraded too.
 */
export type Others = () => readonly Masqueraded[];

/** The operations of a back end for one attachment. All of them may be repeated without harm. */
export interface Masquerade {
  readonly name: 'nftables' | 'iptables';
  /** Masquerades the addresses, and those of `others`. Returns a function that undoes it. */
  add(entry: Masqueraded, others?: Others): () => void;
  /**
   * Removes what the attachment owns. It is looked for at its addresses first; they may be missing.
   */
  del(entry: Masqueraded): void;
}

/** The other operations of a back end, some of them for a complete network. */
export interface WholeMasquerade extends Masquerade {
  /** What differs from the state that `add` leaves, one line each. */
  check(entry: Masqueraded): string[];
  /** Whether anything of the network exists; true when that is unknown. */
  knows(network: string): boolean;
}

/**
 * Removes rules of an attachment in DEL, in parts. There is no connection on a kernel without
 * nf_tables.
 */
export type RemoveRules = (
  connection: Connection | undefined,
  entry: Masqueraded,
  attempt: Attempt,
) => void;
