/**
 * The `ipam` object of host-local, and the other places of the configuration that may request
 * addresses.
 *
 * Two steps, because DEL and GC must work with a configuration whose ranges are wrong:
 * `leaseStoreConfig` reads where and how leases are kept, `releaseConfig` does the same but ignores
 * wrong policy keys, and `hostLocalConfig` adds what ADD needs. Keys, defaults, order of sources
 * and messages are the reference's; `exclude`, `cooldown`, `sticky`, `reclaimOnBoot`, `durability`,
 * `lockTimeout` and `unavailableWhenFull` are our additions.
 */
import { parseAddress, parsePrefix, widthOf, type Address } from '../../ip.ts';
import { configError, IpamError } from './errors.ts';
import { addressOrPrefixOf, fieldsOf, listOf, textOf, type Fields } from './fields.ts';
import { checkedName } from './owner.ts';
import type { RangeConfig } from './range.ts';
import { canonicalRangeSet, formatRangeSet, setsOverlap, type RangeSet } from './range-set.ts';
import { routesOf, type IpamRoute } from './result.ts';

/** The network configuration as the plugin received it, with the pairs of `CNI_ARGS`. */
export interface NetworkConfig {
  readonly name?: unknown;
  readonly cniVersion?: unknown;
  readonly ipam?: unknown;
  readonly args?: unknown;
  readonly runtimeConfig?: unknown;
  /** `CNI_ARGS` as pairs; only `IP` (and `GATEWAY` for static) are read. */
  readonly cniArgs?: Readonly<Record<string, string | undefined>>;
}

export interface LeaseStoreConfig {
  readonly name: string;
  readonly dataDir: string;
  /**
   * `sync`: a lease is on the disk before ADD returns. `async`: the kernel writes it in its own
   * time.
   */
  readonly durability: 'sync' | 'async';
  /** How long to wait for the lease lock, in milliseconds. */
  readonly lockTimeout: number;
  /** How long a freed address cools down before it is used again, in milliseconds. */
  readonly cooldown: number;
  /**
   * The template of the key that gets its last address back, with `{NAME}` for values; undefined
   * when off.
   */
  readonly sticky?: string;
  /** Free the leases that an earlier boot of this machine left. */
  readonly reclaimOnBoot: boolean;
}

export interface HostLocalConfig extends LeaseStoreConfig {
  readonly rangeSets: readonly RangeSet[];
  readonly routes: readonly IpamRoute[];
  /** A file in resolv.conf(5) format whose content becomes the result's DNS. */
  readonly resolvConf?: string;
  readonly requested: readonly Address[];
  /** STATUS fails while a range set is used up. */
  readonly unavailableWhenFull: boolean;
}

export const DEFAULT_DATA_DIR = '/var/lib/cni/networks';

/** Runtimes give up after two minutes; our error, which names the holder, must come first. */
const DEFAULT_LOCK_TIMEOUT = 60;

/** The key of `sticky: true`. */
const STICKY_BY_OWNER = '{containerID}/{ifname}';

export function leaseStoreConfig(network: NetworkConfig): LeaseStoreConfig {
  const name = checkedName(network.name);
  const ipam = ipamOf(network);
  const dataDir = ipam.text('dataDir') || DEFAULT_DATA_DIR;
  if (dataDir.includes('\0')) {
    throw configError('ipam.dataDir: not a path', 'ipam.dataDir', dataDir);
  }
  const durability = ipam.text('durability') ?? 'sync';
  if (durability !== 'sync' && durability !== 'async') {
    throw configError('ipam.durability: expected sync or async', 'ipam.durability', durability);
  }
  const sticky = stickyOf(ipam);
  return {
    name,
    dataDir,
    durability,
    lockTimeout: (ipam.count('lockTimeout', 86_400) ?? DEFAULT_LOCK_TIMEOUT) * 1000,
    cooldown: (ipam.count('cooldown', 31_536_000) ?? 0) * 1000,
    reclaimOnBoot: ipam.flag('reclaimOnBoot') ?? false,
    ...(sticky === undefined ? {} : { sticky }),
  };
}

