/**
 * DEL: removes what the attachment owns and succeeds, whatever else is missing. It needs neither
 * the master nor a default route nor the result of ADD nor the namespace, nor a configuration that
 * ADD would accept: the link has the attachment as its alias.
 */
import { aliasOf } from '../attach/attachment.ts';
import { cleanUp, namedIpam } from '../attach/cleanup.ts';
import { forgetEnd } from '../attach/ended.ts';
import { closeAll, hostSide, reach, type Side } from '../attach/side.ts';
import type { Invocation } from '../../cni/skel.ts';
import { listLinks } from '../wire/rtnl.ts';
import { findPeer, removeLink } from './peers.ts';
import { attachProtocol } from '../wire/rtnl.ts';

export function del(invocation: Invocation): void {
  cleanUp((attempt) => {
    const ipam = attempt(() => namedIpam(invocation));
    // It may have to report over the interface that the address is no longer needed, as dhcp does.
    if (ipam?.needsLink === true) attempt(() => ipam.del());
    const { config, containerId, ifname } = invocation;
    const alias = aliasOf({ network: config.name, containerId, ifname });
    attempt(() => removeLinks(invocation, alias));
    // Otherwise nobody else gets the address before it is removed here.
    if (ipam?.needsLink === false) attempt(() => ipam.del());
    if (ipam?.hasLeases !== true) forgetEnd(alias);
  });
}

function removeLinks(invocation: Invocation, alias: string): void {
  const container = reach(invocation, attachProtocol);
  if (container === undefined) removeAnywhere(alias);
  else removeInside(container, alias, invocation.ifname);
}

/**
 * A link is ours by its alias. An ipvlan link of the right name without an alias was made by
 * another implementation for this attachment.
 */
function removeInside(container: Side, alias: string, ifname: string): void {
  try {
    for (const { index, attrs } of container.rt.list(listLinks({ kind: 'ipvlan' }))) {
      if (attrs.linkinfo?.kind !== 'ipvlan') continue;
      const { ifalias } = attrs;
      if (ifalias === alias || (ifalias === undefined && attrs.ifname === ifname)) {
        removeLink(container, index);
      }
    }
  } finally {
    closeAll(container);
  }
}

/**
 * For when the runtime gave no namespace, or the path is gone while something still holds the
 * namespace itself.
 */
function removeAnywhere(alias: string): void {
  const host = hostSide(attachProtocol);
  try {
    findPeer(host, 'ipvlan', ({ index, attrs }, nsid) => {
      if (attrs.ifalias === alias) removeLink(host, index, nsid);
      return false;
    });
  } finally {
    closeAll(host);
  }
}
