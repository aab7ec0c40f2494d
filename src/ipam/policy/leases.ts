/**
 * What the allocator needs from a lease store, and an in-memory store.
 *
 * Policy (allocator.ts) never touches a disk; a store knows nothing about ranges.
 */
import { formatAddress, parseAddress, type Address } from '../../ip.ts';
import { legacyKey, ownerKey, type Owner } from './owner.ts';

/** The leases of one network, accessed while their lock is held. */
export interface Leases {
  /** Addresses that the owner holds, including those of files that name only its container. */
  owned(owner: Owner): Address[];
  /** The content of the lease, an owner key; undefined where the address is free. */
  holder(address: Address): string | undefined;
  /** False when the address is taken. */
  reserve(address: Address, owner: Owner): boolean;
  /**
   * Takes over a lease of the same owner whose process is gone; false when there is none or it is
   * in use.
   */
  adopt(address: Address, owner: Owner): boolean;
  /** Frees one address; `key` is the content of its lease, if that has just been read. */
  free(address: Address, key?: string): void;
  lastReserved(set: number): Address | undefined;
  setLastReserved(set: number, address: Address): void;
  /** The first free address from `from` to `to`, found without trying them one by one. */
  nextFree(from: Address, to: bigint): bigint | undefined;
}

export interface LeaseStore {
  /** Runs `body` under the exclusive lock. If it throws, what it reserved is freed. */
  locked<T>(body: (leases: Leases) => T): T;
}

/** A store for tests and dry runs: `leases` maps addresses to owner keys. */
export function memoryStore(
  leases: Map<string, string> = new Map(),
  lastReserved: Map<number, string> = new Map(),
): LeaseStore {
  const view: Leases = {
    owned: (owner) => {
      const keys = [ownerKey(owner), legacyKey(owner)];
      return [...leases]
        .filter(([, key]) => keys.includes(key))
        .flatMap(([text]) => parseAddress(text) ?? []);
    },
    holder: (address) => leases.get(formatAddress(address)),
    reserve: (address, owner) => {
      const text = formatAddress(address);
      if (leases.has(text)) return false;
      leases.set(text, ownerKey(owner));
      return true;
    },
    adopt: () => false,
    free: (address) => void leases.delete(formatAddress(address)),
    lastReserved: (set) => parseAddress(lastReserved.get(set) ?? ''),
    setLastReserved: (set, address) => void lastReserved.set(set, formatAddress(address)),
    nextFree: (from, to) => {
      const gap = gapFinder(from, to, leases.size);
      for (const text of leases.keys()) {
        const { family, value } = parseAddress(text)!;
        gap.take(family, value);
      }
      return gap.first();
    },
  };
  return {
    locked: (body) => {
      const before = [...leases];
      try {
        return body(view);
      } catch (error) {
        leases.clear();
        for (const [text, key] of before) leases.set(text, key);
        throw error;
      }
    },
  };
}

/**
 * Finds the first address from `from` to `to` that is not taken, given all `count` taken ones in
 * any order. Among `count` + 1 addresses at least one is free, so a bit for each of those is
 * enough.
 */
export function gapFinder(
  { family, value: from }: Address,
  to: bigint,
  count: number,
): { take(family: 4 | 6, value: number | bigint): void; first(): bigint | undefined } {
  const span = to - from < BigInt(count) ? Number(to - from) + 1 : count + 1;
  const isTaken = new Uint8Array(span);
  const start = Number(from);
  return {
    take: (of, value) => {
      if (of !== family) return;
      const offset = typeof value === 'number' ? value - start : Number(value - from);
      if (offset >= 0 && offset < span) isTaken[offset] = 1;
    },
    first: () => {
      const offset = isTaken.indexOf(0);
      return offset < 0 ? undefined : from + BigInt(offset);
    },
  };
}
