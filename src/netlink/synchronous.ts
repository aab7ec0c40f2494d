/** Callbacks that must not return a promise. */
import { CodecError } from '../errors.ts';

/**
 * Returns the result of a callback that must be synchronous. Throws CodecError for a promise: what
 * follows its first `await` would be lost.
 */
export function synchronous<T>(result: T, name: string): T {
  const later = result as PromiseLike<T> | undefined;
  if (typeof later?.then === 'function') {
    // The error below is enough. If the rest of the callback fails as well, an unhandled rejection
    // must not end the process.
    later.then(undefined, () => {});
    throw new CodecError(
      `${name} must be synchronous: it returned a promise, whose changes would never be sent`,
    );
  }
  return result;
}
