/**
 * Fast readers and writers of structs, and readers of messages, generated from the declarations;
 * `compile-set.ts` does the same for attribute sets.
 *
 * A generic loop over fields takes four times as long as hand-written code, because it gets and
 * sets each value by a computed key. Hot codecs are compiled at run time, into functions with
 * literal keys. This is the only place that generates code. Where that is forbidden
 * (`--disallow-code-generation-from-strings`, a content security policy) the plain readers and
 * writers stay in use, with the same values, bytes and errors.
 */
import { align4, type Writer } from './bytes.ts';
import type { Codec, Scalar } from './codec.ts';
import { rethrowWithin } from '../../errors.ts';
import type { IntegerForm } from './integer.ts';

/**
 * `after`: the number of uses after which a declaration is compiled. A plugin that reads ten
 * messages should not pay 30 µs for each; a dump of thousands earns that back at once.
 */
export const compilation = { after: 64 };

/**
 * The function that `body` returns, with `values` in scope under their names; undefined where code
 * generation is forbidden.
 */
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
  return `v.get${span === 8 ? 'Big' : ''}${signed ? 'Int' : 'Uint'}${8 * span}(${at}, ${little})`;
}

/** The statement that writes an integer. */
export function writeInteger({ span, little }: IntegerForm, at: string, value: string): string {
  return `v.set${span === 8 ? 'Big' : ''}Uint${8 * span}(${at}, ${value}, ${little});`;
}

/** The test for a number within the range of the integer; the codec reports anything else. */
export function isInRange({ span, signed }: IntegerForm, value: string): string {
  if (span === 8) {
    return `typeof ${value} === 'bigint' && BigInt.as${signed ? 'Int' : 'Uint'}N(64, ${value}) === ${value}`;
  }
  const bits = 32 - 8 * span;
  const cut = signed ? `${value} << ${bits} >> ${bits}` : `${value} << ${bits} >>> ${bits}`;
  return `typeof ${value} === 'number' && (${cut}) === ${value}`;
}

/** The integer that a value is written as, unless only its codec can convert it. */
export const writtenAs = ({ integer, map, number }: Scalar<unknown>): IntegerForm | undefined =>
  map === undefined || number !== undefined ? integer : undefined;

/** The fields of a struct. */
export interface StructFields {
  readonly keys: readonly string[];
  readonly codecs: readonly Scalar<unknown>[];
  readonly offsets: readonly number[];
  /** The number of fields that every kernel sends, and their size in bytes. */
  readonly required: number;
  readonly span: number;
}

/** What generated code refers to, by its name there. */
export type Used = Record<string, unknown>;

/** The expression that converts the integer in `n` to a value. */
export function mapInteger(used: Used, name: string, codec: Scalar<unknown>): string {
  if (codec.map === undefined) return 'n';
  used[name] = codec;
  if (codec.known === undefined) return `${name}.map(n)`;
  used[`${name}k`] = codec.known;
  const found = `${name}k[n]`;
  // Keys other than small integers would slow down every look-up.
  const checked =
    codec.span === 1 && !codec.integer!.signed ? found : `(n >>> 0 < 256 ? ${found} : undefined)`;
  return `${checked} ?? ${name}.map(n)`;
}

/**
 * The members of an object literal for a struct's first `count` fields, which begin at `from`.
 * Anything but an integer is read by its codec.
 */
export function readFields(
  used: Used,
  name: string,
  { keys, codecs, offsets }: StructFields,
  count: number,
  from: string,
): string {
  const members = keys.slice(0, count).map((key, i) => {
    if (key.startsWith('_')) return '';
    const codec = codecs[i]!;
    const field = `${name}_${i}`;
    const at = `${from} + ${offsets[i]!}`;
    const integer = codec.integer ?? codec.big;
    if (integer === undefined) used[field] = codec;
    const raw = integer === undefined ? `${field}.read(v, ${at})` : readInteger(integer, at);
    const value =
      integer === undefined || codec.map === undefined
        ? raw
        : `(n = ${raw}, ${mapInteger(used, field, codec)})`;
    return `${JSON.stringify(key)}: ${value},`;
  });
  return members.join(' ');
}

