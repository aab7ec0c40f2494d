/** A call of a plugin that needs more than its name; nothing of this is loaded for VERSION. */
import { isOwnNetns } from './netns.ts';
import { runPlugin, type Plugin, type PluginIo } from './skel.ts';

/** Loads the plugin and runs the call; returns the exit code. */
export async function run(
  load: () => Plugin | Promise<Plugin>,
  io: Omit<PluginIo, 'isOwnNetns'>,
): Promise<number> {
  return runPlugin(await load(), { ...io, isOwnNetns });
}
