/** A range set: ranges of one family; an attachment gets one address from it. */
import { formatPrefix, type Address } from '../../ip.ts';
import { IpamError } from './errors.ts';
import {
  canonicalRange,
  formatRange,
  rangeContains,
  rangesOverlap,
  rangeSize,
  type Range,
  type RangeConfig,
} from './range.ts';

export type RangeSet = readonly Range[];

/**
 * The set at position `index` of the configuration; `path` is its key, for example
 * `ipam.ranges[0]`.
 */
export function canonicalRangeSet(
  ranges: readonly RangeConfig[],
  index: number,
  path: string,
): RangeSet {
  try {
    return checkedSet(ranges, path);
  } catch (error) {
    if (!(error instanceof IpamError)) throw error;
    throw new IpamError('config', `invalid range set ${index}: ${error.message}`, {
      path: error.path ?? path,
      value: error.value,
      rangeSet: index,
      ...(error.details ? { details: error.details } : {}),
    });
  }
}

function checkedSet(configs: readonly RangeConfig[], path: string): RangeSet {
  if (configs.length === 0) {
    throw new IpamError('config', 'empty range set', { path, details: `${path}: []` });
  }
  const ranges: Range[] = [];
  for (const config of configs) ranges.push(canonicalRange(config));
  for (let i = 1; i < ranges.length; i++) {
    if (ranges[i]!.family !== ranges[0]!.family) {
      throw clash('mixed address families', configs[0]!, configs[i]!);
    }
  }
  for (let i = 0; i < ranges.length; i++) {
    for (let j = i + 1; j < ranges.length; j++) {
      const [first, second] = [ranges[i]!, ranges[j]!];
      if (!rangesOverlap(first, second)) continue;
      const message = `subnets ${formatRange(first)} and ${formatRange(second)} overlap`;
      throw clash(message, configs[i]!, configs[j]!);
    }
  }
  return ranges;
}

const clash = (message: string, first: RangeConfig, second: RangeConfig): IpamError =>
  new IpamError('config', message, {
    path: second.path,
    details: `${subnetOf(first)} and ${subnetOf(second)}`,
  });

const subnetOf = ({ path, subnet }: RangeConfig): string =>
  `${path}.subnet: ${subnet ? formatPrefix(subnet) : 'none'}`;

export function rangeOf(set: RangeSet, address: Address): Range | undefined {
  for (const range of set) if (rangeContains(range, address)) return range;
  return undefined;
}

/** The first requested address that the set contains. */
export function requestedFrom(
  set: RangeSet,
  wanted: ReadonlyMap<string, Address>,
): Address | undefined {
  if (wanted.size === 0) return undefined;
  for (const address of wanted.values()) if (rangeOf(set, address)) return address;
  return undefined;
}

/** The error for requested addresses that no set contains; `wanted` maps their texts to them. */
export function outsideOfAll(wanted: ReadonlyMap<string, Address>): IpamError {
  const left = [...wanted.keys()].join(' ');
  return new IpamError('outside', `failed to allocate all requested IPs: ${left}`, {
    address: left,
    details: `${left}: no range set is left that contains it; each set gives one address`,
  });
}

export const setsOverlap = (a: RangeSet, b: RangeSet): boolean =>
  a.some((first) => b.some((second) => rangesOverlap(first, second)));

export const formatRangeSet = (set: RangeSet): string => set.map(formatRange).join(',');

/** How many addresses the set can assign. */
export const setSize = (set: RangeSet): bigint =>
  set.reduce((sum, range) => sum + rangeSize(range), 0n);
