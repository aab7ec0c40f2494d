/**
 * VLANs of bridge ports in the words of `bridge vlan`: the requests, and the verbs that send them. bridge(8), "bridge vlan".
 */
import type { Request } from '../../netlink/connection.ts';
import { RTM_DELLINK, RTM_GETVLAN, RTM_NEWVLAN, RTM_SETLINK } from '../constants.ts';
import type { Dev, Done, Target, WithDev, WithIndex } from '../dev.ts';
import { bridgeLink, type BridgeLink, type BridgeLinkInput } from '../link/message.ts';
import { vlan, vlanDump, type Vlan, type VlanDumpInput, type VlanInput } from './message.ts';

/** A VLAN or a range of them on one port. */
export interface VlanSpec extends VlanSpecRest, WithIndex {}
/** What a spec says beside the port, or the bridge itself. */
export interface VlanSpecRest {
  /** 1 to 4094. */
  readonly vid: number;
  /** The last one of a range that starts at `vid`. */
  readonly last?: number | undefined;
  /** Frames that come in without a tag belong to it; not for ranges. */
  readonly pvid?: boolean | undefined;
  /** Frames leave without a tag. */
  readonly untagged?: boolean | undefined;
  /** The VLAN of the device itself instead of the bridge port's; needed when the device is the bridge. */
  readonly self?: boolean | undefined;
}

function vlanMessage({ index, vid, last, pvid, untagged, self }: VlanSpec): BridgeLinkInput {
  const flags = [
    ...(pvid === true ? (['pvid'] as const) : []),
    ...(untagged === true ? (['untagged'] as const) : []),
  ];
  const vlanInfo =
    last === undefined || last === vid
      ? [{ vid, flags }]
      : [
          { vid, flags: [...flags, 'range_begin' as const] },
          { vid: last, flags: [...flags, 'range_end' as const] },
        ];
  const who = self === true ? { flags: ['self' as const] } : {};
  return { family: 'bridge', index, attrs: { afSpec: { ...who, vlanInfo } } };
}

type PortRequest = Request<BridgeLink, BridgeLinkInput>;

/** Adds VLANs to a port; those that are there get the flags. */
export const addVlan = (spec: VlanSpec): PortRequest => ({
  message: bridgeLink,
  type: RTM_SETLINK,
  value: vlanMessage(spec),
});

export const deleteVlan = (spec: VlanSpec): PortRequest => ({
  message: bridgeLink,
  type: RTM_DELLINK,
  value: vlanMessage(spec),
});

type EntryInput = NonNullable<NonNullable<VlanInput['attrs']>['entry']>[number];

/** Options of a VLAN on a port: spanning tree state, multicast limits, … */
export interface VlanOptions extends VlanOptionsRest, WithIndex {}
/** What options say beside the port. */
export interface VlanOptionsRest
  extends Pick<VlanSpec, 'vid' | 'last'>, Omit<EntryInput, 'info' | 'range' | 'stats'> {}

/** Changes options of VLANs that the port has: `bridge vlan set`. */
export function setVlan({ index, vid, last, ...options }: VlanOptions): Request<Vlan, VlanInput> {
  const info = { vid, flags: ['only_opts' as const] };
  const entry = { info, range: last === undefined || last === vid ? undefined : last, ...options };
  const value: VlanInput = { family: 'bridge', ifindex: index, attrs: { entry: [entry] } };
  return { message: vlan, type: RTM_NEWVLAN, value };
}

/** What the kernel puts into a list. */
export interface VlanFilter {
  /** Index of the port. */
  readonly index?: number | undefined;
  /** Counters too. */
  readonly stats?: boolean | undefined;
}

