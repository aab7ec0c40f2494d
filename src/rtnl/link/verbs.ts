/** Links in the terms of `ip link`: the requests, and the verbs that send them. ip-link(8). */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import { ENODEV } from '../../sys/errno.ts';
import type { Namespace } from '../../netlink/namespace.ts';
import { RTM_DELLINK, RTM_DELLINKPROP, RTM_NEWLINKPROP } from '../constants.ts';
import { getLink, unlessRefused, type Dev, type Done, type Ensured, type Target } from '../dev.ts';
import { differences, requireChanged, requireHere, type Here } from './ensure.ts';
import type {
  AnyKind,
  AnySlaveKind,
  KindBy,
  LinkInfoRest,
  LinkKindSpec,
  SlaveKindBy,
} from './info.ts';
import {
  linkMessage,
  linkObject,
  type LinkAttrsInput,
  type LinkHeadInput,
  type LinkKey,
  type LinkObject,
  type LinkPart,
  type LinkSpec,
  type LinkSpecBy,
} from './object.ts';
import { linkReader } from './reader.ts';
import { linkRequests, named, type LinkFilter } from './requests.ts';
import { link, linkProp, type Link, type LinkInput } from './message.ts';

export { getLink, type Dev } from '../dev.ts';
export type {
  LinkKey,
  LinkNotification,
  LinkObject,
  LinkPart,
  LinkPeerSpec,
  LinkSpec,
  LinkSpecBy,
} from './object.ts';
export type { LinkFilter } from './requests.ts';

type LinkRequest = Request<Link, LinkInput>;

const requests = linkRequests(link);

/**
 * Adds a link. EEXIST if the name is taken, EOPNOTSUPP for an unknown kind. `flags: ['up']` sets it
 * up at once.
 *
 * @throws CodecError for a wrong argument; NetlinkError EEXIST if the name is taken, EOPNOTSUPP for
 *   an unknown kind, when it is sent
 */
export const addLink: <K extends AnyKind = '', S extends AnySlaveKind = ''>(
  spec: LinkSpecBy<K, S>,
) => LinkRequest = checkedFunction('addLink', 'spec: object', requests.addLink as never);

/**
 * Changes a link. A new name goes into `spec.ifname` if the link is given by index. ENODEV if it
 * does not exist.
 *
 * @throws CodecError if `dev` is neither a name nor an index; NetlinkError ENODEV if it does not
 *   exist, when it is sent
 */
export const setLink: <K extends AnyKind = '', S extends AnySlaveKind = ''>(
  dev: Dev,
  spec: LinkSpecBy<K, S>,
) => LinkRequest = checkedFunction(
  'setLink',
  'dev: unknown, spec: object',
  requests.setLink as never,
);

/**
 * Deletes a link. ENODEV if it does not exist, EOPNOTSUPP for a device that cannot be deleted.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENODEV if it does not exist, EOPNOTSUPP for
 *   a device that cannot be deleted, when it is sent
 */
export const deleteLink: (dev: Dev) => LinkRequest = requests.deleteLink;

/**
 * Lists links, filtered by the kernel. It ignores a kind that it does not know, so verbs filter
 * again.
 *
 * @throws CodecError for a wrong argument
 */
export const listLinks: (
  filter?: LinkFilter & { readonly master?: number | undefined },
) => LinkRequest = checkedFunction('listLinks', 'filter?: object', requests.listLinks);

/**
 * Adds alternative names to a link, of up to 127 bytes; they find the link like its first name.
 * EEXIST if a name is taken.
 *
 * @throws CodecError if `dev` is neither a name nor an index; NetlinkError EEXIST if a name is
 *   taken, when it is sent
 */
export const addAltNames = (dev: Dev, ...names: readonly string[]): Request =>
  altNames(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, dev, names);
/**
 * Deletes alternative names of a link. ENOENT if it does not have one of them.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if the link does not have one of
 *   them, when it is sent
 */
export const deleteAltNames = (dev: Dev, ...names: readonly string[]): Request =>
  altNames(RTM_DELLINKPROP, 0, dev, names);

