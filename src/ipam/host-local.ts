/**
 * host-local: addresses from ranges, with the leases in files of this host.
 *
 * Each call is one holding of the lease lock, also for several range sets: an ADD that fails in its
 * last set leaves nothing behind.
 */
import { collectGarbage, type GcReport } from './garbage.ts';
import { ownerLeases, type IpamOptions, type OwnerLeases } from './owner-leases.ts';
import { hostLocalConfig, type NetworkConfig } from './policy/config.ts';
import type { RangeSet } from './policy/range-set.ts';
import { checkStatus, storeUsage, type RangeSetUsage } from './status.ts';

export interface HostLocal extends OwnerLeases {
  /**
   * Throws what makes every ADD fail until somebody changes the configuration or the directory.
   * Range sets that are used up are told to `report`; with `unavailableWhenFull` they throw
   * `exhausted`. Returns the range sets; cheap enough for polling.
   */
  status(): readonly RangeSet[];
  /** How full each range set is; reads the index of all leases. */
  usage(): RangeSetUsage[];
  /**
   * Frees what is not listed. `valid` is the value of `cni.dev/valid-attachments`, `startedAt` when
   * the process began, in milliseconds since 1970.
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
