/**
 * The next hops of a route that has several, `RTA_MULTIPATH`, as flat objects with the keys of `ip
 * -j route`: the fields of `struct rtnexthop` and the attributes side by side.
 */
import { CodecError, rethrowWithin } from '../../errors.ts';
import { checkList, describe } from '../../netlink/codec/given.ts';
import type { Route, RouteInput } from './message.ts';

type Multipath = NonNullable<Route['attrs']['multipath']>[number];
type MultipathInput = NonNullable<NonNullable<RouteInput['attrs']>['multipath']>[number];
type Attrs = Multipath['attrs'];
type AttrsInput = NonNullable<MultipathInput['attrs']>;

/** One of several next hops. */
export interface RouteHop extends Attrs {
  /** Index of the output interface. */
  readonly oif: number;
  /** Its share of the packets, from 1 to 256. Of a multicast route, the TTL threshold plus one. */
  readonly weight: number;
  readonly flags: Multipath['flags'];
}

/** One of several next hops of a route to add. */
export interface RouteHopSpec extends AttrsInput {
  /** Index of the output interface; 0: the one that leads to the gateway. */
  readonly oif?: number | undefined;
  /** Its share of the packets, from 1 to 256; 1 by default. */
  readonly weight?: number | undefined;
  readonly flags?: MultipathInput['flags'];
}

/** As a flat object. */
export const hopObject = ({ flags, hops, ifindex, attrs }: Multipath): RouteHop => ({
  ...attrs,
  oif: ifindex,
  weight: hops + 1,
  flags,
});

/**
 * As the message has them. Throws CodecError for what is not a list of objects, and for a weight
 * that the kernel has no room for.
 */
export function multipathOf(hops: readonly RouteHopSpec[]): MultipathInput[] {
  try {
    checkList(hops);
  } catch (error) {
    rethrowWithin(error, 'nexthops');
  }
  return hops.map((hop, i) => {
    const wrong = (reason: string): CodecError => new CodecError(reason).within(`nexthops[${i}]`);
    if (typeof hop !== 'object' || hop === null) throw wrong(`${describe(hop)} is not an object`);
    const { oif, weight = 1, flags, ...attrs } = hop;
    // The kernel has a byte for the weight minus one.
    if (!Number.isInteger(weight) || weight < 1 || weight > 256) {
      throw wrong(`weight ${describe(weight)} is not from 1 to 256`);
    }
    return { flags, hops: weight - 1, ifindex: oif, attrs };
  });
}
