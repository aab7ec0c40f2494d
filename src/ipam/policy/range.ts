/**
 * One range: a subnet, the interval of it from which addresses are assigned, its gateway, and the
 * addresses excluded from the interval.
 *
 * Defaults and errors are those of the reference's `Range.Canonicalize`, in its order; /31, /32,
 * /127 and /128, which it refuses, follow RFC 3021 and RFC 6164: each of their addresses is a host
 * address.
 */
import {
  formatAddress,
  formatPrefix,
  lastOf,
  networkOf,
  prefixContains,
  sameAddress,
  widthOf,
  type Address,
  type Prefix,
} from '../../ip.ts';
import { IpamError } from './errors.ts';

/** A range as configured, already parsed; `path` is its key, for example `ipam.ranges[0][1]`. */
export interface RangeConfig {
  readonly path: string;
  readonly subnet?: Prefix;
  readonly rangeStart?: Address;
  readonly rangeEnd?: Address;
  readonly gateway?: Address;
  readonly exclude?: readonly Prefix[];
}

/** Addresses from `from` to `to`, both included, in one family. */
export interface Interval {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Range {
  readonly family: 4 | 6;
  readonly subnet: Prefix;
  readonly start: bigint;
  readonly end: bigint;
  /** Absent only where the subnet is a single address and none was configured. */
  readonly gateway?: Address;
  readonly exclude: readonly Prefix[];
  /**
   * The assignable addresses in ascending order: the interval without gateway and excluded
   * addresses.
   */
  readonly free: readonly Interval[];
}

export function canonicalRange(config: RangeConfig): Range {
  const { path, subnet } = config;
  if (!subnet) throw refused('IP <nil> not v4 nor v6', `${path}.subnet`, undefined);
  const text = formatPrefix(subnet);
  const { family } = subnet.address;
  const width = widthOf(subnet.address);
  if (subnet.width !== width) {
    throw refused('IPNet IP and Mask version mismatch', `${path}.subnet`, text);
  }
  const network = networkOf(subnet);
  if (!sameAddress(network, subnet.address)) {
    const message =
      `Network has host bits set. For a subnet mask of length ${subnet.length} ` +
      `the network address is ${formatAddress(network)}`;
    throw refused(message, `${path}.subnet`, text);
  }
  const last = lastOf(subnet);
  const hostBits = width - subnet.length;
  const gateway = config.gateway ?? defaultGateway(network, hostBits);

  const inside = (address: Address): boolean => prefixContains(subnet, address);
  if (config.gateway && !inside(config.gateway)) {
    const outside = formatAddress(config.gateway);
    throw refused(`gateway ${outside} not in network ${text}`, `${path}.gateway`, outside);
  }
  const { rangeStart, rangeEnd } = config;
  if (rangeStart && !inside(rangeStart)) {
    const outside = formatAddress(rangeStart);
    throw refused(`RangeStart ${outside} not in network ${text}`, `${path}.rangeStart`, outside);
  }
  const start = rangeStart?.value ?? network.value + (hostBits < 2 ? 0n : 1n);
  // That the start is after the end is only worth reporting when the start was configured.
  if (rangeEnd && (!inside(rangeEnd) || (!rangeStart && rangeEnd.value < start))) {
    const outside = formatAddress(rangeEnd);
    throw refused(`RangeEnd ${outside} not in network ${text}`, `${path}.rangeEnd`, outside);
  }
  const end = rangeEnd?.value ?? last.value - (family === 4 && hostBits >= 2 ? 1n : 0n);
  if (start > end) {
    const [from, to] = [start, end].map((value) => formatAddress({ family, value }));
    const message = `RangeStart ${from} is after RangeEnd ${to} in network ${text}`;
    throw refused(message, `${path}.rangeStart`, from);
  }

  const exclude = config.exclude ?? [];
  for (let index = 0; index < exclude.length; index++) {
    const prefix = exclude[index]!;
    if (!inside(prefix.address) || prefix.length < subnet.length) {
      const excluded = formatPrefix(prefix);
      throw refused(
        `exclude ${excluded} not in network ${text}`,
        `${path}.exclude[${index}]`,
        excluded,
      );
    }
  }
  const free = withoutExcluded({ from: start, to: end }, family, gateway, exclude);
  return { family, subnet, start, end, ...(gateway ? { gateway } : {}), exclude, free };
}

/** The first host address; undefined for a subnet of a single address. */
function defaultGateway(network: Address, hostBits: number): Address | undefined {
  if (hostBits === 0) return undefined;
  return { family: network.family, value: network.value + (hostBits === 1 ? 0n : 1n) };
}

function withoutExcluded(
  whole: Interval,
  family: 4 | 6,
  gateway: Address | undefined,
  exclude: readonly Prefix[],
): Interval[] {
  const holes: Interval[] = [];
  for (const prefix of exclude)
    holes.push({ from: networkOf(prefix).value, to: lastOf(prefix).value });
  if (gateway?.family === family) holes.push({ from: gateway.value, to: gateway.value });
  if (holes.length > 1) holes.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const free: Interval[] = [];
  let from = whole.from;
  for (const hole of holes) {
    if (hole.to < from || hole.from > whole.to) continue;
    if (hole.from > from) free.push({ from, to: hole.from - 1n });
    from = hole.to + 1n;
  }
  if (from <= whole.to) free.push({ from, to: whole.to });
  return free;
}

export const rangeContains = (range: Range, address: Address): boolean =>
  address.family === range.family && address.value >= range.start && address.value <= range.end;

/** Whether their assignable intervals overlap; two ranges may share a subnet. */
export const rangesOverlap = (a: Range, b: Range): boolean =>
  a.family === b.family && a.start <= b.end && b.start <= a.end;

export const formatRange = ({ family, start, end }: Range): string =>
  `${formatAddress({ family, value: start })}-${formatAddress({ family, value: end })}`;

/** How many addresses the range can assign. */
export const rangeSize = (range: Range): bigint =>
  range.free.reduce((sum, { from, to }) => sum + (to - from + 1n), 0n);

export const excludedBy = (range: Range, address: Address): Prefix | undefined =>
  range.exclude.find((prefix) => prefixContains(prefix, address));

/** These errors reach the user as `invalid range set N: …`, so they carry the path. */
function refused(message: string, path: string, value: string | undefined): IpamError {
  const details = value === undefined ? `${path} is missing` : `${path}: "${value}"`;
  return new IpamError('config', message, { path, value, details });
}
