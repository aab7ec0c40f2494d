/**
 * What a monitor has told so far, so that after a loss it can tell the difference to what there is.
 */
import { NLM_F_REPLACE } from '../netlink/constants.ts';
import { toJson, type Json } from '../netlink/json.ts';
import type { News } from './news.ts';

export type Action = 'new' | 'del';

interface Known<V> {
  readonly value: V;
  /** All of it that does not change by itself. */
  readonly text: string;
}

/** What is known of one kind of object. */
export interface Knowledge<V> {
  /** Learns from a message. */
  learn(action: Action, value: V, flags: number): void;
  /** Learns everything anew, and tells what is gone, and what came or changed. */
  compare(values: readonly V[]): { readonly gone: V[]; readonly come: V[] };
}

export function knowledge<V>({ key, variant, volatile }: News<V>): Knowledge<V> {
  /** By what takes each other's place, and then by what does not after all. */
  let places = new Map<string, Map<string, Known<V>>>();
  const textOf = (value: unknown): string => JSON.stringify(toJson(value));
  const textOfObject = (value: V): string => JSON.stringify(steady(toJson(value), volatile, ''));
  const variantOf = (value: V): string => (variant === undefined ? '' : textOf(variant(value)));

  const put = (value: V): void => {
    const place = textOf(key(value));
    const variants = places.get(place) ?? new Map<string, Known<V>>();
    places.set(place, variants.set(variantOf(value), { value, text: textOfObject(value) }));
  };
  const all = (): Known<V>[] => [...places.values()].flatMap((variants) => [...variants.values()]);

  return {
    learn(action, value, flags) {
      const place = textOf(key(value));
      const variants = places.get(place);
      // All next hops of an IPv6 route come in one message, whichever of them is new.
      const { multipath } = value as { multipath?: unknown };
      const replaces = (flags & NLM_F_REPLACE) !== 0 || multipath !== undefined;
      if (action === 'new') {
        if (replaces) variants?.clear();
        put(value);
      } else {
        variants?.delete(variantOf(value));
        if (variants?.size === 0) places.delete(place);
      }
    },
    compare(values) {
      const before = all();
      places = new Map();
      values.forEach(put);
      const now = all();
      const texts = new Set(before.map(({ text }) => text));
      const come = now.filter(({ text }) => !texts.has(text)).map(({ value }) => value);
      const gone = before
        .map(({ value }) => value)
        .filter((value) => places.get(textOf(key(value)))?.has(variantOf(value)) !== true);
      return { gone, come };
    },
  };
}

/** A value without what changes by itself; the same text for the same content, in whatever order the kernel sent it. */
function steady(value: Json, volatile: RegExp, path: string): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => steady(item, volatile, path));
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const entries = Object.entries(value)
    .filter(([key]) => !volatile.test(below(key)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, steady(item as Json, volatile, below(key))] as const);
  return Object.fromEntries(entries);
}
