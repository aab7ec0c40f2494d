/**
 * Fast readers and writers of attribute sets, generated from the declarations; see `compile.ts`.
 */
import { selects, type Entries, type Entry } from './attribute-reader.ts';
import type { Attributes, Selected } from './attributes.ts';
import { align4, LITTLE_ENDIAN, type Writer } from './bytes.ts';
import type { Codec, Scalar } from './codec.ts';
import {
  generate,
  isInRange,
  mapInteger,
  paddingCheck,
  readFields,
  readInteger,
  writeInteger,
  writtenAs,
  type Used,
} from './compile.ts';
import { NLA_F_NESTED, NLA_F_NET_BYTEORDER } from '../constants.ts';
import { rethrowWithin } from '../../errors.ts';
import { settle } from './nla-notes.ts';
import { endAttribute, isOddlyPadded, torn } from './nlattr.ts';
import type { Struct } from './struct.ts';

/**
 * Reads one attribute that the fast path does not handle: unknown, repeated, selected, or with
 * notes.
 */
export type ReadOne = (
  out: Record<string, unknown>,
  view: DataView,
  at: number,
  stop: number,
  end: number,
) => void;

export type ReadSet = (view: DataView, at: number, end: number) => Record<string, unknown>;

/**
 * The reader of an attribute set: one `switch` on the complete type word, so that an undeclared
 * flag bit leads to `readOne`, as does everything else out of the ordinary. With `some`, only the
 * attributes of `entries` are read and all others are skipped.
 */
export function compileSet(entries: Entries, readOne: ReadOne, some = false): ReadSet | undefined {
  const plain = [...entries.values()].filter((entry) => !entry.many && !selects(entry.codec));
  const used: Used = {
    readOne,
    torn,
    odd: isOddlyPadded,
    settle,
    fail(error: unknown, id: number): never {
      if (id < 0) throw error;
      return rethrowWithin(error, entries.get(id)!.name);
    },
  };
  const cases = plain.map((entry) => {
    return `case ${entry.id | entry.flags}:
      if (${slot(entry)} !== undefined) { readOne(out, v, at, stop, end); break; }
      ${readStatement(used, entry)}
      break;`;
  });
  const noting = plain.some(({ codec }) => codec.notes === true);
  const others = some ? otherWords(entries, plain) : ['default:'];
  const rest = others.length > 0 ? `${others.join(' ')} readOne(out, v, at, stop, end);` : '';
  return generate(
    used,
    // V8 sizes the objects of a constructor by the assignments it sees in it, and later trims what
    // the first ones left unused: a third less time per link than `{}`, which grows with each
    // attribute.
    `function Out() { if (false) { ${plain.map((entry) => `this[${JSON.stringify(entry.key)}] = 0;`).join(' ')} } }
    Out.prototype = Object.prototype;
    return (v, at, end) => {
      const out = new Out();
      ${noting ? 'const remark = { form: undefined };' : ''}
      let id = -1, n = 0;
      try {
        while (end - at >= 4) {
          const header = v.getUint32(at, ${LITTLE_ENDIAN});
          const length = ${LITTLE_ENDIAN ? 'header & 0xffff' : 'header >>> 16'};
          const stop = at + length;
          if (length < 4 || stop > end) torn(v, at, end);
          ${some ? '' : 'if ((length & 3) !== 0 && odd(v, at, stop, end)) readOne(out, v, at, stop, end); else'}
          switch (${LITTLE_ENDIAN ? 'header >>> 16' : 'header & 0xffff'}) {
            ${cases.join('\n')}
            ${rest}
          }
          at += (length + 3) & ~3;
        }
      } catch (error) { fail(error, id); }
      if (at < end) torn(v, at, end);
      return out;
    };`,
  );
}

/** Case labels for the type words that declared attributes may have, except those in `plain`. */
function otherWords(entries: Entries, plain: readonly Entry[]): string[] {
  const declared = new Set(plain.map(({ id, flags }) => id | flags));
  const words = [...entries.keys()].flatMap((id) => FLAGS.map((flags) => id | flags));
  return words.filter((word) => !declared.has(word)).map((word) => `case ${word}:`);
}

/** The upper two bits of `nla_type`. */
const FLAGS = [0, NLA_F_NET_BYTEORDER, NLA_F_NESTED, NLA_F_NET_BYTEORDER | NLA_F_NESTED];

const slot = ({ key }: { readonly key: string }): string => `out[${JSON.stringify(key)}]`;

