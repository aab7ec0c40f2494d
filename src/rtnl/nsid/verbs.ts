/**
 * The ids by which this namespace knows others, in the terms of `ip netns`: the requests, and the
 * verbs that send them. ip-netns(8), "list-id", "set".
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import type { Namespace } from '../../netlink/namespace.ts';
import { RTM_GETNSID, RTM_NEWNSID } from '../constants.ts';
import type { Done, Target } from '../dev.ts';
import { nsid, type Nsid, type NsidInput } from './message.ts';

type NsidRequest = Request<Nsid, NsidInput>;

/** Identifies a namespace: an open descriptor of it, or a process in it. */
export type NsidOf = { readonly fd: number } | { readonly pid: number };

/**
 * Gets the id of a namespace; -1 if it has none.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL for a descriptor that is not of a
 *   namespace, when it is sent
 */
export const getNsid = checkedFunction('getNsid', 'of: object', (of: NsidOf): NsidRequest => ({
  message: nsid,
  type: RTM_GETNSID,
  value: { attrs: of },
}));

/**
 * Assigns an id to a namespace; -1 lets the kernel choose one. EEXIST if it has one already.
 *
 * @throws CodecError for a wrong argument; NetlinkError EEXIST if it has one already, when it is
 *   sent
 */
export const setNsid = checkedFunction(
  'setNsid',
  'of: object, number: number',
  (of: NsidOf, number: number): NsidRequest => ({
    message: nsid,
    type: RTM_NEWNSID,
    value: { attrs: { nsid: number, ...of } },
  }),
);

/** Lists the namespaces that have an id. */
export const listNsids = (): NsidRequest => ({ message: nsid, type: RTM_GETNSID, value: {} });

export interface NsidVerbs {
  /** The ids in use here. */
  list(): number[];
  /**
   * The id of a namespace, given by name, path, open, or by a process in it; undefined if it has
   * none here.
   */
  get(netns: Namespace | string | { readonly pid: number }): number | undefined;
  /**
   * Assigns an id to a namespace; the kernel chooses one if it is left out. EEXIST if it has one
   * already.
   */
  set(netns: Namespace | string, number?: number): Done;
}

export function nsids(target: Target): NsidVerbs {
  const get = (of: NsidOf): number | undefined => {
    const number = target.get(getNsid(of)).attrs.nsid;
    return number === -1 ? undefined : number;
  };
  return {
    list: () => target.list(listNsids()).flatMap(({ attrs }) => attrs.nsid ?? []),
    get: (netns) =>
      typeof netns === 'object' && 'pid' in netns
        ? get(netns)
        : target.inNetns(netns, (fd) => get({ fd })),
    set: (netns, number = -1) =>
      target.inNetns(netns, (fd) => target.request(setNsid({ fd }, number))),
  };
}
