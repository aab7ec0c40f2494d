/**
 * What the reference's `macspoofchk` leaves for an attachment: a rule in `bridge nat PREROUTING`
 * and two chains. We lock the port instead, which leaves nothing behind; but a node may have
 * changed to our plugins between ADD and DEL.
 *
 * reference: pkg/link/spoofcheck.go of containernetworking/plugins 1.9.1.
 */
import type { Connection } from '../../netlink/connection.ts';
import { deleteChain, flushChain, getChain } from '../../nftables/chain/verbs.ts';
import { deleteRule } from '../../nftables/rule/verbs.ts';
import { transact } from '../../nftables/transaction.ts';
import type { Attachment } from '../attach/attachment.ts';
import { spoofChains } from '../masquerade/names.ts';

const NAT = { family: 'bridge', table: 'nat' } as const;
const PREROUTING = { ...NAT, chain: 'PREROUTING' } as const;

/** The table and the base chain stay, as the reference leaves them. */
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
