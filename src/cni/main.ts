/**
 * The executable of all plugins: one file with several names, which runs the plugin whose name it
 * was called by.
 *
 * For an executable, that is the name of the hard link or symbolic link that was executed. For a
 * script on Node it is the script's own name (`bridge.js`), or else the first argument (`node
 * cni.js bridge`).
 */
import { thisProcess } from '../sys/process.ts';
import { processIo } from './process-io.ts';
import type { Plugin, PluginIo } from './skel.ts';
import { formatVersionInfo } from './version.ts';

/** What a plugin may inspect in order to load only the command that it was called for. */
export type Call = Pick<PluginIo, 'env'>;

/**
 * Functions that return a plugin, by its name; a plugin behind an `import()` is evaluated only in
 * the process that was called by its name.
 */
export type PluginTable = Readonly<Record<string, (call: Call) => Plugin | Promise<Plugin>>>;

/** Runs the plugin that this process was called as, and ends the process. */
export function main(table: PluginTable): void {
  const io = processIo();
  const known = Object.keys(table);
  const name = callName(known);
  if (name === undefined) {
    const called = [...new Set(thisProcess.names().map(baseName).filter(Boolean))].join(' or ');
    io.writeStderr(`called as ${called}, which is none of the plugins: ${known.join(', ')}\n`);
    thisProcess.exit(1);
  }
  // Runtimes send VERSION to every plugin at every start; answering it needs nothing of the plugin.
  if (io.env['CNI_COMMAND'] === 'VERSION' && isWritten(io.writeStdout, formatVersionInfo())) {
    thisProcess.exit(0);
  }
  void run(table[name]!, io);
}

async function run(load: PluginTable[string], io: ReturnType<typeof processIo>): Promise<void> {
  const loaded = await import('./run.ts');
  thisProcess.exit(await loaded.run(() => load(io), io));
}

/** False when it cannot be written; the skeleton around a plugin's commands reports that. */
function isWritten(write: (text: string) => void, text: string): boolean {
  try {
    write(text);
    return true;
  } catch {
    return false;
  }
}

function callName(known: readonly string[]): string | undefined {
  // Nearly always it is this name; the others take longer to determine.
  const own = baseName(thisProcess.argv0);
  if (known.includes(own)) return own;
  return thisProcess
    .names()
    .map(baseName)
    .find((name) => known.includes(name));
}

/** The name without folders and without a script's extension. */
function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return ['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts'].includes(name.slice(dot))
    ? name.slice(0, dot)
    : name;
}
