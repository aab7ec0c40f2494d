/**
 * The executable of all plugins: each is evaluated only when the process was called by its name.
 */
import { main } from '../cni/main.ts';

void main({
  bridge: async (call) => (await import('./bridge/index.ts')).loadBridge(call),
  'host-local': async (call) => (await import('./host-local/commands.ts')).loadHostLocal(call),
  ipvlan: async (call) => (await import('./ipvlan/index.ts')).loadIpvlan(call),
  loopback: async () => (await import('./loopback/commands.ts')).loopback,
  static: async () => (await import('./static/commands.ts')).staticPlugin,
});
