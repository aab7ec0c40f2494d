/**
 * Next hop objects in the terms of `ip nexthop`: the requests, and the verbs that send them.
 * ip-nexthop(8).
 *
 * A next hop is a flat object here, and the weight of a group member starts at 1, as in
 * `ip nexthop`.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
import { familyOfArgument } from '../addr/verbs.ts';
import { RTM_DELNEXTHOP, RTM_GETNEXTHOP, RTM_NEWNEXTHOP } from '../constants.ts';
import {
  onInterface,
  unlessRefused,
  type Dev,
  type Done,
  type Ensured,
  type Target,
} from '../dev.ts';
import { nexthop, type Nexthop, type NexthopInput } from './message.ts';

/** A next hop in a group. */
export interface GroupMember {
  readonly id: number;
  /** Share of the traffic, starting at 1; default 1. */
  readonly weight?: number | undefined;
}

/** A next hop as the kernel describes it. */
export interface NexthopObject extends Omit<Nexthop, 'attrs'>, Omit<Nexthop['attrs'], 'group'> {
  readonly group?: Required<GroupMember>[];
}

/**
 * A next hop to add: a gateway, an interface, a black hole, or a group. The family is that of the
 * gateway, IPv4 without one. Without an `id` the kernel chooses one.
 */
export interface NexthopSpec
  extends Omit<NexthopInput, 'attrs'>, Omit<NonNullable<NexthopInput['attrs']>, 'group'> {
  readonly group?: readonly GroupMember[] | undefined;
}

const HEAD = ['family', 'scope', 'protocol', 'flags'];

export function nexthopObject({ attrs, ...head }: Nexthop): NexthopObject {
  const { group, ...rest } = attrs;
  if (group === undefined) return { ...head, ...rest };
  const members = group.map(({ id, weight, weightHigh }) => ({
    id,
    weight: weightHigh * 256 + weight + 1,
  }));
  return { ...head, ...rest, group: members };
}

function nexthopMessage({ group, ...spec }: NexthopSpec): NexthopInput {
  const head: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec)) {
    if (value !== undefined) (HEAD.includes(key) ? head : attrs)[key] = value;
  }
  if (group !== undefined) {
    attrs['group'] = group.map(({ id, weight = 1 }) => ({
      id,
      weight: (weight - 1) & 0xff,
      weightHigh: (weight - 1) >> 8,
    }));
  }
  const family = group === undefined ? familyOfArgument(spec.gateway ?? '') : 'unspec';
  return { family, protocol: 'boot', ...head, attrs } as NexthopInput;
}

type NexthopRequest = Request<Nexthop, NexthopInput>;

const make = (flags: number, spec: NexthopSpec): NexthopRequest => ({
  message: nexthop,
  type: RTM_NEWNEXTHOP,
  flags: NLM_F_CREATE | flags,
  value: nexthopMessage(spec),
});

/**
 * Adds a next hop. EEXIST if the id is taken.
 *
 * @throws CodecError for a `gateway` that is not an address; NetlinkError EEXIST if the id is
 *   taken, when it is sent
 */
export const addNexthop = checkedFunction(
  'addNexthop',
  'spec: object',
  (spec: NexthopSpec): NexthopRequest => make(NLM_F_EXCL, spec),
);
/**
 * Adds a next hop, or changes the one with this id for all routes that use it.
 *
 * @throws CodecError for a `gateway` that is not an address
 */
export const replaceNexthop = checkedFunction(
  'replaceNexthop',
  'spec: object',
  (spec: NexthopSpec): NexthopRequest => make(NLM_F_REPLACE, spec),
);

const byId = (type: number, id: number): NexthopRequest => ({
  message: nexthop,
  type,
  value: { attrs: { id } },
});

