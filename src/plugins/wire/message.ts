/** A hand-written message for connections, in the form that `message()` makes of a declaration. */
import type { Writer } from '../../netlink/codec/bytes.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import type { Visitor } from '../../netlink/codec/codec.ts';
import type { Message } from '../../netlink/codec/message.ts';
import { eachTlv } from './tlv.ts';

/**
 * Kernel names of attributes by number, with those of nested attributes, which may depend on the
 * first attribute next to them.
 */
export interface Names {
  readonly [id: number]: string | readonly [name: string, inner: Names | ByFirst, skip?: number];
}

type ByFirst = (view: DataView, first: number) => Names;

interface Written<T, I> {
  readonly name: string;
  readonly types: Readonly<Record<string, number>>;
  /** The size of the header struct. */
  readonly head: number;
  put(w: Writer, value: I): void;
  get(view: DataView, at: number, end: number): T;
  subject(value: I): string | undefined;
  /** Called only when the kernel rejects an attribute. */
  names(): Names;
}

export function written<T, I>(own: Written<T, I>): Message<T, I> {
  const message = {
    kind: 'message',
    name: own.name,
    types: own.types,
    subject: own.subject,
    put: own.put,
    get(view: DataView, at: number, end: number): T {
      try {
        if (end - at < own.head) throw new CodecError(`${end - at} bytes, ${own.head} needed`);
        return own.get(view, at, end);
      } catch (error) {
        return rethrowWithin(error, own.name);
      }
    },
    walk: (view: DataView, at: number, end: number, visit: Visitor) =>
      walk(own.names(), view, at + own.head, end, visit, 0),
  };
  return message as unknown as Message<T, I>;
}

function walk(
  names: Names,
  view: DataView,
  from: number,
  end: number,
  visit: Visitor,
  depth: number,
): void {
  eachTlv(view, from, end, (type, body, stop) => {
    const found = names[type] ?? `nla${type}`;
    const [name, inner, skip = 0] = typeof found === 'string' ? [found] : found;
    visit({ depth, at: body - 4, body, end: stop, name, codec: undefined as never });
    if (inner === undefined) return;
    const below = typeof inner === 'function' ? inner(view, from) : inner;
    walk(below, view, body + skip, stop, visit, depth + 1);
  });
}
