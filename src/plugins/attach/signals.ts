/**
 * Signals that would end the process in the middle of a change. They are noted while changes are
 * made, and looked at between two of them: an ADD that is told to end undoes what it did and says
 * so. signal(7).
 *
 * A handler in JavaScript would run too late, and blocking them is not enough, because the runtime
 * has threads of its own that do not. So the handler is umask(2): it may run on any thread at any
 * time, and leaves the signal's number behind as the file mode mask.
 */
import { libc } from '../../sys/libc.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** A mask that is none of these numbers. */
const MASK = 0o022;

/** Those that are noted by now. */
const held: number[] = [];

/**
 * From now on, to the end of the process, the signals are only noted; one that is ignored stays so.
 */
export function holdSignals(): void {
  const c = libc();
  c.umask(MASK);
  for (const signal of Object.values(SIGNALS)) if (c.signalToUmask(signal)) held.push(signal);
}

/** Throws when one has come since. Does nothing in a process that holds none. */
export function throwIfSignalled(): void {
  if (held.length === 0) return;
  const mask = libc().umask(MASK);
  // An ignored one may have left its number between being held and being let go.
  if (!held.includes(mask)) return;
  const [name] = Object.entries(SIGNALS).find(([, signal]) => signal === mask)!;
  throw new CniError(INTERNAL, `ended by ${name}`, 'everything was undone');
}
