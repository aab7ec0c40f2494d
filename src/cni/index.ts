/**
 * `netlink-ts/cni`: the protocol of CNI plugins, for writing your own. A plugin is its name and its
 * commands; the skeleton around them reads the environment and the configuration, checks versions,
 * and turns thrown errors into CNI errors. CNI SPEC 1.1.0.
 *
 * @example
 * const mine: Plugin = {
 *   name: 'mine',
 *   add: ({ netns, ifname, print }) => print({ interfaces: [{ name: ifname, sandbox: netns }] }),
 * };
 * main({ mine: () => mine });
 */
import { checkedFunction } from '../netlink/codec/arguments.ts';
import * as args from './args.ts';
import * as config from './config.ts';
import * as delegation from './delegate.ts';
import * as errors from './errors.ts';
import { isObject as isJsonObject } from './json-text.ts';
import * as program from './main.ts';
import * as namespaces from './netns.ts';
import { processIo as ioOfProcess } from './process-io.ts';
import { readResult as read } from './result.ts';
import * as results from './result-text.ts';
import * as schemas from './schema.ts';
import { runPlugin as run } from './skel.ts';

/** An argument of the wrong type is a mistake of the plugin: CNI error 999. */
const checked = /* @__NO_SIDE_EFFECTS__ */ <F extends (...args: any[]) => unknown>(
  operation: string,
  signature: string,
  act: F,
): F =>
  checkedFunction(
    operation,
    signature,
    act,
    (message, options) => new errors.CniError(errors.INTERNAL, message, '', options?.cause),
  );

/**
 * Runs the plugin that this process was called as, and ends the process.
 *
 * @throws CniError 999 when it is not a table of functions
 * @example main({ mine: () => mine });
 */
export const main: typeof program.main = checked('main', 'table: object', program.main);
/**
 * Runs one call of a plugin and returns the exit code, as a promise when the command is
 * asynchronous. What the command throws is printed as a CNI error.
 *
 * @throws CniError 999 for arguments of the wrong type
 * @example process.exitCode = await runPlugin(mine, { ...processIo(), isOwnNetns });
 */
export const runPlugin = checked('runPlugin', 'plugin: object, io: object', run);
/** The real process around a plugin: environment, stdin, stdout and stderr. */
export const processIo = ioOfProcess;

/**
 * Reads the pairs of CNI_ARGS from left to right; a key without a parser is an error, unless the
 * text has `IgnoreUnknown=true` anywhere. CNI SPEC 1.1.0, section 2.
 *
 * @throws CniError 4 for a pair that cannot be read
 * @example parseArgs('MAC=02:00:00:00:00:01', { MAC: (text) => text.toLowerCase() });
 */
export const parseArgs: typeof args.parseArgs = checked(
  'parseArgs',
  'text: string, parsers: object',
  args.parseArgs,
);
/**
 * True for `1` and `true`, false for `0` and `false`, in any letter case: for a value in CNI_ARGS.
 *
 * @throws CniError 4 for other text
 */
export const parseBoolean = checked('parseBoolean', 'text: string', args.parseBoolean);

/**
 * Reads the document on stdin and checks the network's name. CNI SPEC 1.1.0, section 1.
 *
 * @throws CniError 6 for anything but a JSON object, 7 for a missing or invalid name
 */
export const parseNetworkConfig = checked(
  'parseNetworkConfig',
  'stdin: Uint8Array',
  config.parseNetworkConfig,
);
/**
 * Decodes the configuration of a plugin by its schema; a key that the schema does not know goes to
 * `warn`.
 *
 * @throws CniError 6 for a value of the wrong type, 2 for an unknown key when the configuration has
 *   `strict`
 * @example
 * const schema = object({ ...commonProperties, mtu: integer({ default: 0 }) });
 * const { mtu } = decodeConfig(schema, config.document, warn);
 */
export const decodeConfig: typeof config.decodeConfig = checked(
  'decodeConfig',
  'schema: object, document: object, warn: function',
  (schema, document, warn) => {
    if (!isJsonObject(document)) throw new errors.CniError(errors.INTERNAL, NO_DOCUMENT);
    return config.decodeConfig(schema, document, warn);
  },
);
const NO_DOCUMENT = 'decodeConfig: document must be an object that parseJson returned';
/**
 * The result of the plugins before this one, in the shape of version 1.1.0; undefined when there is
 * none.
 *
 * @throws CniError 6 for a result that cannot be read
 */
export const parsePrevResult = checked('parsePrevResult', 'config: object', config.parsePrevResult);
/**
 * The same, for commands that need it.
 *
 * @throws CniError 7 when there is none, 6 for one that cannot be read
 */
export const requirePrevResult = checked(
  'requirePrevResult',
  'config: object',
  config.requirePrevResult,
);
/**
 * The attachments that GC must keep; undefined when the runtime gave no list, an empty one for
 * `null`. CNI SPEC 1.1.0, section 2, GC.
 *
 * @throws CniError 6 for a list that cannot be read
 */
export const validAttachments = checked(
  'validAttachments',
  'config: object',
  config.validAttachments,
);

/**
 * Turns anything thrown into the error that is printed; an `IpamError` gets its own code, anything
 * unknown 999.
 */
export const toCniError = (thrown: unknown): errors.CniError => {
  try {
    return errors.toCniError(thrown);
  } catch (cause) {
    // It cannot be put into words: an object without a prototype, for example.
    return new errors.CniError(errors.INTERNAL, 'failed without a message', '', cause);
  }
};
/**
 * A text with the output of other programs, shortened in the middle when it has more than 4,096
 * characters.
 *
 * @throws CniError 999 for anything but a string
 */
