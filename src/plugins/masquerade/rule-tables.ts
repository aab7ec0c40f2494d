/**
 * Which implementations' rules DEL has to look for. Most hosts have none of the tables with such
 * rules, or only ours, and what is not needed is not loaded.
 */
import type { Connection } from '../../netlink/connection.ts';
import { readFileSync } from '../../sys/files.ts';
import type { Attachment } from '../attach/attachment.ts';
import { ask } from '../wire/nft-ask.ts';
import { connectNft, getChain, getTable } from '../wire/nft.ts';
import { iptablesChain, spoofChains, TABLE } from './rule-names.ts';

export interface Rules {
  /** Whether there may be rules in our table. */
  readonly ours: boolean;
  /** Whether there may be rules elsewhere: those of iptables, and those that the reference left. */
  readonly elsewhere: boolean;
  /** Whether the kernel answered. It answers only processes that may also change rules. */
  readonly isTold: boolean;
  /**
   * The connection to remove them with, which the caller closes; undefined if it could not be
   * opened.
   */
  readonly connection: Connection | undefined;
}

/** When the kernel does not answer, there may be rules of every kind. */
export function findRules(attachment: Attachment): Rules {
  let connection: Connection | undefined;
  let ours = false;
  let elsewhere = hasLegacyNat('ip') || hasLegacyNat('ip6');
  let isTold = true;
  try {
    connection = connectNft();
    // Our table, the reference's, and those of iptables over nf_tables; the last is for the
    // reference's spoof check.
    const [own, reference, ...shared] = ask(connection, [
      getTable(TABLE),
      getTable({ family: 'inet', table: 'cni_plugins_masquerade' }),
      getTable({ family: 'ip', table: 'nat' }),
      getTable({ family: 'ip6', table: 'nat' }),
      getTable({ family: 'bridge', table: 'nat' }),
    ]);
    ours = own.length > 0;
    let isShared = false;
    for (const each of shared) isShared ||= each.length > 0;
    elsewhere ||= reference.length > 0 || (isShared && hasChains(connection, attachment));
  } catch {
    // A kernel without nf_tables, or one that does not allow the question: the code that looks for
    // the rules reports that.
    ours = elsewhere = true;
    isTold = false;
  }
  return { ours, elsewhere, isTold, connection };
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
  const found = ask(connection, questions);
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
