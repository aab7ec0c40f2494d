/**
 * Fast readers and writers of structs, generated from the declarations; `compile-set.ts` has those of attribute sets.
 *
 * A generic loop over fields costs four times what hand-written code does, because every value is fetched and stored by a
 * computed key. So a struct or a set that has been used often enough gets functions of its own, with the keys written out.
 * This is the only place that generates code; where that is forbidden (`--disallow-code-generation-from-strings`, a content
 * security policy) the plain readers and writers stay in use, and they give the same values, bytes and errors.
 */
import type { Writer } from './bytes.ts';
import type { Scalar } from './codec.ts';
import { rethrowWithin } from './errors.ts';
import type { IntegerForm } from './integer.ts';

/**
 * `after`: how many uses a declaration serves before it is compiled. A plugin that reads ten messages should not
 * pay 30 µs for each of them; a dump of thousands gets it back at once.
 */
export const compilation = { after: 64 };

/** The function that `body` returns, with `values` in scope under their names; undefined where code cannot be generated. */
export function generate<F>(
  values: Readonly<Record<string, unknown>>,
  body: string,
): F | undefined {
  try {
    return new Function(...Object.keys(values), body)(...Object.values(values)) as F;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    compilation.after = Infinity;
    return undefined;
  }
}

/** The expression that reads an integer. */
export function readInteger({ span, signed, little }: IntegerForm, at: string): string {
  return `v.get${signed ? 'Int' : 'Uint'}${8 * span}(${at}, ${little})`;
}

/** The statement that writes an integer. */
export function writeInteger({ span, little }: IntegerForm, at: string, value: string): string {
  return `v.setUint${8 * span}(${at}, ${value}, ${little});`;
}

/** The test whether a value is a number in the range of the integer; anything else is for the codec to refuse. */
export function isInRange({ span, signed }: IntegerForm, value: string): string {
  const bits = 32 - 8 * span;
  const cut = signed ? `${value} << ${bits} >> ${bits}` : `${value} << ${bits} >>> ${bits}`;
  return `typeof ${value} === 'number' && (${cut}) === ${value}`;
}

/** The integer that a value is written as, unless only its codec knows how. */
export const writtenAs = ({ integer, map, number }: Scalar<unknown>): IntegerForm | undefined =>
  map === undefined || number !== undefined ? integer : undefined;

/** The fields of a struct. */
interface StructFields {
  readonly keys: readonly string[];
  readonly codecs: readonly Scalar<unknown>[];
  readonly offsets: readonly number[];
}

/** The reader of a struct's first `count` fields. Anything but an integer goes through its codec. */
export function compileStruct<T>(
  { keys, codecs, offsets }: StructFields,
  count: number,
): ((view: DataView, at: number) => T) | undefined {
  const used: Record<string, unknown> = {};
  const stores = keys.slice(0, count).map((key, i) => {
    if (key.startsWith('_')) return '';
    const codec = codecs[i]!;
    const at = `at + ${offsets[i]!}`;
    const { integer } = codec;
    if (integer === undefined || codec.map !== undefined) used[`f${i}`] = codec;
    const raw = integer === undefined ? `f${i}.read(v, ${at})` : readInteger(integer, at);
    const value = integer === undefined || codec.map === undefined ? raw : `f${i}.map(${raw})`;
    return `${JSON.stringify(key)}: ${value},`;
  });
  return generate(used, `return (v, at) => ({ ${stores.join(' ')} });`);
}

/** The writer of a struct's first `count` fields, which have `span` bytes. */
export function compileStructWriter(
  { keys, codecs, offsets }: StructFields,
  count: number,
  span: number,
): ((writer: Writer, value: Record<string, unknown>) => void) | undefined {
  const used: Record<string, unknown> = {
    fail: (error: unknown, i: number): never => rethrowWithin(error, keys[i]!),
  };
  const stores = keys.slice(0, count).map((key, i) => {
    const codec = codecs[i]!;
    const at = `at + ${offsets[i]!}`;
    if (codec.integer !== undefined && key.startsWith('_')) {
      return writeInteger(codec.integer, at, '0');
    }
    used[`f${i}`] = codec;
    const integer = writtenAs(codec);
    const given = key.startsWith('_') ? `f${i}.zero` : `g[${JSON.stringify(key)}]`;
    const plain = `f${i}.write(v, ${at}, x);`;
    if (integer === undefined) return `i = ${i}; x = ${given} ?? f${i}.zero; ${plain}`;
    const absent = codec.number === undefined ? '0' : `f${i}.zero`;
    const number = codec.number === undefined ? 'x' : `f${i}.number(x)`;
    return `i = ${i}; x = ${given}; if (x === undefined || x === null) x = ${absent};
      n = ${number};
      if (${isInRange(integer, 'n')}) { ${writeInteger(integer, at, 'n')} } else { ${plain} }`;
  });
  return generate(
    used,
    `return (w, g) => {
      const at = w.reserve(${span}), v = w.view;
      let i = 0, x, n;
      try { ${stores.join('\n')} } catch (error) { fail(error, i); }
    };`,
  );
}
