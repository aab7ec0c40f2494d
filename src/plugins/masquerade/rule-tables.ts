/**
 * Which implementations' rules DEL has to look for. Most hosts have none of the tables with such
 * rules, or only ours, and what is not needed is not loaded.
 */
import type { Connection } from '../../netlink/connection.ts';
import { readFileSync } from '../../sys/files.ts';
import type { Attachment } from '../attach/attachment.ts';
import { ask } from '../wire/nft-ask.ts';
import { connectNft, getChain, getTable } from '../wire/nft.ts';
import { iptablesChain, spoofChains, TABLE } from './names.ts';

export interface Rules {
  readonly whose: 'nobody' | 'ours' | 'anybody';
  /** Whether the kernel answered. It answers only processes that may also change rules. */
  readonly isTold: boolean;
  /**
   * The connection for removing them; undefined on a kernel without nf_tables. The code that looks
   * for rules closes it.
   */
  readonly connection: Connection | undefined;
}

/** When the kernel does not answer, the rules may be anybody's. */
export function findRules(attachment: Attachment): Rules {
  let connection: Connection | undefined;
  let whose: Rules['whose'] = 'nobody';
  let isTold = true;
  try {
    connection = connectNft();
    // Our table, the reference's, and those of iptables over nf_tables; the last is for the
    // reference's spoof check.
    const [ours, reference, ...shared] = ask(connection.socket, [
      getTable(TABLE),
      getTable({ family: 'inet', table: 'cni_plugins_masquerade' }),
      getTable({ family: 'ip', table: 'nat' }),
      getTable({ family: 'ip6', table: 'nat' }),
      getTable({ family: 'bridge', table: 'nat' }),
    ]);
    if (ours.length > 0) whose = 'ours';
    let isShared = false;
    for (const each of shared) isShared ||= each.length > 0;
    if (reference.length > 0 || (isShared && hasChains(connection, attachment))) whose = 'anybody';
  } catch {
    // A kernel without nf_tables, or one that does not allow the question: the code that looks for
    // the rules reports that.
    whose = 'anybody';
    isTold = false;
  }
  if (hasLegacyNat('ip') || hasLegacyNat('ip6')) whose = 'anybody';
  return { whose, isTold, connection };
}

/**
 * Whether one of the attachment's chains exists in the tables that the reference shares with other
 * programs, which many hosts have anyway.
 */
function hasChains(connection: Connection, attachment: Attachment): boolean {
  const chain = iptablesChain(attachment);
  const questions = [
    getChain({ family: 'ip', table: 'nat', chain }),
    getChain({ family: 'ip6', table: 'nat', chain }),
  ];
  for (const spoof of spoofChains(attachment)) {
    questions.push(getChain({ family: 'bridge', table: 'nat', chain: spoof }));
  }
  const found = ask(connection.socket, questions);
  for (const each of found) if (each.length > 0) return true;
  return false;
}

/**
 * Whether the kernel's legacy iptables, not the one over nf_tables, has a nat table in this
 * namespace.
 */
export function hasLegacyNat(family: 'ip' | 'ip6'): boolean {
  try {
    return readFileSync(`/proc/thread-self/net/${family}_tables_names`, 'utf8')
      .split('\n')
      .includes('nat');
  } catch (error) {
    // There is no such file without the module. A file that cannot be read does not mean that there
    // is no table.
    return (error as { code?: string }).code !== 'ENOENT';
  }
}
