/** Waiting until something is so: by the news of it, never by looking again and again. */
import { ETIMEDOUT } from '../sys/errno.ts';
import { NetlinkError } from '../errors.ts';
import type { Monitor } from '../netlink/monitor.ts';
import type { MonitorEvent, Watch } from './monitor/object-monitor.ts';

export interface WaitOptions {
  /** Kinds of objects whose news are a reason to look again. */
  readonly on: Watch;
  /** Milliseconds until ETIMEDOUT. */
  readonly timeout: number;
  /** Aborting it rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `look` until it returns something: at once, and after each event. The events are waited for from before the first look on, so
 * that none is missed.
 */
export async function waitFor<T>(
  watch: (what: Watch, options: { signal: AbortSignal }) => Monitor<MonitorEvent>,
  look: () => T | undefined | null | false,
  { on, timeout, signal }: WaitOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const over = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]);
  await using events = watch(on, { signal: over });
  const isIt = (value: T | undefined | null | false): value is T =>
    value !== undefined && value !== null && value !== false;
  const first = look();
  if (isIt(first)) return first;
  for await (const _ of events) {
    const value = look();
    if (isIt(value)) return value;
  }
  signal?.throwIfAborted();
  throw new NetlinkError(ETIMEDOUT, 'waitFor', { advice: `not so within ${timeout} ms` });
}
