/**
 * The `static` IPAM plugin: addresses from the configuration, in CNI_ARGS or in `runtimeConfig`.
 *
 * The work is done in `src/ipam/static.ts`. There is no state, so DEL and GC have nothing to do,
 * and STATUS reads the configuration.
 */
import { staticIpam, type StaticIpam } from '../../ipam/static.ts';
import { parseArgs } from '../../cni/args.ts';
import { parsePrevResult } from '../../cni/config.ts';
import { checkIpamKeys, IPAM_ARGS, ipamNetwork } from '../../cni/ipam-config.ts';
import { requireAddressesFor } from '../../cni/result-text.ts';
import type { Invocation, Plugin } from '../../cni/skel.ts';

export const staticPlugin: Plugin = { name: 'static', add, del: () => {}, check, status };

function add(invocation: Invocation): void {
  checkIpamKeys('static', invocation.config, invocation.warn);
  const result = ipamOf(invocation).add();
  requireAddressesFor(invocation.config.cniVersion, result);
  invocation.print(result);
}

function check(invocation: Invocation): void {
  const before = parsePrevResult(invocation.config);
  ipamOf(invocation).check(before && { ips: [], ...before }, invocation.ifname);
}

function status(invocation: Invocation): void {
  ipamOf(invocation).add();
}

function ipamOf({ args, config }: Invocation): StaticIpam {
  return staticIpam(ipamNetwork(config, parseArgs(args, IPAM_ARGS)));
}