/**
 * For DEL and GC, after which nothing else cleans up: a wrong policy key is reported and treated as
 * absent.
 */
export function releaseConfig(
  network: NetworkConfig,
  report?: (line: string) => void,
): LeaseStoreConfig {
  for (let { ipam } = network; ;) {
    try {
      return leaseStoreConfig({ ...network, ipam });
    } catch (error) {
      const { path = '', message } = error as IpamError;
      const key = /^ipam\.(cooldown|sticky|reclaimOnBoot|durability|lockTimeout)$/.exec(path)?.[1];
      if (key === undefined) throw error;
      report?.(`${message}; it is ignored`);
      const isOther = ([written]: [string, unknown]) => written.toLowerCase() !== key.toLowerCase();
      ipam = Object.fromEntries(Object.entries(ipam as object).filter(isOther));
    }
  }
}

export function hostLocalConfig(network: NetworkConfig): HostLocalConfig {
  const store = leaseStoreConfig(network);
  const ipam = ipamOf(network);
  const requested = requestedAddresses(network);
  const found = rangeSetsOf(network, ipam);
  const rangeSets: RangeSet[] = [];
  for (const { set } of found) rangeSets.push(set);
  if (rangeSets.length === 0) {
    throw new IpamError('config', 'no IP ranges specified', {
      path: 'ipam.ranges',
      details: 'give ipam.ranges, ipam.subnet or the ipRanges capability',
    });
  }
  checkFamilies(rangeSets, network.cniVersion);
  for (let i = 0; i < found.length; i++) {
    for (let j = i + 1; j < found.length; j++) {
      const [first, second] = [found[i]!, found[j]!];
      if (!setsOverlap(first.set, second.set)) continue;
      const shown = ({ path, set }: PlacedSet): string => `${path}: ${formatRangeSet(set)}`;
      throw new IpamError('config', `range set ${i} overlaps with ${j}`, {
        path: second.path,
        details: `${shown(first)} and ${shown(second)}`,
        rangeSet: j,
      });
    }
  }
  const resolvConf = ipam.text('resolvConf') || undefined;
  return {
    ...store,
    rangeSets,
    routes: routesOf(ipam),
    requested,
    unavailableWhenFull: ipam.flag('unavailableWhenFull') ?? false,
    ...(resolvConf === undefined ? {} : { resolvConf }),
  };
}

/** The `ipam` object; throws when it is missing. */
export function ipamOf({ ipam }: NetworkConfig): Fields {
  if (ipam === undefined || ipam === null) {
    throw new IpamError('config', "IPAM config missing 'ipam' key", { path: 'ipam' });
  }
  return fieldsOf(ipam, 'ipam');
}

/** An object of the configuration that may be absent, for example `runtimeConfig`. */
export const optionalFields = (value: unknown, path: string): Fields | undefined =>
  value === undefined || value === null ? undefined : fieldsOf(value, path);

/** A range set with its key in the configuration. */
interface PlacedSet {
  readonly path: string;
  readonly set: RangeSet;
}

/**
 * Runtime ranges first, then the single legacy range, then `ranges`. The order matters, because the
 * position is part of file names.
 */
function rangeSetsOf({ runtimeConfig }: NetworkConfig, ipam: Fields): PlacedSet[] {
  const runtime = optionalFields(runtimeConfig, 'runtimeConfig');
  const found = [
    ...(runtime?.list('ipRanges', rangeConfigsOf) ?? []),
    ...(ipam.has('subnet') ? [{ path: 'ipam', ranges: [rangeConfigOf(ipam)] }] : []),
    ...ipam.list('ranges', rangeConfigsOf),
  ];
  const sets: PlacedSet[] = [];
  for (const { path, ranges } of found) {
    sets.push({ path, set: canonicalRangeSet(ranges, sets.length, path) });
  }
  return sets;
}

