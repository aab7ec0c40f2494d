/**
 * Network configurations: the keys that every plugin's configuration has, how a document becomes a
 * typed configuration, and which names are valid.
 *
 * CNI SPEC 1.1.0, section 1 and section 2 "Parameters".
 */
import { byteLength, holdsAny, holdsSpace, isName } from '../ipam/policy/names.ts';
import { decode, member, wrongType } from './decode.ts';
import {
  CniError,
  DECODING_FAILURE,
  INVALID_ENVIRONMENT_VARIABLES,
  INVALID_NETWORK_CONFIG,
  UNSUPPORTED_FIELD,
  withPrefix,
} from './errors.ts';
import { isArray, isObject, JsonSyntaxError, parseJson } from './json-text.ts';
import type { JsonNode, JsonObject } from './json-text.ts';
import { describeUnknownKey, isSameKey } from './keys.ts';
import type { UnknownKey } from './keys.ts';
import { dnsSchema, readResult } from './result.ts';
import type { Result } from './result.ts';
import { anything, boolean, list, object, OPEN, optional, raw, record, string } from './schema.ts';
import type { Static, TObject } from './schema.ts';
import { DEFAULT_VERSION } from './version.ts';

/**
 * The properties that all configurations share; a plugin spreads them into its own `object(…)` and
 * overrides those that it decodes more precisely.
 */
export const commonProperties = {
  /** The version of the specification; without it, 0.1.0. */
  cniVersion: string({ default: '' }),
  /** The name of the network. */
  name: string({ default: '' }),
  /** The name of the plugin, which is that of its file. */
  type: string({ default: '' }),
  /** What the runtime may pass in `runtimeConfig`. */
  capabilities: optional(record(boolean())),
  /** Where addresses come from; `type` names the IPAM plugin. */
  ipam: object({ type: string({ default: '' }) }, { ...OPEN, default: { type: '' } }),
  /** DNS settings, which go into the result. */
  dns: optional(dnsSchema()),
  /** The result of the preceding plugins, from the runtime. */
  prevResult: optional(raw()),
  /** What the runtime passes for `capabilities`. */
  runtimeConfig: optional(object({}, OPEN)),
  /** Arguments from the runtime. */
  args: optional(object({}, OPEN)),
  // A runtime may leave this key in when it takes a plugin's object out of a list.
  cniVersions: optional(anything()),
  disableCheck: optional(anything()),
  disableGC: optional(anything()),
  /** Our own key: with it an unknown key is an error instead of a warning. */
  strict: boolean({ default: false }),
};

/** An attachment that is still in use, as GC lists it. */
export interface Attachment {
  readonly containerId: string;
  readonly ifname: string;
}

/** The document on stdin, decoded as far as every command needs it. */
export interface NetworkConfig {
  readonly document: JsonObject;
  readonly name: string;
  /** 0.1.0 where the document has none. */
  readonly cniVersion: string;
}

/** Reads the document on stdin and checks the network's name. */
export function parseNetworkConfig(stdin: Uint8Array): NetworkConfig {
  const prefix = 'error unmarshall network config: ';
  const document = withPrefix(prefix, () => parseDocument(stdin));
  const name = withPrefix(prefix, () => stringMember(document, 'name'), DECODING_FAILURE);
  requireNetworkName(name);
  const cniVersion = withPrefix(
    'decoding version from network config: ',
    () => stringMember(document, 'cniVersion'),
    DECODING_FAILURE,
  );
  return { document, name, cniVersion: cniVersion === '' ? DEFAULT_VERSION : cniVersion };
}

/** The object in `bytes`; `null` reads as an empty object, as in the reference. */
export function parseDocument(bytes: Uint8Array): JsonObject {
  const node = parseNode(bytes);
  if (node === null) return { members: [] };
  if (!isObject(node)) throw new CniError(DECODING_FAILURE, 'the document is not a JSON object');
  return node;
}

/** Parses a document; a syntax error is a CNI error with its position. */
export function parseNode(bytes: Uint8Array): JsonNode {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new CniError(DECODING_FAILURE, error.message, error.position, error);
  }
}

/**
 * Throws for a complete list (a `.conflist`) in place of one of its plugins. Decoded as a plugin it
 * would have no settings, and would attach something else than was asked for.
 */
export function refuseList({ document }: NetworkConfig): void {
  if (!isArray(member(document, 'plugins') ?? null) || member(document, 'type')) return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    'the network configuration is a list of plugins',
    'a plugin gets one object of "plugins", with name and cniVersion of the list',
  );
}

/** A string of the document, read before there is a schema to decode it with. */
function stringMember(document: JsonObject, key: string): string {
  const value = member(document, key) ?? '';
  if (typeof value === 'string') return value;
  throw wrongType(key, value, 'a string');
}

