/** A transaction that somebody else's came before is made again, after a while. */
import { ERESTART } from '../sys/errno.ts';
import type { NetlinkError } from '../errors.ts';

/** How often it is made again when nobody says. */
const RETRIES = 1000;
/** Attempts without a pause: most conflicts are over at once. */
const PATIENCE = 8;
/** Longest pause, in milliseconds. */
const LONGEST = 4;
let clock: Int32Array<SharedArrayBuffer> | undefined;

/** What came of one attempt: what the plan returned, and why the kernel refused it. */
interface Attempt<T> {
  readonly result: T;
  readonly error?: NetlinkError | undefined;
}

/** Plans and makes a transaction until the ruleset stays as it was read. Throws any other refusal. */
export function untilAccepted<T>(attempt: () => Attempt<T>, retries = RETRIES): T {
  for (let attempts = 0; ; attempts++) {
    const { result, error } = attempt();
    if (error === undefined) return result;
    if (error.errno !== ERESTART || attempts >= retries) throw error;
    pause(attempts);
  }
}

/** Waits a random while, so that many processes that change rulesets do not keep in step. */
function pause(attempt: number): void {
  if (attempt <= PATIENCE) return;
  clock ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(clock, 0, 0, Math.random() * Math.min(LONGEST, attempt / PATIENCE));
}
