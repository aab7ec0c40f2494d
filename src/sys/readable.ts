/**
 * Waiting for a datagram in the event loop, without a thread: a thread that is blocked in read(2)
 * keeps a worker from ending, and with it the process.
 */

/**
 * Calls `done` once when the descriptor is readable, never before this function returns. The
 * returned function ends the wait at once; the descriptor may then be closed.
 */
export type WhenReadable = (fd: number, done: () => void) => () => void;
