/**
 * Attributes whose types are the numbers of something else: in `CTRL_ATTR_POLICY` the index of a
 * policy, and inside it the types of the attributes that it describes.
 */
import { LITTLE_ENDIAN, type Writer } from './bytes.ts';
import type { Codec, Inner, Remark, Visitor } from './codec.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../constants.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import { checkList, describe } from './given.ts';
import { eachAttribute, endAttribute } from './nlattr.ts';

/** The type of an attribute, and its value. */
export interface Numbered<T> {
  readonly id: number;
  readonly value: T;
}

/** A list of attributes with one type of value, each with a number of its own. */
export const numbered = <T, I>(
  name: string,
  element: Codec<T, I>,
): Codec<Numbered<T>[], readonly Numbered<I>[]> => new NumberedCodec(name, element) as any;

/** Whether the elements of a codec's value carry their numbers. */
export const isNumbered = (codec: Codec<any, any>): boolean => codec instanceof NumberedCodec;

/** By index: the flag bits of a type if they are not the declared ones, and the element's note. */
type Notes = Record<string, { flags?: number; form?: string }>;

class NumberedCodec implements Codec<Numbered<unknown>[], readonly Numbered<unknown>[]> {
  declare readonly name: string;
  declare readonly element: Codec<any, any>;

  constructor(name: string, element: Codec<any, any>) {
    this.name = name;
    this.element = element;
  }

  get type(): string {
    return `by number: ${this.element.type}`;
  }

  get notes(): true {
    return true;
  }

  get(view: DataView, at: number, end: number, remark?: Remark): Numbered<unknown>[] {
    const { element } = this;
    const values: Numbered<unknown>[] = [];
    let notes: Notes | undefined;
    eachAttribute(view, at, end, (start, stop) => {
      const word = view.getUint16(start + 2, LITTLE_ENDIAN);
      const id = word & NLA_TYPE_MASK;
      let value: unknown;
      const inside: Remark = {};
      try {
        value = element.get(view, start + NLA_HDRLEN, stop, inside);
      } catch (error) {
        rethrowWithin(error, `${this.name}[${id}]`);
      }
      const { form } = inside;
      const flags = word === (id | (element.flags ?? 0)) ? undefined : word - id;
      if (form !== undefined || flags !== undefined) {
        (notes ??= {})[values.length] = {
          ...(flags !== undefined && { flags }),
          ...(form !== undefined && { form }),
        };
      }
      values.push({ id, value });
    });
    if (remark && notes !== undefined) remark.form = JSON.stringify(notes);
    return values;
  }

  put(writer: Writer, values: readonly Numbered<unknown>[], note?: string): void {
    const { element } = this;
    checkList(values);
    const notes = note === undefined ? {} : parse(note);
    values.forEach((entry, index) => {
      const id = entry?.id;
      if (!Number.isInteger(id) || id < 0 || id > NLA_TYPE_MASK) {
        throw new CodecError(`${describe(entry)} is not an attribute with its number`);
      }
      const { flags = element.flags ?? 0, form } = notes[index] ?? {};
      const at = writer.reserve(NLA_HDRLEN);
      try {
        element.put(writer, entry.value, form);
        endAttribute(writer, at, id | flags);
      } catch (error) {
        rethrowWithin(error, `${this.name}[${id}]`);
      }
    });
  }

  show(values: readonly Numbered<unknown>[]): string {
    return `[${values.map(({ id, value }) => `${id}={${this.element.show(value)}}`).join(' ')}]`;
  }

  inner(): readonly Inner[] {
    return [{ codec: this.element }];
  }

  walk(view: DataView, at: number, end: number, visit: Visitor, depth: number): void {
    const { element: codec } = this;
    eachAttribute(view, at, end, (start, stop) => {
      const body = start + NLA_HDRLEN;
      const id = view.getUint16(start + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
      visit({ depth, at: start, body, end: stop, name: `${this.name}[${id}]`, codec });
      codec.walk?.(view, body, stop, visit, depth + 1);
    });
  }
}

function parse(note: string): Notes {
  try {
    return JSON.parse(note) as Notes;
  } catch {
    throw new CodecError(`"${note}" is not a note of numbered attributes`);
  }
}
