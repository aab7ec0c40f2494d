/**
 * ADD and DEL of the bridge plugin inside this process, with all that the executable would load for
 * them: without a pause, so that they can run in another namespace.
 */
import { attach, wantedBy } from '../../src/plugins/bridge/add.ts';
import { beginDel } from '../../src/plugins/bridge/del.ts';
import { masquerades } from '../../src/plugins/bridge/config.ts';
import { cleanUp } from '../../src/plugins/attach/cleanup.ts';
import type { TransactionOptions } from '../../src/plugins/attach/transaction.ts';
import type { Masqueraded, RemoveRules } from '../../src/plugins/masquerade/backend.ts';
import { removeElsewhere } from '../../src/plugins/masquerade/elsewhere.ts';
import { openMasquerade } from '../../src/plugins/masquerade/masquerade.ts';
import { removeOurs } from '../../src/plugins/masquerade/remove.ts';
import { findRules } from '../../src/plugins/masquerade/rule-tables.ts';
import type { DelegateOptions } from '../../src/cni/delegate.ts';
import type { Invocation } from '../../src/cni/skel.ts';
import type { Connection } from '../../src/netlink/connection.ts';

interface AddOptions extends Pick<TransactionOptions, 'afterStep'> {
  readonly delegate?: DelegateOptions;
}

export function bridgeAdd(invocation: Invocation, { afterStep, delegate }: AddOptions = {}): void {
  const wanted = wantedBy(invocation, delegate);
  const { config } = wanted;
  const masquerade = masquerades(config) ? openMasquerade(config, invocation.config) : undefined;
  attach(wanted, masquerade, { afterStep });
}

export function bridgeDel(invocation: Invocation): void {
  const { attachment, finish } = beginDel(invocation);
  const rules = findRules(attachment);
  const remove: RemoveRules[] = [];
  if (rules.ours) remove.push(removeOurs);
  if (rules.elsewhere) remove.push(removeElsewhere);
  finish(rules, remove);
}

/** The rules of an attachment, wherever they are, as DEL removes them. */
export function removeMasquerade(connection: Connection, entry: Masqueraded): void {
  cleanUp((attempt) => {
    removeOurs(connection, entry, attempt);
    removeElsewhere(connection, entry, attempt);
  });
}
