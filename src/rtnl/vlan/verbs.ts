/**
 * VLANs of bridge ports in the terms of `bridge vlan`: the requests, and the verbs that send them.
 * bridge(8), "bridge vlan".
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { RTM_DELLINK, RTM_GETVLAN, RTM_NEWVLAN, RTM_SETLINK } from '../constants.ts';
import {
  onInterface,
  type Dev,
  type Done,
  type Target,
  type WithDev,
  type WithIndex,
} from '../dev.ts';
import { bridgeLink, type BridgeLink, type BridgeLinkInput } from '../link/message.ts';
import { vlan, vlanQuery, type Vlan, type VlanQueryInput, type VlanInput } from './message.ts';

/** A VLAN or a range of VLANs on one port. */
export interface VlanSpec extends VlanSpecRest, WithIndex {}
/** A spec without the port, or the bridge itself. */
export interface VlanSpecRest {
  /** 1 to 4094. */
  readonly vid: number;
  /** The last VLAN of a range that starts at `vid`. */
  readonly last?: number | undefined;
  /** Untagged frames received belong to this VLAN; not for ranges. */
  readonly pvid?: boolean | undefined;
  /** Frames are sent untagged. */
  readonly untagged?: boolean | undefined;
  /**
   * Use the VLANs of the device itself instead of the bridge port's; required if the device is the
   * bridge.
   */
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

/**
 * Adds VLANs to a port; existing ones get the flags.
 *
 * @throws CodecError for a wrong argument; NetlinkError EOPNOTSUPP for a link that is no port of a
 *   bridge, when it is sent
 */
export const addVlan = checkedFunction(
  'addVlan',
  'spec: object',
  (spec: VlanSpec): PortRequest => ({
    message: bridgeLink,
    type: RTM_SETLINK,
    value: vlanMessage(spec),
  }),
);

/**
 * Deletes VLANs from a port; it is not an error if the port does not have them.
 *
 * @throws CodecError for a wrong argument; NetlinkError EOPNOTSUPP for a link that is no port of a
 *   bridge, when it is sent
 */
export const deleteVlan = checkedFunction(
  'deleteVlan',
  'spec: object',
  (spec: VlanSpec): PortRequest => ({
    message: bridgeLink,
    type: RTM_DELLINK,
    value: vlanMessage(spec),
  }),
);

type EntryInput = NonNullable<NonNullable<VlanInput['attrs']>['entry']>[number];

/** Options of a VLAN on a port: spanning tree state, multicast limits, … */
export interface VlanOptions extends VlanOptionsRest, WithIndex {}
/** Options without the port. */
export interface VlanOptionsRest
  extends Pick<VlanSpec, 'vid' | 'last'>, Omit<EntryInput, 'info' | 'range' | 'stats'> {}

/**
 * Changes options of VLANs on a port: `bridge vlan set`. ENOENT if the port does not have them.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if the port does not have them, when
 *   it is sent
 */
export const setVlan = checkedFunction(
  'setVlan',
  'options: object',
  function setVlan({ index, vid, last, ...options }: VlanOptions): Request<Vlan, VlanInput> {
    const info = { vid, flags: ['only_opts' as const] };
    const entry = {
      info,
      range: last === undefined || last === vid ? undefined : last,
      ...options,
    };
    const value: VlanInput = { family: 'bridge', ifindex: index, attrs: { entry: [entry] } };
    return { message: vlan, type: RTM_NEWVLAN, value };
  },
);

/** Selects the contents of a list. */
export interface VlanFilter {
  /** Index of the port. */
  readonly index?: number | undefined;
  /** Include counters. */
  readonly stats?: boolean | undefined;
}

export const vlansOf = (
  { index, stats }: VlanFilter = {},
  global = false,
): Request<Vlan, VlanQueryInput> => {
  const flags = [
    ...(stats === true ? (['stats'] as const) : []),
    ...(global ? (['global'] as const) : []),
  ];
  const attrs = flags.length === 0 ? {} : { flags };
  const value: VlanQueryInput = { family: 'bridge', ifindex: index, attrs };
  // The request carries other attributes than the answer.
  return { message: vlanQuery as never, type: RTM_GETVLAN, value };
};

type Entry = NonNullable<Vlan['attrs']['entry']>[number];
type GlobalOptions = NonNullable<Vlan['attrs']['globalOptions']>[number];

/** A VLAN, or a range of VLANs with equal settings, on one port. */
export interface VlanObject extends Omit<Entry, 'info' | 'range'> {
  /** Index of the port. */
  readonly index: number;
  readonly vid: number;
  /** The last VLAN of the range; `vid` for a single one. */
  readonly last: number;
  readonly flags: NonNullable<Entry['info']>['flags'];
}

/** The global options of a VLAN of a bridge, or of a range with equal settings. */
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

/** A `VlanSpec` in which the port may be given by name. */
export type NamedVlanSpec = VlanSpecRest & (WithIndex | WithDev);
/** `VlanOptions` in which the port may be given by name. */
export type NamedVlanOptions = VlanOptionsRest & (WithIndex | WithDev);
/** A filter in which the port may be given by name. */
export interface NamedVlanFilter extends VlanFilter {
  readonly dev?: Dev | undefined;
}

export interface VlanVerbs {
  /** The VLANs of all bridges and ports, or of one. */
  list(filter?: NamedVlanFilter): VlanObject[];
  /** The global VLAN options of a bridge: `bridge vlan global`. */
  listGlobal(filter?: NamedVlanFilter): VlanGlobalObject[];
  /**
   * Adds VLANs to a port; existing ones get the flags, so it can be repeated. Needs a bridge with
   * `vlanFiltering`.
   *
   * @example vlans.add({ dev: 'veth0', vid: 10, pvid: true, untagged: true })
   */
  add(spec: NamedVlanSpec): Done;
  /** Changes options of VLANs on a port. */
  set(options: NamedVlanOptions): Done;
  /** Deletes VLANs from a port; it is not an error if the port does not have them. */
  delete(spec: NamedVlanSpec): Done;
}

export function vlans(target: Target): VlanVerbs {
  const numbered = <S extends WithIndex>(spec: object): S => onInterface(target, 'index', spec);
  const filtered = (filter: NamedVlanFilter = {}): VlanFilter =>
    onInterface(target, 'index', filter);
  return {
    list: (filter) => target.list(vlansOf(filtered(filter))).flatMap(vlanObjects),
    listGlobal: (filter) => target.list(vlansOf(filtered(filter), true)).flatMap(globalObjects),
    add: (spec) => target.request(addVlan(numbered<VlanSpec>(spec))),
    set: (options) => target.request(setVlan(numbered<VlanOptions>(options))),
    delete: (spec) => target.request(deleteVlan(numbered<VlanSpec>(spec))),
  };
}
