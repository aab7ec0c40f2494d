/** GC: removes the links and leases of attachments of this network that the runtime does not list as valid. CNI SPEC 1.1.0, section 2. */
import { aliasOf } from '../attachment.ts';
import { cleanUp, namedIpam, type Attempt } from '../cleanup.ts';
import { closeAll, hostSide } from '../network.ts';
import { validAttachments } from '../cni/config.ts';
import type { Invocation } from '../cni/skel.ts';
import { findPeer, removeLink } from './peers.ts';
import { ipvlanProtocol } from './protocol.ts';

export function gc(invocation: Invocation): void {
  const valid = validAttachments(invocation.config);
  cleanUp((attempt) => {
    if (valid === undefined) {
      invocation.warn('GC without cni.dev/valid-attachments: nothing can be called stale');
    } else {
      const network = invocation.config.name;
      const kept = new Set(valid.map((each) => aliasOf({ network, ...each })));
      attempt(() => removeStale(`${network}/`, kept, attempt));
    }
    attempt(() => namedIpam(invocation)?.gc());
  });
}

/** In every namespace that the host knows: ADD gives each a number. */
function removeStale(prefix: string, kept: ReadonlySet<string>, attempt: Attempt): void {
  const host = hostSide(ipvlanProtocol);
  try {
    findPeer(host, 'ipvlan', ({ index, attrs: { ifalias = '' } }, nsid) => {
      if (ifalias.startsWith(prefix) && !kept.has(ifalias)) {
        attempt(() => removeLink(host, index, nsid));
      }
      return false;
    });
  } finally {
    closeAll(host);
  }
}
