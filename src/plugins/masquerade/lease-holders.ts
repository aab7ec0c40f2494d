/**
 * Which other attachments have to be masqueraded when a network's rules are made again although
 * containers are attached, as after `nft flush ruleset`: the kernel has lost them, but the leases
 * still exist.
 */
import { parsePrefix, parseAddress, prefixContains } from '../../ip.ts';
import { leaseStoreConfig } from '../../ipam/policy/config.ts';
import { listLeases } from '../../ipam/inspect.ts';
import { ipamNetwork } from '../../cni/ipam-config.ts';
import type { NetworkConfig } from '../../cni/config.ts';
import type { Masqueraded } from './backend.ts';

/** All owners of host-local leases in the subnets of `addresses`. */
export function leaseHolders(
  config: NetworkConfig,
  ipamType: string,
  addresses: readonly string[],
): Masqueraded[] {
  if (ipamType !== 'host-local') return [];
  const { dataDir, name } = leaseStoreConfig(ipamNetwork(config, {}));
  const subnets = addresses.map((address) => parsePrefix(address)!);
  return listLeases(dataDir, name).flatMap(({ address, containerId, ifname }) => {
    const parsed = parseAddress(address);
    const subnet = parsed && subnets.find((each) => prefixContains(each, parsed));
    if (subnet === undefined || ifname === undefined) return [];
    return [{ network: name, containerId, ifname, addresses: [`${address}/${subnet.length}`] }];
  });
}
