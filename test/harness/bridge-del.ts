/** DEL of the bridge plugin inside this process, with what the executable would load for it. */
import { beginDel } from '../../src/plugins/bridge/del.ts';
import * as ours from '../../src/plugins/bridge/firewall.ts';
import * as whole from '../../src/plugins/bridge/firewall-whole.ts';
import { findRules } from '../../src/plugins/masquerade/rule-tables.ts';
import type { Invocation } from '../../src/cni/skel.ts';

const FIREWALLS = { nobody: undefined, ours, anybody: whole } as const;

export function bridgeDel(invocation: Invocation): void {
  const { attachment, finish } = beginDel(invocation);
  const { whose, isTold, connection } = findRules(attachment);
  finish({ firewall: FIREWALLS[whose], isTold, connection });
}
