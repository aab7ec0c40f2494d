/** Waiting for the port to carry packets, by the kernel's notifications and without polling. */
import { deadlineIn } from '../../sys/deadline.ts';
import { nextNotifications } from '../attach/notifications.ts';
import { hostSide, type Side } from '../attach/side.ts';
import { RTM_NEWLINK } from '../../rtnl/constants.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import { attachProtocol, getLink, type Link } from '../wire/rtnl.ts';

/** Milliseconds; twice as long as the reference waits. */
const PORT_DEADLINE = 5000;
/** Milliseconds after which the state itself is read. */
const LOOK = 20;

/**
 * Waits until the host's end carries packets. It listens to RTNLGRP_LINK from before ADD brings the
 * container's end up. Something in the container (udev, a network manager) may have been faster,
 * and then the notification came before anything listened. So the state is read after a moment; at
 * once where it `mayBeUp` already.
 */
export function awaitPort(host: Side, index: number, mayBeUp = false): void {
  if (mayBeUp && portState(index) === undefined) return;
  const last = deadlineIn(PORT_DEADLINE);
  for (let deadline = deadlineIn(LOOK); ;) {
    try {
      for (const { type, payload } of nextNotifications(host.rt.socket, deadline)) {
        const link = payload as Link;
        if (type === RTM_NEWLINK && link.index === index && isUp(link)) return;
      }
    } catch (error) {
      // Time-out, or so many notifications at once that some were lost: the state itself decides.
      const state = portState(index);
      if (state === undefined) return;
      if ((error as { code?: string }).code === 'ENOBUFS') continue;
      if (deadline === last) throw new CniError(INTERNAL, `bridge port in error state: ${state}`);
      deadline = last;
    }
  }
}

/**
 * Undefined when the port carries packets. Read through a separate socket: the answer could be lost
 * among the notifications.
 */
function portState(index: number): string | undefined {
  const host = hostSide(attachProtocol);
  try {
    const link = host.rt.get(getLink(index));
    return isUp(link) ? undefined : String(link.attrs.operstate ?? 'unknown');
  } finally {
    host.close();
  }
}

const isUp = ({ flags, attrs }: Link): boolean =>
  attrs.operstate === 'up' && flags.includes('lower_up');
