/** The pair of links that leads from the bridge into the container. veth(4). */
import type { NetlinkError } from '../../errors.ts';
import { EEXIST, ENODEV } from '../../sys/errno.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import { hostVethName, type Attachment } from '../attach/attachment.ts';
import { refusal, send } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { deleteLink, getLink } from '../wire/rtnl.ts';

/** Both ends of the pair. */
export interface Pair {
  readonly host: { readonly name: string; readonly index: number; readonly mac: string };
  readonly container: { readonly index: number; readonly mac: string };
}

/** The pair may have been removed with the container's namespace. */
export function removePair(host: Side, hostEnd: number | string): void {
  const { errno, refused } = send(host, { pair: deleteLink(hostEnd) });
  if (errno.pair !== undefined && errno.pair !== ENODEV) throw refused.pair!;
}

/** Why the pair could not be made: one of its two names may be taken. */
export function pairRefusal(
  error: NetlinkError,
  container: Side,
  attachment: Attachment,
): CniError {
  if (error.errno !== EEXIST) return refusal('failed to make veth pair', error);
  const { ifname } = attachment;
  const hostName = hostVethName(attachment);
  const isTaken = send(container, { link: getLink(ifname) }).errno.link === undefined;
  return new CniError(
    INTERNAL,
    `container veth name ("${ifname}") peer provided ("${hostName}") already exists`,
    isTaken
      ? `there is an interface "${ifname}" in the container's namespace`
      : `"${hostName}" of this attachment is still there: DEL removes it`,
    error,
  );
}
