/**
 * STATUS: whether an ADD can get its master and its addresses. CNI SPEC 1.1.0, section 2. As for
 * `bridge`, only what makes every ADD fail until an administrator acts is an error.
 */
import { upkeepOf, UNKNOWN, type Prospect } from '../attach/ipam-upkeep.ts';
import { change, send } from '../attach/send.ts';
import { closeAll, hostSide, type Side } from '../attach/side.ts';
import { EOPNOTSUPP } from '../../sys/errno.ts';
import {
  CniError,
  INVALID_NETWORK_CONFIG,
  PLUGIN_NOT_AVAILABLE,
  toCniError,
} from '../../cni/errors.ts';
import { parsePrevResult } from '../../cni/config.ts';
import type { Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { requireAccepted, type Trial } from '../attach/trial.ts';
import { addLink, attachProtocol, getLink, hardwareOf, setLink } from '../wire/rtnl.ts';
import { flagsOf, ipvlanConfig, NO_GATEWAY, type IpvlanConfig } from './config.ts';
import {
  explainBusy,
  findMaster,
  ipvlanData,
  requireFitting,
  whereOf,
  type Master,
} from './master.ts';
import { findChild } from './peers.ts';

export function status(invocation: Invocation): void {
  const config = ipvlanConfig(invocation);
  const previous = parsePrevResult(invocation.config);
  const { type } = config.ipam;
  const ipam = type === '' ? undefined : upkeepOf(type, invocation);
  const host = hostSide(attachProtocol);
  let { mtu } = config;
  try {
    requireKind(host);
    // A master in the container does not exist yet; without IPAM the preceding plugin may make it.
    if (ipam !== undefined && !config.linkInContainer) {
      const { link } = requireMaster(host, config, previous);
      mtu ??= link.attrs.mtu;
    }
  } catch (error) {
    const { code, msg, details } = toCniError(error);
    if (code === INVALID_NETWORK_CONFIG) throw error;
    throw new CniError(PLUGIN_NOT_AVAILABLE, msg, details, error);
  } finally {
    closeAll(host);
  }
  requireAccepted(trialOf(config, mtu, ipam?.status() ?? UNKNOWN));
}

/** A child of a master that can have it. */
const trialOf = (
  { mode, flag }: IpvlanConfig,
  mtu: number | undefined,
  prospect: Prospect,
): Trial => ({
  prospect,
  options: NO_GATEWAY,
  mtu,
  make(t, side, ifname) {
    const failure = 'failed to create ipvlan';
    const pair = addLink({
      ifname: 'port0',
      mtu,
      kind: 'veth',
      data: { peer: { ifname: MASTER, mtu } },
    });
    const { replies } = change(t, 'master', side, {
      pair: [pair, failure],
      port: [setLink('port0', { flags: ['up'] }), failure],
      up: [setLink(MASTER, { flags: ['up'] }), failure],
      master: [getLink(MASTER), failure],
    });
    const link = replies.master!.index;
    const child = addLink({
      ifname,
      link,
      mtu,
      kind: 'ipvlan',
      data: { mode, flags: flagsOf(flag) },
    });
    change(t, 'link', side, { link: [child, failure] });
  },
});
const MASTER = 'master0';

/** The kernel first looks for the kind, and then finds that no master is named: nothing is made. */
function requireKind(host: Side): void {
  const { errno } = send(host, { link: addLink({ kind: 'ipvlan' }) });
  if (errno.link === EOPNOTSUPP) throw unavailable('the kernel has no ipvlan');
}

/** The first child needs the master's rx handler, of which there is only one. */
function requireMaster(host: Side, config: IpvlanConfig, previous: Result | undefined): Master {
  const master = findMaster(host, config, previous, whereOf(config, ''));
  requireFitting(host, master, config);
  const { link, name, index } = master;
  if (ipvlanData(link) !== undefined || findChild(host, 'ipvlan', index) !== undefined) {
    return master;
  }
  const hardware = hardwareOf(link);
  if (hardware !== 'ether') {
    throw unavailable(`"${name}" is not an Ethernet device but of type ${hardware}`);
  }
  const { linkinfo } = link.attrs;
  if (RECEIVERS.includes(linkinfo?.slaveKind) || isBelowMacvlan(host, index)) {
    explainBusy(host, master);
  }
  return master;
}

/** Kinds of links that take over what their ports receive. */
const RECEIVERS: readonly unknown[] = ['bridge', 'bond', 'team', 'openvswitch'];

const isBelowMacvlan = (host: Side, index: number): boolean =>
  ['macvlan', 'macvtap'].some((kind) => findChild(host, kind, index) !== undefined);

const unavailable = (msg: string): CniError => new CniError(PLUGIN_NOT_AVAILABLE, msg);
