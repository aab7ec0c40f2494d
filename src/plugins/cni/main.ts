/**
 * The executable of all plugins: one file with several names, which runs the plugin whose name it was called by.
 *
 * Compiled by Bun the name is that of the hard link or symbolic link that was executed. As a script on Node it is the
 * script's own name (`bridge.js`), or else the first argument (`node cni.js bridge`).
 */
import { processIo } from './process-io.ts';
import type { Plugin } from './skel.ts';
import { formatVersionInfo } from './version.ts';

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
  // Runtimes ask every plugin at every start; nothing of the plugin itself is needed to answer.
  if (io.env['CNI_COMMAND'] === 'VERSION' && isWritten(io.writeStdout, formatVersionInfo())) {
    process.exit(0);
  }
  void run(table[name]!, io);
}

async function run(
  load: () => Plugin | Promise<Plugin>,
  io: ReturnType<typeof processIo>,
): Promise<void> {
  const [plugin, { runPlugin }, { isOwnNetns }] = await Promise.all([
    load(),
    import('./skel.ts'),
    import('./netns.ts'),
  ]);
  process.exit(runPlugin(plugin, { ...io, isOwnNetns }));
}

/** False when it cannot be written; the frame around a plugin's commands reports that. */
function isWritten(write: (text: string) => void, text: string): boolean {
  try {
    write(text);
    return true;
  } catch {
    return false;
  }
}

/** The names that may say which plugin is meant, the most telling first. */
function callNames(): string[] {
  const names = [process.argv0, process.execPath];
  const script = process.argv[1] ?? '';
  // In a file that Bun compiled the script is inside the executable and has the name it had at the build.
  if (!script.startsWith('/$bunfs/')) names.push(script, process.argv[2] ?? '');
  return names.map((name) => /([^/]*?)(?:\.[cm]?[jt]s)?$/.exec(name)![1]!).filter(Boolean);
}
