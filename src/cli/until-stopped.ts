/** Ends what would go on for ever when its user says so. */

/** A signal that SIGINT and SIGTERM abort. */
export function untilStopped(): { readonly signal: AbortSignal; done(): void } {
  const end = new AbortController();
  const stop = (): void => end.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return {
    signal: end.signal,
    done: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
