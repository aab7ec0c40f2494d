/** ADD: one transaction over leases, the link, addresses, routes and settings. */
import { familyOf } from '../../ip.ts';
import { addressing, chosenDns } from '../attach/addressing.ts';
import { configure } from '../attach/container.ts';
import { closeAll, hostSide, side } from '../attach/network.ts';
import { assign, ipamOf, type Ipam } from '../attach/ipam.ts';
import { transaction, type TransactionOptions } from '../attach/transaction.ts';
import { parsePrevResult } from '../../cni/config.ts';
import { CniError, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import { checkIpamType } from '../../cni/ipam-config.ts';
import { requireNetns } from '../../cni/netns.ts';
import type { IpConfig, Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { ipvlanConfig, type IpvlanConfig } from './config.ts';
import { makeLink } from './link.ts';
import { findMaster, requireFitting, whereOf, type Master } from './master.ts';
import { attachProtocol } from '../wire/rtnl.ts';
import { applySettings } from './settings.ts';

/** The only entry of the result's list of interfaces. */
const CONTAINER = 0;

export type Hooks = Pick<TransactionOptions, 'afterStep'>;

export function add(invocation: Invocation, hooks: Hooks = {}): void {
  const config = ipvlanConfig(invocation);
  const previous = parsePrevResult(invocation.config);
  const { netns, containerId, ifname, warn } = invocation;
  requireNetns(netns);
  const attachment = { network: config.name, containerId, ifname };

  const container = side(netns, attachProtocol);
  const host = hostSide(attachProtocol);
  const home = config.linkInContainer ? container : host;
  try {
    const master = findMaster(home, config, previous, whereOf(config, netns));
    requireFitting(home, master, config);
    const ipam = ipamOrPrevious(invocation, config, previous);
    transaction({ warn, ...hooks }, (t) => {
      const early = ipam?.needsLink === false ? assign(t, ipam) : undefined;
      const places = { host, container, home };
      const { index, mac } = makeLink(t, places, master, config, attachment);
      const assigned = early ?? (ipam && assign(t, ipam));
      const given = assigned?.result ?? previous!;
      const wanted = addressing(given, NO_GATEWAY);
      t.step('settings', () => container.within(() => applySettings(t, container, ifname, wanted)));
      configure(t, container, {
        ...wanted,
        ifname,
        index,
        detectDuplicates: settles(config, master, wanted.ips),
      });
      const dns = chosenDns(config.dns, given.dns);
      const ips: IpConfig[] = [];
      for (const each of wanted.ips) ips.push({ ...each, interface: CONTAINER });
      const result: Result = {
        interfaces: [{ name: ifname, mac, sandbox: netns }],
        ips,
        routes: wanted.routes,
        ...(dns === undefined ? {} : { dns }),
      };
      if (assigned !== undefined) t.step('commit', assigned.commit);
      // Last, because a printed result cannot be taken back.
      invocation.print(result);
    });
  } finally {
    closeAll(host, container);
  }
}

/** Routing is up to the master's network. */
const NO_GATEWAY = { isGateway: false, isDefaultGateway: false };

/** Undefined without IPAM: then the addresses are those that the preceding plugin has got. */
function ipamOrPrevious(
  invocation: Invocation,
  { ipam: { type } }: IpvlanConfig,
  previous: Result | undefined,
): Ipam | undefined {
  if (type !== '') return ipamOf(type, invocation);
  checkIpamType(invocation.config, invocation.warn);
  if (previous !== undefined && (previous.ips ?? []).length > 0) return undefined;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    'no plugin name provided',
    previous === undefined
      ? 'ipam.type is missing, and there is no prevResult with addresses'
      : 'ipam.type is missing, and prevResult has no addresses',
  );
}

/**
 * Whether ADD waits for duplicate address detection, after which an IPv6 address carries packets.
 * In mode l2 the kernel asks the network whether another host has the address, and without a
 * carrier there would be no answer; in the other modes it does not ask.
 */
function settles(
  { mode }: IpvlanConfig,
  { link }: Master,
  ips: readonly { readonly address: string }[],
): boolean {
  if (mode === 'l2' && !link.flags.includes('lower_up')) return false;
  for (const { address } of ips) if (familyOf(address) === 'inet6') return true;
  return false;
}
