/**
 * Links in other namespaces, seen from here. The kernel numbers the namespaces that one knows (ip-netns(8), "set" and "list-id"), and
 * answers questions about the links of each under its number. A number lives as long as its namespace, and needs neither a path nor
 * a process: so an attachment is found when only the kernel still knows of it.
 *
 * include/uapi/linux/net_namespace.h; `IFLA_TARGET_NETNSID`, include/uapi/linux/if_link.h.
 */
import type { Side } from '../network.ts';
import type { Connection, Request } from '../../netlink/connection.ts';
import { ENODEV } from '../../netlink/errno.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_GETNSID, RTM_NEWNSID } from '../../rtnl/constants.ts';
import { link, type Link, type LinkInput } from '../../rtnl/link.ts';
import { nsid, type Nsid, type NsidInput } from '../../rtnl/nsid.ts';

/** The kernel chooses the number. */
const ANY = -1;

type NsidRequest = Request<Nsid, NsidInput>;

/** Gives another namespace a number here; EEXIST when it has one. */
export const numberNamespace = (fd: number): NsidRequest => ({
  message: nsid,
  type: RTM_NEWNSID,
  value: { attrs: { nsid: ANY, fd } },
});

/** A link somewhere, and how to remove it. */
export interface Peer {
  readonly link: Link;
  /** Does nothing when it is gone. */
  remove(): void;
}

/** The links of a kind in all namespaces that this one knows, itself included and first. */
export function* peersOf({ rt }: Side, kind: string): IterableIterator<Peer> {
  for (const each of linksIn(rt, kind)) yield peer(rt, each);
  for (const { attrs } of rt.list<Nsid, NsidInput>({
    message: nsid,
    type: RTM_GETNSID,
    value: {},
  })) {
    if (attrs.nsid === undefined) continue;
    for (const each of linksIn(rt, kind, attrs.nsid)) yield peer(rt, each, attrs.nsid);
  }
}

function linksIn(rt: Connection, kind: string, targetNetnsid?: number): Link[] {
  const value: LinkInput = {
    attrs: { extMask: ['skip_stats'], linkinfo: { kind }, targetNetnsid },
  };
  try {
    const all = rt.list<Link, LinkInput>({ message: link, type: RTM_GETLINK, value });
    // A kernel that has not loaded the kind's module lists everything.
    return all.filter(({ attrs }) => attrs.linkinfo?.kind === kind);
  } catch (error) {
    // The namespace went away meanwhile, or it is not ours to look into.
    if (targetNetnsid !== undefined && error instanceof NetlinkError) return [];
    throw error;
  }
}

const peer = (rt: Connection, found: Link, targetNetnsid?: number): Peer => ({
  link: found,
  remove() {
    const value: LinkInput = { index: found.index, attrs: { targetNetnsid } };
    try {
      rt.request({ message: link, type: RTM_DELLINK, value });
    } catch (error) {
      if (!(error instanceof NetlinkError && error.errno === ENODEV)) throw error;
    }
  },
});

/** The links of a kind that hang below a link of this namespace. */
export function* childrenOf(home: Side, kind: string, index: number): IterableIterator<Link> {
  let own: number | undefined;
  for (const { link: child } of peersOf(home, kind)) {
    const { link: parent, linkNetnsid, targetNetnsid } = child.attrs;
    if (parent !== index) continue;
    // An index is one of the child's own namespace unless a number tells another.
    if (
      linkNetnsid === undefined
        ? targetNetnsid !== undefined
        : linkNetnsid !== (own ??= ownNumber(home))
    ) {
      continue;
    }
    yield child;
  }
}

/** The number that this namespace has for itself; it has one as soon as a link was told that leads here. */
const ownNumber = ({ rt, namespace }: Side): number =>
  rt.get<Nsid, NsidInput>({
    message: nsid,
    type: RTM_GETNSID,
    value: { attrs: { fd: namespace.fd } },
  }).attrs.nsid ?? ANY;
