/** The current boot of the machine. */
import { readFileSync } from '../../sys/files.ts';

let known: bigint | undefined;

/**
 * /proc/sys/kernel/random/boot_id as a number (random(4)); zero where it cannot be read. It stays
 * the same until the next boot.
 */
export const currentBootId = (): bigint => (known ??= readBootId());

function readBootId(): bigint {
  try {
    const text = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const hex = text.trim().split('-').join('');
    return hex.length === 32 ? BigInt(`0x${hex}`) : 0n;
  } catch {
    return 0n;
  }
}

/** The part of a boot id that is kept in an index entry. */
export const bootTag = (bootId: bigint): number => Number(bootId >> 96n);
