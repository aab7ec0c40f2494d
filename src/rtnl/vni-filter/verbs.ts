/**
 * The VNIs that a VXLAN link with `vnifilter` accepts, in the terms of `bridge vni`: the requests,
 * and the verbs that send them. bridge(8), "bridge vni".
 */
import { familyOf } from '../../ip.ts';
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { UnknownAttrs } from '../../netlink/codec/attributes.ts';
import type { Request } from '../../netlink/connection.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';
import { RTM_DELTUNNEL, RTM_GETTUNNEL, RTM_NEWTUNNEL } from '../constants.ts';
import { onInterface, type Dev, type Done, type Target } from '../dev.ts';
import type { WithDev, WithIfindex } from '../dev.ts';
import { vniFilter, type VniFilter, type VniFilterInput } from './message.ts';

/** A VNI, or a range of VNIs with the same remote address, of one link. */
export interface VniFilterObject extends UnknownAttrs {
  /** Index of the VXLAN link. */
  readonly ifindex: number;
  readonly vni: number;
  /** The last VNI of the range; `vni` for a single one. */
  readonly vniEnd: number;
  /** Where packets to unknown destinations are sent: a remote address or a multicast group. */
  readonly group?: string;
  readonly stats?: NonNullable<VniFilter['attrs']['entry']>[number]['stats'];
}

/** What identifies a VNI, or a range of them. */
export interface VniFilterKey extends VniFilterKeyRest, WithIfindex {}
/** A key without the link. */
export interface VniFilterKeyRest {
  /** 0 to 16777215. */
  readonly vni: number;
  /** The last VNI of a range that starts at `vni`. */
  readonly vniEnd?: number | undefined;
}
/** A VNI, or a range of VNIs, to add. */
export interface VniFilterSpec extends VniFilterSpecRest, WithIfindex {}
/** A spec without the link. */
export interface VniFilterSpecRest extends VniFilterKeyRest {
  /** A remote address or a multicast group; default that of the link. */
  readonly group?: string | undefined;
}

export const vniFilterObjects = ({ ifindex, attrs }: VniFilter): VniFilterObject[] =>
  (attrs.entry ?? []).map(({ start = 0, end, group, group6, ...rest }) => {
    const address = group ?? group6;
    return {
      ...rest,
      ifindex,
      vni: start,
      vniEnd: end ?? start,
      ...(address === undefined ? {} : { group: address }),
    };
  });

/** `VXLAN_VNI_MASK` of include/net/vxlan.h: the kernel takes more than packets can have. */
const LAST_VNI = 0xffffff;

/** The kernel accepts a range that ends before it begins, and does nothing. */
function checkVni(key: string, vni: number, first: number): void {
  if (!Number.isInteger(vni) || vni < first || vni > LAST_VNI) {
    throw new CodecError(`${key} must be ${first} to ${LAST_VNI}, not ${describe(vni)}`);
  }
}

function vniFilterMessage({ ifindex, vni, vniEnd, group }: VniFilterSpec): VniFilterInput {
  checkVni('vni', vni, 0);
  if (vniEnd !== undefined) checkVni('vniEnd', vniEnd, vni);
  const address = group === undefined ? {} : addressOf(group);
  const end = vniEnd === vni ? undefined : vniEnd;
  return { family: 'bridge', ifindex, attrs: { entry: [{ start: vni, end, ...address }] } };
}

function addressOf(group: string): { readonly group?: string; readonly group6?: string } {
  if (typeof group !== 'string') throw new CodecError(`${describe(group)} is not an address`);
  return familyOf(group) === 'inet' ? { group } : { group6: group };
}

type VniFilterRequest = Request<VniFilter, VniFilterInput>;

const change = (type: number, spec: VniFilterSpec): VniFilterRequest => ({
  message: vniFilter,
  type,
  value: vniFilterMessage(spec),
});

/**
 * Adds VNIs to a link; existing ones get the group.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL for a link that is no VXLAN, when it
 *   is sent
 */
export const addVniFilter = checkedFunction(
  'addVniFilter',
  'spec: object',
  (spec: VniFilterSpec): VniFilterRequest => change(RTM_NEWTUNNEL, spec),
);
/**
 * Deletes VNIs from a link. ENOENT if it lacks one of them.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if the link lacks one of them,
 *   when it is sent
 */
export const deleteVniFilter = checkedFunction(
  'deleteVniFilter',
  'spec: object',
  ({ ifindex, vni, vniEnd }: VniFilterKey): VniFilterRequest =>
    change(RTM_DELTUNNEL, { ifindex, vni, vniEnd }),
);

/** Selects the contents of a list. */
export interface VniFilterFilter {
  /** Index of the VXLAN link. */
  readonly ifindex?: number | undefined;
  /** Include counters; then each VNI is listed by itself. */
  readonly stats?: boolean | undefined;
}

/**
 * Lists the VNIs of all links, or of one.
 *
 * @throws CodecError for a wrong argument
 */
export const listVniFilters = checkedFunction(
  'listVniFilters',
  'filter?: object',
  ({ ifindex, stats }: VniFilterFilter = {}): VniFilterRequest => ({
    message: vniFilter,
    type: RTM_GETTUNNEL,
    value: { family: 'bridge', ifindex, flags: stats === true ? ['stats'] : [] },
  }),
);

/** A key in which the link may be given by name. */
export type NamedVniFilterKey = VniFilterKeyRest & (WithIfindex | WithDev);
/** A `VniFilterSpec` in which the link may be given by name. */
export type NamedVniFilterSpec = VniFilterSpecRest & (WithIfindex | WithDev);
/** A filter in which the link may be given by name. */
export interface NamedVniFilterFilter extends VniFilterFilter {
  readonly dev?: Dev | undefined;
}

export interface VniFilterVerbs {
  /** The VNIs of all VXLAN links with `vnifilter`, or of one. */
  list(filter?: NamedVniFilterFilter): VniFilterObject[];
  /**
   * Adds VNIs to a link; existing ones get the group, so it can be repeated.
   *
   * @example vniFilters.add({ dev: 'vx0', vni: 100, vniEnd: 110, group: '239.1.1.1' })
   */
  add(spec: NamedVniFilterSpec): Done;
  /** Deletes VNIs from a link. ENOENT if it lacks one of them. */
  delete(key: NamedVniFilterKey): Done;
}

export function vniFilters(target: Target): VniFilterVerbs {
  const numbered = <S>(spec: object): S => onInterface(target, 'ifindex', spec);
  return {
    list: (filter = {}) =>
      target.list(listVniFilters(numbered<VniFilterFilter>(filter))).flatMap(vniFilterObjects),
    add: (spec) => target.request(addVniFilter(numbered<VniFilterSpec>(spec))),
    delete: (key) => target.request(deleteVniFilter(numbered<VniFilterKey>(key))),
  };
}
