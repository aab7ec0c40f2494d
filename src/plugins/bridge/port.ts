/**
 * The host's end of the pair as a port of the bridge: its flags, its VLANs, and which addresses may
 * send through it.
 *
 * A port with any guard comes up only when all guards are set: the container may have brought its
 * end up already, and what the bridge learns from a first packet outlives the guard.
 *
 * `macspoofchk` locks the port and adds the one address that may send; docs/compatibility.md says
 * why this is not a rule.
 */
import { refuse, send, type Outcome, type Requests, type Side } from '../attach/network.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import { addSender, getLink, removePortVlan, setLink, type Link } from '../wire/rtnl.ts';
import type { BridgeConfig } from './config.ts';
import type { Links } from './links.ts';
import { addVlans, portVlans } from './vlan.ts';

const PORT_STEPS = ['port', 'flags', 'vlans', 'untag', 'sender', 'locked'] as const;
export type PortStep = (typeof PORT_STEPS)[number];
export type PortOutcome = Outcome<PortStep, { locked?: Link }>;

/** Whether the port has to wait until the kernel's answers to `portRequests` confirm its guards. */
export const isGuarded = ({ hairpinMode, portIsolation, macspoofchk, ...vlans }: BridgeConfig) =>
  hairpinMode || portIsolation || macspoofchk || portVlans(vlans) !== undefined;

/** The requests that connect the port, in this order, and bring it up when it has no guards. */
export function portRequests(config: BridgeConfig, { bridge, pair }: Links): Requests<PortStep> {
  const { index } = pair.host;
  const master = bridge.index;
  if (!isGuarded(config)) return { port: setLink(index, { master, flags: ['up'] }) };
  const flags = {
    ...(config.hairpinMode ? { mode: true } : {}),
    ...(config.portIsolation ? { isolated: true } : {}),
    // Learning is off, because the one allowed address is added beforehand. Something on the host
    // may have brought the port up.
    ...(config.macspoofchk ? { locked: true, learning: false, flush: true } : {}),
  };
  const changes = Object.keys(flags).length > 0;
  return {
    port: setLink(index, { master }),
    flags: changes
      ? setLink(index, { kind: 'veth', slaveKind: 'bridge', slaveData: flags })
      : undefined,
    ...vlanRequests(index, config, bridge.defaultVlan),
    // After the VLANs: the entry is made in each of them.
    sender: config.macspoofchk ? addSender(index, pair.container.mac) : undefined,
    locked: config.macspoofchk ? getLink(index) : undefined,
  };
}

/** Brings up a port whose guards are set. */
export function bringPortUp(host: Side, { name, index }: Links['pair']['host']): void {
  refuse(
    send(host.rt, { up: setLink(index, { flags: ['up'] }) }).failed.up,
    `failed to set "${name}" up`,
  );
}

/** Throws what the kernel refused. */
export function refusePort(
  { failed, replies }: PortOutcome,
  config: BridgeConfig,
  name: string,
): void {
  refuse(failed.port, `failed to connect "${name}" to bridge ${config.bridge}`);
  refuse(failed.flags, `failed to set hairpin mode, isolation or lock for ${name}`);
  refuse(failed.vlans, `failed to setup vlan tag on interface "${name}"`);
  refuse(failed.untag, `failed to remove default vlan on interface "${name}"`);
  refuse(failed.sender, `failed to setup spoof-check: the container's MAC address for ${name}`);
  refuse(failed.locked, `failed to lookup "${name}"`);
  if (config.macspoofchk) requireLock(replies.locked!);
}

/** The requests that add a port to its VLANs and remove it from the one that it was created in. */
export function vlanRequests(
  port: number,
  config: Pick<BridgeConfig, 'vlan' | 'trunk' | 'preserveDefaultVlan'>,
  defaultVlan: number,
): Requests<'vlans' | 'untag'> {
  const vlans = portVlans(config);
  if (vlans === undefined) return {};
  const stays =
    config.preserveDefaultVlan ||
    defaultVlan === 0 ||
    vlans.native === defaultVlan ||
    vlans.tagged.includes(defaultVlan);
  return {
    vlans: addVlans(port, vlans),
    untag: stays ? undefined : removePortVlan(port, defaultVlan),
  };
}

/** Kernels silently ignore port attributes that they do not know. */
function requireLock({ attrs: { ifname, linkinfo } }: Link): void {
  if (linkinfo?.slaveKind === 'bridge' && linkinfo.slaveData?.locked === true) return;
  throw new CniError(
    INTERNAL,
    `failed to setup spoof-check: "${ifname}" cannot be locked`,
    'macspoofchk needs locked bridge ports, which Linux has since 5.18',
  );
}
