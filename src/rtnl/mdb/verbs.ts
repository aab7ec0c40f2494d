/**
 * Multicast databases of bridges in the terms of `bridge mdb`: the requests, and the verbs that
 * send them. bridge(8), "bridge mdb".
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
import { RTM_DELMDB, RTM_GETMDB, RTM_NEWMDB } from '../constants.ts';
import { unlessRefused, type Dev, type Done, type Ensured, type Target } from '../dev.ts';
import {
  mdbChange,
  mdbQuery,
  type Mdb,
  type MdbChangeInput,
  type MdbQueryInput,
} from './message.ts';

type EntryAttrs = NonNullable<NonNullable<MdbChangeInput['attrs']>['entryAttrs']>;

/** A group on a port. */
export interface MdbSpec extends MdbSpecRest {
  /** Index of the bridge. */
  readonly index: number;
  /** Index of the port; of the bridge itself for groups that the host has joined. */
  readonly port: number;
}
/** A spec without the bridge and its port. */
export interface MdbSpecRest extends EntryAttrs {
  /** `239.1.1.1`, `ff0e::1`, or an Ethernet address. */
  readonly group: string;
  readonly vid?: number | undefined;
  /** `temp` entries expire after a while; default `permanent`. */
  readonly state?: 'temp' | 'permanent' | undefined;
}

function mdbMessage({ index, port, group, vid, state, ...attrs }: MdbSpec): MdbChangeInput {
  const entry = { ifindex: port, addr: group, vid: vid ?? 0, state: state ?? 'permanent' } as const;
  const entryAttrs = Object.values(attrs).some((value) => value !== undefined) ? attrs : undefined;
  return { family: 'bridge', ifindex: index, attrs: { entry, entryAttrs } };
}

type MdbRequest = Request<Mdb, MdbChangeInput>;

const change = (type: number, flags: number, spec: MdbSpec): MdbRequest => ({
  // The request carries other attributes than the kernel's messages.
  message: mdbChange as never,
  type,
  flags,
  value: mdbMessage(spec),
});

/**
 * Adds a group to a port. EEXIST if it is there.
 *
 * @throws CodecError for a wrong argument; NetlinkError EEXIST if it is there, when it is sent
 */
export const addMdb = checkedFunction('addMdb', 'spec: object', (spec: MdbSpec): MdbRequest =>
  change(RTM_NEWMDB, NLM_F_CREATE | NLM_F_EXCL, spec),
);
/**
 * Adds a group to a port, or changes the entry. Since Linux 6.3.
 *
 * @throws CodecError for a wrong argument
 */
export const replaceMdb = checkedFunction(
  'replaceMdb',
  'spec: object',
  (spec: MdbSpec): MdbRequest => change(RTM_NEWMDB, NLM_F_CREATE | NLM_F_REPLACE, spec),
);
/**
 * Deletes a group from a port. EINVAL if it is not there.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL if it is not there, when it is sent
 */
export const deleteMdb = checkedFunction('deleteMdb', 'spec: object', (spec: MdbSpec): MdbRequest =>
  change(RTM_DELMDB, 0, spec),
);

/** Lists the groups of all bridges; the kernel has no filter. */
export const listMdb = (): Request<Mdb, MdbQueryInput> => ({
  message: mdbQuery as never,
  type: RTM_GETMDB,
  value: { family: 'bridge' },
});

type Groups = NonNullable<Mdb['attrs']['mdb']>;
type PortEntry = NonNullable<NonNullable<Groups['entry']>[number]['info']>[number];
type PortAttrs = PortEntry['attrs'];

/**
 * A group on a port, as the kernel describes it. `ifindex` is the interface to the remote end of a
 * VXLAN entry.
 */
export interface MdbObject extends Omit<PortEntry, 'attrs' | 'ifindex' | 'addr'>, PortAttrs {
  /** Index of the bridge. */
  readonly index: number;
  /** Index of the port. */
  readonly port: number;
  readonly group: string;
}

export const mdbObjects = ({ ifindex: index, attrs: { mdb } }: Mdb): MdbObject[] =>
  (mdb?.entry ?? [])
    .flatMap(({ info }) => info ?? [])
    .map(({ ifindex: port, addr: group, attrs, ...entry }) => ({
      ...entry,
      ...attrs,
      index,
      port,
      group,
    }));

/** An `MdbSpec` in which links may be given by name. */
export interface NamedMdbSpec extends MdbSpecRest {
  /** The bridge. */
  readonly dev: Dev;
  readonly port: Dev;
}

export interface MdbVerbs extends BatchMdbVerbs {
  /** Ensures that the group is on the port. */
  ensure(spec: NamedMdbSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchMdbVerbs {
  /** The groups of all bridges, or of one. */
  list(filter?: { readonly dev?: Dev | undefined }): MdbObject[];
  /**
   * Adds a group to a port. EEXIST if it is there.
   *
   * @example mdb.add({ dev: 'br0', port: 'veth0', group: '239.1.1.1' })
   */
  add(spec: NamedMdbSpec): Done;
  /** Adds a group to a port, or changes the entry. Since Linux 6.3. */
  replace(spec: NamedMdbSpec): Done;
  /** Deletes a group from a port. EINVAL if it is not there. */
  delete(spec: NamedMdbSpec): Done;
}

export function mdbs(target: Target): MdbVerbs {
  const numbered = ({ dev, port, ...spec }: NamedMdbSpec): MdbSpec => ({
    ...spec,
    index: target.indexOf(dev),
    port: target.indexOf(port),
  });
  return {
    list({ dev } = {}) {
      const bridge = target.indexOf(dev);
      const all = target.list(listMdb()).flatMap(mdbObjects);
      return all.filter(({ index }) => bridge === undefined || index === bridge);
    },
    add: (spec) => target.request(addMdb(numbered(spec))),
    replace: (spec) => target.request(replaceMdb(numbered(spec))),
    ensure(spec) {
      const created = unlessRefused(() => target.request(addMdb(numbered(spec))), EEXIST);
      return { created: created !== undefined, ...created };
    },
    delete: (spec) => target.request(deleteMdb(numbered(spec))),
  };
}
