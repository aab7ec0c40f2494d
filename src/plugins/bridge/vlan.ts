/**
 * The VLANs of a container, and the requests that add a bridge port to them.
 *
 * The rules for `vlan` and `vlanTrunk` are the reference's. IEEE 802.1Q; bridge(8), "bridge vlan".
 */
import { CniError, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import { addPortVlans, type PortVlan } from '../wire/rtnl.ts';

const MAX_VLAN = 4094;

/** The VLAN of untagged packets on a port with a trunk and no VLAN of its own. */
const NATIVE_VLAN = 1;

export interface TrunkItem {
  readonly minID?: number;
  readonly maxID?: number;
  readonly id?: number;
}

export function requireVlan(vlan: number): void {
  if (vlan >= 0 && vlan <= MAX_VLAN) return;
  throw invalid(`invalid VLAN ID ${vlan} (must be between 0 and ${MAX_VLAN})`);
}

/** The union of ranges and single VLANs, ascending. */
export function trunkVlans(items: readonly TrunkItem[]): number[] {
  const vlans = new Set<number>();
  for (const { minID, maxID, id } of items) {
    if (minID !== undefined && maxID !== undefined) {
      if (!isVlan(minID)) throw invalid('incorrect trunk minID parameter', `minID is ${minID}`);
      if (!isVlan(maxID)) throw invalid('incorrect trunk maxID parameter', `maxID is ${maxID}`);
      if (minID > maxID) {
        throw invalid('minID is greater than maxID in trunk parameter', `${minID} and ${maxID}`);
      }
      for (let vlan = minID; vlan <= maxID; vlan++) vlans.add(vlan);
    } else if (minID !== undefined || maxID !== undefined) {
      const missing = minID === undefined ? 'minID' : 'maxID';
      throw invalid(
        `minID and maxID should be configured simultaneously, ${missing} is missing`,
        'vlanTrunk',
      );
    }
    if (id !== undefined) {
      if (!isVlan(id)) throw invalid('incorrect trunk id parameter', `id is ${id}`);
      vlans.add(id);
    }
  }
  return [...vlans].sort((a, b) => a - b);
}

const isVlan = (vlan: number): boolean => vlan >= 1 && vlan <= MAX_VLAN;

/** Consecutive numbers as ranges. */
export function vlanRanges(vlans: readonly number[]): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (const vlan of vlans) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === vlan - 1) range[1] = vlan;
    else ranges.push([vlan, vlan]);
  }
  return ranges;
}

/** The VLANs of one port. */
export interface PortVlans {
  /** The VLAN of untagged packets, in both directions. */
  readonly native: number;
  /** In ascending order, without the native one. */
  readonly tagged: readonly number[];
}

/** The VLANs that the configuration asks for; undefined when it asks for none. */
export function portVlans(config: {
  vlan: number;
  trunk: readonly number[];
}): PortVlans | undefined {
  const { vlan, trunk } = config;
  if (vlan === 0 && trunk.length === 0) return undefined;
  const native = vlan === 0 ? NATIVE_VLAN : vlan;
  // Adding it again as tagged would make it no longer the native one.
  return { native, tagged: trunk.filter((each) => each !== native) };
}

/**
 * The warning for an existing bridge, which is not changed. As in the reference, containers are
 * attached all the same: the VLANs may be separated elsewhere.
 */
export const withoutFiltering = (bridge: string): string =>
  `bridge "${bridge}" has no vlan_filtering: the VLANs of its ports do not keep packets apart; ` +
  `"ip link set ${bridge} type bridge vlan_filtering 1" turns it on`;

/** Adds a port to its VLANs, all in one message. */
export function addVlans(
  port: number,
  { native, tagged }: PortVlans,
): ReturnType<typeof addPortVlans> {
  const vlans: PortVlan[] = [{ vid: native, flags: ['pvid', 'untagged'] }];
  for (const [first, last] of vlanRanges(tagged)) {
    if (first === last) vlans.push({ vid: first });
    else vlans.push({ vid: first, flags: ['range_begin'] }, { vid: last, flags: ['range_end'] });
  }
  return addPortVlans(port, vlans);
}

const invalid = (msg: string, details = ''): CniError =>
  new CniError(INVALID_NETWORK_CONFIG, msg, details);
