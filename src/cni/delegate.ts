/**
 * Calling another IPAM plugin: finding its executable through CNI_PATH, running it with our own
 * environment and stdin, and reading its answer.
 *
 * CNI SPEC 1.1.0, section 4 "Plugin Delegation"; the texts are those of the reference library
 * (`pkg/invoke`). The caller decides whether a type is served inside this process instead.
 */
import { readdirSync, statSync } from '../sys/files.ts';
import { errnoText, ETIMEDOUT, ETXTBSY } from '../sys/errno.ts';
import { thisProcess } from '../sys/process.ts';
import { decode, member } from './decode.ts';
import {
  CniError,
  INTERNAL,
  INVALID_ENVIRONMENT_VARIABLES,
  INVALID_NETWORK_CONFIG,
  toCniError,
  TRY_AGAIN_LATER,
  withPrefix,
} from './errors.ts';
import { parseDocument } from './config.ts';
import { nearest } from './keys.ts';
import { PROGRAM_TIMEOUT } from './program-timeout.ts';
import { readResult } from './result.ts';
import type { Result } from './result.ts';
import { integer, object, OPEN, string } from './schema.ts';
import type { Environment, Invocation } from './skel.ts';

const MAX_OUTPUT = 16 * 1024 * 1024;

/** About five seconds in all, as long as the reference keeps trying. */
const BUSY_DELAYS = [10, 40, 150, 800, 1000, 1000, 1000];

export interface DelegateOptions {
  /** Milliseconds after which a plugin that does not answer is killed. */
  readonly timeout?: number;
  /**
   * Milliseconds to wait before each further attempt on an executable that is still being written.
   */
  readonly busyDelays?: readonly number[];
}

/** The parts of an invocation that a delegate needs. */
export type Delegation = Pick<Invocation, 'env' | 'path' | 'stdin' | 'config' | 'warn'>;

/**
 * Runs ADD of an IPAM plugin. When it fails, the plugin's DEL is run before the error is thrown, as
 * the specification asks: ADD may have reserved something.
 */
export function delegateAdd(
  type: string,
  invocation: Delegation,
  options: DelegateOptions = {},
): Result {
  const executable = findPlugin(type, invocation.path);
  try {
    const stdout = runDelegate(executable, 'ADD', invocation, options);
    return readDelegatedResult(stdout, invocation.config.cniVersion);
  } catch (error) {
    try {
      runDelegate(executable, 'DEL', invocation, options);
    } catch (later) {
      invocation.warn(`${type}: DEL after a failed ADD: ${toCniError(later).message}`);
    }
    throw error;
  }
}

/** Runs a command that returns no result. */
export function delegate(
  command: 'DEL' | 'CHECK' | 'STATUS' | 'GC',
  type: string,
  invocation: Delegation,
  options: DelegateOptions = {},
): void {
  runDelegate(findPlugin(type, invocation.path), command, invocation, options);
}

/** The executable of a plugin: the first regular file of its name in the directories of `path`. */
export function findPlugin(type: string, path: string): string {
  if (type === '') throw new CniError(INVALID_NETWORK_CONFIG, 'no plugin name provided');
  if (type.includes('/')) {
    throw new CniError(INVALID_NETWORK_CONFIG, `invalid plugin name: ${type}`);
  }
  if (INTERFACE_PLUGINS.includes(type)) {
    throw new CniError(
      INVALID_NETWORK_CONFIG,
      `${JSON.stringify(type)} is no IPAM plugin`,
      'it makes an interface, and would run itself as its own IPAM plugin without end',
    );
  }
  if (path === '') {
    throw new CniError(INVALID_ENVIRONMENT_VARIABLES, 'no paths provided', 'CNI_PATH is empty');
  }
  const directories = path.split(':');
  for (const directory of directories) {
    const file = `${directory}/${type}`;
    try {
      if (statSync(file).isFile()) return file;
    } catch {
      // Not here; a directory that cannot be read counts as missing.
    }
  }
  const where = `[${directories.join(' ')}]`;
  const like = nearest(type, [...BUILT_IN, ...directories.flatMap(namesIn)]);
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `failed to find plugin ${JSON.stringify(type)} in path ${where}`,
    like === undefined ? '' : `did you mean ${JSON.stringify(like)}?`,
  );
}

