/** Classes in the terms of `tc class`: the requests, and the verbs that send them. */
import { CodecError } from '../../errors.ts';
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { onInterface, unlessRefused, type Done, type Target } from '../../rtnl/dev.ts';
import { EINVAL, ENOENT } from '../../sys/errno.ts';
import { RTM_DELTCLASS, RTM_GETTCLASS, RTM_NEWTCLASS } from '../constants.ts';
import { countersOf, hasAll, settable, type Counters } from '../counters.ts';
import type { ClassKinds, ClassXstatsKinds } from '../qdisc/kinds.ts';
import { linkIndex, type On } from '../on.ts';
import type { KindInput, KindOf } from '../tca.ts';
import {
  tclass,
  type ClassAttrs,
  type ClassAttrsInput,
  type Tclass,
  type TclassInput,
} from './message.ts';

type Told = 'stats' | 'stats2' | 'xstats' | 'kind' | 'options';
type KindFields<W extends keyof ClassKinds & string> = KindOf<ClassKinds, ClassXstatsKinds, W>;

/** A class as the kernel describes it. */
export type ClassObject = ClassRest &
  (
    | { [W in keyof ClassKinds & string]: KindFields<W> }[keyof ClassKinds & string]
    | { kind?: string; options?: undefined; xstats?: undefined }
  );
interface ClassRest extends Omit<ClassAttrs, Told> {
  readonly ifindex: number;
  /** `1:10` */
  readonly handle: string;
  /** `root`, or the class or qdisc above: `1:`. */
  readonly parent: string;
  /** The qdisc below it; `none` without one. */
  readonly leaf: string;
  readonly stats: Counters;
}

/** Identifies a class. */
export interface ClassName {
  readonly ifindex: number;
  readonly handle: string;
}

interface ClassSpecRest extends Omit<ClassAttrsInput, Told>, ClassName {
  readonly parent?: string | undefined;
}
/** A class to add or change; only a new one needs `parent`. */
export type ClassSpec = ClassSpecRest & KindInput<ClassKinds>;

/** Keys that must be equal. The kernel lists one link at a time. */
export interface ClassFilter {
  readonly ifindex: number;
  readonly parent?: string | undefined;
  readonly handle?: string | undefined;
  readonly kind?: string | undefined;
}

export type ClassRequest = Request<Tclass, TclassInput>;

export function classObject({ ifindex, handle, parent, info, attrs }: Tclass): ClassObject {
  const { stats: _, stats2, ...rest } = attrs;
  const object = { ifindex, handle, parent, leaf: info, ...rest, stats: countersOf(stats2) };
  const isCake = rest.kind === 'cake' && stats2?.app !== undefined;
  return (isCake ? { ...object, xstats: stats2.app } : object) as unknown as ClassObject;
}

function write(type: number, flags: number, spec: object): ClassRequest {
  const { ifindex, handle, parent, ...attrs } = settable(spec) as ClassSpec;
  return {
    message: tclass,
    type,
    flags,
    value: { ifindex: linkIndex(ifindex), handle, parent, attrs },
  };
}

/**
 * Adds a class. EEXIST if the handle is taken.
 *
 * @throws CodecError for a `spec` that is not an object, or without a link; NetlinkError EEXIST if
 *   the handle is taken, when it is sent
 */
export const addClass = checkedFunction('addClass', 'spec: object', (spec: ClassSpec) =>
  write(RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_EXCL, spec),
);

/**
 * Adds a class, or changes it.
 *
 * @throws CodecError for a `spec` that is not an object, or without a link
 */
export const replaceClass = checkedFunction('replaceClass', 'spec: object', (spec: ClassSpec) =>
  write(RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_REPLACE, spec),
);

/**
 * Changes a class. ENOENT if it does not exist.
 *
 * @throws CodecError for a `spec` that is not an object, or without a link; NetlinkError ENOENT if
 *   it does not exist, when it is sent
 */
export const changeClass = checkedFunction('changeClass', 'spec: object', (spec: ClassSpec) =>
  write(RTM_NEWTCLASS, 0, spec),
);

function byHandle({ ifindex, handle }: ClassName): ClassName {
  if (handle === undefined) throw new CodecError('a class is found by its handle');
  return { ifindex, handle };
}

/**
 * Deletes a class. ENOENT if it does not exist, EBUSY while it is in use.
 *
 * @throws CodecError for a `name` that is not an object, or without a link or a handle;
 *   NetlinkError ENOENT if it does not exist, EBUSY while it is in use, when it is sent
 */
export const deleteClass = checkedFunction('deleteClass', 'name: object', (name: ClassName) =>
  write(RTM_DELTCLASS, 0, byHandle(name)),
);

/**
 * Gets a class by its handle. ENOENT if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object, or without a link or a handle;
 *   NetlinkError ENOENT if it does not exist, when it is sent
 */
export const getClass = checkedFunction('getClass', 'name: object', (name: ClassName) =>
  // The kernel answers only if an echo is requested.
  write(RTM_GETTCLASS, NLM_F_ECHO, byHandle(name)),
);

/**
 * Lists the classes of a link; `classes.list` applies the rest of the filter.
 *
 * @throws CodecError for a `filter` that is not an object, or without a link
 */
export const listClasses = checkedFunction(
  'listClasses',
  'filter: object',
  ({ ifindex }: ClassFilter): ClassRequest => ({
    message: tclass,
    type: RTM_GETTCLASS,
    value: { ifindex: linkIndex(ifindex) },
  }),
);

export interface ClassVerbs {
  /** The classes of a link. */
  list(filter: On<ClassFilter>): ClassObject[];
  /** One class, by its handle. ENOENT if it does not exist. */
  get(name: On<ClassName>): ClassObject;
  /** The same, or undefined if it does not exist. */
  find(name: On<ClassName>): ClassObject | undefined;
  /** Adds a class. EEXIST if the handle is taken. */
  add(spec: On<ClassSpecRest> & KindInput<ClassKinds>): Done;
  /** Adds a class, or changes it. */
  replace(spec: On<ClassSpecRest> & KindInput<ClassKinds>): Done;
  /** Changes a class. ENOENT if it does not exist. */
  change(spec: On<ClassSpecRest> & KindInput<ClassKinds>): Done;
  /** Deletes a class. ENOENT if it does not exist, EBUSY while it is in use. */
  delete(name: On<ClassName>): Done;
}

export function classes(target: Target): ClassVerbs {
  const on = <T>(spec: object): T => onInterface<T>(target, 'ifindex', spec);
  const get = (name: On<ClassName>): ClassObject =>
    classObject(target.get(getClass(on<ClassName>(name))));
  return {
    list(given) {
      const filter = on<ClassFilter>(given);
      return target
        .list(listClasses(filter), { as: classObject })
        .filter((object) => hasAll(object, filter));
    },
    get,
    find: (name) => unlessRefused(() => get(name), ENOENT, EINVAL),
    add: (spec) => target.request(addClass(on<ClassSpec>(spec))),
    replace: (spec) => target.request(replaceClass(on<ClassSpec>(spec))),
    change: (spec) => target.request(changeClass(on<ClassSpec>(spec))),
    delete: (name) => target.request(deleteClass(on<ClassName>(name))),
  };
}
