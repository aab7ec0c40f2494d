/**
 * Waiting for a datagram while the event loop runs: a read(2) parked on a thread of the runtime's pool.
 *
 * The pools are small (Node: four threads, `UV_THREADPOOL_SIZE`; Bun: one per core, at least two), and everything else that is
 * asynchronous about files and names needs them too. So only some waits are parked; the others look every few milliseconds.
 * Node joins these threads when the process exits: a read that nobody wakes would keep it from ending.
 */
/** How many threads parked reads may take together. */
const THREADS =
  'Bun' in globalThis ? 1 : Math.max(Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1, 1);
/** Milliseconds between looks when all of those are taken. */
const LOOK_EVERY = 20;
const EIO = 5;

const parked = new Set<() => void>();
let watching = false;

/**
 * Calls `done` once when the descriptor has something to read: with the length of the datagram that was read into `buffer`, with
 * a negated errno, or with 0 when it is time to look. `wake` makes the descriptor readable.
 *
 * Returns a function that makes it end soon: `done` is called in any case.
 */
export function whenReadable(
  fd: number,
  buffer: Uint8Array,
  wake: () => void,
  done: (length: number) => void,
): () => void {
  if (parked.size >= THREADS) {
    const timer = setTimeout(done, LOOK_EVERY, 0);
    return () => {
      clearTimeout(timer);
      done(0);
    };
  }
  // Each call parks its own, though several may share one way of waking.
  const unpark = (): void => wake();
  parked.add(unpark);
  if (!watching) process.on('exit', () => parked.forEach((each) => each()));
  watching = true;
  process.getBuiltinModule('node:fs').read(fd, buffer, 0, buffer.length, null, (error, length) => {
    parked.delete(unpark);
    done(error === null ? length : -Math.abs(error.errno ?? EIO));
  });
  return unpark;
}
