/**
 * What a monitor has reported so far, so that after a loss it can report the difference to the
 * current state.
 */
import { toJson, type Json } from '../../netlink/codec/json.ts';
import type { MonitoredType } from './events.ts';

export type Action = 'new' | 'del';

interface Known<V> {
  readonly value: V;
  /** Distinguishes it from others with the same key. */
  readonly variant: string;
  /** All of it that does not change by itself. */
  readonly text: string;
}

/** What is known about one type of object. */
export interface Knowledge<V> {
  /** Learns from a message. */
  learn(action: Action, value: V, flags: number): void;
  /** Replaces what is known, and returns what is gone, and what is new or changed. */
  compare(values: readonly V[]): { readonly gone: V[]; readonly come: V[] };
}

export function knowledge<V>(monitored: MonitoredType<V>): Knowledge<V> {
  const { key, variant, arrange, volatile, isPartial } = monitored;
  /** By key, and then by variant. */
  let places = new Map<string, Map<string, Known<V>>>();
  const textOf = (value: unknown): string => JSON.stringify(toJson(value));
  const placeOf = (value: V): string => textOf(key(value));
  const known = (value: V): Known<V> => ({
    value,
    variant: variant === undefined ? '' : textOf(variant(value)),
    text: JSON.stringify(steady(toJson(value), volatile, '')),
  });

  const put = (place: string, added: Known<V>): void => {
    const variants = places.get(place) ?? new Map<string, Known<V>>();
    places.set(place, variants.set(added.variant, added));
  };
  const all = (): Known<V>[] => [...places.values()].flatMap((variants) => [...variants.values()]);

  return {
    learn(action, value, flags) {
      const place = placeOf(value);
      const variants = places.get(place);
      const [before] = isPartial === true ? (variants?.values() ?? []) : [];
      const told = known(before === undefined ? value : { ...before.value, ...value });
      if (action === 'del') {
        variants?.delete(told.variant);
        if (variants?.size === 0) places.delete(place);
      } else if (arrange === undefined || variants === undefined || variants.has(told.variant)) {
        put(place, told);
      } else {
        const arranged = arrange([...variants.values()], told, flags);
        places.set(place, new Map(arranged.map((each) => [each.variant, each])));
      }
    },
    compare(values) {
      const before = all();
      places = new Map();
      for (const value of values) put(placeOf(value), known(value));
      const now = all();
      const texts = new Set(before.map(({ text }) => text));
      const come = now.filter(({ text }) => !texts.has(text));
      const gone = before.filter(
        (each) => places.get(placeOf(each.value))?.has(each.variant) !== true,
      );
      return { gone: gone.map(({ value }) => value), come: come.map(({ value }) => value) };
    },
  };
}

/**
 * A value without the keys that change by themselves: the same text for the same contents, in
 * whatever order the kernel sent it. Objects in a list, such as the hops of a route, have different
 * orders in notifications and dumps.
 */
function steady(value: Json, volatile: RegExp, path: string): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => steady(item, volatile, path));
    if (!items.every((item) => typeof item === 'object')) return items;
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const entries = Object.entries(value)
    .filter(([key]) => !volatile.test(below(key)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, steady(item as Json, volatile, below(key))] as const);
  return Object.fromEntries(entries);
}
