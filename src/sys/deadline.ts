/** Until when to wait for an answer. */

/** When waiting ends, in milliseconds of `performance.now()`; asked for by who has to wait. */
export type Deadline = () => number;

/**
 * So many milliseconds, counted from when somebody has to wait: a cold process pays 0.1 ms for its
 * first look at the clock.
 */
export function deadlineIn(milliseconds: number): Deadline {
  let end: number | undefined;
  return () => (end ??= performance.now() + milliseconds);
}
