/**
 * Payloads that hold several values: lists of attributes, arrays without headers, records with their own length, and a
 * struct in front of attributes.
 */
import { align4, LITTLE_ENDIAN, type Writer } from './bytes.ts';
import { eachAttribute } from './attributes.ts';
import { noteForm, type Codec, type Part, type Scalar, type Visitor } from './codec.ts';
import { NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK } from './constants.ts';
import { CodecError, rethrowWithin } from './errors.ts';
import type { Struct } from './struct.ts';

/** The same value, in an attribute that carries `NLA_F_NESTED`: new parts of the kernel insist on it. */
export const nested = <C extends Codec<any, any>>(codec: C): C => ({
  ...codec,
  flags: NLA_F_NESTED,
});

/** A codec that is declared further down, or that contains itself. */
export function lazy<T, I>(type: string, codec: () => Codec<T, I>): Codec<T, I> {
  return {
    type,
    notes: true,
    get: (view, at, end) => codec().get(view, at, end),
    put: (writer, value, note) => codec().put(writer, value, note),
    show: (value) => codec().show(value),
    walk: (view, at, end, visit, depth) => codec().walk?.(view, at, end, visit, depth),
    inner: () => [{ codec: codec() }],
  };
}

/**
 * A list of attributes that all hold the same kind of value; `id` is their type, or counts up from it. With `loose` the
 * types mean nothing: others than the declared ones are noted, and kept.
 */
export function list<T, I>(
  name: string,
  element: Codec<T, I>,
  options: { id?: number; from?: number; flags?: number; loose?: boolean } = {},
): Codec<T[], readonly I[]> {
  const { id = 0, from, flags = element.flags ?? 0, loose = false } = options;
  const idOf = (index: number): number => (from === undefined ? id : from + index);
  const wordOf = (index: number): number => idOf(index) | flags;
  return {
    type: `list of ${element.type}`,
    ...(loose ? { notes: true } : {}),
    get(view, at, end) {
      const values: T[] = [];
      let words: number[] | undefined;
      eachAttribute(view, at, end, (start, stop) => {
        const index = values.length;
        const word = view.getUint16(start + 2, LITTLE_ENDIAN);
        if (loose) {
          if (word !== wordOf(index)) words ??= values.map((_, i) => wordOf(i));
          words?.push(word);
        } else if ((word & NLA_TYPE_MASK) !== idOf(index)) {
          const found = word & NLA_TYPE_MASK;
          throw new CodecError(`element ${index} has type ${found}, ${idOf(index)} needed`);
        }
        try {
          values.push(element.get(view, start + NLA_HDRLEN, stop));
        } catch (error) {
          rethrowWithin(error, `${name}[${index}]`);
        }
      });
      if (words !== undefined) noteForm(TYPES + shorten(words).join(','));
      return values;
    },
    put(writer, values, note) {
      const words = note?.startsWith(TYPES) ? note.slice(TYPES.length).split(',') : [];
      values.forEach((value, index) => {
        const at = writer.reserve(NLA_HDRLEN);
        try {
          element.put(writer, value);
        } catch (error) {
          rethrowWithin(error, `${name}[${index}]`);
        }
        const word = words[Math.min(index, words.length - 1)];
        writer.view.setUint16(at, writer.at - at, LITTLE_ENDIAN);
        writer.view.setUint16(
          at + 2,
          word === undefined ? wordOf(index) : Number(word),
          LITTLE_ENDIAN,
        );
        writer.pad();
      });
    },
    show: (values) => `[${values.map((value) => element.show(value)).join(' ')}]`,
    inner: () => [{ codec: element }],
    walk(view, at, end, visit, depth) {
      let index = 0;
      eachAttribute(view, at, end, (start, stop) => {
        const body = start + NLA_HDRLEN;
        visit({
          depth,
          at: start,
          body,
          end: stop,
          name: `${name}[${index++}]`,
          codec: element as Codec<unknown>,
        });
        element.walk?.(view, body, stop, visit, depth + 1);
      });
    },
  };
}

/** In the note of a loose list: the type words of its elements, the last one standing for the rest. */
const TYPES = 'types ';

/** The words without repeats at the end. */
function shorten(words: readonly number[]): readonly number[] {
  let length = words.length;
  while (length > 1 && words[length - 2] === words[length - 1]) length--;
  return words.slice(0, length);
}

