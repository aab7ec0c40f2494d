/**
 * Whether there may be rules that DEL has to look for: most hosts have none of the tables in which they would stand, and then nothing of
 * nf_tables need be loaded.
 */
import { connect } from '../../netlink/connection.ts';
import { ENOENT } from '../../netlink/errno.ts';
import { readFileSync } from '../../netlink/socket/files.ts';
import { socketIn } from '../../netlink/socket/namespace.ts';
import { getTable, nftTables, type TableName } from '../wire/nft-table.ts';

/** Ours, the reference's, and those of iptables over nf_tables; the last is for the reference's spoof check. */
const TABLES: readonly TableName[] = [
  { family: 'inet', table: 'cni_netlink_ts' },
  { family: 'inet', table: 'cni_plugins_masquerade' },
  { family: 'ip', table: 'nat' },
  { family: 'ip6', table: 'nat' },
  { family: 'bridge', table: 'nat' },
];

/** False when none of the tables is there; what cannot be told may be. */
export function mayHaveRules(): boolean {
  if (hasLegacyNat('ip') || hasLegacyNat('ip6')) return true;
  try {
    using connection = connect(nftTables, socketIn(undefined, nftTables.number));
    return connection.batch(TABLES.map(getTable)).some(({ error }) => error?.errno !== ENOENT);
  } catch {
    // A kernel without nf_tables, or one that does not let us ask: whoever looks for the rules will tell.
    return true;
  }
}

/** Whether the kernel's own iptables, not the one over nf_tables, has a nat table in this namespace. */
export function hasLegacyNat(family: 'ip' | 'ip6'): boolean {
  try {
    return readFileSync(`/proc/thread-self/net/${family}_tables_names`, 'utf8')
      .split('\n')
      .includes('nat');
  } catch {
    return false;
  }
}
