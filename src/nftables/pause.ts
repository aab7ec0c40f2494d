/** How long to wait before a transaction is tried again that somebody else's came before. */

/** Attempts without a pause: most conflicts are over at once. */
const PATIENCE = 8;
/** Longest pause, in milliseconds. */
const LONGEST = 4;
let clock: Int32Array<SharedArrayBuffer> | undefined;

/** Waits a random while, so that many processes that change rulesets do not keep in step. */
export function pause(attempt: number): void {
  if (attempt <= PATIENCE) return;
  clock ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(clock, 0, 0, Math.random() * Math.min(LONGEST, attempt / PATIENCE));
}
