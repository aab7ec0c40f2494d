/**
 * A link as one flat object: the fields of `ifinfomsg`, the attributes and the kind stand side by side. ip-link(8).
 */
import type { LinkInfo, LinkInfoInput } from './link-info.ts';
import type { Link, LinkInput } from './link.ts';

type Attrs = Omit<Link['attrs'], 'linkinfo'>;
/** Attributes of a spec, but for the kind. */
export type LinkAttrsInput = Omit<NonNullable<LinkInput['attrs']>, 'linkinfo'>;
type Head = Omit<Link, 'attrs'>;
/** Header of a spec. */
export type LinkHeadInput = Omit<LinkInput, 'attrs'>;

/** A link as the kernel describes it. `kind` tells which attributes are in `data`. */
export type LinkObject = Head & Attrs & LinkInfo;
/** A link to be made or changed. What is left out stays as it is, or as the kernel chooses. */
export type LinkSpec = LinkHeadInput & LinkAttrsInput & LinkInfoInput;

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