function altNames(type: number, flags: number, dev: Dev, altIfname: readonly string[]): Request {
  const value = linkMessage({ ...named(dev), propList: { altIfname } } as LinkSpec);
  return { message: linkProp, type, flags, value };
}

/** What verbs take besides a `LinkSpec`: names instead of the kernel's numbers. */
interface Named {
  /** The underlying link, or the other end. */
  readonly link?: Dev | undefined;
  /** The bridge, bond or VRF; 0 detaches. */
  readonly master?: Dev | undefined;
  /** The namespace to put the link into: its `ip netns` name, its path, or an open one. */
  readonly netns?: Namespace | string | undefined;
}
/**
 * A spec without the kind. An interface, because the compiler shows its name in errors about a
 * spec.
 */
export interface NamedLinkAttrs
  extends LinkHeadInput, Omit<LinkAttrsInput, keyof Named>, LinkInfoRest, Named {}
/** A `LinkSpec` in which links and namespaces may be given by name. */
export type NamedLinkSpec = NamedLinkAttrs & LinkKindSpec;

/** The same by the names of its kind and its master's kind, see `LinkSpecBy`. */
export type NamedLinkSpecBy<K extends AnyKind, S extends AnySlaveKind> = NamedLinkAttrs &
  KindBy<K> &
  SlaveKindBy<S>;
export interface WithIfname {
  readonly ifname: string;
}

/** A list of links with some keys; all others are skipped. */
type Only<K extends LinkKey> = LinkFilter & { readonly only: readonly K[] };

