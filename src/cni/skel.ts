/**
 * The skeleton around a plugin's commands: the environment, stdin, the version check, the dispatch,
 * and what is written to stdout, stderr and the exit code. All input and output is passed in.
 *
 * CNI SPEC 1.1.0, section 2; the order of the checks is the reference's (`pkg/skel`), because it
 * decides which of several mistakes is reported.
 */
import {
  parseNetworkConfig,
  refuseList,
  requireContainerId,
  requireInterfaceName,
} from './config.ts';
import type { NetworkConfig } from './config.ts';
import {
  bounded,
  CniError,
  formatError,
  INVALID_ENVIRONMENT_VARIABLES,
  IO_FAILURE,
  toCniError,
} from './errors.ts';
import { refuseOwnNetns } from './netns.ts';
import { formatResult } from './result-text.ts';
import type { Result } from './result.ts';
import { formatVersionInfo, requireVersion, SUPPORTED_VERSIONS } from './version.ts';
import { VERSION } from '../version.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process around a plugin. */
export interface PluginIo {
  readonly env: Environment;
  /**
   * The arguments after the name. A runtime passes none; `--version` and `-v` print the name and
   * version of this program.
   */
  readonly args?: readonly string[];
  /** Everything on stdin, read to its end. */
  readStdin(): Uint8Array;
  writeStdout(text: string): void;
  writeStderr(text: string): void;
  /** Whether a path is the network namespace that the plugin itself runs in. */
  isOwnNetns(path: string): boolean;
}

/** One call of a plugin, after all checks: what a command may rely on. */
export interface Invocation {
  readonly command: string;
  readonly containerId: string;
  /** May be empty in DEL, and always is in GC and STATUS. */
  readonly netns: string;
  readonly ifname: string;
  readonly args: string;
  readonly path: string;
  readonly env: Environment;
  readonly stdin: Uint8Array;
  readonly config: NetworkConfig;
  /**
   * Prints the result of ADD in the configuration's version. A command calls it as its last step
   * that may fail, while it can still undo the others; an error thrown after it goes to stderr, and
   * ADD has succeeded.
   */
  print(result: Result): void;
  /** Writes a line to stderr. */
  warn(line: string): void;
}

/** An error that it throws, or that its promise is rejected with, is reported to the runtime. */
export type Command = (invocation: Invocation) => void | Promise<void>;

/**
 * A plugin is its name and its commands; a command that it does not have succeeds without doing
 * anything.
 */
export interface Plugin {
  readonly name: string;
  readonly supported?: readonly string[];
  readonly add?: Command;
  readonly del?: Command;
  readonly check?: Command;
  readonly status?: Command;
  readonly gc?: Command;
}

const COMMANDS = { ADD: 'add', DEL: 'del', CHECK: 'check', STATUS: 'status', GC: 'gc' } as const;
type CommandWord = keyof typeof COMMANDS;

/** The function that loads each command of a plugin. */
export type CommandLoaders = {
  readonly [K in (typeof COMMANDS)[CommandWord]]?: () => Command | Promise<Command>;
};

/** A plugin with only the command that this process was called for. */
export async function loadPlugin(
  name: string,
  env: Environment,
  loaders: CommandLoaders,
): Promise<Plugin> {
  const command = env['CNI_COMMAND'] ?? '';
  if (!isCommand(command)) return { name };
  const key = COMMANDS[command];
  const load = loaders[key];
  return load === undefined ? { name } : { name, [key]: await load() };
}

const isCommand = (word: string): word is CommandWord => Object.keys(COMMANDS).includes(word);

interface Variable {
  readonly name: string;
  readonly requiredBy: readonly string[];
  readonly validate?: (value: string, command: string) => void;
}

/** In the order in which they are checked and listed in messages. */
const VARIABLES: readonly Variable[] = [
  { name: 'CNI_COMMAND', requiredBy: [] },
  {
    name: 'CNI_CONTAINERID',
    requiredBy: ['ADD', 'CHECK', 'DEL'],
    validate: requireContainerId,
  },
  { name: 'CNI_NETNS', requiredBy: ['ADD', 'CHECK'] },
  {
    name: 'CNI_IFNAME',
    requiredBy: ['ADD', 'CHECK', 'DEL'],
    validate: requireInterfaceName,
  },
  { name: 'CNI_PATH', requiredBy: ['ADD', 'CHECK', 'DEL', 'GC', 'STATUS'] },
];

/**
 * Runs one call of a plugin and returns the exit code; as a promise when the command is
 * asynchronous.
 */
