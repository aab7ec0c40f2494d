/**
 * The configuration in the form that `src/ipam` takes: plain data, which it decodes itself.
 *
 * Used by the IPAM executables and by plugins that serve host-local and static inside their own
 * process.
 */
import type { NetworkConfig as IpamNetwork } from '../ipam/index.ts';
import type { NetworkConfig } from './config.ts';
import { reportUnknownKeys } from './config.ts';
import { member, plain } from './decode.ts';
import { CniError, INVALID_NETWORK_CONFIG } from './errors.ts';
import { cut, isArray, isObject } from './json-text.ts';
import { isSameKey, unknownKeys } from './keys.ts';

/**
 * The keys of CNI_ARGS that IPAM reads. It parses the values itself, so that its messages can name
 * them.
 */
export const IPAM_ARGS = {
  IP: (text: string): string => text,
  GATEWAY: (text: string): string => text,
};

/** `cniArgs` are the pairs that `parseArgs` returned. */
export function ipamNetwork(
  { document, name, cniVersion }: NetworkConfig,
  cniArgs: Readonly<Record<string, string | undefined>>,
): IpamNetwork {
  const at = (key: string, isTakenBack: boolean): unknown =>
    plain(member(document, key, isTakenBack) ?? null);
  return {
    name,
    cniVersion,
    ipam: at('ipam', true),
    args: at('args', true),
    runtimeConfig: at('runtimeConfig', false),
    cniArgs,
  };
}

const RANGE_KEYS = ['subnet', 'rangeStart', 'rangeEnd', 'gateway', 'exclude'];
/**
 * Read neither here nor by the reference, but written by nerdctl into each network that it makes.
 */
const WRITTEN_KEYS = ['ipRange'];
const POLICY_KEYS = [
  'cooldown',
  'sticky',
  'reclaimOnBoot',
  'durability',
  'lockTimeout',
  'unavailableWhenFull',
];

/** The known keys of `ipam`, by its type. */
export const IPAM_KEYS = {
  'host-local': [
    'type',
    // The reference's decoder knows this key, and does nothing with it.
    'name',
    'ranges',
    ...RANGE_KEYS,
    'routes',
    'dataDir',
    'resolvConf',
    ...POLICY_KEYS,
  ],
  static: ['type', 'name', 'addresses', 'routes', 'dns'],
} as const;

/** Reports keys inside `ipam` that nothing reads. Other mistakes are reported by `src/ipam`. */
export function checkIpamKeys(
  type: keyof typeof IPAM_KEYS,
  { document }: NetworkConfig,
  warn: (line: string) => void,
): void {
  const ipam = member(document, 'ipam') ?? null;
  if (!isObject(ipam)) return;
  const unknown = unknownKeys(ipam, IPAM_KEYS[type], 'ipam');
  const ranges = member(ipam, 'ranges') ?? null;
  const sets = isArray(ranges) ? ranges : [];
  for (let i = 0; i < sets.length; i++) {
    const set = sets[i]!;
    for (let j = 0; isArray(set) && j < set.length; j++) {
      const range = set[j]!;
      if (!isObject(range)) continue;
      for (const key of unknownKeys(
        range,
        [...RANGE_KEYS, ...WRITTEN_KEYS],
        `ipam.ranges[${i}][${j}]`,
      ))
        unknown.push(key);
    }
  }
  reportUnknownKeys(unknown, member(document, 'strict') === true, warn);
}

/** Reports an `ipam` without a type: it has no effect, whatever other keys it has. */
export function checkIpamType({ document }: NetworkConfig, warn: (line: string) => void): void {
  const ipam = member(document, 'ipam') ?? null;
  if (!isObject(ipam)) return;
  const unread = ipam.members.filter(([key, value]) => !isSameKey(key, 'type') && value !== null);
  if (unread.length === 0) return;
  const [first] = unread[0]!;
  const said = `ipam has no type, so nobody reads ipam.${cut(first, 64)}, and the attachment gets no address`;
  if (member(document, 'strict') === true) throw new CniError(INVALID_NETWORK_CONFIG, said);
  warn(`${said}; host-local and static are types`);
}
