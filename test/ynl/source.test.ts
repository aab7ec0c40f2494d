/** The printed file: formatted TypeScript, which makes the codecs of the run-time family. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { format } from 'prettier';
import ts from 'typescript';
import { genericProtocol } from '../../src/genl/generic.ts';
import { toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Codec, Part } from '../../src/netlink/codec/codec.ts';
import { attributesOf } from '../../src/netlink/codec/declared-sets.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import { ynlFamily, ynlSource } from '../../src/ynl/index.ts';
import { specText, type SpecName } from '../harness/ynl-spec.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** buffer-layout ships no types. */
const LAYOUT_TYPES = resolve(ROOT, 'src/netlink/codec/buffer-layout.d.ts');
const SPECS = ['shed', 'links', 'controller'] as const satisfies readonly SpecName[];
const KEYS = ['camel', 'spec'] as const;

// In the tree, where the compiler finds its types.
const CACHE = join(ROOT, '.cache');
let folder = '';
test.before(() => {
  mkdirSync(CACHE, { recursive: true });
  folder = mkdtempSync(join(CACHE, 'ynl-'));
  for (const [path, { source }] of files) writeFileSync(join(folder, path), local(source));
});
test.after.always(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

/** The file with the entries as they are in the tree. */
const local = (source: string): string =>
  source
    .replaceAll("'netlink-ts/netlink'", `'${resolve(ROOT, 'src/netlink/index.ts')}'`)
    .replaceAll("'netlink-ts/genl'", `'${resolve(ROOT, 'src/genl/index.ts')}'`);

const files = new Map(
  SPECS.flatMap((name) =>
    KEYS.map((keys) => {
      const source = ynlSource(specText(name), { keys });
      return [`${name}-${keys}.ts`, { name, keys, source }] as const;
    }),
  ),
);

test('ynl: printed files are formatted', async (t) => {
  const style = { parser: 'typescript', printWidth: 100, singleQuote: true } as const;
  for (const { source } of files.values()) t.is(source, await format(source, style));
});

test('ynl: printed files compile', (t) => {
  const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const paths = [...files.keys()].map((name) => join(folder, name));
  const program = ts.createProgram([...paths, LAYOUT_TYPES], { ...options, noEmit: true });
  const wrong = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
  t.deepEqual(wrong, []);
});

/** xorshift: the same from run to run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

/** Attributes of a set with random contents, and inside them those that they hold. */
function attributesIn(codec: Codec<any, any>, random: () => number, depth: number): Uint8Array {
  const bytes = new Writer();
  const sets: Codec<any, any>[] = [];
  const find = (each: Codec<any, any>, left: number): void => {
    if ('attributes' in each) sets.push(each);
    else if (left > 0) each.inner?.().forEach((inner) => find(inner.codec, left - 1));
  };
  find(codec, 3);
  const set = sets[random() % Math.max(1, sets.length)];
  if (set === undefined || depth > 4) {
    const sizes = [0, 1, 2, 4, 4, 8, 8, 12, 16, 40];
    return Uint8Array.from({ length: sizes[random() % sizes.length]! }, () =>
      random() % 3 === 0 ? random() % 256 : random() % 4,
    );
  }
  const declared = attributesOf(set as never);
  for (let count = random() % 4; count >= 0 && declared.length > 0; count--) {
    const { id, codec: inner } = declared[random() % declared.length]!;
    const payload = attributesIn(inner, random, depth + 1);
    const header = new DataView(new ArrayBuffer(4));
    header.setUint16(0, payload.length + 4, true);
    header.setUint16(2, random() % 20 === 0 ? random() % 99 : id | (inner.flags ?? 0), true);
    bytes.append(new Uint8Array(header.buffer));
    bytes.append(payload);
    bytes.pad();
  }
  return bytes.finish();
}

interface Outcome {
  readonly value?: unknown;
  readonly again?: string;
  readonly parts?: readonly string[];
  readonly error?: string;
}

/** All that a declaration makes of bytes. */
function outcome(message: AnyMessage, bytes: Uint8Array): Outcome {
  try {
    const view = viewOf(bytes);
    const value = message.get(view, 0, bytes.length) as object;
    const writer = new Writer();
    message.put(writer, value);
    const parts: string[] = [];
    message.walk?.(view, 0, bytes.length, (part: Part) => parts.push(part.name), 0);
    return { value, again: toHex(writer.finish()), parts };
  } catch (error) {
    return { error: `${(error as Error).name}: ${(error as Error).message}` };
  }
}

for (const [file, { name, keys }] of files) {
  test(`ynl: the printed file of ${name}, with ${keys} keys, is the run-time family`, async (t) => {
    const family = ynlFamily(specText(name), { keys });
    const printed = (await import(join(folder, file))) as Record<
      string,
      { messages?: AnyMessage[] }
    >;
    const whole = Object.values(printed).find((each) => Array.isArray(each.messages))!;
    const ours = (family.genl ?? family.protocol)!.messages;
    const theirs = whole.messages!;
    t.deepEqual(
      theirs.map(({ types, doc }) => ({ types, doc })),
      ours.map(({ types, doc }) => ({ types, doc })),
    );
    const random = generator(42);
    let read = 0;
    for (let n = 0; n < 3000; n++) {
      const index = n % ours.length;
      const { span } = ours[index]!.head;
      const attributes = attributesIn(ours[index]!.body, random, 0);
      const bytes = new Uint8Array(((span + 3) & ~3) + attributes.length);
      for (let i = 0; i < span; i++) bytes[i] = random() % 4;
      bytes.set(attributes, (span + 3) & ~3);
      const mine = outcome(ours[index]!, bytes);
      t.deepEqual(outcome(theirs[index]!, bytes), mine);
      if (mine.error === undefined) {
        read++;
        if (family.genl === undefined) t.is(mine.again, toHex(bytes));
      } else {
        t.regex(mine.error, /^CodecError: /);
      }
    }
    t.true(read > 100, String(read));
  });
}

test('ynl: the text of a specification cannot leave its strings and comments', async (t) => {
  const evil = '*/ export const evil = 1; // \' " ${x} ` \u2028 \\';
  const source = ynlSource({
    name: 'evil',
    doc: evil,
    definitions: [
      { name: '__proto__', type: 'enum', entries: ['__proto__', "it's", evil, 'constructor'] },
    ],
    'attribute-sets': [
      {
        name: 'class',
        attributes: [
          { name: '__proto__', type: 'u8', enum: '__proto__', doc: evil },
          { name: evil, type: 'u8' },
          { name: '7up', type: 'u8' },
        ],
      },
    ],
    operations: { list: [{ name: 'await', doc: evil, 'attribute-set': 'class', do: {} }] },
  });
  const path = join(folder, 'evil.ts');
  writeFileSync(path, local(source));
  const printed = (await import(path)) as Record<string, unknown>;
  t.false(Object.values(printed).includes(1));
  const words = Object.values(printed).find((each) => Object.hasOwn(each as object, "it's"));
  t.deepEqual(Object.entries(words as object), [
    ['__proto__', 0],
    ["it's", 1],
    [evil, 2],
    ['constructor', 3],
  ]);
  t.truthy(genericProtocol([[printed['evil'] as never, 30]]).find(30, 1));
});