export const vlansOf = (
  { index, stats }: VlanFilter = {},
  global = false,
): Request<Vlan, VlanDumpInput> => {
  const flags = [
    ...(stats === true ? (['stats'] as const) : []),
    ...(global ? (['global'] as const) : []),
  ];
  const attrs = flags.length === 0 ? {} : { flags };
  const value: VlanDumpInput = { family: 'bridge', ifindex: index, attrs };
  // Asked with one set of attributes, answered with another.
  return { message: vlanDump as never, type: RTM_GETVLAN, value };
};

type Entry = NonNullable<Vlan['attrs']['entry']>[number];
type GlobalOptions = NonNullable<Vlan['attrs']['globalOptions']>[number];

/** A VLAN, or a range of VLANs that are all alike, on one port. */
export interface VlanObject extends Omit<Entry, 'info' | 'range'> {
  /** Index of the port. */
  readonly index: number;
  readonly vid: number;
  /** The last one of the range; `vid` for a single one. */
  readonly last: number;
  readonly flags: NonNullable<Entry['info']>['flags'];
}

/** A VLAN of a bridge as a whole, or a range that is all alike. */
export interface VlanGlobalObject
  extends Omit<GlobalOptions, 'id' | 'range'>, Pick<VlanObject, 'index' | 'vid' | 'last'> {}

export const vlanObjects = ({ ifindex, attrs }: Vlan): VlanObject[] =>
  (attrs.entry ?? []).map(({ info, range, ...rest }) => ({
    ...rest,
    index: ifindex,
    vid: info?.vid ?? 0,
    last: range ?? info?.vid ?? 0,
    flags: info?.flags ?? [],
  }));

const globalObjects = ({ ifindex, attrs }: Vlan): VlanGlobalObject[] =>
  (attrs.globalOptions ?? []).map(({ id = 0, range, ...rest }) => ({
    ...rest,
    index: ifindex,
    vid: id,
    last: range ?? id,
  }));

/** A `VlanSpec` in which the port may be named. */
export type NamedVlanSpec = VlanSpecRest & (WithIndex | WithDev);
/** `VlanOptions` in which the port may be named. */
export type NamedVlanOptions = VlanOptionsRest & (WithIndex | WithDev);
/** A filter in which the port may be named. */
export interface NamedVlanFilter extends VlanFilter {
  readonly dev?: Dev | undefined;
}

export interface Vlans {
  /** VLANs of all bridges and ports, or of one. */
  list(filter?: NamedVlanFilter): VlanObject[];
  /** What concerns a VLAN of a bridge as a whole: `bridge vlan global`. */
  listGlobal(filter?: NamedVlanFilter): VlanGlobalObject[];
  /**
   * Adds VLANs to a port; those that are there get the flags, so it may be repeated. Takes a bridge with `vlanFiltering`.
   *
   * @example vlans.add({ dev: 'veth0', vid: 10, pvid: true, untagged: true })
   */
  add(spec: NamedVlanSpec): Done;
  /** Changes options of VLANs that the port has. */
  set(options: NamedVlanOptions): Done;
  /** Removes VLANs from a port; no error when it does not have them. */
  delete(spec: NamedVlanSpec): Done;
}

export function vlans(target: Target): Vlans {
  const numbered = <S extends WithIndex>(spec: object): S => {
    const { dev, ...rest } = spec as { dev?: Dev };
    return (dev === undefined ? rest : { ...rest, index: target.indexOf(dev) }) as unknown as S;
  };
  const filtered = ({ dev, index, stats }: NamedVlanFilter = {}): VlanFilter => ({
    index: index ?? target.indexOf(dev),
    stats,
  });
  return {
    list: (filter) => target.list(vlansOf(filtered(filter))).flatMap(vlanObjects),
    listGlobal: (filter) => target.list(vlansOf(filtered(filter), true)).flatMap(globalObjects),
    add: (spec) => target.request(addVlan(numbered<VlanSpec>(spec))),
    set: (options) => target.request(setVlan(numbered<VlanOptions>(options))),
    delete: (spec) => target.request(deleteVlan(numbered<VlanSpec>(spec))),
  };
}
