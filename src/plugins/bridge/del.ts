/**
 * DEL: removes what the attachment owns and succeeds, whatever else is missing. It needs neither
 * the namespace nor the bridge nor the result of ADD, nor a configuration that ADD would accept:
 * the name of the host's end follows from the attachment alone.
 */
import { prevResultWithoutRoutes } from '../../cni/config.ts';
import { addressesOf, type Interface } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { NetlinkError } from '../../errors.ts';
import { requestInBackground } from '../../netlink/connection.ts';
import { ENODEV, EPERM } from '../../sys/errno.ts';
import { aliasOf, hostVethName, type Attachment } from '../attach/attachment.ts';
import { cleaning, namedIpam, type Attempt } from '../attach/cleanup.ts';
import { forgetEnd } from '../attach/ended.ts';
import { send } from '../attach/send.ts';
import { closeAll, hostSide, reach, type Side } from '../attach/side.ts';
import type { RemoveRules } from '../masquerade/backend.ts';
import { openConnection } from '../masquerade/nft-connection.ts';
import { findRules, type Rules } from '../masquerade/rule-tables.ts';
import { attachProtocol, deleteLink, getLink } from '../wire/rtnl.ts';
import { detachConfig, type DetachConfig } from './config.ts';

export async function del(invocation: Invocation): Promise<void> {
  const { attachment, config, finish } = beginDel(invocation);
  const rules = findRules(attachment);
  // Most attachments have no rules, and this code costs more than all the rest.
  const remove: RemoveRules[] = [];
  if (rules.ours) remove.push((await import('../masquerade/remove.ts')).removeOurs);
  if (rules.elsewhere) remove.push((await import('../masquerade/elsewhere.ts')).removeElsewhere);
  if (!config.flushConntrack) return finish(rules, remove);
  const { flushDetached } = await import('./flush-conntrack.ts');
  finish(rules, remove, () => flushDetached(invocation, attachment, addressesIn(invocation)));
}

/** A DEL that has begun to remove its link. */
export interface Detaching {
  readonly attachment: Attachment;
  readonly config: DetachConfig;
  /**
   * Does the rest, and throws all failures. `flush` runs when the link is gone, so that no packet
   * comes after it, and if possible before somebody else can have the addresses.
   */
  finish(rules: Rules, remove: readonly RemoveRules[], flush?: () => void): void;
}

/**
 * Begins with the slowest part. The kernel waits until no processor can still see the link.
 * Everything else is done meanwhile, including the search for rules. So the lease may be free
 * before the link is gone, but not when we have no permission to remove the link.
 *
 * Another IPAM program may have to report over the interface that the address is no longer needed,
 * as dhcp does: then the link is removed last.
 */
export function beginDel(invocation: Invocation): Detaching {
  const config = detachConfig(invocation);
  const { containerId, ifname } = invocation;
  const attachment = { network: config.name, containerId, ifname };
  const { attempt, finish } = cleaning();
  const ipam = attempt(() => namedIpam(invocation));
  const isLast = ipam?.needsLink === true;
  const removal = (): (() => void) =>
    attempt(() => beginRemoval(attachment, invocation, config)) ?? (() => {});
  const begun = isLast ? undefined : removal();
  return {
    attachment,
    config,
    finish: ({ isTold, connection: found }, remove, flush) => {
      const isAwaited = begun !== undefined && (!isTold || flush !== undefined);
      const isStuck = isAwaited && isRefused(attempt, begun);
      let connection = found;
      if (!isStuck) {
        // That it could not be opened does not mean that there are no rules.
        if (remove.length > 0) connection ??= attempt(openConnection);
        // Before the lease: the next owner of the address adds its own rules there.
        const entry = { ...attachment, addresses: addressesIn(invocation) };
        for (const each of remove) each(connection, entry, attempt);
        if (isAwaited && flush !== undefined) attempt(flush);
        attempt(() => ipam?.del());
        if (ipam?.hasLeases !== true) forgetEnd(aliasOf(attachment));
        if (!isAwaited) attempt(begun ?? removal());
        if (!isAwaited && flush !== undefined) attempt(flush);
      }
      // Not sooner: closing waits until no processor can still see the removed rules, and so does
      // the removal of the link.
      connection?.close();
      finish();
    },
  };
}

/** The container's addresses in the result of ADD. An invalid result counts as none. */
function addressesIn({ config, ifname }: Invocation): string[] {
  try {
    const isOwn = ({ name, sandbox }: Interface): boolean => name === ifname && Boolean(sandbox);
    return addressesOf(prevResultWithoutRoutes(config) ?? {}, isOwn).map(({ address }) => address);
  } catch {
    return [];
  }
}

/**
 * Whether we have no permission to remove the link. If the link stays, its lease and its rules stay
 * too, as with the reference.
 */
function isRefused(attempt: Attempt, waitForLink: () => void): boolean {
  let isDenied = false;
  attempt(() => {
    try {
      waitForLink();
    } catch (error) {
      isDenied = error instanceof NetlinkError && error.errno === EPERM;
      throw error;
    }
  });
  return isDenied;
}

/** Removes the pair; the returned function waits until it is gone. */
function beginRemoval(
  attachment: Attachment,
  invocation: Invocation,
  config: DetachConfig,
): () => void {
  const host = hostSide(attachProtocol);
  try {
    const removed = requestInBackground(host.rt, deleteLink(hostVethName(attachment)));
    return () => {
      try {
        const { errno, error } = removed();
        if (errno === ENODEV) removeForeign(host, invocation, config);
        else if (error !== undefined) throw error;
      } finally {
        host.close();
      }
    };
  } catch (error) {
    host.close();
    throw error;
  }
}

/**
 * Removes the link of an attachment that another implementation made: its pair ends in the
 * container under the known name. It is removed only if it is a pair and the other end is a port of
 * our bridge, or of none; any other interface stays.
 */
function removeForeign(host: Side, invocation: Invocation, config: DetachConfig): void {
  const container = reach(invocation, attachProtocol);
  if (container === undefined) return;
  const { ifname } = invocation;
  try {
    const own = send(container, { link: getLink(ifname) }).replies.link;
    if (own?.attrs.linkinfo?.kind !== 'veth' || own.attrs.link === undefined) return;
    const found = send(host, { peer: getLink(own.attrs.link), bridge: getLink(config.bridge) });
    const { peer, bridge } = found.replies;
    const isPeer = peer?.attrs.linkinfo?.kind === 'veth' && peer.attrs.link === own.index;
    if (!isPeer || (peer.attrs.master !== undefined && peer.attrs.master !== bridge?.index)) return;
    container.rt.request(deleteLink(own.index));
  } finally {
    closeAll(container);
  }
}