export const bounded = checked('bounded', 'text: string', errors.bounded);
/**
 * Runs `work`; an error gets `prefix` in front of its message, and `code` where one is given.
 *
 * @throws CniError for whatever `work` throws
 */
export const withPrefix: typeof errors.withPrefix = checked(
  'withPrefix',
  'prefix: string, work: function, code?: number',
  (prefix, work, code) => {
    try {
      return errors.withPrefix(prefix, work, code);
    } catch (thrown) {
      throw toCniError(thrown);
    }
  },
);
/**
 * The error object as it goes to stdout; `cniVersion` is left out when it could not be read. CNI
 * SPEC 1.1.0, section 5 "Error".
 *
 * @throws CniError 999 for anything but a CniError
 */
export const formatError = checked(
  'formatError',
  'error: object, cniVersion?: string',
  errors.formatError,
);

/**
 * Runs ADD of another IPAM plugin and returns its result; when it fails, its DEL is run first, as
 * the specification asks. CNI SPEC 1.1.0, section 4.
 *
 * @throws CniError 7 when the plugin is not in CNI_PATH, 11 when it does not answer in time, and
 *   its own error
 * @example const { ips } = delegateAdd('dhcp', invocation);
 */
export const delegateAdd = checked(
  'delegateAdd',
  'type: string, invocation: object, options?: object',
  delegation.delegateAdd,
);
/**
 * Runs a command of another IPAM plugin that returns no result. CNI SPEC 1.1.0, section 4.
 *
 * @throws CniError 7 when the plugin is not in CNI_PATH, 11 when it does not answer in time, and
 *   its own error
 */
export const delegate = checked(
  'delegate',
  'command: string, type: string, invocation: object, options?: object',
  delegation.delegate,
);
/**
 * The executable of a plugin: the first regular file of its name in the folders of `path`, which
 * are separated by colons.
 *
 * @throws CniError 7 when there is none, 4 for an empty path
 */
export const findPlugin = checked(
  'findPlugin',
  'type: string, path: string',
  delegation.findPlugin,
);

/**
 * Parses one JSON document as Go does: keys keep their order and repetition, numbers their
 * spelling.
 *
 * @throws CniError 6 for a syntax error, with its line and column in `details`
 */
export const parseJson = checked('parseJson', 'bytes: Uint8Array', config.parseNode);
/** Whether a node that `parseJson` returned is an object. */
export const isObject = isJsonObject;

/**
 * Throws unless `path` is a file of a network namespace; the message says what it is instead.
 *
 * @throws CniError 4
 */
export const requireNetns = checked('requireNetns', 'path: string', namespaces.requireNetns);
/**
 * For DEL: false when the namespace is gone, which is not an error.
 *
 * @throws CniError 4 for a path that is something else, 5 for one that cannot be examined
 */
export const netnsExists = checked('netnsExists', 'path: string', namespaces.netnsExists);
/**
 * Whether `path` is the network namespace of this thread; false for a path that cannot be examined.
 *
 * @throws CniError 999 for anything but a string
 */
export const isOwnNetns = checked('isOwnNetns', 'path: string', namespaces.isOwnNetns);

/**
 * Reads a result in the shape of `version`; one without `cniVersion` is taken to have that version.
 * CNI SPEC 1.1.0, section 5 "Success".
 *
 * @throws CniError 6 for anything but a result of that shape
 */
export const readResult = checked('readResult', 'version: string, node: unknown', read);
/**
 * The JSON text of a result for a configuration of `version`, byte for byte as the reference prints
 * it.
 *
 * @throws CniError 1 for an unknown version, or one that cannot express the result
 */
export const formatResult = checked(
  'formatResult',
  'result: object, version: string',
  results.formatResult,
);
/**
 * The result as plain data in the shape of `version`, keys in printing order.
 *
 * @throws CniError 1 for an unknown version, or one that cannot express the result
 */
export const convertResult = checked(
  'convertResult',
  'result: object, version: string',
  results.convertResult,
);

// Schemas.
export { anything, boolean, cidr, integer, ip, list, OPEN } from './schema.ts';
export { optional, raw, record, string } from './schema.ts';
/**
 * An object with these properties; one wrapped in `optional` may be missing.
 *
 * @throws CniError 999 for a property that is not a schema
 * @example object({ bridge: string({ default: 'cni0' }), mtu: optional(integer()) });
 */
export const object: typeof schemas.object = checked(
  'object',
  'properties: object, options?: object',
  schemas.object,
);
export type { Static, TArray, TBoolean, TInteger, TObject, TOptional } from './schema.ts';
export type { TProperties, TSchema, TString, TUnsafe } from './schema.ts';

export { CURRENT_VERSION, DEFAULT_VERSION, SUPPORTED_VERSIONS } from './version.ts';
export {
  CniError,
  DECODING_FAILURE,
  INCOMPATIBLE_CNI_VERSION,
  INTERNAL,
  INVALID_ENVIRONMENT_VARIABLES,
  INVALID_NETNS,
  INVALID_NETWORK_CONFIG,
  IO_FAILURE,
  LIMITED_CONNECTIVITY,
  PLUGIN_NOT_AVAILABLE,
  TRY_AGAIN_LATER,
  UNKNOWN_CONTAINER,
  UNSUPPORTED_FIELD,
} from './errors.ts';
export { commonProperties, type Attachment, type NetworkConfig } from './config.ts';
export type { Args, ArgParsers } from './args.ts';
export type { Delegation, DelegateOptions } from './delegate.ts';
export type { JsonNode, JsonNumber, JsonObject } from './json-text.ts';
export type { Call, PluginTable } from './main.ts';
export type { Dns, Interface, IpConfig, Result, Route } from './result.ts';
export type { Command, Environment, Invocation, Plugin, PluginIo } from './skel.ts';
