/**
 * A struct followed by attributes: the form of messages, of a few attributes, and of records with a
 * length.
 */
import { align4, LITTLE_ENDIAN, type Writer } from './bytes.ts';
import type { Codec, Inner, Part, Visitor } from './codec.ts';
import { compilation, compileHeaded, type ReadHeaded } from './compile.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import { checkList } from './given.ts';
import type { Struct } from './struct.ts';

/** The codec made by `headed`: the struct's fields, and the attributes under `attrs`. */
export interface Headed<T, I> extends Codec<T, I> {
  readonly head: Struct<any, any>;
  readonly body: Codec<any, any>;
}

/** A struct followed by attributes: the form of most messages, and of a few attributes. */
export const headed = <H extends object, HI, A, AI>(
  head: Struct<H, HI>,
  body: Codec<A, AI>,
): Headed<Omit<H, 'rest'> & { attrs: A }, Omit<HI, 'rest'> & { attrs?: AI | undefined }> =>
  new HeadedCodec(head, body) as Headed<any, any>;

interface HeadedValue {
  attrs?: unknown;
}

/** The note of a message that ends with its header, without the padding that others have. */
const UNPADDED = 'unpadded';

function unpadded(head: Struct<any, any>, view: DataView, at: number): HeadedValue {
  const value = head.read(view, at) as HeadedValue;
  value.attrs = { nlaNotes: { header: UNPADDED } };
  return value;
}

function isUnpadded(attrs: unknown): boolean {
  const { nlaNotes } = (attrs ?? {}) as { nlaNotes?: { header?: unknown } };
  return nlaNotes !== undefined && nlaNotes.header === UNPADDED;
}

export class HeadedCodec implements Headed<HeadedValue, HeadedValue> {
  declare readonly head: Struct<any, any>;
  declare readonly body: Codec<any, any>;
  declare reads: number;
  declare reader: ReadHeaded | undefined;

  constructor(head: Struct<any, any>, body: Codec<any, any>) {
    this.head = head;
    this.body = body;
    this.reads = 0;
    this.reader = undefined;
  }

  get type(): string {
    return `${this.head.type} and attributes`;
  }

  get(view: DataView, at: number, end: number): HeadedValue {
    const { head, body, reader } = this;
    const { span } = head;
    if (end - at < span) {
      throw new CodecError(`${end - at} bytes, ${span} needed`).within(head.name);
    }
    if ((span & 3) !== 0 && end - at === span) return unpadded(head, view, at);
    if (reader !== undefined) return reader(view, at, end) as HeadedValue;
    if (++this.reads > compilation.after) {
      this.reader = compileHeaded(head.plan, body, (from, start, stop) =>
        this.plain(from, start, stop),
      );
    }
    return this.plain(view, at, end);
  }

  plain(view: DataView, at: number, end: number): HeadedValue {
    const { head, body } = this;
    const value = head.read(view, at) as HeadedValue;
    value.attrs = body.get(view, Math.min(at + align4(head.span), end), end);
    return value;
  }

  put(writer: Writer, value: HeadedValue): void {
    const { at, family } = writer;
    try {
      this.head.writeAll(writer, value, 'attrs');
    } catch (error) {
      rethrowWithin(error, this.head.name);
    }
    if (!isUnpadded(value.attrs)) writer.pad();
    if (value.attrs === undefined) return;
    writer.family = this.addressFamily(writer, at, value) ?? family;
    this.body.put(writer, value.attrs);
    writer.family = family;
  }

  /**
   * The family of the addresses inside; undefined if it is that of the enclosing message. A family
   * is the first byte of a header.
   */
  addressFamily({ view }: Writer, at: number, _value: HeadedValue): number | undefined {
    return this.head.fields['family'] === undefined ? undefined : view.getUint8(at);
  }

  show(value: HeadedValue): string {
    return `${this.head.show(value)} ${this.body.show(value.attrs)}`.trimEnd();
  }

  inner(): readonly Inner[] {
    return [{ codec: this.body }];
  }

  walk(view: DataView, at: number, end: number, visit: Visitor, depth: number): void {
    this.body.walk?.(view, Math.min(at + align4(this.head.span), end), end, visit, depth);
  }
}

/**
 * Records that begin with their length, each a struct followed by attributes, like the next hops of
 * `RTA_MULTIPATH`. `lengthField` is the struct field that holds the length, which is filled in on
 * writing.
 */
export function records<T, I>(
  name: string,
  element: Headed<T, I>,
  lengthField: string,
): Codec<T[], readonly I[]> {
  let offset: number | undefined;
  const lengthAt = (): number => (offset ??= element.head.layout.offsetOf(lengthField)!);
  const each = (
    view: DataView,
    at: number,
    end: number,
    call: (at: number, stop: number, index: number) => void,
  ): void => {
    for (let index = 0; at < end; index++) {
      if (end - at < element.head.span) throw new CodecError(`${end - at} bytes left over`);
      const length = view.getUint16(at + lengthAt(), LITTLE_ENDIAN);
      if (length < element.head.span || at + length > end) {
        throw new CodecError(`${name}[${index}] has length ${length}, ${end - at} bytes are left`);
      }
      call(at, at + length, index);
      at += align4(length);
    }
  };
  return {
    get type() {
      return `list of ${element.type}`;
    },
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
      checkList(values);
      values.forEach((value, index) => {
        const at = writer.at;
        try {
          element.put(writer, value);
        } catch (error) {
          rethrowWithin(error, `${name}[${index}]`);
        }
        writer.view.setUint16(at + lengthAt(), writer.at - at, LITTLE_ENDIAN);
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