function readStatement(used: Used, entry: Entry): string {
  const { id } = entry;
  const name = `c${id}`;
  const codec = entry.codec as Scalar<unknown> | Struct<unknown, unknown>;
  const out = slot(entry);
  used[name] = codec;
  const general = `id = ${id}; ${out} = ${name}.get(v, at + 4, stop); id = -1;`;
  if ('plan' in codec) {
    const { plan } = codec;
    const members = readFields(used, name, plan, plan.required, 'at + 4');
    const padded = paddingCheck(used, name, plan, plan.required, 'at + 4');
    return `if (length === ${4 + plan.span}${padded === '' ? '' : ` && !(${padded})`}) {
      id = ${id}; ${out} = { ${members} }; id = -1;
    } else { ${general} }`;
  }
  const { integer, quiet } = codec;
  if (integer === undefined) {
    if (codec.notes !== true) return general;
    return `id = ${id}; ${out} = ${name}.get(v, at + 4, stop, remark); id = -1;
      settle(out, ${JSON.stringify(entry.key)}, remark);`;
  }
  const fits = `length === ${4 + integer.span}`;
  const raw = readInteger(integer, 'at + 4');
  const isPlain = quiet === undefined ? fits : `${fits} && n <= ${quiet}`;
  return `if (${fits}) n = ${raw};
    if (${isPlain}) ${out} = ${mapInteger(used, name, codec)}; else readOne(out, v, at, stop, end);`;
}

/** Writes one attribute that the fast path does not handle. */
export type WriteOne = (writer: Writer, key: string, given: Record<string, unknown>) => void;

export type WriteSet = (writer: Writer, given: Record<string, unknown>) => void;

/**
 * The writer of an attribute set, for values without notes. A `switch` on the key would compare it
 * with each attribute in turn, and the keys of a dump follow each other in the same order, so each
 * attribute remembers which one came next.
 */
export function compileSetWriter(attributes: Attributes, writeOne: WriteOne): WriteSet | undefined {
  // The codec of a flag writes nothing, and false leaves the attribute out.
  const plain = Object.entries(attributes).filter(
    ([, { codec, many }]) => !many && codec.type !== 'flag',
  );
  const keys = [undefined, ...plain.map(([key]) => key)];
  const places = new Map(keys.map((key, place) => [key, place]));
  const next = new Uint16Array(keys.length);
  const used: Used = {
    writeOne,
    endAttribute,
    keys,
    next,
    find: (key: string, last: number): number => (next[last] = places.get(key) ?? 0),
    fail(error: unknown, place: number): never {
      if (place === 0) throw error;
      return rethrowWithin(error, plain[place - 1]![1].name);
    },
  };
  const cases = plain.map(([, { id, codec }], i) => {
    const word = id | (codec.flags ?? 0);
    used[`c${i}`] = selects(codec) ? chosenBy(codec) : codec;
    return `case ${i + 1}: {
      ${selects(codec) ? writeChosen(`c${i}`, word) : writeStatement(`c${i}`, word, codec as Scalar<unknown>)}
      break;
    }`;
  });
  return generate(
    used,
    `return (w, g) => {
      let place = 0;
      try {
        for (const key in g) {
          const x = g[key];
          if (x === undefined) continue;
          const last = place;
          place = next[last];
          if (keys[place] !== key) place = find(key, last);
          switch (place) {
            ${cases.join('\n')}
            default: writeOne(w, key, g);
          }
        }
      } catch (error) { fail(error, place); }
    };`,
  );
}

type Choose = (given: Record<string, unknown>) => Codec<unknown> | undefined;

/** The codec that other attributes select; undefined for what only `writeOne` handles. */
const chosenBy =
  (codec: Selected<unknown, unknown>): Choose =>
  (given) => {
    for (const by of codec.by) {
      const chosen = codec.select(given[by], by);
      if (chosen !== undefined) return chosen.type === 'flag' ? undefined : chosen;
    }
    return undefined;
  };

const writeChosen = (name: string, word: number): string =>
  `const c = ${name}(g);
  if (c === undefined) { place = 0; writeOne(w, key, g); }
  else { const at = w.reserve(4); c.put(w, x); endAttribute(w, at, ${word}); }`;

function writeStatement(name: string, word: number, codec: Scalar<unknown>): string {
  const general = `const at = w.reserve(4); ${name}.put(w, x); endAttribute(w, at, ${word});`;
  const integer = writtenAs(codec) ?? codec.big;
  if (integer === undefined) return general;
  const length = 4 + integer.span;
  const header = LITTLE_ENDIAN ? length | (word << 16) : (length << 16) | word;
  const clear = integer.span < 4 ? 'v.setUint32(at + 4, 0);' : '';
  return `const n = ${codec.number === undefined ? 'x' : `${name}.number(x)`};
    if (${isInRange(integer, 'n')}) {
      const at = w.reserve(${align4(length)}), v = w.view;
      v.setUint32(at, ${header >>> 0}, ${LITTLE_ENDIAN}); ${clear}
      ${writeInteger(integer, 'at + 4', 'n')}
    } else { ${general} }`;
}
