/**
 * The leases of one attachment: the part of host-local that ADD, DEL and CHECK need, and no more,
 * because a plugin loads it in each of its calls.
 */
import { formatAddress, type Address } from '../ip.ts';
import { allocate, type Allocation } from './policy/allocator.ts';
import {
  hostLocalConfig,
  leaseStoreConfig,
  releaseConfig,
  type HostLocalConfig,
  type LeaseStoreConfig,
  type NetworkConfig,
} from './policy/config.ts';
import { IpamError } from './policy/errors.ts';
import { isForeignLink, openLeaseDirectory } from './store/lease-directory.ts';
import type { DiskLeases } from './store/session.ts';
import { diskStore } from './store/lease-store.ts';
import { eachLease } from './store/survey.ts';
import { checkedOwner, legacyKey, ownerKey, type Owner } from './policy/owner.ts';
import { outsideOfAll, requestedFrom } from './policy/range-set.ts';
import { readResolvConf } from './policy/resolv-conf.ts';
import { ipamResult, type IpamIp, type IpamResult } from './policy/result.ts';
import { stickyKey } from './store/sticky.ts';

export interface IpamOptions {
  /** Called with one line for each repair; a plugin writes them to stderr. Silent by default. */
  readonly report?: (line: string) => void;
  /**
   * Called when a signal has interrupted the wait for the lease lock; if it throws, the wait ends.
   */
  readonly whileWaiting?: () => void;
}

export interface AddOptions {
  /**
   * True when the caller has more to do before the attachment is complete. If its process dies
   * before `commit`, a repeated ADD of the same owner gets the same addresses instead of the error
   * about a duplicate. The lease files stay open until `commit` or `release`.
   */
  readonly pending?: boolean;
}

/** The addresses that ADD took, and how to keep or free them. */
export interface Assignment {
  readonly result: IpamResult;
  /** Frees exactly what this ADD took: the undo step of a transaction. Idempotent. */
  release(): void;
  /**
   * Marks the attachment as complete; needed only after `add(owner, { pending: true })`. Returns
   * when the leases are on the disk; when they cannot be written, frees them and throws.
   */
  commit(): void;
}

export interface OwnerLeases {
  add(owner: Owner, options?: AddOptions): Assignment;
  del(owner: Owner): void;
  check(owner: Owner): void;
}

export function ownerLeases(network: NetworkConfig, options: IpamOptions = {}): OwnerLeases {
  return {
    add: (owner, { pending = false } = {}) => add(network, checkedOwner(owner), pending, options),
    del: (owner) => {
      const asked = checkedOwner(owner);
      const config = releaseConfig(network, options.report);
      try {
        lookedUp(config, asked, options, (leases) => leases.releaseOwner(asked));
      } catch (error) {
        // Nothing in there was made by us, and otherwise this DEL could never succeed.
        if (!isForeignLink(`${config.dataDir}/${config.name}`)) throw error;
        options.report?.(`nothing to free: ${(error as Error).message}`);
      }
    },
    check: (owner) => {
      const asked = checkedOwner(owner);
      const find = (leases: DiskLeases): Address[] => leases.owned(asked);
      const found = lookedUp(leaseStoreConfig(network), asked, options, find).length > 0;
      if (!found) {
        const message = `host-local: Failed to find address added by container ${asked.containerId}`;
        throw new IpamError('missing', message, {
          owner: `${asked.containerId} ${asked.ifname}`,
          details: `no lease of ${asked.containerId} ${asked.ifname}`,
        });
      }
    },
  };
}

/**
 * Looks up what an owner holds. The index is only a hint: when it does not have the owner, the
 * lease files are read too.
 */
function lookedUp(
  config: LeaseStoreConfig,
  owner: Owner,
  options: IpamOptions,
  find: (leases: DiskLeases) => Address[],
): Address[] {
  const store = diskStore(config, options);
  const found = store.lockedIfPresent(find) ?? [];
  if (found.length > 0 || !isNamed(config, owner)) return found;
  const again = store.lockedIfPresent((leases) => {
    leases.reindex();
    return find(leases);
  });
  return again ?? [];
}

