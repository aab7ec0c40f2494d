/**
 * The guards of the host's end of the pair as a port of the bridge: its flags, its VLANs, and which
 * addresses may send through it.
 *
 * A port with any guard comes up only when all guards are set: the container may have brought its
 * end up already, and what the bridge learns from a first packet outlives the guard.
 *
 * `macspoofchk` locks the port and adds the one address that may send; docs/compatibility.md says
 * why this is not a rule.
 */
import { CniError, INTERNAL } from '../../cni/errors.ts';
import type { RequiredMessage } from '../attach/send.ts';
import { removePortVlan, type Link } from '../wire/rtnl.ts';
import type { BridgeConfig } from './config.ts';
import { addVlans, portVlans } from './vlan.ts';

/** The flags that guard a port; undefined when none are configured. */
export function portFlags({ hairpinMode, portIsolation, macspoofchk }: BridgeConfig) {
  if (!hairpinMode && !portIsolation && !macspoofchk) return undefined;
  return {
    ...(hairpinMode ? { mode: true } : {}),
    ...(portIsolation ? { isolated: true } : {}),
    // Learning is off, because the one allowed address is added beforehand. Something on the host
    // may have brought the port up.
    ...(macspoofchk ? { locked: true, learning: false, flush: true } : {}),
  };
}

/**
 * The messages that add a port to its VLANs and remove it from the one that it was created in.
 * `accepted`: the errno of a removal that is no error.
 */
export function vlanMessages(
  port: number,
  name: string,
  config: Pick<BridgeConfig, 'vlan' | 'trunk' | 'preserveDefaultVlan'>,
  defaultVlan: number,
  accepted?: number,
): { readonly vlans?: RequiredMessage; readonly untag?: RequiredMessage | undefined } {
  const vlans = portVlans(config);
  if (vlans === undefined) return {};
  const stays =
    config.preserveDefaultVlan ||
    defaultVlan === 0 ||
    vlans.native === defaultVlan ||
    vlans.tagged.includes(defaultVlan);
  const untag = `failed to remove default vlan on interface "${name}"`;
  return {
    vlans: [addVlans(port, vlans), `failed to setup vlan tag on interface "${name}"`],
    untag: stays ? undefined : [removePortVlan(port, defaultVlan), untag, accepted],
  };
}

/** Kernels silently ignore port attributes that they do not know. */
export function requireLock({ attrs: { ifname, linkinfo } }: Link): void {
  if (linkinfo?.slaveKind === 'bridge' && linkinfo.slaveData?.locked === true) return;
  throw new CniError(
    INTERNAL,
    `failed to setup spoof-check: "${ifname}" cannot be locked`,
    'macspoofchk needs locked bridge ports, which Linux has since 5.18',
  );
}