/** Values of one fixed size, one behind the other, as many as there is room for. */
export function packed<T, I>(element: Scalar<T, I> | Struct<T, I>): Codec<T[], readonly I[]> {
  const { span } = element;
  return {
    type: `array of ${element.type}`,
    get(view, at, end) {
      if ((end - at) % span !== 0) {
        throw new CodecError(`${end - at} bytes, a multiple of ${span} needed`);
      }
      const values: T[] = [];
      for (; at < end; at += span) values.push(element.read(view, at));
      return values;
    },
    put(writer, values) {
      for (const value of values) element.put(writer, value);
    },
    show: (values) => `[${values.map((value) => element.show(value)).join(' ')}]`,
  };
}

/** What `headed` makes of a struct and a set: the struct's fields, and the attributes under `attrs`. */
export interface Headed<T, I> extends Codec<T, I> {
  readonly head: Struct<any, any>;
  readonly body: Codec<any, any>;
}

/** A struct with attributes behind it: the form of most messages, and of a few attributes. */
export function headed<H extends object, HI, A, AI>(
  head: Struct<H, HI>,
  body: Codec<A, AI>,
): Headed<Omit<H, 'rest'> & { attrs: A }, Omit<HI, 'rest'> & { attrs?: AI | undefined }> {
  const span = align4(head.span);
  return {
    type: `${head.type} and attributes`,
    head,
    body,
    get(view, at, end) {
      if (end - at < head.span) {
        throw new CodecError(`${end - at} bytes, ${head.span} needed`).within(head.name);
      }
      const value = head.read(view, at) as H & { attrs: A };
      value.attrs = body.get(view, Math.min(at + span, end), end);
      return value;
    },
    put(writer, value) {
      putHead(writer, head as Struct<unknown, unknown>, value);
      writer.pad();
      if (value.attrs !== undefined) body.put(writer, value.attrs);
    },
    show(value) {
      return `${head.show(value as unknown as H)} ${body.show(value.attrs)}`.trimEnd();
    },
    inner: () => [{ codec: body }],
    walk(view, at, end, visit, depth) {
      body.walk?.(view, Math.min(at + span, end), end, visit, depth);
    },
  };
}

function putHead(writer: Writer, head: Struct<unknown, unknown>, value: unknown): void {
  try {
    head.write(writer, value);
  } catch (error) {
    rethrowWithin(error, head.name);
  }
}

/**
 * Records that begin with their own length, one behind the other, each a struct and attributes: the next hops of
 * `RTA_MULTIPATH`. `length` is the struct field that holds the length; it is filled in when writing.
 */
export function records<T, I>(
  name: string,
  element: Headed<T, I>,
  lengthField: string,
): Codec<T[], readonly I[]> {
  const lengthAt = element.head.layout.offsetOf(lengthField)!;
  const each = (
    view: DataView,
    at: number,
    end: number,
    call: (at: number, stop: number, index: number) => void,
  ): void => {
    for (let index = 0; at < end; index++) {
      if (end - at < element.head.span) throw new CodecError(`${end - at} bytes left over`);
      const length = view.getUint16(at + lengthAt, LITTLE_ENDIAN);
      if (length < element.head.span || at + length > end) {
        throw new CodecError(`${name}[${index}] has length ${length}, ${end - at} bytes are left`);
      }
      call(at, at + length, index);
      at += align4(length);
    }
  };
  return {
    type: `list of ${element.type}`,
    get(view, at, end) {
      const values: T[] = [];
      each(view, at, end, (start, stop, index) => {
        try {
          values.push(element.get(view, start, stop));
        } catch (error) {
          rethrowWithin(error, `${name}[${index}]`);
        }
      });
      return values;
    },
    put(writer, values) {
      values.forEach((value, index) => {
        const at = writer.at;
        try {
          element.put(writer, value);
        } catch (error) {
          rethrowWithin(error, `${name}[${index}]`);
        }
        writer.view.setUint16(at + lengthAt, writer.at - at, LITTLE_ENDIAN);
        writer.pad();
      });
    },
    show: (values) => values.map((value) => `{${element.show(value)}}`).join(' '),
    inner: () => [{ codec: element }],
    walk(view, at, end, visit: Visitor, depth) {
      each(view, at, end, (start, stop, index) => {
        const part: Part = {
          depth,
          at: start,
          body: start,
          end: stop,
          name: `${name}[${index}]`,
          codec: element as Codec<unknown>,
        };
        visit(part);
        element.walk?.(view, start, stop, visit, depth + 1);
      });
    },
  };
}
