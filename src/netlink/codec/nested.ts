/** Codecs around one other codec: in a nested attribute, or declared further down. */
import { checkedFunction } from './arguments.ts';
import type { Codec } from './codec.ts';
import { NLA_F_NESTED } from '../constants.ts';

/**
 * The same value, in an attribute that carries `NLA_F_NESTED`; newer parts of the kernel insist on
 * it.
 */
export const nested = checkedFunction('nested', 'codec: object', function nested<
  C extends Codec<any, any>,
>(codec: C): C {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(codec)) as object, codec) as {
    flags?: number;
  };
  copy.flags = NLA_F_NESTED;
  return copy as C;
});

/** A codec that is declared further down, or that contains itself. */
export function lazy<T, I>(type: string, codec: () => Codec<T, I>): Codec<T, I> {
  return {
    type,
    notes: true,
    get: (view, at, end, remark) => codec().get(view, at, end, remark),
    put: (writer, value, note) => codec().put(writer, value, note),
    show: (value) => codec().show(value),
    walk: (view, at, end, visit, depth) => codec().walk?.(view, at, end, visit, depth),
    inner: () => [{ codec: codec() }],
  };
}
