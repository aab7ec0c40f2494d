/**
 * The numbers under which this namespace knows others, in the words of `ip netns`: the requests, and the verbs that send them.
 * ip-netns(8), "list-id", "set".
 */
import type { Request } from '../../netlink/connection.ts';
import type { Namespace } from '../../netlink/namespace.ts';
import { RTM_GETNSID, RTM_NEWNSID } from '../constants.ts';
import type { Done, Target } from '../dev.ts';
import { nsid, type Nsid, type NsidInput } from './message.ts';

type NsidRequest = Request<Nsid, NsidInput>;

/** Which namespace: an open descriptor of it, or a process in it. */
export type NsidOf = { readonly fd: number } | { readonly pid: number };

/** Asks for the number of a namespace. */
export const getNsid = (of: NsidOf): NsidRequest => ({
  message: nsid,
  type: RTM_GETNSID,
  value: { attrs: of },
});

/** Gives a namespace a number; -1 lets the kernel choose one. */
export const setNsid = (of: NsidOf, number: number): NsidRequest => ({
  message: nsid,
  type: RTM_NEWNSID,
  value: { attrs: { nsid: number, ...of } },
});

/** Asks for all that have a number. */
export const nsidDump = (): NsidRequest => ({ message: nsid, type: RTM_GETNSID, value: {} });

export interface Nsids {
  /** The numbers in use here. */
  list(): number[];
  /** The number of a namespace, given by name, path, open, or by a process in it; undefined when it has none here. */
  get(netns: Namespace | string | { readonly pid: number }): number | undefined;
  /** Gives a namespace a number, chosen by the kernel when it is left out. EEXIST when it has one already. */
  set(netns: Namespace | string, number?: number): Done;
}

export function nsids(target: Target): Nsids {
  const get = (of: NsidOf): number | undefined => {
    const number = target.get(getNsid(of)).attrs.nsid;
    return number === -1 ? undefined : number;
  };
  return {
    list: () => target.list(nsidDump()).flatMap(({ attrs }) => attrs.nsid ?? []),
    get: (netns) =>
      typeof netns === 'object' && 'pid' in netns
        ? get(netns)
        : target.inNetns(netns, (fd) => get({ fd })),
    set: (netns, number = -1) =>
      target.inNetns(netns, (fd) => target.request(setNsid({ fd }, number))),
  };
}
