/**
 * Lists: attributes inside an attribute that all hold the same type of value, and arrays without
 * headers.
 */
import { LITTLE_ENDIAN, type Writer } from './bytes.ts';
import type { Codec, Inner, Remark, Scalar, Visitor } from './codec.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../constants.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import { checkList } from './given.ts';
import { eachAttribute, endAttribute } from './nlattr.ts';
import type { Struct } from './struct.ts';

interface ListOptions {
  /** The type of every element. */
  readonly id?: number;
  /** The type of the first element; each further element counts up by one. */
  readonly from?: number;
  /** The flag bits of the types, if they differ from those of the element's codec. */
  readonly flags?: number;
  /** Accept elements of any type; undeclared types are noted and preserved. */
  readonly loose?: boolean;
}

/** A list of attributes that all hold the same type of value. */
export const list = <T, I>(
  name: string,
  element: Codec<T, I>,
  options: ListOptions = {},
): Codec<T[], readonly I[]> =>
  new ListCodec(name, element, options) as Codec<any[], readonly any[]>;

/** An array of values of one fixed size, as many as the payload holds. */
export function packed<T, I>(element: Scalar<T, I> | Struct<T, I>): Codec<T[], readonly I[]> {
  return {
    get type() {
      return `array of ${element.type}`;
    },
    get(view, at, end) {
      const { span } = element;
      if ((end - at) % span !== 0) {
        throw new CodecError(`${end - at} bytes, a multiple of ${span} needed`);
      }
      const values: T[] = [];
      for (; at < end; at += span) values.push(element.read(view, at));
      return values;
    },
    put(writer, values) {
      checkList(values);
      for (const value of values) element.put(writer, value);
    },
    show(values) {
      const [open, close] = 'fields' in element ? ['{', '}'] : ['', ''];
      return `[${values.map((value) => open + element.show(value) + close).join(' ')}]`;
    },
  };
}

class ListCodec implements Codec<unknown[], readonly unknown[]> {
  declare readonly name: string;
  declare readonly element: Codec<any, any>;
  declare readonly options: ListOptions;

  constructor(name: string, element: Codec<any, any>, options: ListOptions) {
    this.name = name;
    this.element = element;
    this.options = options;
  }

  get type(): string {
    return `list of ${this.element.type}`;
  }

  get notes(): true {
    return true;
  }

  get(view: DataView, at: number, end: number, remark?: Remark): unknown[] {
    const { element, options } = this;
    const { id = 0, from, flags = element.flags ?? 0, loose = false } = options;
    const values: unknown[] = [];
    let words: number[] | undefined;
    let forms: Record<string, string> | undefined;
    const inside: Remark = { form: undefined };
    eachAttribute(view, at, end, (start, stop) => {
      const index = values.length;
      const word = view.getUint16(start + 2, LITTLE_ENDIAN);
      const wanted = from === undefined ? id : from + index;
      if (word !== (wanted | flags)) {
        const found = word & NLA_TYPE_MASK;
        if (!loose && found !== wanted) {
          throw new CodecError(`element ${index} has type ${found}, ${wanted} needed`);
        }
        words ??= values.map((_, i) => wordOf(this, i));
      }
      words?.push(word);
      try {
        values.push(element.get(view, start + NLA_HDRLEN, stop, inside));
      } catch (error) {
        rethrowWithin(error, `${this.name}[${index}]`);
      }
      if (inside.form !== undefined) (forms ??= {})[index] = inside.form;
      inside.form = undefined;
    });
    if (remark && (words ?? forms) !== undefined) remark.form = formOf(words, forms);
    return values;
  }

  put(writer: Writer, values: readonly unknown[], note?: string): void {
    const { element } = this;
    checkList(values);
    const { words, forms } = note === undefined ? NOTHING : parse(note);
    values.forEach((value, index) => {
      const at = writer.reserve(NLA_HDRLEN);
      try {
        element.put(writer, value, forms[index]);
        endAttribute(writer, at, words[Math.min(index, words.length - 1)] ?? wordOf(this, index));
      } catch (error) {
        rethrowWithin(error, `${this.name}[${index}]`);
      }
    });
  }

  show(values: unknown[]): string {
    return `[${values.map((value) => this.element.show(value)).join(' ')}]`;
  }

  inner(): readonly Inner[] {
    return [{ codec: this.element }];
  }

  walk(view: DataView, at: number, end: number, visit: Visitor, depth: number): void {
    const { element: codec } = this;
    let index = 0;
    eachAttribute(view, at, end, (start, stop) => {
      const body = start + NLA_HDRLEN;
      visit({ depth, at: start, body, end: stop, name: `${this.name}[${index++}]`, codec });
      codec.walk?.(view, body, stop, visit, depth + 1);
    });
  }
}

/** The type word of an element: its type and flag bits. */
function wordOf({ element, options }: ListCodec, index: number): number {
  const { id = 0, from, flags = element.flags ?? 0 } = options;
  return (from === undefined ? id : from + index) | flags;
}

/*
 * The note of a list: the type words of its elements, of which the last stands for all that follow,
 * then the notes of its elements.
 */
const TYPES = 'types ';
const ELEMENTS = 'elements ';

interface ListNote {
  readonly words: readonly number[];
  readonly forms: Readonly<Record<string, string>>;
}

const NOTHING: ListNote = { words: [], forms: {} };

function formOf(words: number[] | undefined, forms: Record<string, string> | undefined): string {
  const types = words === undefined ? '' : TYPES + shorten(words).join(',');
  const elements = forms === undefined ? '' : ELEMENTS + JSON.stringify(forms);
  return types === '' || elements === '' ? types + elements : `${types} ${elements}`;
}

function parse(note: string): ListNote {
  const at = note.indexOf(ELEMENTS);
  const types = at < 0 ? note : note.slice(0, at);
  try {
    return {
      words: types.startsWith(TYPES) ? types.slice(TYPES.length).split(',').map(Number) : [],
      forms: at < 0 ? {} : (JSON.parse(note.slice(at + ELEMENTS.length)) as ListNote['forms']),
    };
  } catch {
    throw new CodecError(`"${note}" is not a note of a list`);
  }
}

/** The words without repetitions at the end. */
function shorten(words: readonly number[]): readonly number[] {
  let length = words.length;
  while (length > 1 && words[length - 2] === words[length - 1]) length--;
  return words.slice(0, length);
}