function rangeConfigsOf(value: unknown, path: string): { path: string; ranges: RangeConfig[] } {
  const ranges: RangeConfig[] = [];
  for (const item of listOf(value, path)) {
    ranges.push(rangeConfigOf(fieldsOf(item, `${path}[${ranges.length}]`)));
  }
  return { path, ranges };
}

function rangeConfigOf(fields: Fields): RangeConfig {
  const subnet = fields.prefix('subnet');
  const rangeStart = fields.address('rangeStart');
  const rangeEnd = fields.address('rangeEnd');
  const gateway = fields.address('gateway');
  const exclude = fields.list('exclude', (item, path) => {
    const prefix = addressOrPrefixOf(item, path);
    if (prefix.width !== widthOf(prefix.address)) {
      throw configError('IPNet IP and Mask version mismatch', path, item);
    }
    return prefix;
  });
  return {
    path: fields.path,
    exclude,
    ...(subnet ? { subnet } : {}),
    ...(rangeStart ? { rangeStart } : {}),
    ...(rangeEnd ? { rangeEnd } : {}),
    ...(gateway ? { gateway } : {}),
  };
}

/**
 * The requests of all sources together: CNI_ARGS, then args.cni.ips, then runtimeConfig.ips. A
 * prefix length is dropped.
 */
function requestedAddresses({ cniArgs, args, runtimeConfig }: NetworkConfig): Address[] {
  const requested: Address[] = [];
  const ip = cniArgs?.['IP'];
  if (ip) {
    const address = hostPart(ip);
    if (!address) {
      const message = `ARGS: error parsing value of pair "IP=${ip}": invalid IP address ${ip}`;
      throw configError(message, 'CNI_ARGS', ip);
    }
    requested.push(address);
  }
  const cni = optionalFields(args, 'args')?.object('cni');
  requested.push(...(cni?.list('ips', requestedAddress) ?? []));
  const runtime = optionalFields(runtimeConfig, 'runtimeConfig');
  requested.push(...(runtime?.list('ips', requestedAddress) ?? []));
  return requested;
}

function requestedAddress(value: unknown, path: string): Address {
  const text = textOf(value, path);
  if (text === '') {
    throw configError('cannot understand ip: IP <nil> not v4 nor v6', path, value);
  }
  const address = hostPart(text);
  if (!address) {
    const kind = text.includes('/') ? 'CIDR' : 'IP';
    throw configError(`invalid ${kind} address: ${text}`, path, value);
  }
  return address;
}

const hostPart = (text: string): Address | undefined =>
  text.includes('/') ? parsePrefix(text)?.address : parseAddress(text);

function stickyOf(ipam: Fields): string | undefined {
  const sticky = ipam.raw('sticky');
  if (sticky === undefined || sticky === false || sticky === '') return undefined;
  return sticky === true ? STICKY_BY_OWNER : textOf(sticky, 'ipam.sticky');
}

/** The old result shapes have room for one address of each family. */
function checkFamilies(sets: readonly RangeSet[], cniVersion: unknown): void {
  let [v4, v6] = [0, 0];
  for (const set of sets) set[0]!.family === 4 ? v4++ : v6++;
  checkPerFamily(v4, v6, cniVersion);
}

export function checkPerFamily(v4: number, v6: number, cniVersion: unknown): void {
  if ((v4 > 1 || v6 > 1) && !hasAddressLists(cniVersion)) {
    const version = typeof cniVersion === 'string' ? cniVersion : '';
    const message = `CNI version ${version} does not support more than 1 address per family`;
    throw configError(message, 'cniVersion', cniVersion);
  }
}

/** True for 0.3.0 and later; text that is not a version counts as older. */
function hasAddressLists(version: unknown): boolean {
  const match = typeof version === 'string' ? /^(\d+)(?:\.(\d+)(?:\.\d+)?)?$/.exec(version) : null;
  return match !== null && (Number(match[1]) > 0 || Number(match[2] ?? 0) >= 3);
}
