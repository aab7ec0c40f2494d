/**
 * Links in other namespaces, accessed from this one. The kernel gives ids to the namespaces that a
 * namespace knows (ip-netns(8), "set" and "list-id"), and answers requests about the links in each
 * by its id. An id lives as long as its namespace, and needs neither a path nor a process: so an
 * attachment is found even when only the kernel still knows about it.
 *
 * include/uapi/linux/net_namespace.h; `IFLA_TARGET_NETNSID`, include/uapi/linux/if_link.h.
 */
import { EACCES, EINVAL, ENODEV, EOPNOTSUPP, EPERM } from '../../sys/errno.ts';
import { NetlinkError } from '../../errors.ts';
import { send } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { deleteLinkIn, getNsid, linksIn, type Link } from '../wire/rtnl.ts';

/** `nsid` is the id of the namespace that the link is in; undefined for this one. */
export type LinkTest = (link: Link, nsid: number | undefined) => boolean;

/**
 * The first link of a kind for which `isIt` returns true, in all namespaces that this one knows,
 * beginning with itself. `isIt` is called for one link after the other, and may remove the link.
 */
export function findPeer(on: Side, kind: string, isIt: LinkTest): Link | undefined {
  const own = findIn(on, kind, undefined, isIt);
  if (own !== undefined) return own;
  for (const { attrs } of on.rt.list(getNsid())) {
    const { nsid } = attrs;
    const found = findIn(on, kind, nsid, isIt);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findIn(
  { rt }: Side,
  kind: string,
  nsid: number | undefined,
  isIt: LinkTest,
): Link | undefined {
  let links: Link[];
  try {
    links = rt.list(linksIn(kind, nsid));
  } catch (error) {
    if (nsid !== undefined && isOutOfReach(error)) return undefined;
    throw error;
  }
  for (const link of links) {
    // A kernel that has not loaded the module of the kind lists all links.
    if (link.attrs.linkinfo?.kind === kind && isIt(link, nsid)) return link;
  }
  return undefined;
}

/**
 * Whether the error of a list in another namespace means that it is gone by now, or that we may not
 * look into it. After any other, as for want of memory, there may be a link that was not seen.
 */
export const isOutOfReach = (error: unknown): boolean =>
  error instanceof NetlinkError &&
  (error.errno === EINVAL ||
    error.errno === EACCES ||
    error.errno === EPERM ||
    error.errno === EOPNOTSUPP);

/** Removes a link; does nothing when it is gone. */
export function removeLink(on: Side, index: number, nsid?: number): void {
  const error = send(on, { link: deleteLinkIn(index, nsid) }).refused.link;
  if (error !== undefined && error.errno !== ENODEV) throw error;
}

/** The first link of a kind whose lower link is in this namespace. */
export function findChild(home: Side, kind: string, index: number): Link | undefined {
  let own: number | undefined;
  return findPeer(home, kind, ({ attrs: { link: parent, linkNetnsid } }, nsid) => {
    if (parent !== index) return false;
    // An index is one of the child's own namespace unless there is an id with it.
    if (linkNetnsid === undefined) return nsid === undefined;
    // The id that this namespace has for itself; it gets one as soon as a link that leads here is
    // reported.
    return linkNetnsid === (own ??= home.rt.get(getNsid(home.namespace.fd)).attrs.nsid ?? -1);
  });
}
