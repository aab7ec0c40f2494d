/**
 * The `host-local` IPAM plugin: addresses from ranges, leased in files on this host.
 *
 * The work is done in `src/ipam`; plugins with `ipam.type` set to `host-local` call that directly
 * instead of this plugin.
 */
import type { Owner } from '../../ipam/index.ts';
import { parseArgs } from '../../cni/args.ts';
import { validAttachments } from '../../cni/config.ts';
import { checkIpamKeys, IPAM_ARGS } from '../../cni/ipam-config.ts';
import type { Call } from '../../cni/main.ts';
import type { Invocation, Plugin } from '../../cni/skel.ts';
import { leasesOf } from '../attach/ipam.ts';
import { hostLocalGc, hostLocalOf, hostLocalStatus } from '../attach/ipam-upkeep.ts';

export const hostLocalPlugin: Plugin = {
  name: 'host-local',
  add,
  del,
  check,
  status: (invocation) => void hostLocalStatus(invocation, hostLocalOf(invocation)),
  gc: (invocation) =>
    hostLocalGc(invocation, hostLocalOf(invocation), validAttachments(invocation.config)),
};

/** The plugin of this process: its GC records the state before it waits for its input. */
export async function loadHostLocal({ env }: Call): Promise<Plugin> {
  if (env['CNI_COMMAND'] !== 'GC') return hostLocalPlugin;
  return { ...hostLocalPlugin, gc: (await import('./gc.ts')).loadGc(env) };
}

function add(invocation: Invocation): void {
  checkIpamKeys('host-local', invocation.config, invocation.warn);
  const { IP } = IPAM_ARGS;
  const lease = leasesOf(invocation, parseArgs(invocation.args, { IP })).add(ownerOf(invocation));
  try {
    invocation.print(lease.result);
  } catch (error) {
    lease.release();
    throw error;
  }
}

function del(invocation: Invocation): void {
  leasesOf(invocation).del(ownerOf(invocation));
}

function check(invocation: Invocation): void {
  leasesOf(invocation).check(ownerOf(invocation));
}

function ownerOf({ containerId, ifname }: Invocation): Owner {
  return { containerId, ifname };
}
