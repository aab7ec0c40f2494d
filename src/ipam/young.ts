/** Owners of leases that GC keeps even when the runtime does not list them. */
import { releaseConfig, type NetworkConfig } from './policy/config.ts';
import { isYounger } from './garbage.ts';
import { listLeases } from './inspect.ts';
import type { Owner } from './policy/owner.ts';

/**
 * The owners of leases that were completed since `startedAt` (milliseconds since 1970), or whose
 * ADD is under way. It takes no lock.
 *
 * @throws IpamError `config` or `store`
 */
export function youngOwners(network: NetworkConfig, startedAt: number): Owner[] {
  const { dataDir, name } = releaseConfig(network);
  const owners: Owner[] = [];
  for (const { address, containerId, ifname, unfinished } of listLeases(dataDir, name)) {
    if (ifname === undefined) continue;
    if (unfinished === 'alive' || isYounger(`${dataDir}/${name}`, address, startedAt)) {
      owners.push({ containerId, ifname });
    }
  }
  return owners;
}
