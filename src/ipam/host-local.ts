/**
 * host-local: addresses from ranges, with the leases in files on this host.
 *
 * Each call takes the lease lock once, even for several range sets: an ADD that fails in its last
 * set leaves nothing behind.
 */
import { collectGarbage, type GcReport } from './garbage.ts';
import { ownerLeases, type IpamOptions, type OwnerLeases } from './owner-leases.ts';
import { hostLocalConfig, type NetworkConfig } from './policy/config.ts';
import type { RangeSet } from './policy/range-set.ts';
import { checkStatus, storeUsage, type RangeSetUsage } from './status.ts';

export interface HostLocal extends OwnerLeases {
  /**
   * Throws what makes every ADD fail until somebody changes the configuration or the directory.
   * Range sets that are used up are passed to `report`; with `unavailableWhenFull` they throw
   * `exhausted`. Returns the range sets. Cheap enough for polling.
   */
  status(): readonly RangeSet[];
  /** How full each range set is; reads the index of all leases. */
  usage(): RangeSetUsage[];
  /**
   * Frees the leases that are not listed. `valid` is the value of `cni.dev/valid-attachments`,
   * `startedAt` is when the process began, in milliseconds since 1970.
   */
  gc(valid: unknown, startedAt?: number): GcReport;
}

export function hostLocal(network: NetworkConfig, options: IpamOptions = {}): HostLocal {
  return {
    ...ownerLeases(network, options),
    status: () => checkStatus(hostLocalConfig(network), options.report),
    usage: () => storeUsage(hostLocalConfig(network)),
    gc: (valid, startedAt) =>
      collectGarbage(network, valid, {
        ...options,
        ...(startedAt === undefined ? {} : { startedAt }),
      }),
  };
}
