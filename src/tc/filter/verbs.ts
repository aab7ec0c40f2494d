/** Filters in the terms of `tc filter`: the requests, and the verbs that send them. */
import { CodecError } from '../../errors.ts';
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL } from '../../netlink/constants.ts';
import { unlessRefused, type Done, type Target } from '../../rtnl/dev.ts';
import { EINVAL, ENOENT } from '../../sys/errno.ts';
import { RTM_DELTFILTER, RTM_GETTFILTER, RTM_NEWTFILTER } from '../constants.ts';
import { hasAll } from '../counters.ts';
import { checkName } from '../on.ts';
import type { KindInput, KindOf } from '../tca.ts';
import { filterAttrs, type FilterAttrs, type FilterAttrsInput } from './tca-filter.ts';
import { withGeneve } from './geneve-options.ts';
import { handleNumber, handleText } from './filter-handle.ts';
import type { FilterKinds } from './kinds.ts';
import { filter, type Filter, type FilterInput } from './message.ts';
import { headOf, onPlace, placeOf, type OnPlace, type Place } from './place.ts';
import { settableOptions } from './settable.ts';

type Told = 'kind' | 'options' | 'dumpFlags' | 'extWarnMsg' | 'stats';
type KindFields<W extends keyof FilterKinds & string> = KindOf<FilterKinds, object, W>;

/** A filter as the kernel describes it. */
export type FilterObject = FilterRest &
  (
    | { [W in keyof FilterKinds & string]: KindFields<W> }[keyof FilterKinds & string]
    | { kind?: string; options?: undefined; xstats?: undefined }
  );
interface FilterRest extends Omit<FilterAttrs, Exclude<Told, 'stats'>>, Place {
  readonly protocol: Filter['protocol'];
  /** Filters with a lower number come first. */
  readonly pref: number;
  readonly chain: number;
  /** `0x1`, or `800::801` of u32. */
  readonly handle: string;
}

/** A filter; with fewer keys, all filters of a place, a chain or a preference. */
export interface FilterName extends Place {
  /** Default `all` for a filter to add, and any protocol for existing ones. */
  readonly protocol?: FilterInput['protocol'];
  readonly pref?: number | undefined;
  readonly chain?: number | undefined;
  readonly handle?: string | number | undefined;
  readonly kind?: string | undefined;
}

interface FilterSpecRest extends Omit<FilterAttrsInput, Told>, Omit<FilterName, 'kind'> {}
/** A filter to add or change. The kernel chooses `pref` and `handle` if they are left out. */
export type FilterSpec = FilterSpecRest & KindInput<FilterKinds>;

/** Keys that must be equal. The kernel lists one place at a time. */
export interface FilterFilter extends FilterName {
  /** List only kinds, handles and counters. */
  readonly terse?: boolean | undefined;
}

export type FilterRequest = Request<Filter, FilterInput>;

export function filterObject(value: Filter): FilterObject {
  const { handle, protocol, pref, attrs } = value;
  const { chain = 0, options, ...rest } = attrs;
  const place = placeOf(value);
  return {
    ...place,
    ...{ protocol, pref, chain, handle: handleText(attrs.kind, handle) },
    ...rest,
    ...(options !== undefined && { options: withGeneve(options) }),
  } as unknown as FilterObject;
}

function write(type: number, flags: number, spec: FilterSpec): FilterRequest {
  const { kind, options, rate, chain, handle } = spec;
  const { ifindex: _i, block: _b, parent: _p, protocol: _, pref: _n, ...attrs } = spec;
  const { dumpFlags: _d, extWarnMsg: _e, stats: _s, ...unknown } = attrs as FilterAttrsInput;
  return {
    message: filter,
    type,
    flags,
    value: {
      ...headOf(flags === 0 ? spec : { protocol: 'all', ...spec }),
      handle: handle === undefined ? 0 : handleNumber(handle),
      attrs: {
        ...(unknown as object),
        ...({ handle: undefined, chain, kind, rate } as object),
        options: kind === undefined ? undefined : (settableOptions(options) ?? {}),
      } as FilterAttrsInput,
    },
  };
}

/**
 * Adds a filter. EEXIST if the handle is taken.
 *
 * @throws CodecError for a `spec` that is not an object, or whose place or handle is not one;
 *   NetlinkError EEXIST if the handle is taken, when it is sent
 */
export const addFilter = checkedFunction('addFilter', 'spec: object', (spec: FilterSpec) => {
  if (spec.kind === undefined) throw new CodecError('a filter has a kind');
  return write(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, spec);
});

/**
 * Adds a filter, or changes the one with this preference and handle.
 *
 * @throws CodecError for a `spec` that is not an object, or whose place or handle is not one
 */
export const replaceFilter = checkedFunction('replaceFilter', 'spec: object', (spec: FilterSpec) =>
  write(RTM_NEWTFILTER, NLM_F_CREATE, spec),
);