export function runPlugin(plugin: Plugin, io: PluginIo): number | Promise<number> {
  const command = io.env['CNI_COMMAND'] ?? '';
  if (command === '' && !asksVersion(io)) {
    io.writeStderr(aboutText(plugin));
    return 0;
  }
  let config: NetworkConfig | undefined;
  let isTold = false;
  const fail = (thrown: unknown): number => {
    const error = toCniError(thrown);
    if (isTold) {
      // The attachment is complete and the runtime has its result: a later failure, such as that of
      // close(2), changes nothing.
      io.writeStderr(`after the result: ${bounded(error.message)}\n`);
      return 0;
    }
    report(error, config?.cniVersion, io);
    return 1;
  };
  try {
    if (command === '') {
      writeOut(io, aboutText(plugin));
      return 0;
    }
    requireVariables(command, io.env);
    if (command === 'VERSION') {
      writeOut(io, formatVersionInfo(plugin.supported));
      return 0;
    }
    const stdin = readAll(io);
    config = parseNetworkConfig(stdin);
    const told = (): void => {
      isTold = true;
    };
    return dispatch(plugin, command, io, stdin, config, told)?.then(() => 0, fail) ?? 0;
  } catch (thrown) {
    return fail(thrown);
  }
}

function dispatch(
  plugin: Plugin,
  command: string,
  io: PluginIo,
  stdin: Uint8Array,
  config: NetworkConfig,
  told: () => void,
): Promise<void> | undefined {
  if (!isCommand(command)) {
    const msg = `unknown CNI_COMMAND: ${command}`;
    throw new CniError(INVALID_ENVIRONMENT_VARIABLES, msg);
  }
  requireVersion(command, config.cniVersion, plugin.supported);
  const run = plugin[COMMANDS[command]];
  if (run === undefined) return undefined;
  // DEL still removes what another version may have attached with a list.
  if (command !== 'DEL') refuseList(config);
  const { env } = io;
  const netns = env['CNI_NETNS'] ?? '';
  if ((command === 'ADD' || command === 'DEL') && !isOverridden(env)) {
    refuseOwnNetns(netns, (path) => io.isOwnNetns(path));
  }
  const ended = run({
    command,
    containerId: env['CNI_CONTAINERID'] ?? '',
    netns,
    ifname: env['CNI_IFNAME'] ?? '',
    args: env['CNI_ARGS'] ?? '',
    path: env['CNI_PATH'] ?? '',
    env,
    stdin,
    config,
    print: (result) => {
      writeOut(io, formatResult(result, config.cniVersion));
      told();
    },
    warn: (line) => io.writeStderr(`${bounded(line)}\n`),
  });
  return ended ?? undefined;
}

/**
 * A wrong value is reported at once; missing variables are collected, so that one message names
 * them all.
 */
function requireVariables(command: string, env: Environment): void {
  const missing: string[] = [];
  for (const { name, requiredBy, validate } of VARIABLES) {
    if (!requiredBy.includes(command)) continue;
    const value = env[name] ?? '';
    if (value === '') missing.push(name);
    else validate?.(value, command);
  }
  if (missing.length > 0) {
    const msg = `required env variables [${missing.join(',')}] missing`;
    throw new CniError(INVALID_ENVIRONMENT_VARIABLES, msg);
  }
}

/** CNI_NETNS_OVERRIDE lets a test work in its own namespace. */
function isOverridden(env: Environment): boolean {
  const value = env['CNI_NETNS_OVERRIDE'] ?? '';
  return value === '1' || value.toUpperCase() === 'TRUE';
}

function readAll(io: PluginIo): Uint8Array {
  try {
    return io.readStdin();
  } catch (error) {
    throw ioFailure('error reading from stdin', error);
  }
}

function writeOut(io: PluginIo, text: string): void {
  try {
    io.writeStdout(text);
  } catch (error) {
    throw ioFailure('error writing to stdout', error);
  }
}

function ioFailure(what: string, error: unknown): CniError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CniError(IO_FAILURE, `${what}: ${reason}`, '', error);
}

/**
 * The error goes to stdout, where the runtime looks for it, and to stderr only when stdout cannot
 * be written.
 */
function report(error: CniError, cniVersion: string | undefined, io: PluginIo): void {
  try {
    io.writeStdout(formatError(error, cniVersion));
  } catch {
    io.writeStderr(`${bounded(error.message)}\n`);
  }
}

const asksVersion = ({ args = [] }: PluginIo): boolean =>
  args.includes('--version') || args.includes('-v');

/**
 * Runtimes take the first word that is a semantic version as the plugin's version, so ours comes
 * before those of the protocol.
 */
function aboutText(plugin: Plugin): string {
  const versions = (plugin.supported ?? SUPPORTED_VERSIONS).join(', ');
  return `CNI ${plugin.name} plugin v${VERSION}\nCNI protocol versions supported: ${versions}\n`;
}
