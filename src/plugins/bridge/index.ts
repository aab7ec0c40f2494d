/**
 * The bridge plugin: containers on a software switch of the host. CNI SPEC 1.1.0.
 *
 * Each call loads what it needs: the executables read no more than that.
 */
import type { Call } from '../../cni/main.ts';
import { loadPlugin, type Plugin } from '../../cni/skel.ts';

/** The plugin with the command that this process was called for. */
export const loadBridge = ({ env }: Call): Promise<Plugin> =>
  loadPlugin('bridge', env, {
    add: async () => (await import('./add.ts')).add,
    del: async () => (await import('./del.ts')).del,
    check: async () => (await import('./check.ts')).check,
    status: async () => (await import('./status.ts')).status,
    gc: async () => (await import('./gc.ts')).loadGc(env),
  });
