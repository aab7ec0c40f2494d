/**
 * Fast readers, generated from the declarations.
 *
 * A generic loop over fields costs four times what hand-written code does, because every value is stored by a computed key. So a
 * struct or a set that has been read often enough gets a function of its own, with the keys written out. This is the only
 * place that generates code; where that is forbidden (`--disallow-code-generation-from-strings`, a content security
 * policy) the plain readers stay in use, and they give the same values.
 */
import * as lo from 'buffer-layout';
import { LITTLE_ENDIAN } from './bytes.ts';
import type { Scalar } from './codec.ts';

/**
 * `after`: how many reads a declaration serves before it is compiled. A plugin that reads ten messages should not
 * pay 30 µs for each of them; a dump of thousands gets it back at once.
 */
export const compilation = { after: 64 };

type Getter = 'Uint8' | 'Uint16' | 'Uint32' | 'Int8' | 'Int16' | 'Int32';

function generate<F>(parameters: string[], values: unknown[], body: string): F | undefined {
  try {
    return new Function(...parameters, body)(...values) as F;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    compilation.after = Infinity;
    return undefined;
  }
}

/** The reader of a struct's first `keys`, or undefined where code cannot be generated. */
export function compileStruct<T>(
  layout: lo.Structure,
  fields: Readonly<Record<string, Scalar<unknown>>>,
  keys: readonly string[],
): ((view: DataView, at: number) => T) | undefined {
  const scalars = keys.map((key) => fields[key]!);
  const stores = keys.map((key, i) => {
    if (key.startsWith('_')) return '';
    const at = `at + ${layout.offsetOf(key)!}`;
    const field = layout.fields.find((candidate) => candidate.property === key)!;
    return `${JSON.stringify(key)}: ${read(field, scalars[i]!, `f[${i}]`, at)},`;
  });
  return generate(['f'], [scalars], `return (v, at) => ({ ${stores.join(' ')} });`);
}

/** The expression that reads one field. Anything but a plain integer goes through its codec. */
function read(field: lo.Layout<unknown>, codec: Scalar<unknown>, name: string, at: string): string {
  const getter = integerGetter(field);
  if (getter === undefined) return `${name}.read(v, ${at})`;
  const raw = `v.get${getter}(${at}, ${isLittle(field)})`;
  return codec.map === undefined ? raw : `${name}.map(${raw})`;
}

/** Tested with `instanceof`: a bundler may rename classes. */
function integerGetter(field: lo.Layout<unknown>): Getter | undefined {
  const bits = 8 * field.span;
  if (bits > 32 || bits === 24) return undefined;
  if (field instanceof lo.UInt || field instanceof lo.UIntBE) return `Uint${bits}` as Getter;
  if (field instanceof lo.Int || field instanceof lo.IntBE) return `Int${bits}` as Getter;
  return undefined;
}

const isLittle = (field: lo.Layout<unknown>): boolean =>
  field instanceof lo.UInt || field instanceof lo.Int;

/** What a compiled set needs to know of an attribute that it reads without help. */
export interface PlainAttribute {
  readonly key: string;
  readonly id: number;
  readonly flags: number;
  readonly codec: { get(view: DataView, at: number, end: number): unknown };
  /** The codec may note a form, so `settle` has to look. */
  readonly notes: boolean;
}

/** Reads one attribute in every case that the fast path leaves out: strangers, repeats, notes, selected sets. */
export type ReadOne = (
  out: Record<string, unknown>,
  view: DataView,
  at: number,
  stop: number,
  end: number,
) => void;

export type ReadSet = (view: DataView, at: number, end: number) => Record<string, unknown>;

/**
 * The reader of an attribute set: one `switch` on the whole type word, so that a flag bit that is not the declared one leads to
 * `readOne`. `settle` stores what a codec noted; `fail` puts the attribute's name on an error.
 */
export function compileSet(
  attributes: readonly PlainAttribute[],
  readOne: ReadOne,
  settle: (out: Record<string, unknown>, key: string) => void,
  fail: (error: unknown, id: number) => never,
  torn: (view: DataView, at: number, end: number) => never,
): ReadSet | undefined {
  const cases = attributes.map(({ key, id, flags, notes }, i) => {
    const name = JSON.stringify(key);
    return `case ${id | flags}:
      if (out[${name}] !== undefined) { readOne(out, v, at, stop, end); break; }
      id = ${id}; out[${name}] = c${i}.get(v, at + 4, stop); id = -1;${notes ? ` settle(out, ${name});` : ''}
      break;`;
  });
  const names = attributes.map((_, i) => `c${i}`);
  const body = `return (v, at, end) => {
    const out = {};
    let id = -1;
    try {
      while (end - at >= 4) {
        const length = v.getUint16(at, ${LITTLE_ENDIAN});
        const stop = at + length;
        if (length < 4 || stop > end) torn(v, at, end);
        switch (v.getUint16(at + 2, ${LITTLE_ENDIAN})) {
          ${cases.join('\n')}
          default: readOne(out, v, at, stop, end);
        }
        at += (length + 3) & ~3;
      }
    } catch (error) { fail(error, id); }
    if (at < end) torn(v, at, end);
    return out;
  };`;
  return generate(
    ['readOne', 'settle', 'fail', 'torn', ...names],
    [readOne, settle, fail, torn, ...attributes.map(({ codec }) => codec)],
    body,
  );
}
