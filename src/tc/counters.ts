/** The counters of an object, flat, with the keys of `tc -j -s`. */
import type { TcaCakeStats, TcaStats } from './stats.ts';

export interface Counters {
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly drops: number;
  readonly overlimits: number;
  readonly requeues: number;
  readonly backlog: number;
  readonly qlen: number;
}

/** Zero where the kernel does not count. */
export function countersOf({ basic, pkt64, queue }: TcaStats | TcaCakeStats = {}): Counters {
  const { drops = 0, overlimits = 0, requeues = 0, backlog = 0, qlen = 0 } = queue ?? {};
  return {
    bytes: basic?.bytes ?? 0n,
    packets: pkt64 ?? BigInt(basic?.packets ?? 0),
    ...{ drops, overlimits, requeues, backlog, qlen },
  };
}

/** The keys of an object that only the kernel sets. */
const TOLD = ['stats', 'stats2', 'xstats', 'refcnt', 'leaf', 'fcnt', 'hwOffload', 'extWarnMsg'];

/** The part of a listed object that can be written. */
export const settable = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !TOLD.includes(key)));

/** Whether an object has the values of a filter. */
export const hasAll = (object: object, filter: object): boolean =>
  Object.entries(filter).every(
    ([key, value]) => value === undefined || object[key as keyof object] === value,
  );