/**
 * Changes a filter. ENOENT if it does not exist.
 *
 * @throws CodecError for a `spec` that is not an object, or whose place or handle is not one;
 *   NetlinkError ENOENT if it does not exist, when it is sent
 */
export const changeFilter = checkedFunction('changeFilter', 'spec: object', (spec: FilterSpec) =>
  write(RTM_NEWTFILTER, 0, spec),
);

const OWN = ['ifindex', 'parent', 'block', 'protocol', 'pref', 'handle'];

function named(type: number, flags: number, name: FilterName): FilterRequest {
  checkName(name, 'filter', OWN, filterAttrs.attributes);
  const { kind, chain, handle } = name;
  return {
    message: filter,
    type,
    flags,
    value: {
      ...headOf(name),
      handle: handle === undefined ? 0 : handleNumber(handle),
      attrs: { chain, kind },
    },
  };
}

/**
 * Deletes a filter; without `handle` all of this preference, without `pref` all of this chain.
 * ENOENT if nothing matches.
 *
 * @throws CodecError for a `name` that is not an object, or whose place or handle is not one;
 *   NetlinkError ENOENT if nothing matches, when it is sent
 */
export const deleteFilter = checkedFunction('deleteFilter', 'name: object', (name: FilterName) =>
  named(RTM_DELTFILTER, 0, name),
);

/**
 * Gets a filter by place, `protocol`, `pref`, `kind` and `handle`. ENOENT if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object or lacks one of these; NetlinkError ENOENT
 *   if it does not exist, when it is sent
 */
export const getFilter = checkedFunction('getFilter', 'name: object', (name: FilterName) => {
  for (const key of ['pref', 'kind', 'handle'] as const) {
    if (name[key] === undefined)
      throw new CodecError(`a filter is identified by its ${key}, among others`);
  }
  // The kernel answers only if an echo is requested.
  return named(RTM_GETTFILTER, NLM_F_ECHO, name);
});

/**
 * Lists the filters of a place; `filters.list` applies the rest of the filter.
 *
 * @throws CodecError for a `filter` that is not an object, or whose place is not one
 */
export const listFilters = checkedFunction(
  'listFilters',
  'filter: object',
  (given: FilterFilter): FilterRequest => ({
    message: filter,
    type: RTM_GETTFILTER,
    value: {
      ...headOf(given),
      attrs: { chain: given.chain, dumpFlags: given.terse === true ? TERSE : undefined },
    },
  }),
);

/** The flag and its mask. */
const TERSE = { value: ['terse'], selector: ['terse'] } as const;

export interface FilterVerbs {
  /** The filters of a place: by default those of the root qdisc of a link. */
  list(filter: OnPlace<FilterFilter>): FilterObject[];
  /** One filter, by `protocol`, `pref`, `kind` and `handle`. ENOENT if it does not exist. */
  get(name: OnPlace<FilterName>): FilterObject;
  /** The same, or undefined if it does not exist. */
  find(name: OnPlace<FilterName>): FilterObject | undefined;
  /** Adds a filter. EEXIST if the handle is taken. */
  add(spec: OnPlace<FilterSpecRest> & KindInput<FilterKinds>): Done;
  /** Adds a filter, or changes the one with this preference and handle. */
  replace(spec: OnPlace<FilterSpecRest> & KindInput<FilterKinds>): Done;
  /** Changes a filter. ENOENT if it does not exist. */
  change(spec: OnPlace<FilterSpecRest> & KindInput<FilterKinds>): Done;
  /**
   * Deletes a filter, or all of a preference or of a chain (default 0). ENOENT if nothing matches.
   */
  delete(name: OnPlace<FilterName>): Done;
}

export function filters(target: Target): FilterVerbs {
  const on = <T>(spec: object): T => onPlace<T>(target, spec);
  const list = (given: OnPlace<FilterFilter>): FilterObject[] => {
    const wanted = on<FilterFilter>(given);
    const { terse: _, handle, parent: _p, ifindex: _i, block: _b, ...rest } = wanted;
    const number = handle === undefined ? undefined : handleNumber(handle);
    return target
      .list(listFilters(wanted), { as: filterObject })
      .filter((object) => handleNumber(object.handle) !== 0)
      .filter((object) => number === undefined || handleNumber(object.handle) === number)
      .filter((object) => hasAll(object, rest));
  };
  const get = (name: OnPlace<FilterName>): FilterObject => {
    const request = getFilter(on<FilterName>(name));
    // The kernel lists filters of this kind, and never finds one.
    const [found] = name.kind === 'cgroup' ? list(name) : [];
    return found ?? filterObject(target.get(request));
  };
  return {
    list,
    get,
    find: (name) => unlessRefused(() => get(name), ENOENT, EINVAL),
    add: (spec) => target.request(addFilter(on<FilterSpec>(spec))),
    replace: (spec) => target.request(replaceFilter(on<FilterSpec>(spec))),
    change: (spec) => target.request(changeFilter(on<FilterSpec>(spec))),
    delete: (name) => target.request(deleteFilter(on<FilterName>(name))),
  };
}
