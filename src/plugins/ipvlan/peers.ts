/**
 * Links in other namespaces, seen from here. The kernel numbers the namespaces that one knows
 * (ip-netns(8), "set" and "list-id"), and answers questions about the links of each under its
 * number. A number lives as long as its namespace, and needs neither a path nor a process: so an
 * attachment is found when only the kernel still knows of it.
 *
 * include/uapi/linux/net_namespace.h; `IFLA_TARGET_NETNSID`, include/uapi/linux/if_link.h.
 */
import { ENODEV } from '../../sys/errno.ts';
import { NetlinkError } from '../../errors.ts';
import { send, type Side } from '../attach/network.ts';
import { deleteLinkIn, getNsid, linksIn, type Link } from '../wire/rtnl.ts';

/** `nsid` is the number of the namespace that the link is in; undefined for this one. */
export type LinkTest = (link: Link, nsid: number | undefined) => boolean;

/**
 * The first link of a kind that `isIt` says yes to, in all namespaces that this one knows, itself
 * included and first. It is called for one after the other, and may remove what it is given.
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
    // The namespace went away meanwhile, or it is not ours to look into.
    if (nsid !== undefined && error instanceof NetlinkError) return undefined;
    throw error;
  }
  for (const link of links) {
    // A kernel that has not loaded the kind's module lists everything.
    if (link.attrs.linkinfo?.kind === kind && isIt(link, nsid)) return link;
  }
  return undefined;
}

/** Removes a link; does nothing when it is gone. */
export function removeLink(on: Side, index: number, nsid?: number): void {
  const error = send(on.rt, { link: deleteLinkIn(index, nsid) }).failed.link;
  if (error !== undefined && error.errno !== ENODEV) throw error;
}

/** The first link of a kind that hangs below a link of this namespace. */
export function findChild(home: Side, kind: string, index: number): Link | undefined {
  let own: number | undefined;
  return findPeer(home, kind, ({ attrs: { link: parent, linkNetnsid } }, nsid) => {
    if (parent !== index) return false;
    // An index is one of the child's own namespace unless a number tells another.
    if (linkNetnsid === undefined) return nsid === undefined;
    // The number that this namespace has for itself; it has one as soon as a link was told that
    // leads here.
    return linkNetnsid === (own ??= home.rt.get(getNsid(home.namespace.fd)).attrs.nsid ?? -1);
  });
}
