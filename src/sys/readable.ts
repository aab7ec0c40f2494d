/**
 * Waiting for a datagram while the event loop runs, without a thread: one that is parked in a
 * read(2) keeps a worker from ending, and with it the process.
 */

/**
 * Calls `done` once when the descriptor has something to read, later than this returns. The
 * function that is returned ends the wait at once; the descriptor may then be closed.
 */
export type WhenReadable = (fd: number, done: () => void) => () => void;
