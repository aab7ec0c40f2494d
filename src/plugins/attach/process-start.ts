/** When this process started: anything younger cannot be in a list that was made before. */
import { readFileSync } from '../../sys/files.ts';

/** Milliseconds of a tick of the clock that `/proc/PID/stat` and `/proc/uptime` use: USER_HZ. */
const TICK = 10;
/** `starttime`, the 22nd field of `/proc/PID/stat`, counted from after the program's name. */
const STARTTIME = 19;

let measured: number | undefined;

/**
 * In milliseconds since 1970; never later than the process started, and rarely more than one
 * earlier. The first call should be the first thing that a process does: the kernel counts how long
 * the process has run and waited for a processor, and the sum is its age until it waits for
 * something else, such as a disk or its input. After that only the start time is left, which the
 * kernel keeps in ticks: it is uncertain by twenty milliseconds. `/proc/PID/schedstat`,
 * Documentation/scheduler/sched-stats.rst; proc_pid_stat(5).
 */
export const processStart = (): number => (measured ??= Math.floor(measure()));

function measure(): number {
  const now = performance.timeOrigin + performance.now();
  const [run = 0, wait = 0] = numbers('/proc/self/schedstat');
  const start = Math.min(performance.timeOrigin, now - (run + wait) / 1e6);
  if (hasWaited() === false) return start;
  const [uptime = NaN] = numbers('/proc/uptime');
  const age = uptime * 1000 - (numbers('/proc/self/stat')[STARTTIME] ?? NaN) * TICK;
  // Both are cut off to a tick.
  const earliest = now - age - TICK;
  return earliest < start ? earliest : start;
}

/** Undefined on a kernel that does not report it. */
function hasWaited(): boolean | undefined {
  const [, count] =
    /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(contentOf('/proc/self/status')) ?? [];
  return count === undefined ? undefined : Number(count) > 0;
}

/** The numbers after the program's name, if there is one; none on a kernel without the file. */
function numbers(file: string): number[] {
  const text = contentOf(file);
  if (text === '') return [];
  return text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ')
    .map(Number);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
