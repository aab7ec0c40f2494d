/** GC: removes the links and leases of attachments of this network that the runtime does not list as valid. CNI SPEC 1.1.0, section 2. */
import { aliasOf } from '../attachment.ts';
import { ipamOf } from '../ipam.ts';
import { closeAll, hostSide } from '../network.ts';
import { validAttachments } from '../cni/config.ts';
import type { Invocation } from '../cni/skel.ts';
import { ipamTypeOf } from './config.ts';
import { peersOf } from './peers.ts';

export function gc(invocation: Invocation): void {
  const failures: unknown[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failures.push(error);
    }
  };
  const valid = validAttachments(invocation.config);
  if (valid === undefined) {
    invocation.warn('GC without cni.dev/valid-attachments: nothing can be called stale');
  } else {
    const network = invocation.config.name;
    const kept = new Set(valid.map((each) => aliasOf({ network, ...each })));
    attempt(() => removeStale(`${network}/`, kept, attempt));
  }
  const ipamType = ipamTypeOf(invocation);
  if (ipamType !== '') attempt(() => ipamOf(ipamType, invocation).gc());
  if (failures.length > 0) throw new AggregateError(failures);
}

/** In every namespace that the host knows: ADD gives each a number. */
function removeStale(
  prefix: string,
  kept: ReadonlySet<string>,
  attempt: (work: () => void) => void,
): void {
  const host = hostSide();
  try {
    for (const peer of peersOf(host, 'ipvlan')) {
      const { ifalias = '' } = peer.link.attrs;
      if (ifalias.startsWith(prefix) && !kept.has(ifalias)) attempt(() => peer.remove());
    }
  } finally {
    closeAll(host);
  }
}
