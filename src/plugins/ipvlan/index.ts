/**
 * The ipvlan plugin: containers that share the Ethernet address of a link of the host. CNI SPEC 1.1.0.
 *
 * ADD is always at hand, because it is what somebody waits for; what else a call needs is loaded for it.
 */
import type { Call } from '../cni/main.ts';
import type { Plugin } from '../cni/skel.ts';
import { holdSignals, throwIfSignalled } from '../signals.ts';
import { add } from './add.ts';

const name = 'ipvlan';

/** The plugin with the command that this process was called for. */
export async function loadIpvlan({ env }: Call): Promise<Plugin> {
  switch (env['CNI_COMMAND']) {
    case 'ADD':
      return {
        name,
        add(invocation) {
          holdSignals();
          add(invocation, { afterStep: throwIfSignalled });
        },
      };
    case 'DEL':
      return { name, del: (await import('./del.ts')).del };
    case 'CHECK':
      return { name, check: (await import('./check.ts')).check };
    case 'STATUS':
      return { name, status: (await import('./status.ts')).status };
    case 'GC':
      return { name, gc: (await import('./gc.ts')).gc };
  }
  return { name };
}
