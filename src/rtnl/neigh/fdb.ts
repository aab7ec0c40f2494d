/**
 * Forwarding databases of bridges and VXLAN devices in the terms of `bridge fdb`: the requests, and
 * the verbs that send them. bridge(8), "bridge fdb".
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
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
import { neighMessage, neighObject, type NeighObject, type NeighSpecRest } from './verbs.ts';

/** An entry as the kernel describes it. `ifindex` is the port, or the device itself. */
export type FdbObject = NeighObject;

/**
 * An entry to add or change. As with `bridge fdb`, without flags it belongs to the device's own
 * database (`self`; `master` is the bridge that the device is a port of), and without a state it is
 * `permanent`, an address of the host. `noarp` is called static in bridge(8).
 */
export interface FdbSpec extends FdbSpecRest, WithIfindex {
  /** Index of the interface to the remote end. */
  readonly via?: number | undefined;
}
/** A spec without the interfaces. */
export interface FdbSpecRest extends Omit<NeighSpecRest, 'dst' | 'lladdr'> {
  readonly lladdr: string;
  /** For a VXLAN device: address of the remote end. */
  readonly dst?: string | undefined;
}

type FdbRequest = Request<Neigh, NeighInput>;

const change = (type: number, flags: number, spec: FdbSpec): FdbRequest => ({
  message: neigh,
  type,
  flags,
  value: neighMessage({ flags: ['self'], state: ['permanent'], ...spec, family: 'bridge' }),
});

/**
 * Adds an entry. EEXIST if the address has one.
 *
 * @throws CodecError for an `lladdr` that is not an address; NetlinkError EEXIST if the address has
 *   one, when it is sent
 */
export const addFdb = checkedFunction('addFdb', 'spec: object', (spec: FdbSpec): FdbRequest =>
  change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, spec),
);
/**
 * Adds an entry, or replaces the one for the address.
 *
 * @throws CodecError for a wrong argument; NetlinkError EOPNOTSUPP for a link that is no port of a
 *   bridge, when it is sent
 */
export const replaceFdb = checkedFunction(
  'replaceFdb',
  'spec: object',
  (spec: FdbSpec): FdbRequest => change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, spec),
);
/**
 * For a VXLAN device: adds another remote end for the address.
 *
 * @throws CodecError for a wrong argument
 */
export const appendFdb = checkedFunction('appendFdb', 'spec: object', (spec: FdbSpec): FdbRequest =>
  change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND, spec),
);
/**
 * Deletes an entry. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const deleteFdb = checkedFunction('deleteFdb', 'spec: object', (spec: FdbSpec): FdbRequest =>
  change(RTM_DELNEIGH, 0, spec),
);

/** Filters a list in the kernel. */
export interface FdbFilter {
  /** Index of the port or device. */
  readonly ifindex?: number | undefined;
  /** Index of the bridge. */
  readonly master?: number | undefined;
}

/**
 * Lists the entries of forwarding databases, filtered by the kernel.
 *
 * @throws CodecError for a wrong argument
 */
export const listFdb = checkedFunction(
  'listFdb',
  'filter?: object',
  ({ ifindex, master }: FdbFilter = {}): FdbRequest => ({
    message: neigh,
    type: RTM_GETNEIGH,
    value: { family: 'bridge', ifindex, attrs: { master } },
  }),
);

/** An `FdbSpec` in which links may be given by name: the port or device as `dev`. */
export type NamedFdbSpec = NamedFdbSpecRest & (WithIfindex | WithDev);
/** A spec without the interface. */
export interface NamedFdbSpecRest extends FdbSpecRest {
  /** The interface to the remote end. */
  readonly via?: Dev | undefined;
}
/** A filter in which links may be given by name. */
export interface NamedFdbFilter extends Omit<FdbFilter, 'master'> {
  readonly dev?: Dev | undefined;
  readonly master?: Dev | undefined;
}

export interface FdbVerbs extends BatchFdbVerbs {
  /** Ensures that the entry exists. */
  ensure(spec: NamedFdbSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchFdbVerbs {
  list(filter?: NamedFdbFilter): FdbObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(filter?: NamedFdbFilter): DumpIterator<FdbObject>;
  /**
   * Adds an entry. EEXIST if the address has one.
   *
   * @example
   * const lladdr = '02:00:00:00:00:09';
   * fdb.add({ dev: 'veth0', lladdr, flags: ['master'], state: ['noarp'] });
   */
  add(spec: NamedFdbSpec): Done;
  /** Adds an entry, or replaces the one for the address. */
  replace(spec: NamedFdbSpec): Done;
  /** For a VXLAN device: adds another remote end for the address. */
  append(spec: NamedFdbSpec): Done;
  /** Deletes an entry. ENOENT if it does not exist. */
  delete(spec: NamedFdbSpec): Done;
}

export function fdb(target: Target): FdbVerbs {
  const numbered = ({ via, ...spec }: NamedFdbSpec): FdbSpec =>
    ({ ...onInterface<FdbSpec>(target, 'ifindex', spec), via: target.indexOf(via) }) as FdbSpec;
  const filtered = ({ master, ...filter }: NamedFdbFilter = {}): FdbRequest =>
    listFdb({
      ...onInterface<FdbFilter>(target, 'ifindex', filter),
      master: target.indexOf(master),
    });
  const replace = (spec: NamedFdbSpec): Done => target.request(replaceFdb(numbered(spec)));
  return {
    list: (filter) => target.list(filtered(filter)).map(neighObject),
    dump: (filter) => target.dump(filtered(filter), { as: neighObject }),
    add: (spec) => target.request(addFdb(numbered(spec))),
    replace,
    append: (spec) => target.request(appendFdb(numbered(spec))),
    ensure(spec) {
      const created = unlessRefused(() => target.request(addFdb(numbered(spec))), EEXIST);
      return { created: created !== undefined, ...(created ?? replace(spec)) };
    },
    delete: (spec) => target.request(deleteFdb(numbered(spec))),
  };
}
