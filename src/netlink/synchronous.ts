/**
 * Returns the result of a callback that must be synchronous. Throws TypeError for a promise: what
 * follows its first `await` would be lost.
 */
export function synchronous<T>(result: T, name: string): T {
  if (typeof (result as PromiseLike<T> | undefined)?.then === 'function') {
    throw new TypeError(
      `${name} must be synchronous: it returned a promise, whose changes would never be sent`,
    );
  }
  return result;
}
