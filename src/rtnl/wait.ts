/** Waits for a condition by notifications, without polling. */
import { ETIMEDOUT } from '../sys/errno.ts';
import { netlinkError } from '../errors.ts';
import type { Monitor } from '../netlink/monitor.ts';
import type { MonitorEvent, MonitorSelection } from './monitor/object-monitor.ts';

export interface WaitOptions {
  /** The types of objects whose notifications trigger a check. */
  readonly on: MonitorSelection;
  /** Milliseconds until ETIMEDOUT. */
  readonly timeout: number;
  /** Aborting it rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `condition` until it returns something: at once, and after each event. The monitor is open
 * before the first call, so no event is missed.
 */
export async function waitFor<T>(
  monitor: (what: MonitorSelection, options: { signal: AbortSignal }) => Monitor<MonitorEvent>,
  condition: () => T | undefined | null | false,
  { on, timeout, signal }: WaitOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const over = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]);
  await using events = monitor(on, { signal: over });
  const isIt = (value: T | undefined | null | false): value is T =>
    value !== undefined && value !== null && value !== false;
  const first = condition();
  if (isIt(first)) return first;
  for await (const _ of events) {
    const value = condition();
    if (isIt(value)) return value;
  }
  signal?.throwIfAborted();
  throw netlinkError(ETIMEDOUT, 'waitFor', {
    advice: `the condition was not met within ${timeout} ms`,
  });
}
