/**
 * The address management that a plugin's configuration asks for: `host-local` and `static` inside this process, any other type by
 * executing it as the specification says (CNI SPEC 1.1.0, section 4).
 */
import { hostLocal } from '../ipam/host-local.ts';
import { staticIpam } from '../ipam/static.ts';
import { parseArgs } from './cni/args.ts';
import { delegate, delegateAdd } from './cni/delegate.ts';
import { IPAM_ARGS, ipamNetwork } from './cni/ipam-config.ts';
import type { Result } from './cni/result.ts';
import type { Invocation } from './cni/skel.ts';

/** What ADD got, and how to give it back. */
export interface Assigned {
  readonly result: Result;
  release(): void;
  /** Says that the attachment is complete. */
  commit(): void;
}

export interface Ipam {
  add(): Assigned;
  del(): void;
}

/** `type` is `ipam.type`; not empty. */
export function ipamOf(type: string, invocation: Invocation): Ipam {
  switch (type) {
    case 'host-local':
      return hostLocalOf(invocation);
    case 'static':
      return staticOf(invocation);
    default:
      return executed(type, invocation);
  }
}

function hostLocalOf(invocation: Invocation): Ipam {
  const { containerId, ifname, warn } = invocation;
  const ipam = hostLocal(networkOf(invocation), { report: warn });
  const owner = { containerId, ifname };
  return {
    add: () => ipam.add(owner, { pending: true }),
    del: () => ipam.del(owner),
  };
}

function staticOf(invocation: Invocation): Ipam {
  const ipam = staticIpam(networkOf(invocation));
  const nothing = (): void => {};
  return { add: () => ({ result: ipam.add(), release: nothing, commit: nothing }), del: nothing };
}

function executed(type: string, invocation: Invocation): Ipam {
  const del = (): void => delegate('DEL', type, invocation);
  return {
    add: () => ({ result: delegateAdd(type, invocation), release: del, commit: () => {} }),
    del,
  };
}

/** The calling plugin has refused the keys of CNI_ARGS that nobody knows; its own are strangers here. */
function networkOf({ config, args }: Invocation): ReturnType<typeof ipamNetwork> {
  return ipamNetwork(config, parseArgs(args === '' ? '' : `${args};IgnoreUnknown=1`, IPAM_ARGS));
}
