/**
 * A link as one flat object: the fields of `ifinfomsg`, the attributes and the kind side by side.
 * ip-link(8).
 */
import type {
  AnyKind,
  AnySlaveKind,
  KindBy,
  LinkInfo,
  LinkInfoRest,
  LinkKindSpec,
  SlaveKindBy,
} from './info.ts';
import type { Link, LinkInput } from './message.ts';

/** The attributes of a link, except for the kind. */
export interface Attrs extends Omit<Link['attrs'], 'linkinfo'> {}
/** What every link in a list has. */
export interface NamedLink {
  ifname: string;
}
/** The attributes of a spec, except for the kind. */
export interface LinkAttrsInput extends Omit<NonNullable<LinkInput['attrs']>, 'linkinfo'> {}
/** The header of a link. */
export interface Head extends Omit<Link, 'attrs'> {}
/** The header of a spec. */
export interface LinkHeadInput extends Omit<LinkInput, 'attrs'> {}

/** A link in a notification: events of wireless drivers do not contain its name. */
export type LinkNotification = Head & Attrs & LinkInfo;
/** A link as the kernel describes it. `kind` determines the attributes in `data`. */
export type LinkObject = LinkNotification & NamedLink;
/** A link to add or change. Missing keys stay as they are, or as the kernel chooses. */
export type LinkSpec = LinkHeadInput & LinkAttrsInput & LinkInfoRest & LinkKindSpec;
/**
 * The other end of a pair, which is created together with this one. It cannot be set up here; its
 * index is used only if this end has one too.
 */
export interface LinkPeerSpec extends LinkHeadInput, LinkAttrsInput {}

/**
 * The same by the names of its kind and its master's kind: the compiler then knows the types of
 * `data` and `slaveData`.
 */
export type LinkSpecBy<K extends AnyKind, S extends AnySlaveKind> = LinkHeadInput &
  LinkAttrsInput &
  LinkInfoRest &
  KindBy<K> &
  SlaveKindBy<S>;

export const HEAD: ReadonlySet<string> = new Set(['family', 'type', 'index', 'flags', 'change']);
export const INFO: ReadonlySet<string> = new Set([
  'kind',
  'data',
  'xstats',
  'slaveKind',
  'slaveData',
]);

/** Where the data of a kind has the other end of the pair: a link inside the link. */
const PEERS: Readonly<Record<string, string>> = {
  veth: 'peer',
  vxcan: 'peer',
  netkit: 'peerInfo',
};

/** Sorts the keys of a flat link into header, attributes and link info. */
export function linkMessage(spec: LinkSpec): LinkInput {
  const head: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = {};
  const linkinfo: Record<string, unknown> = {};
  let hasInfo = false;
  for (const key in spec) {
    const value = spec[key as keyof LinkSpec];
    if (value === undefined) continue;
    if (HEAD.has(key)) head[key] = value;
    else if (INFO.has(key)) {
      linkinfo[key] = value;
      hasInfo = true;
    } else attrs[key] = value;
  }
  if (hasInfo) attrs['linkinfo'] = linkinfo;
  const at = PEERS[spec.kind ?? ''];
  const data = linkinfo['data'] as Record<string, LinkSpec> | undefined;
  const peer = at === undefined ? undefined : data?.[at];
  // A value that is not an object is refused by the writer.
  if (typeof peer === 'object' && peer !== null)
    linkinfo['data'] = { ...data, [at!]: linkMessage(peer) };
  head['attrs'] = attrs;
  return head as LinkInput;
}

export function linkObject({ attrs: { linkinfo, ...attrs }, ...head }: Link): LinkObject {
  // Spreading the union itself makes the type checker multiply its variants.
  return { ...head, ...attrs, ...(linkinfo as object) } as LinkObject;
}

/** The keys that a link can be read by. */
export type LinkKey = Exclude<keyof (Head & Attrs) | keyof LinkInfo, `nla${string}`>;

/** A link with the requested keys, and always the fields of its header, which cost nothing. */
export type LinkPart<K extends LinkKey> = Head &
  Pick<Attrs & NamedLink, K & keyof Attrs> &
  Part<LinkInfo, K>;

/** Per variant, so that `kind` still determines the type of `data`. */
type Part<T, K extends PropertyKey> = T extends unknown ? Pick<T, K & keyof T> : never;