/** The reader of a struct's first `count` fields. */
export function compileStruct<T>(
  fields: StructFields,
  count: number,
  plain: (view: DataView, at: number) => T,
): ((view: DataView, at: number) => T) | undefined {
  const used: Used = { plain };
  const members = readFields(used, 'f', fields, count, 'at');
  const padded = paddingCheck(used, 'f', fields, count, 'at');
  const guard = padded === '' ? '' : `if (${padded}) return plain(v, at);`;
  return generate(used, `return (v, at) => { let n; ${guard} return { ${members} }; };`);
}

/**
 * An expression that is true if any padding is not zero, which only the plain reader preserves;
 * empty for a struct without padding.
 */
export function paddingCheck(
  used: Used,
  name: string,
  { keys, codecs, offsets }: StructFields,
  count: number,
  from: string,
): string {
  const checks: string[] = [];
  for (let i = 0; i < count; i++) {
    if (!keys[i]!.startsWith('_')) continue;
    const codec = codecs[i]!;
    const at = `${from} + ${offsets[i]!}`;
    const field = `${name}_${i}`;
    if (codec.integer === undefined) used[field] = codec;
    checks.push(
      codec.integer === undefined
        ? `${field}.read(v, ${at}).some(Boolean)`
        : `${readInteger(codec.integer, at)} !== 0`,
    );
  }
  return checks.join(' || ');
}

export type ReadHeaded = (view: DataView, at: number, end: number) => unknown;

/**
 * The reader of a struct and the body that follows it. The caller has checked that the struct fits.
 */
export function compileHeaded(
  fields: StructFields,
  body: Codec<unknown>,
  plain: ReadHeaded,
): ReadHeaded | undefined {
  const used: Used = { body, plain };
  const members = readFields(used, 'f', fields, fields.required, 'at');
  const padded = paddingCheck(used, 'f', fields, fields.required, 'at');
  const behind = `at + ${align4(fields.span)}`;
  const begin = fields.span % 4 === 0 ? behind : `Math.min(${behind}, end)`;
  return generate(
    used,
    `return (v, at, end) => {
      let n;
      ${padded === '' ? '' : `if (${padded}) return plain(v, at, end);`}
      return { ${members} attrs: body.get(v, ${begin}, end) };
    };`,
  );
}

/**
 * The writer of a struct's first `count` fields, which take `span` bytes. It returns the number of
 * fields that were given. An integer in its range is stored at once; anything else goes to the
 * codec of the field, in a function outside, which alone needs a `try`.
 */
export function compileStructWriter(
  { keys, codecs, offsets }: StructFields,
  count: number,
  span: number,
): ((writer: Writer, value: Record<string, unknown>) => number) | undefined {
  const used: Used = {
    put(i: number, view: DataView, at: number, value: unknown): number {
      try {
        codecs[i]!.write(view, at, value ?? codecs[i]!.zero);
      } catch (error) {
        rethrowWithin(error, keys[i]!);
      }
      return value === undefined ? 0 : 1;
    },
    number(i: number, value: unknown): number {
      try {
        return codecs[i]!.number!(value);
      } catch (error) {
        return rethrowWithin(error, keys[i]!);
      }
    },
  };
  const stores = keys.slice(0, count).map((key, i) => {
    const codec = codecs[i]!;
    const at = `at + ${offsets[i]!}`;
    const given = `const x${i} = g[${JSON.stringify(key)}];`;
    const plain = `c += put(${i}, v, ${at}, x${i});`;
    const integer = writtenAs(codec) ?? codec.big;
    if (integer === undefined) return `${given} ${plain}`;
    const isMapped = codec.number !== undefined;
    const number = isMapped ? `n${i}` : `x${i}`;
    const converted = isMapped ? `const n${i} = x${i} == null ? x${i} : number(${i}, x${i});` : '';
    return `${given} ${converted}
      if (${isInRange(integer, number)}) { ${writeInteger(integer, at, number)} c++; } else ${plain}`;
  });
  return generate(
    used,
    `return (w, g) => {
      const at = w.reserve(${span}), v = w.view;
      let c = 0;
      ${stores.join('\n')}
      return c;
    };`,
  );
}
