/**
 * What a monitor has told so far, so that after a loss it can tell the difference to what there is.
 */
import { NLM_F_REPLACE } from '../netlink/constants.ts';
import { toJson } from '../netlink/json.ts';
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
  const textOfObject = (value: V): string =>
    textOf(
      typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([name]) => !volatile.includes(name))
              .sort(([a], [b]) => (a < b ? -1 : 1)),
          )
        : value,
    );
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