/**
 * Deletes a next hop and the routes that use it. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const deleteNexthop = checkedFunction(
  'deleteNexthop',
  'id: number',
  (id: number): NexthopRequest => byId(RTM_DELNEXTHOP, id),
);
/**
 * Gets a next hop. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const getNexthop = checkedFunction(
  'getNexthop',
  'id: number',
  (id: number): NexthopRequest => byId(RTM_GETNEXTHOP, id),
);

/** Filters a list in the kernel. */
export interface NexthopFilter {
  readonly family?: 'inet' | 'inet6' | undefined;
  /** Index of the output interface. */
  readonly oif?: number | undefined;
  /** Index of the bridge or VRF that the output interfaces belong to. */
  readonly master?: number | undefined;
  /** Groups only. */
  readonly groups?: boolean | undefined;
  /**
   * Only those for forwarding databases. The kernel accepts this and lists all, so verbs filter
   * again.
   */
  readonly fdb?: boolean | undefined;
}

/**
 * Lists next hops, filtered by the kernel.
 *
 * @throws CodecError for a wrong argument
 */
export const listNexthops = checkedFunction(
  'listNexthops',
  'filter?: object',
  ({ family, ...filter }: NexthopFilter = {}): NexthopRequest => ({
    message: nexthop,
    type: RTM_GETNEXTHOP,
    value: { family, attrs: filter },
  }),
);

/** A `NexthopSpec` in which the output interface may be given by name. */
export interface NamedNexthopSpec extends NexthopSpec {
  readonly dev?: Dev | undefined;
}
/** A next hop that is identified by its id. */
export interface EnsuredNexthopSpec extends NamedNexthopSpec {
  readonly id: number;
}
/** A filter in which links may be given by name. */
export interface NamedNexthopFilter extends Omit<NexthopFilter, 'master'> {
  readonly dev?: Dev | undefined;
  readonly master?: Dev | undefined;
}

export interface NexthopVerbs extends BatchNexthopVerbs {
  /** Ensures that this is the next hop with this id. */
  ensure(spec: EnsuredNexthopSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchNexthopVerbs {
  list(filter?: NamedNexthopFilter): NexthopObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(filter?: NamedNexthopFilter): DumpIterator<NexthopObject>;
  /** One next hop. ENOENT if it does not exist. */
  get(id: number): NexthopObject;
  /**
   * Adds a next hop. EEXIST if the id is taken.
   *
   * @example
   * nexthops.add({ id: 1, gateway: '192.0.2.1', dev: 'eth0' });
   * nexthops.add({ id: 9, group: [{ id: 1 }, { id: 3, weight: 2 }] });
   * routes.add({ dst: '198.51.100.0/24', nhId: 9 });
   */
  add(spec: NamedNexthopSpec): Done;
  /** Adds a next hop, or changes the one with this id for all routes that use it. */
  replace(spec: NamedNexthopSpec): Done;
  /** Deletes a next hop and the routes that use it. ENOENT if it does not exist. */
  delete(id: number): Done;
}

export function nexthops(target: Target): NexthopVerbs {
  const numbered = (spec: NamedNexthopSpec): NexthopSpec => onInterface(target, 'oif', spec);
  const filtered = ({ master, ...filter }: NamedNexthopFilter = {}): NexthopRequest =>
    listNexthops({
      ...onInterface<NexthopFilter>(target, 'oif', filter),
      master: target.indexOf(master),
    });
  /** Applies the filters that the kernel does not. */
  const meant = ({ fdb }: NamedNexthopFilter = {}) => ({
    as: (each: Nexthop) =>
      fdb !== true || each.attrs.fdb === true ? nexthopObject(each) : undefined,
  });
  const replace = (spec: NamedNexthopSpec): Done => target.request(replaceNexthop(numbered(spec)));
  return {
    list: (filter) => target.list(filtered(filter), meant(filter)),
    dump: (filter) => target.dump(filtered(filter), meant(filter)),
    get: (id) => nexthopObject(target.get(getNexthop(id))),
    add: (spec) => target.request(addNexthop(numbered(spec))),
    replace,
    ensure(spec) {
      const created = unlessRefused(() => target.request(addNexthop(numbered(spec))), EEXIST);
      return { created: created !== undefined, ...(created ?? replace(spec)) };
    },
    delete: (id) => target.request(deleteNexthop(id)),
  };
}
