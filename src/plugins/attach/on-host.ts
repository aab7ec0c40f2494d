/**
 * One look at the host, or work on it, by the declarations: for commands that are not in a hurry.
 */
import { rtnetlink } from '../../rtnl/rtnetlink.ts';
import { closeAll, hostSide, type Side } from './network.ts';

/** Over a socket of its own, which is closed in any case. */
export function onHost<T>(work: (host: Side) => T): T {
  const host = hostSide(rtnetlink);
  try {
    return work(host);
  } finally {
    closeAll(host);
  }
}