/** The reference's plugins that read `ipam` themselves. */
const INTERFACE_PLUGINS = [
  'bridge',
  'ipvlan',
  'macvlan',
  'ptp',
  'vlan',
  'host-device',
  'dummy',
  'tap',
];

/** Plugins that need not be in the path, because bridge and ipvlan serve them themselves. */
const BUILT_IN = ['host-local', 'static'];

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** The caller's environment with only the command replaced. */
export function delegateEnv(env: Environment, command: string): Record<string, string> {
  const copy: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) copy[name] = value;
  copy['CNI_COMMAND'] = command;
  return copy;
}

/**
 * Reads a delegate's answer to ADD; a result without a version is taken to have the
 * configuration's.
 */
export function readDelegatedResult(stdout: Uint8Array, configVersion: string): Result {
  const document = withPrefix('failed to unmarshal raw result: ', () => parseDocument(stdout));
  const label = member(document, 'cniVersion');
  if (typeof label === 'string' && label !== '') return readResult(label, document);
  const members = document.members.filter(([key]) => key !== 'cniVersion');
  return readResult(configVersion, { members });
}

/**
 * Runs a plugin's executable and returns its stdout. When it succeeded, its stderr is copied to
 * ours.
 */
function runDelegate(
  executable: string,
  command: string,
  { env, stdin, warn }: Delegation,
  { timeout = PROGRAM_TIMEOUT, busyDelays = BUSY_DELAYS }: DelegateOptions,
): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const { status, signal, errno, stdout, stderr } = thisProcess.run(executable, [], {
      env: delegateEnv(env, command),
      input: stdin,
      timeout,
      maxOutput: MAX_OUTPUT,
    });
    if (errno === ETXTBSY) {
      const delay = busyDelays[attempt];
      if (delay === undefined) {
        throw new CniError(TRY_AGAIN_LATER, `${executable}: text file busy`);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay);
      continue;
    }
    if (errno === ETIMEDOUT) {
      const seconds = timeout / 1000;
      const msg = `netplugin failed: ${executable} did not finish ${command} in ${seconds} s`;
      throw new CniError(INTERNAL, msg);
    }
    if (status === 0) {
      if (stderr.length > 0) warn(textOf(stderr).replace(/\n$/, ''));
      return stdout;
    }
    const outcome =
      errno === undefined
        ? signal === undefined
          ? `exit status ${status}`
          : `signal: ${SIGNALS[signal] ?? signal}`
        : `exec ${executable}: ${errnoText(errno)}`;
    throw delegateError(stdout, stderr, outcome);
  }
}

/**
 * The reference's names for the signals that ended a plugin, where they differ from the signal's
 * name.
 */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGPIPE: 'broken pipe',
  SIGTERM: 'terminated',
};

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const errorSchema = () =>
  object(
    {
      code: integer({ default: 0, minimum: 0 }),
      msg: string({ default: '' }),
      details: string({ default: '' }),
    },
    OPEN,
  );

/** The error of a failed delegate: its own error object, if it printed one. */
function delegateError(stdout: Uint8Array, stderr: Uint8Array, outcome: string): CniError {
  const words =
    stderr.length === 0
      ? `with no error message: ${outcome}`
      : `: ${JSON.stringify(textOf(stderr))}: ${outcome}`;
  if (stdout.length === 0) return failed(words);
  try {
    const { code, msg, details } = decode(errorSchema(), parseDocument(stdout));
    const said = msg === '' ? failed(words).msg : msg;
    // Code zero would read as success to a runtime that looks only at the code.
    return new CniError(code === 0 ? INTERNAL : code, said, details);
  } catch (error) {
    const text = JSON.stringify(textOf(stdout));
    const why = toCniError(error).message;
    return failed(`but error parsing its diagnostic message ${text}: ${why}`);
  }
}

function failed(how: string): CniError {
  const space = how.startsWith(':') ? '' : ' ';
  return new CniError(INTERNAL, `netplugin failed${space}${how}`);
}