/** Whether any lease file names the owner; reads all of them, without the lock. */
function isNamed({ dataDir, name }: LeaseStoreConfig, owner: Owner): boolean {
  const directory = openLeaseDirectory(dataDir, name, 'read');
  if (directory === undefined) return false;
  const keys = [ownerKey(owner), legacyKey(owner)];
  let isNamed = false;
  try {
    eachLease(directory.path, ({ content }) => {
      isNamed ||= 'key' in content && keys.includes(content.key);
    });
    return isNamed;
  } finally {
    directory.close();
  }
}

function add(
  network: NetworkConfig,
  owner: Owner,
  pending: boolean,
  options: IpamOptions,
): Assignment {
  const config = hostLocalConfig(network);
  const dns = config.resolvConf === undefined ? undefined : readResolvConf(config.resolvConf);
  const store = diskStore(config, { ...options, pending });
  const allocations = store.locked((leases) => {
    if (config.reclaimOnBoot) leases.reclaimEarlierBoots(owner);
    const key = config.sticky && stickyKey(config.sticky, owner, network.cniArgs);
    const taken = allocateAll(config, owner, leases, key);
    for (let index = 0; index < taken.length; index++) {
      const { address, isAgain } = taken[index]!;
      if (!isAgain) leases.setLastReserved(index, address);
      if (key) leases.remember(key, index, address);
    }
    return taken;
  });
  const ips: IpamIp[] = [];
  for (const allocation of allocations) ips.push(ipOf(allocation));
  const release = (): void => {
    const mine = [ownerKey(owner), legacyKey(owner)];
    try {
      store.lockedIfPresent((leases) => {
        for (const { address } of allocations) {
          if (mine.includes(leases.holder(address) ?? '')) leases.free(address);
        }
      });
    } finally {
      // Not earlier: nobody may take them over before they are freed.
      store.close();
    }
  };
  return {
    result: ipamResult(ips, config.routes, dns),
    release,
    commit: () => {
      if (!pending) return;
      try {
        store.complete();
      } catch (error) {
        release();
        throw error;
      }
      store.close();
    },
  };
}

/** One address of each set. Each requested address must be used by one of them. */
function allocateAll(
  { rangeSets, requested }: HostLocalConfig,
  owner: Owner,
  leases: DiskLeases,
  key: string | undefined,
): Allocation[] {
  const wanted = new Map<string, Address>();
  for (const address of requested) wanted.set(formatAddress(address), address);
  const allocations: Allocation[] = [];
  for (const set of rangeSets) {
    const index = allocations.length;
    const own = requestedFrom(set, wanted);
    if (own) wanted.delete(formatAddress(own));
    const prefer = key === undefined ? undefined : leases.recall(key, index);
    try {
      const allocation = allocate(set, leases, {
        owner,
        index,
        avoid: leases.isResting,
        ...(own && { requested: own }),
        ...(prefer && { prefer }),
      });
      allocations.push(allocation);
    } catch (error) {
      throw forRange(error, index);
    }
  }
  if (wanted.size > 0) throw outsideOfAll(wanted);
  return allocations;
}

function forRange(error: unknown, index: number): unknown {
  if (!(error instanceof IpamError)) return error;
  const { code, message, name: _name, stack: _stack, ...subject } = error;
  return new IpamError(code, `failed to allocate for range ${index}: ${message}`, {
    ...subject,
    rangeSet: index,
    cause: error.cause,
  });
}

function ipOf({ address, range }: Allocation): IpamIp {
  return {
    address: `${formatAddress(address)}/${range.subnet.length}`,
    ...(range.gateway ? { gateway: formatAddress(range.gateway) } : {}),
  };
}
