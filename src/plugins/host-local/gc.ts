/** GC: frees the leases of attachments that the runtime does not list. */
import type { Command, Environment } from '../../cni/skel.ts';
import { keptAttachments, looking } from '../attach/gc.ts';
import { hostLocalGc, hostLocalOf } from '../attach/ipam-upkeep.ts';

export const loadGc = (env: Environment): Command =>
  looking(
    env,
    () => [],
    (invocation, before) =>
      hostLocalGc(invocation, hostLocalOf(invocation), keptAttachments(invocation, before)),
  );
