/** Qdiscs in the terms of `tc qdisc`: the requests, and the verbs that send them. */
import { CodecError } from '../../errors.ts';
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Input } from '../../netlink/codec/codec.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { onInterface, unlessRefused, type Done, type Target } from '../../rtnl/dev.ts';
import { EINVAL, ENOENT } from '../../sys/errno.ts';
import { RTM_DELQDISC, RTM_GETQDISC, RTM_NEWQDISC } from '../constants.ts';
import { countersOf, hasAll, settable, type Counters } from '../counters.ts';
import type { KindInput, KindOf } from '../tca.ts';
import { checkName, linkIndex, type On } from '../on.ts';
import type { QdiscKinds, QdiscXstatsKinds } from './kinds.ts';
import {
  qdisc,
  qdiscAttrs,
  type Qdisc,
  type QdiscAttrs,
  type QdiscAttrsInput,
  type QdiscInput,
} from './message.ts';

type Told = 'stats' | 'stats2' | 'xstats' | 'kind' | 'options';
type KindFields<W extends keyof QdiscKinds & string> = KindOf<QdiscKinds, QdiscXstatsKinds, W>;

/** A qdisc as the kernel describes it. */
export type QdiscObject = QdiscRest &
  (
    | { [W in keyof QdiscKinds & string]: KindFields<W> }[keyof QdiscKinds & string]
    | { kind?: string; options?: undefined; xstats?: undefined }
  );
interface QdiscRest extends Omit<QdiscAttrs, Told> {
  readonly ifindex: number;
  /** `1:`; `none` for a qdisc that the kernel created by default. */
  readonly handle: string;
  /** `root`, `ingress`, or the class above: `1:10`. */
  readonly parent: string;
  readonly refcnt: number;
  readonly stats: Counters;
}

/** Identifies a qdisc by its place. */
export interface QdiscName {
  readonly ifindex: number;
  /** Default `root`. */
  readonly parent?: string | undefined;
  readonly handle?: string | undefined;
}

interface QdiscSpecRest extends Omit<QdiscAttrsInput, Told>, QdiscName {}
/**
 * A qdisc to add or change. `parent` defaults to `root`, for `ingress` and `clsact` to their own
 * place.
 */
export type QdiscSpec = QdiscSpecRest & KindInput<QdiscKinds>;

/** Keys that must be equal. */
export interface QdiscFilter {
  readonly ifindex?: number | undefined;
  readonly parent?: string | undefined;
  readonly handle?: string | undefined;
  readonly kind?: string | undefined;
  /** Also list the qdiscs that the kernel created by default. */
  readonly invisible?: boolean | undefined;
}

export type QdiscRequest = Request<Qdisc, QdiscInput>;

export function qdiscObject({ ifindex, handle, parent, info, attrs }: Qdisc): QdiscObject {
  const { stats: _, stats2, ...rest } = attrs;
  const object = { ifindex, handle, parent, refcnt: info, ...rest, stats: countersOf(stats2) };
  const isCake = rest.kind === 'cake' && stats2?.app !== undefined;
  return (isCake ? { ...object, xstats: stats2.app } : object) as unknown as QdiscObject;
}

/** The version that the kernel expects is in the upper half of what it reports. */
const withVersion = (options: Htb = {}): Htb => {
  const { version = 3, ...init } = options.init ?? {};
  return { ...options, init: { ...init, version: version > 0xffff ? version >>> 16 : version } };
};
type Htb = Input<QdiscKinds['htb']>;

/** The kernel reports the flags twice, and refuses them twice. */
function withFlagsOnce(options: Red | undefined): Red | undefined {
  if (options?.flags === undefined || options.parms === undefined) return options;
  const { flags: _, ...parms } = options.parms;
  return { ...options, parms };
}
type Red = Input<QdiscKinds['red']>;

const AT_INGRESS = ['ingress', 'clsact'];

type Writable = { -readonly [K in keyof QdiscSpec]: QdiscSpec[K] } & QdiscSpec;

function write(type: number, flags: number, spec: object): QdiscRequest {
  const { ifindex, handle, parent, ...attrs } = settable(spec) as Writable;
  if (attrs.kind === 'red') attrs.options = withFlagsOnce(attrs.options);
  if (attrs.kind === 'htb') attrs.options = withVersion(attrs.options);
  const isIngress = attrs.kind !== undefined && AT_INGRESS.includes(attrs.kind);
  return {
    message: qdisc,
    type,
    flags,
    value: {
      ifindex: linkIndex(ifindex),
      handle: handle ?? (isIngress ? 'ffff:' : 'none'),
      parent: parent ?? (isIngress ? 'ingress' : 'root'),
      attrs,
    },
  };
}

