/** Retries a transaction that another process preempted, after a while. */
import { ERESTART } from '../sys/errno.ts';
import type { NetlinkError } from '../errors.ts';

/** The default number of retries. */
const RETRIES = 1000;
/** Attempts without a pause: most conflicts are over at once. */
const PATIENCE = 8;
/** The longest pause, in milliseconds. */
const LONGEST = 4;
let clock: Int32Array<SharedArrayBuffer> | undefined;

/** The outcome of one attempt: the plan's result, and the kernel's refusal. */
interface Attempt<T> {
  readonly result: T;
  readonly error?: NetlinkError | undefined;
}

/**
 * Plans and applies a transaction until the ruleset stays as it was read. Throws any other refusal.
 */
export function untilAccepted<T>(attempt: () => Attempt<T>, retries = RETRIES): T {
  for (let attempts = 0; ; attempts++) {
    const { result, error } = attempt();
    if (error === undefined) return result;
    if (error.errno !== ERESTART || attempts >= retries) throw error;
    pause(attempts);
  }
}

/** Waits for a random time, so that processes that change rulesets do not stay in step. */
function pause(attempt: number): void {
  if (attempt <= PATIENCE) return;
  clock ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(clock, 0, 0, Math.random() * Math.min(LONGEST, attempt / PATIENCE));
}
