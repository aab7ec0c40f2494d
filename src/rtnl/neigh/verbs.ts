/**
 * Neighbours (ARP, NDP) and proxy entries in the terms of `ip neighbour`: the requests, and the
 * verbs that send them. ip-neighbour(8).
 *
 * A neighbour is a flat object here: header fields and attributes side by side.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
import { familyOfArgument } from '../addr/verbs.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '../constants.ts';
import {
  onInterface,
  unlessRefused,
  type Dev,
  type Done,
  type Ensured,
  type Target,
  type WithDev,
  type WithIfindex,
} from '../dev.ts';
import { neigh, type Neigh, type NeighInput } from './message.ts';

interface HeadInput extends Omit<NeighInput, 'attrs' | 'ifindex'> {}
interface AttrsInput extends Omit<NonNullable<NeighInput['attrs']>, 'ifindex'> {}

/** A neighbour as the kernel describes it. `ifindex` is the interface. */
export interface NeighObject extends Omit<Neigh, 'attrs'>, Omit<Neigh['attrs'], 'ifindex'> {
  /** For a VXLAN entry: index of the interface to the remote end. */
  readonly via?: number;
}

/**
 * A neighbour to add or change. The family follows from `dst`; the state defaults to `permanent`.
 */
export interface NeighSpec extends NeighSpecRest, WithIfindex {}
/** A spec without the interface. */
export interface NeighSpecRest extends HeadInput, AttrsInput {
  readonly dst: string;
}

export function neighObject({ attrs, family, ifindex, state, flags, type }: Neigh): NeighObject {
  const object = { ...attrs, family, ifindex, state, flags, type };
  return attrs.ifindex === undefined ? object : { ...object, via: attrs.ifindex };
}

const HEAD = ['family', 'ifindex', 'state', 'flags', 'type'] as const;

/** Sorts the keys of a flat neighbour or forwarding entry into header and attributes. */
export function neighMessage(flat: object): NeighInput {
  const { via, ...rest } = flat as { readonly via?: number | undefined };
  const head: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = { ifindex: via };
  for (const [key, value] of Object.entries(rest)) {
    if (value !== undefined)
      ((HEAD as readonly string[]).includes(key) ? head : attrs)[key] = value;
  }
  return { ...head, attrs } as NeighInput;
}

type NeighRequest = Request<Neigh, NeighInput>;

const change = (type: number, flags: number, spec: NeighSpec): NeighRequest => ({
  message: neigh,
  type,
  flags,
  value: neighMessage({
    family: familyOfArgument(spec.dst),
    state: type === RTM_NEWNEIGH ? ['permanent'] : undefined,
    ...spec,
  }),
});

/**
 * Adds a neighbour. EEXIST if there is one. With `flags: ['proxy']` the host answers for it.
 *
 * @throws CodecError for a `dst` that is not an address; NetlinkError EEXIST if there is one, when
 *   it is sent
 */
export const addNeigh = checkedFunction(
  'addNeigh',
  'spec: object',
  (spec: NeighSpec): NeighRequest => change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, spec),
);
/**
 * Adds or replaces a neighbour.
 *
 * @throws CodecError for a `dst` that is not an address
 */
export const replaceNeigh = checkedFunction(
  'replaceNeigh',
  'spec: object',
  (spec: NeighSpec): NeighRequest => change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, spec),
);
/**
 * Deletes a neighbour. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const deleteNeigh = checkedFunction(
  'deleteNeigh',
  'spec: object',
  (spec: NeighSpec): NeighRequest => change(RTM_DELNEIGH, 0, spec),
);

/** Filters a list in the kernel. */
export interface NeighFilter {
  readonly family?: 'inet' | 'inet6' | undefined;
  /** Index of the interface. */
  readonly ifindex?: number | undefined;
  /** Index of the bridge or VRF that the interfaces belong to. */
  readonly master?: number | undefined;
  /** List proxy entries instead of neighbours. */
  readonly proxy?: boolean | undefined;
}

/**
 * Lists neighbours, filtered by the kernel.
 *
 * @throws CodecError for a wrong argument
 */
export const listNeighs = checkedFunction(
  'listNeighs',
  'filter?: object',
  function listNeighs({ family, ifindex, master, proxy }: NeighFilter = {}): NeighRequest {
    const flags = proxy === true ? (['proxy'] as const) : [];
    return {
      message: neigh,
      type: RTM_GETNEIGH,
      value: { family, flags, attrs: { ifindex, master } },
    };
  },
);

/** A `NeighSpec` in which the interface may be given by name. */
export type NamedNeighSpec = NeighSpecRest & (WithIfindex | WithDev);
/** A filter in which links may be given by name. */
export interface NamedNeighFilter extends Omit<NeighFilter, 'master'> {
  readonly dev?: Dev | undefined;
  readonly master?: Dev | undefined;
}

export interface NeighVerbs extends BatchNeighVerbs {
  /** Ensures that the neighbour exists. */
  ensure(spec: NamedNeighSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchNeighVerbs {
  /** Neighbours of IPv4 and IPv6; the entries of bridges are in `fdb`. */
  list(filter?: NamedNeighFilter): NeighObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(filter?: NamedNeighFilter): DumpIterator<NeighObject>;
  /** One neighbour. ENOENT if it does not exist. */
  get(spec: NamedNeighSpec): NeighObject;
  /**
   * Adds a neighbour. EEXIST if there is one.
   *
   * @example neighs.add({ dev: 'eth0', dst: '192.0.2.9', lladdr: '02:00:00:00:00:09' })
   */
  add(spec: NamedNeighSpec): Done;
  /** Adds or replaces a neighbour. */
  replace(spec: NamedNeighSpec): Done;
  /** Deletes a neighbour. ENOENT if it does not exist. */
  delete(spec: NamedNeighSpec): Done;
}

export function neighs(target: Target): NeighVerbs {
  const numbered = (spec: NamedNeighSpec): NeighSpec => onInterface(target, 'ifindex', spec);
  const filtered = ({ master, ...filter }: NamedNeighFilter = {}): NeighRequest =>
    listNeighs({
      ...onInterface<NeighFilter>(target, 'ifindex', filter),
      master: target.indexOf(master),
    });
  /** The kernel's answer for all families includes bridges. */
  const as = (each: Neigh): NeighObject | undefined =>
    each.family === 'inet' || each.family === 'inet6' ? neighObject(each) : undefined;
  const replace = (spec: NamedNeighSpec): Done => target.request(replaceNeigh(numbered(spec)));
  return {
    list: (filter) => target.list(filtered(filter), { as }),
    dump: (filter) => target.dump(filtered(filter), { as }),
    get(spec) {
      const { dst, ifindex, flags } = numbered(spec);
      const value = neighMessage({ family: familyOfArgument(dst), ifindex, flags, dst });
      return neighObject(target.get({ message: neigh, type: RTM_GETNEIGH, value }));
    },
    add: (spec) => target.request(addNeigh(numbered(spec))),
    replace,
    ensure(spec) {
      const created = unlessRefused(() => target.request(addNeigh(numbered(spec))), EEXIST);
      return { created: created !== undefined, ...(created ?? replace(spec)) };
    },
    delete: (spec) => target.request(deleteNeigh(numbered(spec))),
  };
}
