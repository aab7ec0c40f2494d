/**
 * A link as one flat object: the fields of `ifinfomsg`, the attributes and the kind stand side by side. ip-link(8).
 */
import type {
  AnyKind,
  AnySlaveKind,
  KindBy,
  LinkInfo,
  LinkInfoInput,
  LinkInfoRest,
  SlaveKindBy,
} from './info.ts';
import type { Link, LinkInput } from './message.ts';

/** Attributes of a link, but for the kind. */
export interface Attrs extends Omit<Link['attrs'], 'linkinfo'> {}
/** What the kernel says of every link that it lists. */
export interface NamedLink {
  ifname: string;
}
/** Attributes of a spec, but for the kind. */
export interface LinkAttrsInput extends Omit<NonNullable<LinkInput['attrs']>, 'linkinfo'> {}
/** Header of a link. */
export interface Head extends Omit<Link, 'attrs'> {}
/** Header of a spec. */
export interface LinkHeadInput extends Omit<LinkInput, 'attrs'> {}

/** A link in news: events of wireless drivers do not name it. */
export type LinkNews = Head & Attrs & LinkInfo;
/** A link as the kernel describes it. `kind` tells which attributes are in `data`. */
export type LinkObject = LinkNews & NamedLink;
/** A link to be made or changed. What is left out stays as it is, or as the kernel chooses. */
export type LinkSpec = LinkHeadInput & LinkAttrsInput & LinkInfoInput;

/** The same by the word of its kind and of its master's: the compiler then knows what `data` and `slaveData` hold. */
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

/** What a link can be asked for. */
export type LinkKey = Exclude<keyof (Head & Attrs) | keyof LinkInfo, `nla${string}`>;

/** A link with what it was asked for: the header's fields always, because they cost nothing, and of the others only these. */
export type LinkPart<K extends LinkKey> = Head &
  Pick<Attrs & NamedLink, K & keyof Attrs> &
  Part<LinkInfo, K>;

/** Of each variant, so that `kind` still tells what is in `data`. */
type Part<T, K extends PropertyKey> = T extends unknown ? Pick<T, K & keyof T> : never;
