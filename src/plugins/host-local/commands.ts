/**
 * The `host-local` IPAM plugin: addresses from ranges, leased in files of this host.
 *
 * The work is done in `src/ipam`; plugins that find `ipam.type` to be `host-local` call that directly instead of this.
 */
import { hostLocal } from '../../ipam/index.ts';
import type { HostLocal, Owner } from '../../ipam/index.ts';
import { parseArgs } from '../cni/args.ts';
import { IPAM_ARGS, ipamNetwork } from '../cni/ipam-config.ts';
import type { Invocation, Plugin } from '../cni/skel.ts';

export const hostLocalPlugin: Plugin = { name: 'host-local', add, del, check };

function add(invocation: Invocation): void {
  const lease = ipamOf(invocation).add(ownerOf(invocation));
  try {
    invocation.print(lease.result);
  } catch (error) {
    lease.release();
    throw error;
  }
}

function del(invocation: Invocation): void {
  ipamOf(invocation).del(ownerOf(invocation));
}

function check(invocation: Invocation): void {
  ipamOf(invocation).check(ownerOf(invocation));
}

function ipamOf({ args, config, warn }: Invocation): HostLocal {
  const { IP } = IPAM_ARGS;
  return hostLocal(ipamNetwork(config, parseArgs(args, { IP })), { report: warn });
}

function ownerOf({ containerId, ifname }: Invocation): Owner {
  return { containerId, ifname };
}
