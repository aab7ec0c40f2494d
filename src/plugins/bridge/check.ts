/**
 * CHECK: is the attachment still as ADD made it? Everything is checked before anything is reported,
 * so that one call reports all differences.
 *
 * What others may rightly change is not a difference: plugins later in the chain, the host's
 * network manager, the container itself. So the check asks for at least what ADD made, never for
 * exactly that. Allowed are other addresses, routes and VLANs besides ours, a spanning tree that
 * holds the port back for a while, hairpin mode or isolation that was switched on elsewhere, and a
 * packet capture on the bridge.
 */
import { Differences } from '../attach/check.ts';
import { closeAll, hostSide, side, type Side } from '../attach/side.ts';
import { declaredProtocol } from '../attach/declared.ts';
import { ipamOf } from '../attach/ipam.ts';
import { requirePrevResult } from '../../cni/config.ts';
import { toCniError } from '../../cni/errors.ts';
import { requireNetns } from '../../cni/netns.ts';
import type { Invocation } from '../../cni/skel.ts';
import { bridgeConfig, masquerades } from './config.ts';
import { checkContainer, type ContainerLink } from './check-container.ts';
import { checkHost } from './check-host.ts';
import { expectation, type Expected } from './expectation.ts';
import { openWholeMasquerade } from '../masquerade/nftables.ts';

export function check(invocation: Invocation): void {
  const config = bridgeConfig(invocation);
  const previous = requirePrevResult(invocation.config);
  requireNetns(invocation.netns);
  const differences = new Differences();
  const { type } = config.ipam;
  if (type !== '') {
    try {
      ipamOf(type, invocation).check(previous);
    } catch (error) {
      differences.note(toCniError(error).message);
    }
  }
  const expected = expectation(config, invocation, previous, differences);
  const container = side(invocation.netns, declaredProtocol);
  let host: Side | undefined;
  try {
    host = hostSide(declaredProtocol);
    const link: ContainerLink | undefined = checkContainer(container, expected, differences);
    checkHost(host, expected, link, differences, invocation.warn);
  } finally {
    closeAll(container, ...(host === undefined ? [] : [host]));
  }
  checkMasquerade(invocation, expected, differences);
  differences.throwIfAny(invocation);
}

function checkMasquerade(
  { containerId, ifname }: Invocation,
  { config, ips }: Expected,
  differences: Differences,
): void {
  if (!masquerades(config)) return;
  const { backend, close } = openWholeMasquerade(config.ipMasqBackend);
  try {
    const addresses = ips.map(({ address }) => address);
    const entry = { network: config.name, containerId, ifname, addresses };
    for (const problem of backend.check(entry)) differences.note(problem);
  } finally {
    close();
  }
}
