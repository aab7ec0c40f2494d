/**
 * Assertions that hold on a machine of any speed. What the kernel does in the background is waited
 * for, and how long something takes is measured until one measurement had the machine to itself.
 */

/** Milliseconds after which a child or an event counts as missing, however slow the machine is. */
export const PATIENCE = 120_000;

/** Waits, with everything else that this thread might do. */
export const pause = (milliseconds: number): unknown =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Reads until the value is as wished, or no longer expected; returns what was read last. */
export function eventually<T>(
  read: () => T,
  isWished: (value: T) => boolean,
  patience = PATIENCE,
): T {
  const deadline = performance.now() + patience;
  for (;;) {
    const value = read();
    if (isWished(value) || performance.now() > deadline) return value;
    pause(20);
  }
}

/** Measurements after which none is expected to come out lower. */
const MEASUREMENTS = 60;

/**
 * Measures until one measurement is at most `enough`; returns the lowest. Other processes can make
 * any measurement higher, but none lower, so a single low one is proof.
 */
export async function lowest(
  measure: () => number | Promise<number>,
  enough: number,
): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < MEASUREMENTS && least > enough; i++) {
    least = Math.min(least, await measure());
  }
  return least;
}

/** Milliseconds that a function takes. */
export function elapsed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** Milliseconds of processor time that this process uses meanwhile. */
export async function processorTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