/**
 * Adds a qdisc. EEXIST if there is one in this place already.
 *
 * @throws CodecError for a `spec` that is not an object, or without a link or a kind; NetlinkError
 *   EEXIST if there is one in this place already, when it is sent
 */
export const addQdisc = checkedFunction('addQdisc', 'spec: object', (spec: QdiscSpec) => {
  if (spec.kind === undefined) throw new CodecError('a qdisc has a kind');
  return write(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, spec);
});

/**
 * Puts a qdisc in this place, or changes the one that is there.
 *
 * @throws CodecError for a `spec` that is not an object, or without a link
 */
export const replaceQdisc = checkedFunction('replaceQdisc', 'spec: object', (spec: QdiscSpec) =>
  write(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, spec),
);

/**
 * Changes options of a qdisc. ENOENT if there is none with this handle.
 *
 * @throws CodecError for a `spec` that is not an object, or without a link; NetlinkError ENOENT if
 *   there is none with this handle, when it is sent
 */
export const changeQdisc = checkedFunction('changeQdisc', 'spec: object', (spec: QdiscSpec) =>
  write(RTM_NEWQDISC, 0, spec),
);

const OWN = ['ifindex', 'parent', 'handle', 'refcnt'];

function named(type: number, flags: number, name: QdiscName & { kind?: string }): QdiscRequest {
  checkName(name, 'qdisc', OWN, qdiscAttrs.attributes);
  const { ifindex, parent, handle, kind } = name;
  return write(type, flags, { ifindex, parent, handle, kind });
}

/**
 * Deletes a qdisc, with everything below it. ENOENT if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object, or without a link; NetlinkError ENOENT if
 *   it does not exist, when it is sent
 */
export const deleteQdisc = checkedFunction('deleteQdisc', 'name: object', (name: QdiscName) =>
  named(RTM_DELQDISC, 0, name),
);

/**
 * Gets a qdisc by its place. ENOENT if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object, or without a link; NetlinkError ENOENT if
 *   it does not exist, when it is sent
 */
export const getQdisc = checkedFunction('getQdisc', 'name: object', (name: QdiscName) =>
  // Some kernels answer only if an echo is requested.
  named(RTM_GETQDISC, NLM_F_ECHO, name),
);

/**
 * Lists the qdiscs of all links; `qdiscs.list` applies the rest of the filter.
 *
 * @throws CodecError for a `filter` that is not an object
 */
export const listQdiscs = checkedFunction(
  'listQdiscs',
  'filter?: object',
  ({ ifindex, invisible }: QdiscFilter = {}): QdiscRequest => ({
    message: qdisc,
    type: RTM_GETQDISC,
    value: { ifindex, attrs: { dumpInvisible: invisible === true ? true : undefined } },
  }),
);

export interface QdiscVerbs {
  /** The qdiscs of this namespace. */
  list(filter?: On<QdiscFilter>): QdiscObject[];
  /** The qdisc in a place, by default the root of the link. ENOENT if it does not exist. */
  get(name: On<QdiscName>): QdiscObject;
  /** The same, or undefined if it does not exist. */
  find(name: On<QdiscName>): QdiscObject | undefined;
  /** Adds a qdisc. EEXIST if there is one in this place already. */
  add(spec: On<QdiscSpecRest> & KindInput<QdiscKinds>): Done;
  /** Puts a qdisc in this place, or changes the one that is there. */
  replace(spec: On<QdiscSpecRest> & KindInput<QdiscKinds>): Done;
  /** Changes options of a qdisc. ENOENT if it does not exist. */
  change(spec: On<QdiscSpecRest> & KindInput<QdiscKinds>): Done;
  /** Deletes a qdisc, with everything below it. ENOENT if it does not exist. */
  delete(name: On<QdiscName>): Done;
}

export function qdiscs(target: Target): QdiscVerbs {
  const on = <T>(spec: object): T => onInterface<T>(target, 'ifindex', spec);
  const get = (name: On<QdiscName>): QdiscObject =>
    qdiscObject(target.get(getQdisc(on<QdiscName>(name))));
  return {
    list(given = {}) {
      const filter = on<QdiscFilter>(given);
      const { invisible: _, ...wanted } = filter;
      return target
        .list(listQdiscs(filter), { as: qdiscObject })
        .filter((object) => hasAll(object, wanted));
    },
    get,
    find: (name) => unlessRefused(() => get(name), ENOENT, EINVAL),
    add: (spec) => target.request(addQdisc(on<QdiscSpec>(spec))),
    replace: (spec) => target.request(replaceQdisc(on<QdiscSpec>(spec))),
    change: (spec) => target.request(changeQdisc(on<QdiscSpec>(spec))),
    delete: (name) => target.request(deleteQdisc(on<QdiscName>(name))),
  };
}
