/**
 * Which address an owner gets from a range set: the one it asked for, or the next free one after
 * the last that was reserved.
 *
 * No address is used again before the set has been cycled through, so a neighbour's stale ARP entry
 * has time to expire. The policy is the reference's; avoiding addresses (`avoid`) and preferring
 * one (`prefer`) are our additions.
 */
import { formatAddress, sameAddress, type Address } from '../../ip.ts';
import { IpamError, type IpamSubject } from './errors.ts';
import { formatKey, type Owner } from './owner.ts';
import { excludedBy, type Range } from './range.ts';
import { formatRangeSet, rangeOf, type RangeSet } from './range-set.ts';
import type { Leases } from './leases.ts';

export interface Allocation {
  readonly address: Address;
  readonly range: Range;
  /**
   * The owner, or its sticky key, had this address before: the last-reserved mark stays as it is.
   */
  readonly isAgain?: boolean;
}

/** Addresses of one range, both ends included. */
export interface RangeInterval {
  readonly range: Range;
  readonly from: bigint;
  readonly to: bigint;
}

export interface AllocationRequest {
  readonly owner: Owner;
  /** Position of the set in the configuration; part of the name of its last-reserved mark. */
  readonly index: number;
  readonly requested?: Address;
  /** An address to try first, for example the one that a sticky key had. */
  readonly prefer?: Address;
  /** True for an address that is still cooling down. */
  readonly avoid?: (address: Address) => boolean;
}

/** After this many taken addresses in a row the store is asked for the next free one. */
const CROWDED = 32;

/** Reserves one address of the set; the caller frees it when a later step fails. */
export function allocate(set: RangeSet, leases: Leases, request: AllocationRequest): Allocation {
  return request.requested
    ? allocateRequested(set, leases, request, request.requested)
    : allocateNext(set, leases, request);
}

function allocateRequested(
  set: RangeSet,
  leases: Leases,
  { owner, index }: AllocationRequest,
  address: Address,
): Allocation {
  const text = formatAddress(address);
  const about = { address: text, rangeSet: index };
  const range = rangeOf(set, address);
  if (!range) {
    throw new IpamError('outside', `${text} not in range set ${formatRangeSet(set)}`, about);
  }
  requireOffered(range, address, about);
  if (!leases.reserve(address, owner) && !leases.adopt(address, owner)) {
    const holder = leases.holder(address);
    const message = `requested IP address ${text} is not available in range set ${formatRangeSet(set)}`;
    throw new IpamError('taken', message, {
      ...about,
      ...(holder === undefined
        ? {}
        : { owner: formatKey(holder), details: `${text} is held by ${formatKey(holder)}` }),
    });
  }
  return { address, range };
}

/** Throws for an address of the range that is never assigned. */
export function requireOffered(range: Range, address: Address, about: IpamSubject): void {
  const text = formatAddress(address);
  if (range.gateway && sameAddress(range.gateway, address)) {
    throw new IpamError('taken', `requested ip ${text} is subnet's gateway`, about);
  }
  if (excludedBy(range, address)) {
    throw new IpamError('taken', `requested ip ${text} is excluded from the range`, about);
  }
}

function allocateNext(set: RangeSet, leases: Leases, request: AllocationRequest): Allocation {
  const { owner, index, prefer, avoid } = request;
  const duplicate = heldIn(set, leases.owned(owner));
  if (duplicate) {
    if (leases.adopt(duplicate, owner))
      return { address: duplicate, range: rangeOf(set, duplicate)!, isAgain: true };
    const text = formatAddress(duplicate);
    const message = `${text} has been allocated to ${owner.containerId}, duplicate allocation is not allowed`;
    throw new IpamError('duplicate', message, {
      address: text,
      rangeSet: index,
      owner: `${owner.containerId} ${owner.ifname}`,
    });
  }
  const preferred = prefer && offered(set, prefer);
  if (prefer && preferred && leases.reserve(prefer, owner)) {
    return { address: prefer, range: preferred, isAgain: true };
  }
  let cooling = 0;
  for (const { range, from, to } of intervalsAfter(set, leases.lastReserved(index))) {
    const { family } = range;
    let refusals = 0;
    for (let value = from; value <= to; value++) {
      const address = { family, value };
      if (avoid?.(address)) cooling++;
      else if (leases.reserve(address, owner)) return { address, range };
      else if (++refusals % CROWDED === 0) {
        const next = leases.nextFree({ family, value: value + 1n }, to);
        if (next === undefined) break;
        value = next - 1n;
      }
    }
  }
  const message = `no IP addresses available in range set: ${formatRangeSet(set)}`;
  throw new IpamError('exhausted', message, {
    rangeSet: index,
    ...(cooling > 0 ? { details: `${cooling} free addresses are cooling down` } : {}),
  });
}

function heldIn(set: RangeSet, held: readonly Address[]): Address | undefined {
  for (const address of held) if (rangeOf(set, address)) return address;
  return undefined;
}

/** The range that contains the address and may assign it. */
function offered(set: RangeSet, { family, value }: Address): Range | undefined {
  return set.find(
    (range) =>
      range.family === family && range.free.some(({ from, to }) => value >= from && value <= to),
  );
}

/**
 * Every assignable address of the set, once, as intervals: from the one after `last` around to
 * `last`, or from the beginning where `last` is not in the set.
 */
export function intervalsAfter(set: RangeSet, last: Address | undefined): RangeInterval[] {
  const all: RangeInterval[] = [];
  for (const range of set) for (const { from, to } of range.free) all.push({ range, from, to });
  const current = last && rangeOf(set, last);
  if (!current) return all;
  const { value } = last!;
  const isEarlierRange = (range: Range): boolean => set.indexOf(range) < set.indexOf(current);
  const later: RangeInterval[] = [];
  const earlier: RangeInterval[] = [];
  for (const { range, from, to } of all) {
    if (range !== current) (isEarlierRange(range) ? earlier : later).push({ range, from, to });
    else {
      if (to > value) later.push({ range, from: from > value ? from : value + 1n, to });
      if (from <= value) earlier.push({ range, from, to: to < value ? to : value });
    }
  }
  return [...later, ...earlier];
}