/**
 * Decodes a plugin's configuration; a key that the schema does not know goes to `warn`, or is an
 * error when strict.
 */
export function decodeConfig<T extends TObject>(
  schema: T,
  document: JsonObject,
  warn: (line: string) => void,
): Static<T> {
  const unknown: UnknownKey[] = [];
  const config = decode(schema, document, unknown);
  reportUnknownKeys(unknown, (config as { strict?: boolean }).strict === true, warn);
  return config;
}

/** How many unknown keys are reported one by one. */
const MOST_TOLD = 20;

/** Reports keys that nothing reads; when strict the first is an error. */
export function reportUnknownKeys(
  unknown: readonly UnknownKey[],
  strict: boolean,
  warn: (line: string) => void,
): void {
  const [first] = unknown;
  if (first !== undefined && strict) {
    throw new CniError(UNSUPPORTED_FIELD, describeUnknownKey(first));
  }
  let told = 0;
  for (const key of unknown) {
    if (told === MOST_TOLD) {
      warn(`and ${unknown.length - told} more unknown keys`);
      return;
    }
    warn(describeUnknownKey(key));
    told++;
  }
}

/**
 * The result of the preceding plugins, in the current shape; undefined when there is none.
 *
 * It is read in the shape of the configuration's version, which is also used where the result has
 * no version.
 */
export function parsePrevResult(config: NetworkConfig): Result | undefined {
  const node = member(config.document, 'prevResult');
  if (node === undefined) return undefined;
  return withPrefix('could not parse prevResult: ', () => readResult(config.cniVersion, node));
}

/** The same without its routes, for commands that need none: there may be a hundred thousand. */
export function prevResultWithoutRoutes(config: NetworkConfig): Result | undefined {
  const node = member(config.document, 'prevResult');
  if (node === undefined || !isObject(node)) return parsePrevResult(config);
  const members = node.members.filter(([key]) => !isSameKey(key, 'routes'));
  return readResult(config.cniVersion, { members });
}

/** The same; an error when there is none. */
export function requirePrevResult(config: NetworkConfig): Result {
  const result = parsePrevResult(config);
  if (result === undefined) {
    throw new CniError(INVALID_NETWORK_CONFIG, 'Required prevResult missing');
  }
  return result;
}

const attachmentsSchema = () =>
  list(object({ containerID: string({ default: '' }), ifname: string({ default: '' }) }, OPEN));

/**
 * The attachments that GC must keep. An empty list for `null`, which is how the reference's runtime
 * library says that nothing is in use; undefined when the runtime gave no list at all.
 */
export function validAttachments(config: NetworkConfig): readonly Attachment[] | undefined {
  // The second is the name that runtime libraries before 1.1 sent.
  for (const key of ['cni.dev/valid-attachments', 'cni.dev/attachments']) {
    const node = config.document.members.findLast(([written]) => isSameKey(written, key))?.[1];
    if (node === undefined) continue;
    const attachments = withPrefix(`${key}: `, () => decode(attachmentsSchema(), node ?? []));
    return attachments.map(({ containerID, ifname }) => ({ containerId: containerID, ifname }));
  }
  return undefined;
}

export function requireNetworkName(name: string): void {
  if (name === '') throw new CniError(INVALID_NETWORK_CONFIG, 'missing network name');
  if (!isName(name)) {
    const msg = 'invalid characters found in network name';
    throw new CniError(INVALID_NETWORK_CONFIG, msg, name);
  }
}

export function requireContainerId(id: string): void {
  if (!isName(id)) {
    throw new CniError(INVALID_ENVIRONMENT_VARIABLES, 'invalid characters in containerID', id);
  }
}

/** IFNAMSIZ is 16 with the terminating zero (`include/uapi/linux/if.h`). */
const MAX_INTERFACE_NAME = 15;

/** ADD also refuses a name with `%`, from which the kernel would make another name. */
export function requireInterfaceName(name: string, command: string): void {
  const fail = (msg: string, details = ''): never => {
    throw new CniError(INVALID_ENVIRONMENT_VARIABLES, msg, details);
  };
  if (name === '') fail('interface name is empty');
  if (byteLength(name) > MAX_INTERFACE_NAME) {
    fail('interface name is too long', 'interface name should be less than 16 characters');
  }
  if (name === '.' || name === '..') fail('interface name is . or ..');
  // U+0085 is white space in Unicode and for the reference, but not in JavaScript.
  if (holdsAny(name, '/:\u0085') || holdsSpace(name)) {
    fail('interface name contains / or : or whitespace characters');
  }
  if (command === 'ADD' && name.includes('%')) {
    fail('interface name contains %', 'the kernel would put a number in its place');
  }
}
