/**
 * The executable of all plugins: one file with several names, which runs the plugin whose name it was called by.
 *
 * Compiled by Bun the name is that of the hard link or symbolic link that was executed. As a script on Node it is the
 * script's own name (`bridge.js`), or else the first argument (`node cni.js bridge`).
 */
import { processIo } from './process-io.ts';
import { runPlugin } from './skel.ts';
import type { Plugin } from './skel.ts';

/**
 * Plugins by name, each behind an `import()`: the bundler puts them all into one file, and a process evaluates
 * only the one it was called as.
 */
export type PluginTable = Readonly<Record<string, () => Promise<Plugin>>>;

/** Runs the plugin that this process was called as, and ends the process. */
export async function main(table: PluginTable): Promise<never> {
  const io = processIo();
  const names = callNames();
  const name = names.find((each) => Object.hasOwn(table, each));
  if (name === undefined) {
    const known = Object.keys(table).join(', ');
    io.writeStderr(`called as ${names.join(' or ')}, which is none of the plugins: ${known}\n`);
    process.exit(1);
  }
  // The only wait of a plugin: everything from here on is synchronous.
  const plugin = await table[name]!();
  process.exit(runPlugin(plugin, io));
}

/** The names that may say which plugin is meant, the most telling first. */
function callNames(): string[] {
  const names = [process.argv0, process.execPath];
  const script = process.argv[1] ?? '';
  // In a file that Bun compiled the script is inside the executable and has the name it had at the build.
  if (!script.startsWith('/$bunfs/')) names.push(script, process.argv[2] ?? '');
  return names.map((name) => /([^/]*?)(?:\.[cm]?[jt]s)?$/.exec(name)![1]!).filter(Boolean);
}
