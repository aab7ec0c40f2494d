/** Waiting for the port to carry packets: for the kernel's news of it, not by asking again and again. */
import { deadlineIn } from '../../sys/deadline.ts';
import { hostSide, nextNews, type Side } from '../attach/network.ts';
import { RTM_NEWLINK } from '../../rtnl/constants.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import { getLink, type WireLink } from '../wire/link.ts';
import { attachProtocol } from '../wire/protocol.ts';

/** Milliseconds; twice as long as the reference waits. */
const PORT_DEADLINE = 5000;

/**
 * Waits until the host's end carries packets, which it `mayBeUp` to do since before anybody listened: to RTNLGRP_LINK, from before the
 * container's end comes up.
 */
export function awaitPort(host: Side, index: number, mayBeUp = false): void {
  if (mayBeUp && portState(index) === undefined) return;
  const deadline = deadlineIn(PORT_DEADLINE);
  for (;;) {
    try {
      for (const { type, payload } of nextNews(host.rt.socket, deadline)) {
        const link = payload as WireLink;
        if (type === RTM_NEWLINK && link.index === index && isUp(link)) return;
      }
    } catch (error) {
      // Too late, or so much news at once that some was lost: the state itself decides.
      const state = portState(index);
      if (state === undefined) return;
      if ((error as { code?: string }).code !== 'ENOBUFS') {
        throw new CniError(INTERNAL, `bridge port in error state: ${state}`);
      }
    }
  }
}

/** Undefined when the port carries packets. Asked on a socket of its own: the answer could be lost among the news. */
function portState(index: number): string | undefined {
  const host = hostSide(attachProtocol);
  try {
    const link = host.rt.get(getLink(index));
    return isUp(link) ? undefined : String(link.attrs.operstate ?? 'unknown');
  } finally {
    host.close();
  }
}

const isUp = ({ flags, attrs }: WireLink): boolean =>
  attrs.operstate === 'up' && flags.includes('lower_up');
