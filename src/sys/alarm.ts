/**
 * SIGALRM as a timeout for calls that have none of their own: flock(2).
 *
 * setitimer(2) sends the signal, and a waiting call then returns -EINTR, because siginterrupt(3)
 * keeps it from being restarted. The signal is repeated, because the first one may arrive just
 * before the call begins to wait. It goes to the main thread, signal(7). Signals that ask the
 * process to end also interrupt such a call, if they have a handler.
 */
import { itimerval } from './layout.ts';

/** The calls as an FFI offers them; `Handler` is how that FFI represents a function's address. */
export interface AlarmCalls<Handler> {
  /** abs(3): has no side effects, on any thread and at any point of the program. */
  readonly nothing: Handler;
  signal(number: number, handler: Handler): Handler | null;
  siginterrupt(number: number, flag: number): unknown;
  setitimer(which: number, value: Uint8Array, old: null): unknown;
}

const ITIMER_REAL = 0;
const SIGALRM = 14;
/** SIGHUP, SIGINT, SIGTERM */
const ENDING = [1, 2, 15];

/** Milliseconds between two signals once the time is up. */
const AGAIN = 5;

/** `interruptAfter` of `Libc`; the calls are looked up on first use. */
export function alarm<Handler>(open: () => AlarmCalls<Handler>): (milliseconds: number) => void {
  let opened: AlarmCalls<Handler> | undefined;
  let before: Handler | null = null;
  let armed = false;
  return (milliseconds) => {
    const calls = (opened ??= open());
    const arms = milliseconds > 0;
    if (arms !== armed) for (const signal of ENDING) calls.siginterrupt(signal, arms ? 1 : 0);
    if (arms && !armed) {
      before = calls.signal(SIGALRM, calls.nothing);
      calls.siginterrupt(SIGALRM, 1);
    }
    calls.setitimer(ITIMER_REAL, itimerval(milliseconds, arms ? AGAIN : 0), null);
    // The default action ends the process, and a last signal may still be pending.
    if (!arms && before) calls.signal(SIGALRM, before);
    armed = arms;
  };
}
