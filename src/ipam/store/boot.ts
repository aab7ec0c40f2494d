/** The current boot of the machine, and whether a known process is still running. */
import { readFileSync } from '../../sys/files.ts';
import { thisProcess } from '../../sys/process.ts';

let known: bigint | undefined;

/**
 * /proc/sys/kernel/random/boot_id as a number (random(4)); zero where it cannot be read. It stays
 * the same until the next boot.
 */
export const currentBootId = (): bigint => (known ??= readBootId());

function readBootId(): bigint {
  const hex = readProc('/proc/sys/kernel/random/boot_id').trim().split('-').join('');
  try {
    return hex.length === 32 ? BigInt(`0x${hex}`) : 0n;
  } catch {
    return 0n;
  }
}

/** The part of a boot id that is kept in an index entry. */
export const bootTag = (bootId: bigint): number => Number(bootId >> 96n);

const CLOCK_TICKS = 100;

/** True while process `pid` is alive and is not a later process with a reused number. */
export function isAlive(pid: number, knownAt: number): boolean {
  if (pid === thisProcess.pid) return true;
  const stat = readProc(`/proc/${pid}/stat`);
  // The command in parentheses may contain any character; field 22, the start time, is the 20th
  // after it (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 20 || fields[0] === 'Z' || fields[0] === 'X') return false;
  const booted = Number(/^btime (\d+)$/m.exec(readProc('/proc/stat'))?.[1] ?? 0) * 1000;
  const started = booted + (Number(fields[19]) * 1000) / CLOCK_TICKS;
  // `btime` is rounded to seconds.
  return started <= knownAt + 2000;
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
