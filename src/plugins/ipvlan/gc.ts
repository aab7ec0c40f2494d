/**
 * GC: removes the links and leases of attachments of this network that the runtime does not list as
 * valid. CNI SPEC 1.1.0, section 2.
 */
import { aliasOf } from '../attach/attachment.ts';
import { cleanUp } from '../attach/cleanup.ts';
import { namedUpkeep } from '../attach/ipam-upkeep.ts';
import { forgetEnd } from '../attach/ended.ts';
import { keptAttachments, looking, youngAttachments, type Before } from '../attach/gc.ts';
import type { Side } from '../attach/side.ts';
import { onHost } from '../attach/on-host.ts';
import { RTM_GETLINK } from '../../rtnl/constants.ts';
import { linkMessage } from '../../rtnl/link/object.ts';
import { link as linkDeclaration, type Link } from '../../rtnl/link/message.ts';
import { listNsids } from '../../rtnl/nsid/verbs.ts';
import type { Command, Environment, Invocation } from '../../cni/skel.ts';
import { isOutOfReach, removeLink } from './peers.ts';

export const loadGc = (env: Environment): Command =>
  looking(env, () => onHost((host) => children(host).map(identity)), gc);

function gc(invocation: Invocation, before: Before): void {
  const kept = keptAttachments(invocation, before);
  cleanUp((attempt) => {
    if (kept === undefined) {
      invocation.warn('GC without cni.dev/valid-attachments: nothing counts as stale');
    } else {
      attempt(() =>
        onHost((host) => {
          const network = invocation.config.name;
          const aliases = new Set<string>();
          for (const each of [...kept, ...youngAttachments(invocation)]) {
            aliases.add(aliasOf({ network, ...each }));
          }
          for (const child of children(host)) {
            const { index, ifalias = '', nsid } = child;
            if (!ifalias.startsWith(`${network}/`) || aliases.has(ifalias)) continue;
            if (!before.links.has(identity(child))) continue;
            attempt(() => removeLink(host, index, nsid));
            forgetEnd(ifalias);
          }
        }),
      );
    }
    attempt(() => namedUpkeep(invocation)?.gc(kept));
  });
}

/** The part of an ipvlan link that GC needs. */
interface Child {
  readonly index: number;
  /** Id of the namespace that it is in; undefined for this one. */
  readonly nsid: number | undefined;
  readonly ifalias: string | undefined;
  /**
   * When IPv6 was set up on the link, in 1/100 s since the machine started: when it was created.
   */
  readonly tstamp: number | undefined;
}

/**
 * All children of one master have its MAC address, and in a new namespace they get the same index
 * again. The time when IPv6 was set up distinguishes one from the next.
 */
const identity = ({ nsid, index, ifalias, tstamp }: Child): string =>
  `${nsid} ${index} ${ifalias} ${tstamp}`;

/** The children in every namespace that the host has an id for: ADD gives each an id. */
function children(host: Side): Child[] {
  const found = childrenIn(host, undefined);
  for (const { attrs } of host.rt.list(listNsids())) {
    if (attrs.nsid !== undefined) found.push(...childrenIn(host, attrs.nsid));
  }
  return found;
}

function childrenIn({ rt }: Side, nsid: number | undefined): Child[] {
  const value = linkMessage({
    kind: 'ipvlan',
    extMask: ['skip_stats'],
    targetNetnsid: nsid,
  });
  let links: Link[];
  try {
    links = rt.list({ message: linkDeclaration, type: RTM_GETLINK, value });
  } catch (error) {
    if (nsid !== undefined && isOutOfReach(error)) return [];
    throw error;
  }
  const found: Child[] = [];
  for (const { index, attrs } of links) {
    // A kernel that has not loaded the module of the kind lists all links.
    if (attrs.linkinfo?.kind !== 'ipvlan') continue;
    const tstamp = attrs.afSpec?.inet6?.cacheinfo?.tstamp;
    found.push({ index, nsid, ifalias: attrs.ifalias, tstamp });
  }
  return found;
}
