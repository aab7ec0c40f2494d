/**
 * SIGALRM as an end to waiting, for calls that have no time-out of their own: flock(2).
 *
 * setitimer(2) sends it, and a call that waits then answers -EINTR, because siginterrupt(3) keeps
 * it from being started again. The signal comes again and again, because the first may come just
 * before the call begins to wait. It goes to the main thread, signal(7). Meanwhile the signals that
 * ask the process to end interrupt such a call too, where somebody handles them.
 */
import { itimerval } from './layout.ts';

/** The calls as an FFI offers them; `Handler` is its idea of a function's address. */
export interface AlarmCalls<Handler> {
  /** abs(3): does nothing to anybody, on whatever thread and in the middle of whatever. */
  readonly nothing: Handler;
  signal(number: number, handler: Handler): Handler | null;
  siginterrupt(number: number, flag: number): unknown;
  setitimer(which: number, value: Uint8Array, old: null): unknown;
}

const ITIMER_REAL = 0;
const SIGALRM = 14;
/** SIGHUP, SIGINT, SIGTERM */
const ENDING = [1, 2, 15];

/** Milliseconds between two signals once the time is over. */
const AGAIN = 5;

/** `interruptAfter` of `Libc`; the calls are looked up when somebody has to wait. */
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
    // The default is to end the process, and a last signal may still be on its way.
    if (!arms && before) calls.signal(SIGALRM, before);
    armed = arms;
  };
}
