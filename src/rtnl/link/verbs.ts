/**
 * Links in the words of `ip link`: the requests, and the verbs that send them. ip-link(8).
 */
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
  LinkKindInput,
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
export type { LinkKey, LinkNews, LinkObject, LinkPart, LinkSpec, LinkSpecBy } from './object.ts';
export type { LinkFilter } from './requests.ts';

type LinkRequest = Request<Link, LinkInput>;

const requests = linkRequests(link);

/** Makes a link; EEXIST when the name is taken. `flags: ['up']` brings it up at once. */
export const addLink: <K extends AnyKind = '', S extends AnySlaveKind = ''>(
  spec: LinkSpecBy<K, S>,
) => LinkRequest = requests.addLink as never;

/** Changes a link. A new name goes into `spec.ifname` when the link is given by index. */
export const setLink: <K extends AnyKind = '', S extends AnySlaveKind = ''>(
  dev: Dev,
  spec: LinkSpecBy<K, S>,
) => LinkRequest = requests.setLink as never;

export const deleteLink: (dev: Dev) => LinkRequest = requests.deleteLink;

/** A dump of links, filtered by the kernel; a kind that it does not know it takes for no filter, so verbs choose once more. */
export const linkDump: (
  filter?: LinkFilter & { readonly master?: number | undefined },
) => LinkRequest = requests.linkDump;

/** Gives a link alternative names, or takes them away: of up to 127 bytes, and as good as the first one for looking it up. */
export const addAltNames = (dev: Dev, ...names: readonly string[]): Request =>
  altNames(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, dev, names);
export const deleteAltNames = (dev: Dev, ...names: readonly string[]): Request =>
  altNames(RTM_DELLINKPROP, 0, dev, names);

function altNames(type: number, flags: number, dev: Dev, altIfname: readonly string[]): Request {
  const value = linkMessage({ ...named(dev), propList: { altIfname } } as LinkSpec);
  return { message: linkProp, type, flags, value };
}

/** What verbs take beside a `LinkSpec`: names where the kernel wants numbers. */
interface Named {
  /** The link below, or the other end. */
  readonly link?: Dev | undefined;
  /** The bridge, bond or VRF above; 0 releases. */
  readonly master?: Dev | undefined;
  /** The namespace that the link shall be in, by its `ip netns` name, its path, or open. */
  readonly netns?: Namespace | string | undefined;
}
/** What a spec says beside the kind. An interface, because the compiler names it where a spec has a mistake. */
export interface NamedLinkAttrs
  extends LinkHeadInput, Omit<LinkAttrsInput, keyof Named>, LinkInfoRest, Named {}
/** A `LinkSpec` in which links and namespaces may be named. */
export type NamedLinkSpec = NamedLinkAttrs & LinkKindInput;

/** The same by the word of its kind and of its master's, see `LinkSpecBy`. */
export type NamedLinkSpecBy<K extends AnyKind, S extends AnySlaveKind> = NamedLinkAttrs &
  KindBy<K> &
  SlaveKindBy<S>;
export interface WithIfname {
  readonly ifname: string;
}

/** A list of links with some of what there is to know: everything else is stepped over. */
type Only<K extends LinkKey> = LinkFilter & { readonly only: readonly K[] };

export interface Links {
  /**
   * All links. With `only`, each has the fields of its header and what is named, which takes a fraction of the time.
   *
   * @example links.list({ only: ['ifname', 'operstate', 'kind'] })
   */
  list<K extends LinkKey>(filter: Only<K>): LinkPart<K>[];
  list(filter?: LinkFilter): LinkObject[];
  /** The same, one by one and without holding all in memory; see `Connection.dump`. */
  dump<K extends LinkKey>(filter: Only<K>): DumpIterator<LinkPart<K>>;
  dump(filter?: LinkFilter): DumpIterator<LinkObject>;
  /** Throws ENODEV when there is no such link. */
  get(dev: Dev): LinkObject;
  /** The same, or undefined. */
  find(dev: Dev): LinkObject | undefined;
  /**
   * Makes a link. EEXIST when the name is taken, EOPNOTSUPP for a kind that the kernel lacks.
   *
   * @example links.add({ ifname: 'br0', kind: 'bridge', data: { vlanFiltering: true }, flags: ['up'] })
   */
  add<K extends AnyKind = '', S extends AnySlaveKind = ''>(spec: NamedLinkSpecBy<K, S>): Done;
  /**
   * Changes what the spec says and nothing else. `slaveData` is for a link that has its master already.
   *
   * @example links.set('veth0', { master: 'br0', mtu: 1400, flags: ['up'] })
   */
  set<K extends AnyKind = '', S extends AnySlaveKind = ''>(
    dev: Dev,
    spec: NamedLinkSpecBy<K, S>,
  ): Done;
  /**
   * Makes the link of this name, or changes where it is otherwise what differs; nothing is sent when nothing does. What is said of the
   * other end of a pair counts when the pair is made. EEXIST when there is a link of another kind, EOPNOTSUPP for what the kernel does
   * not change.
   */
  ensure<K extends AnyKind = '', S extends AnySlaveKind = ''>(
    spec: NamedLinkSpecBy<K, S> & Here & WithIfname,
  ): Ensured;
  up(dev: Dev): Done;
  down(dev: Dev): Done;
  /** The new name may have at most 15 bytes. */
  rename(dev: Dev, ifname: string): Done;
  addAltNames(dev: Dev, ...names: readonly string[]): Done;
  deleteAltNames(dev: Dev, ...names: readonly string[]): Done;
  delete(dev: Dev): Done;
  /** Removes all links of a group (`ip link set dev eth0 group 5`) at once, which is much faster than one by one. */
  deleteGroup(group: number): Done;
}

export function links(target: Target): Links {
  const { request, indexOf } = target;
  const get = (dev: Dev): LinkObject => linkObject(target.get(getLink(dev)));
  const find = (dev: Dev): LinkObject | undefined => unlessRefused(() => get(dev), ENODEV);
  const listing = ({ only, ...filter }: Partial<Only<LinkKey>> = {}) => {
    const { kind } = filter;
    const stats = filter.stats ?? only?.some((key) => key === 'stats' || key === 'stats64');
    const request = linkDump({ ...filter, stats, master: indexOf(filter.master) });
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
  /** Sends what `build` makes of the spec once the names are numbers. */
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
    // Where the spec has a name, it is the new one.
    const which = spec.ifname === undefined ? dev : indexOf(dev);
    return send(spec, (each) => setLink(which, each));
  };
  return {
    list: ((filter?: Partial<Only<LinkKey>>) => target.list(...listing(filter))) as Links['list'],
    dump: ((filter?: Partial<Only<LinkKey>>) => target.dump(...listing(filter))) as Links['dump'],
    get,
    find,
    add: (spec) => send(spec as NamedLinkSpec, addLink),
    set: (dev, spec) => set(dev, spec as NamedLinkSpec),
    ensure(spec) {
      requireHere(spec);
      // Settings of address families follow when the link is there: with a new one some kernels refuse them.
      const { slaveKind: _, slaveData, afSpec: __, ...own } = spec as NamedLinkSpec;
      const created = find(spec.ifname) === undefined;
      let done = created ? send(own as NamedLinkSpec, addLink) : {};
      const wanted = { ...spec, link: indexOf(spec.link), master: indexOf(spec.master) };
      // Settings of a port are for one that is in its bridge already.
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
