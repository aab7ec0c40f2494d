/** Executing CNI plugins the way a container runtime does: environment, configuration on stdin. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { aliasOf, type Attachment } from '../../src/plugins/attach/attachment.ts';
import { buildCni } from '../../scripts/build-cni.ts';
import { pause } from './eventually.ts';
import { type Finished, SYSTEM_PATH } from './program.ts';
import { spawn } from './spawn.ts';

const OURS = resolve(import.meta.dirname, '../../dist/cni/bin');

let built = false;

/** The path of one of our plugins, built from the current sources. */
export function ourPlugin(name: string): string {
  if (!built) buildCni();
  built = true;
  return `${OURS}/${name}`;
}

export { REFERENCE, referencePlugin } from '../../scripts/reference.ts';

/** The CNI parameters of one call (CNI SPEC 1.1.0, section 2, "Parameters"). */
export interface PluginCall {
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC' | 'VERSION';
  readonly containerId?: string;
  readonly netns?: string;
  readonly ifname?: string;
  readonly args?: string;
  /** Where delegated plugins are looked for; the folder of the plugin itself when not given. */
  readonly path?: string;
  /** Further environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder the plugin is started in. */
  readonly cwd?: string;
}

export interface PluginOutput extends Finished {
  /** Standard output as JSON: a result, an error object, or undefined when it is empty. */
  readonly json: unknown;
}

/**
 * Milliseconds. GC leaves what may be younger than its process, and knows by two ticks of the
 * kernel's clock when that was; so what a test has just made has to become older.
 */
const TICKS = 40;

/**
 * Runs a plugin to its end, in the namespace that the thread is in. `config` is written as JSON, or
 * unchanged when it is text.
 */
export function execPlugin(binary: string, call: PluginCall, config: unknown): PluginOutput {
  if (call.command === 'GC') pause(TICKS);
  const input = typeof config === 'string' ? config : JSON.stringify(config);
  if (call.command === 'ADD') forgetCallAtTheEnd(call, input);
  const env = execEnvironment(binary, call);
  const { code, stdout, stderr } = spawn(binary, [], { env, input, cwd: call.cwd });
  const json: unknown = stdout.trim() === '' ? undefined : JSON.parse(stdout);
  return { code, stdout, stderr, json };
}

const ends = new Set<string>();

/**
 * To be called for each ADD that a test makes. Without a lease it leaves a file with the time when
 * it ended, until its DEL, which not every test makes. The file is outside of all namespaces, so it
 * would stay until the next GC an hour later.
 */
export function forgetAtTheEnd(attachment: Attachment): void {
  if (ends.size === 0) {
    process.once('exit', () => ends.forEach((file) => rmSync(file, { force: true })));
  }
  ends.add(`/run/netlink-ts/${aliasOf(attachment).replaceAll('/', ':')}`);
}

/** The same for a call, and its configuration as text. */
export function forgetCallAtTheEnd(
  { containerId = '', ifname = '' }: PluginCall,
  config: string,
): void {
  const [, network = ''] = /"name": *"([^"]+)"/.exec(config) ?? [];
  forgetAtTheEnd({ network, containerId, ifname });
}

/** What a runtime puts into the environment of a plugin. */
export function execEnvironment(binary: string, call: PluginCall): Record<string, string> {
  return { PATH: SYSTEM_PATH, ...parameters(binary, call), ...call.env };
}

function parameters(binary: string, call: PluginCall): Record<string, string> {
  const given = {
    CNI_COMMAND: call.command,
    CNI_CONTAINERID: call.containerId,
    CNI_NETNS: call.netns,
    CNI_IFNAME: call.ifname,
    CNI_ARGS: call.args,
    CNI_PATH: call.path ?? binary.slice(0, binary.lastIndexOf('/')),
  };
  return Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
