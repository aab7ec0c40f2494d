/**
 * Forwarding databases of bridges and VXLAN devices in the words of `bridge fdb`: the requests, and the verbs that send them.
 * bridge(8), "bridge fdb".
 */
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '../constants.ts';
import {
  unlessRefused,
  type Dev,
  type Done,
  type Ensured,
  type Target,
  type WithDev,
  type WithIfindex,
} from '../dev.ts';
import { neigh, type Neigh, type NeighInput } from './message.ts';
import {
  neighMessage,
  neighObject,
  onInterface,
  type NeighObject,
  type NeighSpecRest,
} from './verbs.ts';

/** An entry as the kernel describes it. `ifindex` is the port, or the device itself. */
export type FdbObject = NeighObject;

/**
 * An entry to be set. As with `bridge fdb`, without flags it goes into the device's own database (`self`; `master` is the bridge that the
 * device is a port of), and without a state it is `permanent`: an address of the host. `noarp` is what bridge(8) calls static.
 */
export interface FdbSpec extends FdbSpecRest, WithIfindex {
  /** Index of the interface to the remote end. */
  readonly via?: number | undefined;
}
/** What a spec says beside the interfaces. */
export interface FdbSpecRest extends Omit<NeighSpecRest, 'dst' | 'lladdr'> {
  readonly lladdr: string;
  /** Of a VXLAN device: address of the remote end. */
  readonly dst?: string | undefined;
}

type FdbRequest = Request<Neigh, NeighInput>;

const change = (type: number, flags: number, spec: FdbSpec): FdbRequest => ({
  message: neigh,
  type,
  flags,
  value: neighMessage({ flags: ['self'], state: ['permanent'], ...spec, family: 'bridge' }),
});

/** Adds an entry; EEXIST when the address has one. */
export const addFdb = (spec: FdbSpec): FdbRequest =>
  change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, spec);
/** Adds an entry, or takes the place of the address's. */
export const replaceFdb = (spec: FdbSpec): FdbRequest =>
  change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, spec);
/** Of a VXLAN device: adds another remote end for the address. */
export const appendFdb = (spec: FdbSpec): FdbRequest =>
  change(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND, spec);
export const deleteFdb = (spec: FdbSpec): FdbRequest => change(RTM_DELNEIGH, 0, spec);

/** What the kernel leaves out of a list. */
export interface FdbFilter {
  /** Index of the port or device. */
  readonly ifindex?: number | undefined;
  /** Index of the bridge. */
  readonly master?: number | undefined;
}

export const fdbDump = ({ ifindex, master }: FdbFilter = {}): FdbRequest => ({
  message: neigh,
  type: RTM_GETNEIGH,
  value: { family: 'bridge', ifindex, attrs: { master } },
});

/** An `FdbSpec` in which links may be named: the port or device as `dev`. */
export type NamedFdbSpec = NamedFdbSpecRest & (WithIfindex | WithDev);
/** What a spec says beside the interface. */
export interface NamedFdbSpecRest extends FdbSpecRest {
  /** The interface to the remote end. */
  readonly via?: Dev | undefined;
}
/** A filter in which links may be named. */
export interface NamedFdbFilter extends Omit<FdbFilter, 'master'> {
  readonly dev?: Dev | undefined;
  readonly master?: Dev | undefined;
}

export interface Fdb {
  list(filter?: NamedFdbFilter): FdbObject[];
  /** The same, one by one and without holding all in memory; see `Connection.dump`. */
  dump(filter?: NamedFdbFilter): DumpIterator<FdbObject>;
  /**
   * Adds an entry; EEXIST when the address has one.
   *
   * @example fdb.add({ dev: 'veth0', lladdr: '02:00:00:00:00:09', flags: ['master'], state: ['noarp'] })
   */
  add(spec: NamedFdbSpec): Done;
  /** Adds an entry, or takes the place of the address's. */
  replace(spec: NamedFdbSpec): Done;
  /** Of a VXLAN device: adds another remote end for the address. */
  append(spec: NamedFdbSpec): Done;
  /** Makes sure that there is this entry. */
  ensure(spec: NamedFdbSpec): Ensured;
  /** ENOENT when there is none. */
  delete(spec: NamedFdbSpec): Done;
}

export function fdb(target: Target): Fdb {
  const numbered = ({ via, ...spec }: NamedFdbSpec): FdbSpec =>
    ({ ...onInterface(target, spec), via: target.indexOf(via) }) as FdbSpec;
  const filtered = ({ dev, ifindex, master }: NamedFdbFilter = {}): FdbRequest =>
    fdbDump({ ifindex: ifindex ?? target.indexOf(dev), master: target.indexOf(master) });
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
