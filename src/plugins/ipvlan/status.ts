/**
 * STATUS: whether an ADD can get its master and its addresses. CNI SPEC 1.1.0, section 2. As for
 * `bridge`, only what makes every ADD fail until an administrator acts is an error.
 */
import { upkeepOf, type Candidates } from '../attach/ipam-upkeep.ts';
import { send } from '../attach/send.ts';
import { closeAll, hostSide, type Side } from '../attach/side.ts';
import { EOPNOTSUPP } from '../../sys/errno.ts';
import {
  CniError,
  INVALID_NETWORK_CONFIG,
  PLUGIN_NOT_AVAILABLE,
  toCniError,
} from '../../cni/errors.ts';
import type { Invocation } from '../../cni/skel.ts';
import { familyOf } from '../../ip.ts';
import { addLink, hardwareOf } from '../wire/rtnl.ts';
import { ipvlanConfig, type IpvlanConfig } from './config.ts';
import { explainBusy, findMaster, ipvlanData, requireFitting, whereOf } from './master.ts';
import { findChild } from './peers.ts';
import { attachProtocol } from '../wire/rtnl.ts';

/** ETH_MIN_MTU, include/uapi/linux/if_ether.h; IPV6_MIN_MTU, include/uapi/linux/in6.h. */
const MIN_MTU = { inet: 68, inet6: 1280 } as const;

export function status(invocation: Invocation): void {
  const config = ipvlanConfig(invocation);
  const { type } = config.ipam;
  const ipam = type === '' ? undefined : upkeepOf(type, invocation);
  const host = hostSide(attachProtocol);
  try {
    requireKind(host);
    // A master in the container does not exist yet; without IPAM the preceding plugin may make it.
    if (ipam !== undefined && !config.linkInContainer) requireMaster(host, config);
  } catch (error) {
    const { code, msg, details } = toCniError(error);
    if (code === INVALID_NETWORK_CONFIG) throw error;
    throw new CniError(PLUGIN_NOT_AVAILABLE, msg, details, error);
  } finally {
    closeAll(host);
  }
  requireMtu(config, ipam?.status() ?? []);
}

/** The kernel first looks for the kind, and then finds that no master is named: nothing is made. */
function requireKind(host: Side): void {
  const { errno } = send(host, { link: addLink({ kind: 'ipvlan' }) });
  if (errno.link === EOPNOTSUPP) throw unavailable('the kernel has no ipvlan');
}

/** The first child needs the master's rx handler, of which there is only one. */
function requireMaster(host: Side, config: IpvlanConfig): void {
  const master = findMaster(host, config, undefined, whereOf(config, ''));
  requireFitting(host, master, config);
  const { link, name, index } = master;
  if (ipvlanData(link) !== undefined || findChild(host, 'ipvlan', index) !== undefined) return;
  const hardware = hardwareOf(link);
  if (hardware !== 'ether') {
    throw unavailable(`"${name}" is no Ethernet device but of type ${hardware}`);
  }
  const { linkinfo } = link.attrs;
  if (RECEIVERS.includes(linkinfo?.slaveKind) || isBelowMacvlan(host, index)) {
    explainBusy(host, master);
  }
}

/** Kinds of links that take over what their ports receive. */
const RECEIVERS: readonly unknown[] = ['bridge', 'bond', 'team', 'openvswitch'];

const isBelowMacvlan = (host: Side, index: number): boolean =>
  ['macvlan', 'macvtap'].some((kind) => findChild(host, kind, index) !== undefined);

function requireMtu({ mtu }: IpvlanConfig, candidates: readonly Candidates[]): void {
  if (mtu === undefined) return;
  let least: number = MIN_MTU.inet;
  for (const each of candidates) {
    for (const { address } of each) least = Math.max(least, MIN_MTU[familyOf(address)]);
  }
  if (mtu < least) throw unavailable(`mtu ${mtu} is too small, at least ${least} are needed`);
}

const unavailable = (msg: string): CniError => new CniError(PLUGIN_NOT_AVAILABLE, msg);
