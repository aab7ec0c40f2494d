/** When this process started: anything younger cannot be in a list that was made before. */
import { readFileSync } from '../../sys/files.ts';

/** Milliseconds of a tick of the clock that `/proc/PID/stat` and `/proc/uptime` use: USER_HZ. */
const TICK = 10;
/** `starttime`, the 22nd field of `/proc/PID/stat`, counted from after the program's name. */
const STARTTIME = 19;

/**
 * In milliseconds since 1970, rarely more than one millisecond too early. A runtime first reads the
 * clock some time after exec(3), on a busy machine a long time; but the kernel counts how long the
 * process has run and waited for a processor. If it has also waited for something else, such as a
 * disk, that result is too late, and the start time that the kernel keeps in ticks is used.
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

/** The numbers after the program's name, if there is one; none on a kernel without the file. */
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
