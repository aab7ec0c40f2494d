/**
 * What a function returned that must have done everything by then. Throws for a promise: what comes after its first `await` would be
 * lost.
 */
export function synchronous<T>(result: T, name: string): T {
  if (typeof (result as PromiseLike<T> | undefined)?.then === 'function') {
    throw new TypeError(
      `${name} must be synchronous: it returned a promise, and what comes after an await is never sent`,
    );
  }
  return result;
}
