/**
 * Signals that would end the process in the middle of a change. They are recorded while changes are
 * made, and checked between two changes: an ADD that is told to end undoes what it did and reports
 * that. signal(7).
 *
 * A handler in JavaScript would run too late, and blocking the signals is not enough, because the
 * runtime has threads of its own that do not block them. So the handler is umask(2): it may run on
 * any thread at any time, and records the signal's number as the file mode mask.
 */
import { libc } from '../../sys/libc.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** A mask that is not one of these numbers. */
const MASK = 0o022;

/** The signals that are being recorded. */
const held: number[] = [];

/**
 * From now on, until the process ends, the signals are only recorded; an ignored one stays ignored.
 */
export function holdSignals(): void {
  const c = libc();
  c.umask(MASK);
  for (const signal of Object.values(SIGNALS)) if (c.signalToUmask(signal)) held.push(signal);
}

/** Throws when a signal has arrived since. Does nothing in a process that records none. */
export function throwIfSignalled(): void {
  if (held.length === 0) return;
  const mask = libc().umask(MASK);
  // An ignored signal may have set the mask between its handler being installed and removed again.
  if (!held.includes(mask)) return;
  const [name] = Object.entries(SIGNALS).find(([, signal]) => signal === mask)!;
  throw new CniError(INTERNAL, `ended by ${name}`, 'everything was undone');
}
