/** Chains in the terms of `tc chain`: the requests, and the verbs that send them. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL } from '../../netlink/constants.ts';
import { unlessRefused, type Done, type Target } from '../../rtnl/dev.ts';
import { EINVAL, ENOENT } from '../../sys/errno.ts';
import { RTM_DELCHAIN, RTM_GETCHAIN, RTM_NEWCHAIN } from '../constants.ts';
import { hasAll } from '../counters.ts';
import type { FilterKinds } from '../filter/kinds.ts';
import { headOf, onPlace, placeOf, type OnPlace, type Place } from '../filter/place.ts';
import { filterAttrs } from '../filter/tca-filter.ts';
import { checkName } from '../on.ts';
import type { KindInput, KindOf } from '../tca.ts';
import { chain, type Chain, type ChainInput } from './message.ts';

type KindFields<W extends keyof FilterKinds & string> = KindOf<FilterKinds, object, W>;

/** A chain as the kernel describes it, with its template. */
export type ChainObject = ChainRest &
  (
    | { [W in keyof FilterKinds & string]: KindFields<W> }[keyof FilterKinds & string]
    | { kind?: string; options?: undefined; xstats?: undefined }
  );
interface ChainRest extends Place {
  readonly chain: number;
}

/** A chain by its number; default 0. */
export interface ChainName extends Place {
  readonly chain?: number | undefined;
}

/**
 * A chain to add. With `kind: 'flower'`, `options` are the template: the keys and masks that its
 * filters may have.
 */
export interface ChainSpecRest extends ChainName {
  /** The options of the template. */
  readonly protocol?: ChainInput['protocol'];
}
export type ChainSpec = ChainSpecRest & KindInput<FilterKinds>;

export type ChainRequest = Request<Chain, ChainInput>;

export const chainObject = (value: Chain): ChainObject =>
  ({ ...placeOf(value), chain: 0, ...value.attrs }) as unknown as ChainObject;

/**
 * Adds a chain. EEXIST if there is one with this number.
 *
 * @throws CodecError for a `spec` that is not an object, or whose place is not one; NetlinkError
 *   EEXIST if there is one with this number, when it is sent
 */
export const addChain = checkedFunction(
  'addChain',
  'spec: object',
  (spec: ChainSpec): ChainRequest => {
    const { chain: number = 0, kind, options } = spec;
    return {
      message: chain,
      type: RTM_NEWCHAIN,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      value: { ...headOf(spec), attrs: { chain: number, kind, options } as ChainInput['attrs'] },
    };
  },
);

const OWN = ['ifindex', 'parent', 'block'];

function named(type: number, flags: number, name: ChainName): ChainRequest {
  checkName(name, 'chain', OWN, filterAttrs.attributes);
  return {
    message: chain,
    type,
    flags,
    value: { ...headOf(name), attrs: { chain: name.chain ?? 0 } },
  };
}

/**
 * Deletes a chain with its filters. ENOENT or EINVAL if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object, or whose place is not one; NetlinkError
 *   ENOENT or EINVAL if it does not exist, when it is sent
 */
export const deleteChain = checkedFunction('deleteChain', 'name: object', (name: ChainName) =>
  named(RTM_DELCHAIN, 0, name),
);

/**
 * Gets a chain. ENOENT or EINVAL if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object, or whose place is not one; NetlinkError
 *   ENOENT or EINVAL if it does not exist, when it is sent
 */
export const getChain = checkedFunction('getChain', 'name: object', (name: ChainName) =>
  // The kernel answers only if an echo is requested.
  named(RTM_GETCHAIN, NLM_F_ECHO, name),
);

/**
 * Lists the chains of a place.
 *
 * @throws CodecError for a `filter` that is not an object, or whose place is not one
 */
export const listChains = checkedFunction(
  'listChains',
  'filter: object',
  (filter: ChainName): ChainRequest => ({
    message: chain,
    type: RTM_GETCHAIN,
    value: { ...headOf(filter), attrs: { chain: filter.chain } },
  }),
);

export interface ChainVerbs {
  /** The chains of a place that were added, or have filters. */
  list(filter: OnPlace<ChainName>): ChainObject[];
  /** One chain, by its number. ENOENT or EINVAL if it does not exist. */
  get(name: OnPlace<ChainName>): ChainObject;
  /** The same, or undefined if it does not exist. */
  find(name: OnPlace<ChainName>): ChainObject | undefined;
  /** Adds a chain. EEXIST if there is one with this number. */
  add(spec: OnPlace<ChainSpecRest> & KindInput<FilterKinds>): Done;
  /** Deletes a chain with its filters. ENOENT or EINVAL if it does not exist. */
  delete(name: OnPlace<ChainName>): Done;
}

export function chains(target: Target): ChainVerbs {
  const on = <T>(spec: object): T => onPlace<T>(target, spec);
  const get = (name: OnPlace<ChainName>): ChainObject =>
    chainObject(target.get(getChain(on<ChainName>(name))));
  return {
    list(given) {
      const wanted = on<ChainName>(given);
      return target
        .list(listChains(wanted), { as: chainObject })
        .filter((object) => hasAll(object, { chain: wanted.chain }));
    },
    get,
    find: (name) => unlessRefused(() => get(name), ENOENT, EINVAL),
    add: (spec) => target.request(addChain(on<ChainSpec>(spec))),
    delete: (name) => target.request(deleteChain(on<ChainName>(name))),
  };
}
