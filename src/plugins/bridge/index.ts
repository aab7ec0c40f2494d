/**
 * The bridge plugin: containers on a software switch of the host. CNI SPEC 1.1.0.
 *
 * Each call loads what it needs: the executables read no more than that.
 */
import type { Call } from '../../cni/main.ts';
import { loadPlugin, type Command, type Plugin } from '../../cni/skel.ts';
import { holdSignals, throwIfSignalled } from '../attach/signals.ts';
import type { RuleRemoval } from './del.ts';
import type { Rules } from '../masquerade/rule-tables.ts';

/** The plugin with the command that this process was called for. */
export const loadBridge = (call: Call): Promise<Plugin> =>
  loadPlugin('bridge', call.env, {
    add: () => loadAdd(call),
    del: loadDel,
    check: async () => (await import('./check.ts')).check,
    status: async () => (await import('./status.ts')).status,
    gc: async () => (await import('./gc.ts')).loadGc(call.env),
  });

async function loadAdd(call: Call): Promise<Command> {
  const firewall = mayMasquerade(call) ? await import('./firewall.ts') : undefined;
  const { add } = await import('./add.ts');
  return (invocation) => {
    holdSignals();
    add(invocation, { afterStep: throwIfSignalled, firewall });
  };
}

async function loadDel(): Promise<Command> {
  const { beginDel } = await import('./del.ts');
  return async (invocation) => {
    const { attachment, finish } = beginDel(invocation);
    const { findRules } = await import('../masquerade/rule-tables.ts');
    const { whose, isTold, connection } = findRules(attachment);
    finish({ firewall: await loadFirewall(whose), isTold, connection });
  };
}

async function loadFirewall(whose: Rules['whose']): Promise<RuleRemoval['firewall']> {
  switch (whose) {
    case 'nobody':
      return undefined;
    case 'ours':
      return import('./firewall.ts');
    case 'anybody':
      return import('./firewall-whole.ts');
  }
}

const REQUIRED = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'];

/**
 * Whether the configuration may ask for masquerade. Keys match in any case, and may be written with
 * escapes.
 */
function mayMasquerade({ env, readStdin }: Call): boolean {
  // A missing variable is reported before stdin is read.
  for (const variable of REQUIRED) if (!env[variable]) return false;
  try {
    const text = new TextDecoder().decode(readStdin()).toLowerCase();
    // A long s is an s to the decoder.
    return text.includes('masq') || text.includes('ma\u017fq') || text.includes('\\u');
  } catch {
    // Stdin is read again later, and the error is reported then.
    return false;
  }
}