export interface LinkVerbs extends BatchLinkVerbs {
  /**
   * Adds the link of this name, or changes what differs; sends nothing if nothing differs. Settings
   * of the other end of a pair apply only when the pair is created. EEXIST for a link of another
   * kind, EOPNOTSUPP for settings that the kernel does not change.
   */
  ensure<K extends AnyKind = '', S extends AnySlaveKind = ''>(
    spec: NamedLinkSpecBy<K, S> & Here & WithIfname,
  ): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchLinkVerbs {
  /**
   * All links. With `only`, each has the fields of its header and the given keys, which takes a
   * fraction of the time.
   *
   * @example links.list({ only: ['ifname', 'operstate', 'kind'] })
   */
  list<K extends LinkKey>(filter: Only<K>): LinkPart<K>[];
  list(filter?: LinkFilter): LinkObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump<K extends LinkKey>(filter: Only<K>): DumpIterator<LinkPart<K>>;
  dump(filter?: LinkFilter): DumpIterator<LinkObject>;
  /** One link. ENODEV if it does not exist. */
  get(dev: Dev): LinkObject;
  /** The same, or undefined if it does not exist. */
  find(dev: Dev): LinkObject | undefined;
  /**
   * Adds a link. EEXIST if the name is taken, EOPNOTSUPP for a kind that the kernel lacks.
   *
   * @example
   * const data = { vlanFiltering: true };
   * links.add({ ifname: 'br0', kind: 'bridge', data, flags: ['up'] });
   * links.add({ ifname: 'veth0', kind: 'veth', data: { peer: { ifname: 'eth0' } } });
   */
  add<K extends AnyKind = '', S extends AnySlaveKind = ''>(spec: NamedLinkSpecBy<K, S>): Done;
  /**
   * Changes the given keys and nothing else. `slaveData` needs a link that already has its master.
   *
   * @example links.set('veth0', { master: 'br0', mtu: 1400, flags: ['up'] })
   */
  set<K extends AnyKind = '', S extends AnySlaveKind = ''>(
    dev: Dev,
    spec: NamedLinkSpecBy<K, S>,
  ): Done;
  up(dev: Dev): Done;
  down(dev: Dev): Done;
  /** The new name may have at most 15 bytes. */
  rename(dev: Dev, ifname: string): Done;
  addAltNames(dev: Dev, ...names: readonly string[]): Done;
  deleteAltNames(dev: Dev, ...names: readonly string[]): Done;
  delete(dev: Dev): Done;
  /**
   * Deletes all links of a group (`ip link set dev eth0 group 5`) at once, which is much faster
   * than one by one.
   */
  deleteGroup(group: number): Done;
}

export function links(target: Target): LinkVerbs {
  const { request, indexOf } = target;
  const get = (dev: Dev): LinkObject => linkObject(target.get(getLink(dev)));
  const find = (dev: Dev): LinkObject | undefined => unlessRefused(() => get(dev), ENODEV);
  const listing = ({ only, ...filter }: Partial<Only<LinkKey>> = {}) => {
    const { kind } = filter;
    const stats = filter.stats ?? only?.some((key) => key === 'stats' || key === 'stats64');
    const request = listLinks({ ...filter, stats, master: indexOf(filter.master) });
    const isKindAdded = kind !== undefined && only?.includes('kind') === false;
    const keys = isKindAdded ? [...only, 'kind' as const] : only;
    const as = (each: Link): LinkObject | undefined => {
      if (kind !== undefined && each.attrs.linkinfo?.kind !== kind) return undefined;
      const object = linkObject(each);
      if (isKindAdded) delete object.kind;
      return object;
    };
    return [request, { reader: keys && linkReader(keys), as }] as const;
  };
  /** Resolves the names in the spec and sends the request that `build` makes of it. */
  const send = (spec: NamedLinkSpec, build: (spec: LinkSpec) => LinkRequest): Done => {
    const { netns, ...rest } = spec;
    const numbered = {
      ...rest,
      link: indexOf(spec.link),
      master: indexOf(spec.master),
    } as LinkSpec;
    if (netns === undefined) return request(build(numbered));
    return target.inNetns(netns, (netNsFd) => request(build({ ...numbered, netNsFd })));
  };
  const set = (dev: Dev, spec: NamedLinkSpec): Done => {
    // A name in the spec is the new one.
    const which = spec.ifname === undefined ? dev : indexOf(dev);
    return send(spec, (each) => setLink(which, each));
  };
  return {
    list: ((filter?: Partial<Only<LinkKey>>) =>
      target.list(...listing(filter))) as LinkVerbs['list'],
    dump: ((filter?: Partial<Only<LinkKey>>) =>
      target.dump(...listing(filter))) as LinkVerbs['dump'],
    get,
    find,
    add: (spec) => send(spec as NamedLinkSpec, addLink),
    set: (dev, spec) => set(dev, spec as NamedLinkSpec),
    ensure(spec) {
      requireHere(spec);
      // Settings of address families follow once the link exists: some kernels refuse them with a
      // new one.
      const { slaveKind: _, slaveData, afSpec: __, ...own } = spec as NamedLinkSpec;
      const created = find(spec.ifname) === undefined;
      let done = created ? send(own as NamedLinkSpec, addLink) : {};
      const wanted = { ...spec, link: indexOf(spec.link), master: indexOf(spec.master) };
      // Settings of a port need a link that is in its bridge already.
      const steps = [{ ...wanted, slaveKind: undefined, slaveData: undefined }];
      if (slaveData !== undefined) steps.push(wanted as never);
      for (const step of steps) {
        const there = get(spec.ifname);
        const change = differences(there, step as LinkSpec);
        if (change === undefined) continue;
        done = { ...done, ...set(there.index, change) };
        requireChanged(get(there.index), change);
      }
      return { created, ...done };
    },
    up: (dev) => set(dev, { flags: ['up'] }),
    down: (dev) => set(dev, { flags: [], change: ['up'] }),
    rename: (dev, ifname) => set(dev, { ifname }),
    addAltNames: (dev, ...names) => request(addAltNames(dev, ...names)),
    deleteAltNames: (dev, ...names) => request(deleteAltNames(dev, ...names)),
    delete: (dev) => request(deleteLink(dev)),
    deleteGroup: (group) =>
      request({ message: link, type: RTM_DELLINK, value: { attrs: { group } } }),
  };
}
