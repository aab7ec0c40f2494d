/** ADD: one transaction over leases, links, addresses, routes and settings. */
import { addressing, chosenDns } from '../attach/addressing.ts';
import { configure } from '../attach/container.ts';
import { closeAll, hostSide, listen, side } from '../attach/network.ts';
import { assign, ipamOf } from '../attach/ipam.ts';
import { transaction, type TransactionOptions } from '../attach/transaction.ts';
import { RTNLGRP_LINK } from '../../rtnl/constants.ts';
import type { DelegateOptions } from '../../cni/delegate.ts';
import { checkIpamType } from '../../cni/ipam-config.ts';
import { requireNetns } from '../../cni/netns.ts';
import { requireAddressesFor } from '../../cni/result-text.ts';
import type { IpConfig, Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { attachProtocol } from '../wire/rtnl.ts';
import { awaitPort } from './await-port.ts';
import { bridgeConfig, requireConsistent } from './config.ts';
import { addGateways, connect } from './host.ts';
import { makeLinks } from './links.ts';
import { applySettings } from './settings.ts';
import { withoutFiltering } from './vlan.ts';

/**
 * Index of the container's end in the result's list of interfaces, after the bridge and the host's
 * end.
 */
const CONTAINER = 2;

/** The addressing before IPAM has answered. */
const NOTHING_YET = { ips: [], routes: [] };

export interface AddOptions extends Pick<TransactionOptions, 'afterStep'> {
  /** Masquerade; not loaded for a configuration without it. */
  readonly firewall?: typeof import('./firewall.ts') | undefined;
  /** How long another IPAM program may take. */
  readonly delegate?: DelegateOptions;
}

export function add(
  invocation: Invocation,
  { afterStep, firewall, delegate }: AddOptions = {},
): void {
  const config = bridgeConfig(invocation);
  requireConsistent(config);
  const { netns, containerId, ifname, warn } = invocation;
  const managed = config.ipam.type !== '';
  if (!managed) {
    requireAddressesFor(invocation.config.cniVersion, {});
    checkIpamType(invocation.config, warn);
  }
  requireNetns(netns);
  const attachment = { network: config.name, containerId, ifname };
  const ipam = managed ? ipamOf(config.ipam.type, invocation, delegate) : undefined;

  const masquerade = firewall?.openFirewall(config);
  const container = side(netns, attachProtocol);
  const host = hostSide(attachProtocol);
  try {
    transaction({ warn, afterStep }, (t) => {
      const late = ipam?.needsLink === true;
      let assigned = ipam === undefined || late ? undefined : assign(t, ipam);
      let wanted = addressing(assigned?.result ?? {}, config);
      const links = makeLinks(t, host, container, config, attachment);
      const { bridge } = links;
      if (config.vlanFiltering && !bridge.created && !bridge.vlanFiltering) {
        warn(withoutFiltering(config.bridge));
      }
      let hostEnd = connect(t, host, config, links, wanted.gateways, warn);
      if (late) {
        t.step('first settings', () =>
          container.within(() => applySettings(t, container, ifname, NOTHING_YET, false)),
        );
        assigned = assign(t, ipam);
        wanted = addressing(assigned.result, config);
        hostEnd = addGateways(t, host, config, links, hostEnd, wanted.gateways);
      }
      const addresses: string[] = [];
      const ips: IpConfig[] = [];
      for (const each of wanted.ips) {
        addresses.push(each.address);
        ips.push({ ...each, interface: CONTAINER });
      }
      firewall?.addMasquerade(t, masquerade, attachment, addresses, () =>
        links.bridge.inUse
          ? firewall.leaseHolders(invocation.config, config.ipam.type, addresses)
          : [],
      );
      const { pair } = links;
      if (!config.disableContainerInterface) {
        listen(t, 'news of links', host, RTNLGRP_LINK);
        const detectDuplicates = config.enabledad;
        // Without IPAM the addresses and settings are up to the container.
        if (managed) {
          t.step('settings', () =>
            container.within(() => applySettings(t, container, ifname, wanted, detectDuplicates)),
          );
        }
        const { index } = pair.container;
        configure(t, container, { ...wanted, ifname, index, detectDuplicates });
        awaitPort(host, pair.host.index, late);
      }
      const dns = chosenDns(config.dns, assigned?.result.dns);
      const result: Result = {
        interfaces: [
          { name: bridge.name, mac: hostEnd.bridgeMac },
          { name: pair.host.name, mac: pair.host.mac },
          { name: ifname, mac: pair.container.mac, sandbox: netns },
          ...(hostEnd.vlanInterface === undefined ? [] : [hostEnd.vlanInterface]),
        ],
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
    masquerade?.close();
  }
}
