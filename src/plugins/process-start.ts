/** When this process began: what is younger cannot be in a list that somebody made before. */
import { readFileSync } from '../netlink/socket/files.ts';

/**
 * In milliseconds since 1970, never later than it was and rarely by more than one earlier. A runtime comes to look at the clock some
 * time after exec(3), on a busy machine a long time; but the kernel counts how long the process has run and waited for a processor.
 * `/proc/PID/schedstat`, Documentation/scheduler/sched-stats.rst.
 */
export function processStart(): number {
  const now = performance.timeOrigin + performance.now();
  const [run = 0, wait = 0] = schedstat();
  return Math.floor(Math.min(performance.timeOrigin, now - (run + wait) / 1e6));
}

/** Nanoseconds; nothing on a kernel that does not count. */
function schedstat(): number[] {
  try {
    return readFileSync('/proc/self/schedstat', 'utf8').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}
