/**
 * The `host-local` IPAM plugin: addresses from ranges, leased in files of this host.
 *
 * The work is done in `src/ipam`; plugins that find `ipam.type` to be `host-local` call that directly instead of this.
 */
import { hostLocal, IpamError } from '../../ipam/index.ts';
import type { HostLocal, Owner } from '../../ipam/index.ts';
import { parseArgs } from '../cni/args.ts';
import { validAttachments } from '../cni/config.ts';
import { member } from '../cni/decode.ts';
import { CniError, PLUGIN_NOT_AVAILABLE } from '../cni/errors.ts';
import { IPAM_ARGS, ipamNetwork } from '../cni/ipam-config.ts';
import { isObject } from '../cni/json-text.ts';
import type { Invocation, Plugin } from '../cni/skel.ts';

export const hostLocalPlugin: Plugin = { name: 'host-local', add, del, check, status, gc };

function add(invocation: Invocation): void {
  const { IP } = IPAM_ARGS;
  const lease = ipamOf(invocation, parseArgs(invocation.args, { IP })).add(ownerOf(invocation));
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

/** Whether an ADD would get its addresses now. */
function status(invocation: Invocation): void {
  try {
    ipamOf(invocation).status();
  } catch (error) {
    if (!(error instanceof IpamError)) throw error;
    if (error.path === 'ipam.ranges' && hasCapability(invocation, 'ipRanges')) return;
    if (error.code === 'config') throw error;
    throw new CniError(PLUGIN_NOT_AVAILABLE, error.message, error.details, error);
  }
}

/** Ranges that come with each ADD as a capability are not there when STATUS is asked. */
function hasCapability({ config }: Invocation, name: string): boolean {
  const capabilities = member(config.document, 'capabilities') ?? null;
  return isObject(capabilities) && member(capabilities, name) === true;
}

/** Frees the leases of attachments that the runtime does not list. */
function gc(invocation: Invocation): void {
  const valid = validAttachments(invocation.config);
  if (valid === undefined) {
    invocation.warn('GC without cni.dev/valid-attachments: nothing can be called stale');
    return;
  }
  const listed = valid.map(({ containerId, ifname }) => ({ containerID: containerId, ifname }));
  const report = ipamOf(invocation).gc(listed, performance.timeOrigin);
  if (report.freed.length + report.healed.length > 0) invocation.warn(JSON.stringify(report));
}

/** Only ADD looks at CNI_ARGS: a mistake in there must not keep a lease from being given back. */
function ipamOf({ config, warn }: Invocation, cniArgs: { readonly IP?: string } = {}): HostLocal {
  return hostLocal(ipamNetwork(config, cniArgs), { report: warn });
}

function ownerOf({ containerId, ifname }: Invocation): Owner {
  return { containerId, ifname };
}
