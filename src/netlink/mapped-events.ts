/** A monitor over another one, with events of its own. */
import type { Monitor } from './monitor.ts';

/** The events of another monitor, mapped; those that are mapped to nothing are left out. */
export function mappedEvents<T, E>(from: Monitor<T>, map: (event: T) => E | undefined): Monitor<E> {
  return {
    async next() {
      for (;;) {
        const result = await from.next();
        if (result.done === true) return { done: true, value: undefined };
        const value = map(result.value);
        if (value !== undefined) return { done: false, value };
      }
    },
    async return() {
      from.close();
      return { done: true, value: undefined };
    },
    close: () => from.close(),
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      from.close();
    },
  };
}
