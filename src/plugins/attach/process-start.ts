/** When this process began: what is younger cannot be in a list that somebody made before. */
import { readFileSync } from '../../sys/files.ts';

/**
 * Milliseconds of a tick of the clock in which `/proc/PID/stat` and `/proc/uptime` count: USER_HZ.
 */
const TICK = 10;
/** `starttime`, the 22nd field of `/proc/PID/stat`, counted from behind the name of the program. */
const STARTTIME = 19;

/**
 * In milliseconds since 1970, rarely earlier by more than one than it was. A runtime comes to look
 * at the clock some time after exec(3), on a busy machine a long time; but the kernel counts how
 * long the process has run and waited for a processor. Where it has waited for something else, such
 * as a disk, that is too late, and the start counts that the kernel keeps in ticks.
 * `/proc/PID/schedstat`, Documentation/scheduler/sched-stats.rst; proc_pid_stat(5).
 */
export function processStart(): number {
  const now = performance.timeOrigin + performance.now();
  const [run = 0, wait = 0] = numbers('/proc/self/schedstat');
  const start = Math.min(performance.timeOrigin, now - (run + wait) / 1e6);
  const [uptime = NaN] = numbers('/proc/uptime');
  const age = uptime * 1000 - (numbers('/proc/self/stat')[STARTTIME] ?? NaN) * TICK;
  return Math.floor(start > now - age + TICK ? now - age - TICK : start);
}

/** Those behind the name of a program, if there is one; none on a kernel that does not tell. */
function numbers(file: string): number[] {
  try {
    const text = readFileSync(file, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 1)
      .trim()
      .split(' ')
      .map(Number);
  } catch {
    return [];
  }
}
