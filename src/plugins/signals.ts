/**
 * Signals that would end the process in the middle of a change. They are held back while changes are made, and looked at between two of
 * them: an ADD that is told to end undoes what it did and says so. signal(7).
 */
import { libc } from '../netlink/socket/libc.ts';
import { CniError, INTERNAL } from './cni/errors.ts';

const SIGNALS = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const;

const bitOf = (signal: number): number => 1 << (signal - 1);

/** Holds the signals back from now on, to the end of the process. */
export function holdSignals(): void {
  libc().blockSignals(SIGNALS.reduce((bits, [, signal]) => bits | bitOf(signal), 0));
}

/** Throws when one has come since. */
export function throwIfSignalled(): void {
  const bits = libc().pendingSignals();
  const pending = SIGNALS.find(([, signal]) => bits > 0 && (bits & bitOf(signal)) !== 0);
  if (pending !== undefined) {
    throw new CniError(INTERNAL, `ended by ${pending[0]}`, 'everything was undone');
  }
}
