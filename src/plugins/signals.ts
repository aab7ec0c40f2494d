/**
 * Signals that would end the process in the middle of a change. They are noted while changes are made, and looked at between two of
 * them: an ADD that is told to end undoes what it did and says so. signal(7).
 *
 * A handler in JavaScript would run too late, and blocking them is not enough, because the runtime has threads of its own that do not. So
 * the handler is umask(2): it may run on any thread at any time, and leaves the signal's number behind as the file mode mask.
 */
import { libc } from '../netlink/socket/libc.ts';
import { CniError, INTERNAL } from './cni/errors.ts';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** A mask that is none of these numbers. */
const MASK = 0o022;

/** From now on, to the end of the process, the signals are only noted. */
export function holdSignals(): void {
  const c = libc();
  c.umask(MASK);
  for (const signal of Object.values(SIGNALS)) c.signalToUmask(signal);
}

/** Throws when one has come since. */
export function throwIfSignalled(): void {
  const mask = libc().umask(MASK);
  if (mask === MASK) return;
  const [name] = Object.entries(SIGNALS).find(([, signal]) => signal === mask) ?? ['a signal'];
  throw new CniError(INTERNAL, `ended by ${name}`, 'everything was undone');
}
