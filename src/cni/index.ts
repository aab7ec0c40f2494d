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
export { parseArgs, parseBoolean, type Args, type ArgParsers } from './args.ts';
export {
  commonProperties,
  decodeConfig,
  parseNetworkConfig,
  parsePrevResult,
  requirePrevResult,
  validAttachments,
  type Attachment,
  type NetworkConfig,
} from './config.ts';
export * from './errors.ts';
export { delegate, delegateAdd, findPlugin, type Delegation } from './delegate.ts';
export { isObject, parseJson, type JsonNode, type JsonObject } from './json-text.ts';
export { main, type PluginTable } from './main.ts';
export { isOwnNetns, netnsExists, requireNetns } from './netns.ts';
export { processIo } from './process-io.ts';
export { readResult } from './result.ts';
export type { Dns, Interface, IpConfig, Result, Route } from './result.ts';
export { convertResult, formatResult } from './result-text.ts';
export * from './schema.ts';
export {
  runPlugin,
  type Command,
  type Environment,
  type Invocation,
  type Plugin,
  type PluginIo,
} from './skel.ts';
export { CURRENT_VERSION, DEFAULT_VERSION, SUPPORTED_VERSIONS } from './version.ts';
