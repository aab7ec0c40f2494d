/**
 * The executable of all plugins: one file with several names, which runs the plugin whose name it was called by.
 *
 * Compiled by Bun the name is that of the hard link or symbolic link that was executed. As a script on Node it is the
 * script's own name (`bridge.js`), or else the first argument (`node cni.js bridge`).
 */
import { processIo } from './process-io.ts';
import { runPlugin } from './skel.ts';
import type { Plugin } from './skel.ts';

/** Plugins by name, as functions; one behind an `import()` is evaluated only by the process that is called so. */
export type PluginTable = Readonly<Record<string, () => Plugin | Promise<Plugin>>>;

/** Runs the plugin that this process was called as, and ends the process. */
export function main(table: PluginTable): void {
  const io = processIo();
  const names = callNames();
  const name = names.find((each) => Object.hasOwn(table, each));
  if (name === undefined) {
    const known = Object.keys(table).join(', ');
    io.writeStderr(`called as ${names.join(' or ')}, which is none of the plugins: ${known}\n`);
    process.exit(1);
  }
  const plugin = table[name]!();
  const run = (loaded: Plugin): never => process.exit(runPlugin(loaded, io));
  if (plugin instanceof Promise) void plugin.then(run);
  else run(plugin);
}

/** The names that may say which plugin is meant, the most telling first. */
function callNames(): string[] {
  const names = [process.argv0, process.execPath];
  const script = process.argv[1] ?? '';
  // In a file that Bun compiled the script is inside the executable and has the name it had at the build.
  if (!script.startsWith('/$bunfs/')) names.push(script, process.argv[2] ?? '');
  return names.map((name) => /([^/]*?)(?:\.[cm]?[jt]s)?$/.exec(name)![1]!).filter(Boolean);
}
