/**
 * Links in the words of `ip link`: the requests, and the verbs that send them. ip-link(8).
 *
 * Here a link is flat: the fields of `ifinfomsg`, the attributes and the kind stand side by side.
 */
import type { Connection, Request } from '../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.ts';
import { ENODEV } from '../netlink/errno.ts';
import { NetlinkError } from '../netlink/errors.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from './constants.ts';
import type { LinkInfo, LinkInfoInput } from './link-info.ts';
import { link, type Link, type LinkInput } from './link.ts';

type Attrs = Omit<Link['attrs'], 'linkinfo'>;
type AttrsInput = Omit<NonNullable<LinkInput['attrs']>, 'linkinfo'>;
type Head = Omit<Link, 'attrs'>;
type HeadInput = Omit<LinkInput, 'attrs'>;

/** A link as the kernel describes it. `kind` tells which attributes are in `data`. */
export type LinkObject = Head & Attrs & LinkInfo;
/** A link to be made or changed. What is left out stays as it is, or as the kernel chooses. */
export type LinkSpec = HeadInput & AttrsInput & LinkInfoInput;

/** A link by name, alternative name or index. */
export type Dev = string | number;

/** IFNAMSIZ, include/uapi/linux/if.h: longer names can only be alternative ones. */
const IFNAMSIZ = 16;

const HEAD = new Set(['family', 'type', 'index', 'flags', 'change']);
const INFO = new Set(['kind', 'data', 'xstats', 'slaveKind', 'slaveData']);

/** Sorts the parts of a flat link into header, attributes and link info. */
export function linkMessage(spec: LinkSpec): LinkInput {
  const head: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = {};
  const linkinfo: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec)) {
    if (value === undefined) continue;
    (HEAD.has(key) ? head : INFO.has(key) ? linkinfo : attrs)[key] = value;
  }
  if (Object.keys(linkinfo).length > 0) attrs['linkinfo'] = linkinfo;
  return { ...head, attrs } as LinkInput;
}

export function linkObject({ attrs: { linkinfo, ...attrs }, ...head }: Link): LinkObject {
  // Spreading the union as such makes the type checker multiply its variants.
  return { ...head, ...attrs, ...(linkinfo as object) } as LinkObject;
}

/** Header and attributes that name a link in a request. */
export function named(dev: Dev): HeadInput & AttrsInput {
  if (typeof dev === 'number') return { index: dev };
  return dev.length < IFNAMSIZ ? { ifname: dev } : { altIfname: dev };
}

type LinkRequest = Request<Link, LinkInput>;

/** Makes a link; EEXIST when the name is taken. `flags: ['up']` brings it up at once. */
export const addLink = (spec: LinkSpec): LinkRequest => ({
  message: link,
  type: RTM_NEWLINK,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value: linkMessage(withChange(spec)),
});

/** Changes a link. A new name goes into `spec.ifname` when the link is given by index. */
export const setLink = (dev: Dev, spec: LinkSpec): LinkRequest => ({
  message: link,
  type: RTM_NEWLINK,
  value: linkMessage(withChange({ ...named(dev), ...(spec as object) } as LinkSpec)),
});

export const deleteLink = (dev: Dev): LinkRequest => ({
  message: link,
  type: RTM_DELLINK,
  value: linkMessage(named(dev)),
});

export const getLink = (dev: Dev): LinkRequest => ({
  message: link,
  type: RTM_GETLINK,
  value: linkMessage({ ...named(dev), extMask: ['skip_stats'] } as LinkSpec),
});

/** Only the flags that are named are meant: without `change` the kernel would clear all others. */
function withChange(spec: LinkSpec): LinkSpec {
  if (spec.flags === undefined || spec.change !== undefined) return spec;
  return { ...spec, change: spec.flags };
}

/** What the kernel leaves out of a list. */
export interface LinkFilter {
  /** Index of the bridge, bond or VRF that the links belong to. */
  readonly master?: number;
  /** `bridge`, `veth`, … */
  readonly kind?: string;
  /** Counters too; off by default, because they make up a third of a link's bytes. */
  readonly stats?: boolean;
}

export interface Links {
  list(filter?: LinkFilter): LinkObject[];
  /** The same, one by one and without holding all in memory; see `Connection.dump`. */
  dump(filter?: LinkFilter): IterableIterator<LinkObject>;
  /** Throws ENODEV when there is no such link. */
  get(dev: Dev): LinkObject;
  find(dev: Dev): LinkObject | undefined;
  /** @example links.add({ ifname: 'br0', kind: 'bridge', data: { vlanFiltering: true }, flags: ['up'] }) */
  add(spec: LinkSpec): void;
  /** @example links.set('br0', { mtu: 1400, flags: ['up'] }) */
  set(dev: Dev, spec: LinkSpec): void;
  up(dev: Dev): void;
  down(dev: Dev): void;
  rename(dev: Dev, ifname: string): void;
  delete(dev: Dev): void;
}

export function links(connection: Connection): Links {
  const get = (dev: Dev): LinkObject => linkObject(connection.get(getLink(dev)));
  const change = (request: LinkRequest): void => void connection.request(request);
  return {
    list: (filter) => connection.list(linkDump(filter)).map(linkObject),
    *dump(filter) {
      for (const each of connection.dump(linkDump(filter))) yield linkObject(each);
    },
    get,
    find(dev) {
      try {
        return get(dev);
      } catch (error) {
        if (error instanceof NetlinkError && error.errno === ENODEV) return undefined;
        throw error;
      }
    },
    add: (spec) => change(addLink(spec)),
    set: (dev, spec) => change(setLink(dev, spec)),
    up: (dev) => change(setLink(dev, { flags: ['up'] })),
    down: (dev) => change(setLink(dev, { flags: [], change: ['up'] })),
    rename: (dev, ifname) => {
      const index = typeof dev === 'number' ? dev : get(dev).index;
      change(setLink(index, { ifname }));
    },
    delete: (dev) => change(deleteLink(dev)),
  };
}

/** A dump of links, filtered by the kernel. */
export function linkDump({ master, kind, stats = false }: LinkFilter = {}): LinkRequest {
  const spec = { master, kind, extMask: stats ? undefined : (['skip_stats'] as const) };
  return { message: link, type: RTM_GETLINK, value: linkMessage(spec as LinkSpec) };
}
