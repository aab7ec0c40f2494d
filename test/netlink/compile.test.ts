/**
 * What is generated from declarations does what the plain readers and writers do: same values, same
 * bytes, same errors.
 */
import test from 'ava';
import fc from 'fast-check';
import { attrs, type Attributes } from '../../src/netlink/codec/attributes.ts';
import { align4, Writer } from '../../src/netlink/codec/bytes.ts';
import { u32, type Codec } from '../../src/netlink/codec/codec.ts';
import { flagsOf } from '../../src/netlink/codec/enums.ts';
import { compilation } from '../../src/netlink/codec/compile.ts';
import { attributesOf } from '../../src/netlink/codec/declared-sets.ts';
import { headed } from '../../src/netlink/codec/headed.ts';
import { struct, type Fields, type Struct } from '../../src/netlink/codec/struct.ts';
import { outcomeOf, PROTOCOLS, Random, setBytes, SETS, STRUCTS, type Outcome } from './declared.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 60);
const ENTROPY = fc.uint8Array({ minLength: 0, maxLength: 300, size: 'max' });

const MESSAGES = PROTOCOLS.flatMap(({ name: protocol, messages }) =>
  messages.map(({ name, head, body }) => ({ protocol, name, head, body })),
);

/** Values that do not belong anywhere, or not everywhere. */
const ODD: readonly unknown[] = [
  null,
  undefined,
  -1,
  0,
  1,
  255,
  256,
  0xffff,
  0x10000,
  0xffffffff,
  2 ** 32,
  1.5,
  NaN,
  5n,
  2n ** 64n,
  true,
  false,
  '',
  'x',
  'a\0b',
  '1',
  '10.0.0.1',
  '::1',
  '02:00:00:00:00:01',
  [],
  ['x'],
  [1],
  {},
  new Uint8Array(3),
];

function written(codec: Codec<any, any>, value: unknown): Outcome {
  return outcomeOf(() => {
    const writer = new Writer(16);
    // What was there before must not shine through.
    writer.bytes.fill(0xaa);
    codec.put(writer, value);
    return writer.finish();
  });
}

function read(codec: Codec<any, any>, bytes: Uint8Array): Outcome {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return outcomeOf(() => codec.get(view, 0, bytes.length));
}

/** Runs `each` with the generated code of a codec switched off, or else on. */
function within<T>(after: number, each: () => T): T {
  const before = compilation.after;
  compilation.after = after;
  try {
    return each();
  } finally {
    compilation.after = before;
  }
}

/**
 * Two codecs of one declaration: one that never is compiled, one that is from its second use on.
 */
function pair<C extends Codec<any, any>>(make: () => C, bytes: Uint8Array): readonly [C, C] {
  const plain = make();
  const compiled = make();
  within(0, () => {
    const first = read(compiled, bytes);
    written(compiled, 'value' in first ? first.value : {});
    written(compiled, {});
  });
  return [plain, compiled];
}

const agree = (
  t: { deepEqual(a: unknown, b: unknown, message?: string): boolean },
  [plain, compiled]: readonly [Codec<any, any>, Codec<any, any>],
  bytes: Uint8Array,
  random: Random,
  keys: readonly string[],
): void => {
  const value = within(Infinity, () => read(plain, bytes));
  t.deepEqual(read(compiled, bytes), value);
  const given = 'value' in value ? (value.value as Record<string, unknown>) : {};
  t.deepEqual(
    Object.keys((read(compiled, bytes) as { value?: object }).value ?? {}),
    Object.keys(given),
    'order',
  );
  t.deepEqual(
    written(compiled, given),
    within(Infinity, () => written(plain, given)),
  );
  const odd = { ...given, [random.pick(keys)]: random.pick(ODD) };
  t.deepEqual(
    written(compiled, odd),
    within(Infinity, () => written(plain, odd)),
    'odd',
  );
  const turned = Object.fromEntries(Object.entries(given).reverse());
  t.deepEqual(
    written(compiled, turned),
    within(Infinity, () => written(plain, turned)),
    'in another order',
  );
};

test('compile: a list of flags is written as it is now, however often it was written before', (t) => {
  const mask = flagsOf(u32, { up: 1, down: 2 });
  const words: ('up' | 'down')[] = ['up'];
  const bytesOf = (list: typeof words) => [...(written(mask, list) as { value: Uint8Array }).value];
  t.deepEqual(bytesOf(words), bytesOf(Object.freeze(['up']) as typeof words));
  words.push('down');
  t.deepEqual(bytesOf(words), [...new Uint8Array(Uint32Array.of(3).buffer)]);
});

for (const { path, set } of SETS) {
  test(`compile: ${path}: compiled and plain agree`, (t) => {
    const keys = [
      ...attributesOf(set).map(({ key }) => key),
      'nla7',
      'nlaNotes',
      'constructor',
      '',
    ];
    const make = () => attrs(set.attributes as Attributes);
    const codecs = pair(make, new Uint8Array());
    fc.assert(
      fc.property(ENTROPY, (entropy) => {
        const random = new Random(entropy);
        agree(t, codecs, Uint8Array.from(setBytes({ set }, random)), random, keys);
      }),
      { numRuns: RUNS, seed: 1 },
    );
  });
}

/** The same struct as another codec. */
function again({ name, fields, span }: Struct<any, any>): Struct<any, any> {
  let at = 0;
  const first: Record<string, Fields[string]> = {};
  const later: Record<string, Fields[string]> = {};
  for (const [key, field] of Object.entries(fields)) {
    (at < span ? first : later)[key] = field;
    at += field.span;
  }
  return Object.keys(later).length === 0 ? struct(name, first) : struct(name, first, later);
}

for (const [name, declared] of STRUCTS) {
  test(`compile: struct ${name}: compiled and plain agree, in every length`, (t) => {
    const keys = [...Object.keys(declared.fields), 'rest', 'other'];
    const { span } = declared.layout;
    const codecs = pair(() => again(declared), new Uint8Array(span));
    t.is(codecs[0].span, declared.span);
    fc.assert(
      fc.property(ENTROPY, (entropy) => {
        const random = new Random(entropy);
        const length = Math.max(0, span + 4 - random.below(20));
        agree(t, codecs, Uint8Array.from(random.bytes(length)), random, keys);
      }),
      { numRuns: RUNS, seed: 1 },
    );
  });
}

for (const { name, protocol, head, body } of MESSAGES) {
  test(`compile: message ${protocol}/${name}: compiled and plain agree, with whatever behind the struct`, (t) => {
    const codecs = pair(() => headed(again(head), body), new Uint8Array(head.span));
    fc.assert(
      fc.property(ENTROPY, (entropy) => {
        const random = new Random(entropy);
        const front = random.bytes(align4(head.span) - (random.byte() === 255 ? 4 : 0));
        const bytes = Uint8Array.from([...front, ...setBytes({ set: body }, random)]);
        agree(t, codecs, bytes, random, [...Object.keys(head.fields), 'attrs', 'rest']);
      }),
      { numRuns: RUNS, seed: 1 },
    );
  });
}

test('compile: where code must not be generated, plain readers and writers go on', (t) => {
  const { Function: real } = globalThis;
  const set = attrs({});
  globalThis.Function = function () {
    throw new EvalError('no');
  } as unknown as FunctionConstructor;
  try {
    within(0, () => {
      t.deepEqual(read(set, Uint8Array.of(4, 0, 7, 0)), { value: { nla7: new Uint8Array() } });
      t.deepEqual(read(set, Uint8Array.of(4, 0, 7, 0)), { value: { nla7: new Uint8Array() } });
    });
  } finally {
    globalThis.Function = real;
  }
});
