/** Deadlines for answers. */

/**
 * When waiting ends, in milliseconds of `performance.now()`. Called only when there is something to
 * wait for.
 */
export type Deadline = () => number;

/**
 * A deadline `milliseconds` from the first time that anything has to wait: in a cold process the
 * first reading of the clock costs 0.1 ms.
 */
export function deadlineIn(milliseconds: number): Deadline {
  let end: number | undefined;
  return () => (end ??= performance.now() + milliseconds);
}
