/** The connection to nf_tables, on a kernel that may have none. */
import type { Connection } from '../../netlink/connection.ts';
import { NetlinkError } from '../../errors.ts';
import { connectNft } from '../wire/nft.ts';

/** Undefined on a kernel without nf_tables. */
export function openConnection(): Connection | undefined {
  try {
    return connectNft();
  } catch (error) {
    if (isWithoutNftables(error)) return undefined;
    throw error;
  }
}

/** The errors of kernels that lack nf_tables, or one of its families. */
const WITHOUT = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EOPNOTSUPP', 'EINVAL'];

/**
 * Whether it failed because the kernel has no nf_tables, or not that family: then there is nothing
 * to remove.
 */
export const isWithoutNftables = (error: unknown): boolean =>
  error instanceof NetlinkError && WITHOUT.includes(error.code);

/** Runs `work`, which has nothing to do on a kernel without nf_tables. */
export function whereNftables(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isWithoutNftables(error)) throw error;
  }
}
