import test from 'ava';
import fc from 'fast-check';
import {
  excerpt,
  formatJson,
  JsonSyntaxError,
  parseJson,
  type JsonNode,
  type JsonObject,
} from '../../../src/cni/json-text.ts';
import { plain } from '../../../src/cni/decode.ts';

const parse = (text: string): JsonNode => parseJson(new TextEncoder().encode(text));

const refused = test.macro({
  exec(t, text: string, message: string, position?: string) {
    const error = t.throws(() => parse(text), { instanceOf: JsonSyntaxError, message });
    if (position !== undefined) t.is((error as JsonSyntaxError).position, position);
  },
  title: (_given, text: string) => `json: ${JSON.stringify(text)} is refused in the known words`,
});

// The texts are those that the reference binaries print (see reference.test.ts).
test(refused, '', 'unexpected end of JSON input', 'line 1, column 1');
test(refused, '{', 'unexpected end of JSON input');
test(refused, '{"a"', 'unexpected end of JSON input');
test(refused, '"a', 'unexpected end of JSON input');
test(refused, '[1', 'unexpected end of JSON input');
test(refused, 'tru', 'unexpected end of JSON input');
test(refused, '-', 'unexpected end of JSON input');
test(refused, '1.', 'unexpected end of JSON input');
test(refused, 'hello', "invalid character 'h' looking for beginning of value", 'line 1, column 1');
test(
  refused,
  '{"a":1,\n  }',
  "invalid character '}' looking for beginning of object key string",
  'line 2, column 3',
);
test(refused, '{"a" 1}', "invalid character '1' after object key");
test(refused, '{"a":1 "b":2}', `invalid character '"' after object key:value pair`);
test(refused, '[1 2]', "invalid character '2' after array element");
test(refused, '{} x', "invalid character 'x' after top-level value");
test(refused, '{"a":01}', "invalid character '1' after object key:value pair");
test(refused, '-x', "invalid character 'x' in numeric literal");
test(refused, '1.x', "invalid character 'x' after decimal point in numeric literal");
test(refused, '1ex', "invalid character 'x' in exponent of numeric literal");
test(refused, 'trux', "invalid character 'x' in literal true (expecting 'e')");
test(refused, '"\\x"', "invalid character 'x' in string escape code");
test(refused, '"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape");
test(refused, '"a\nb"', "invalid character '\\n' in string literal");
test(refused, "'a'", "invalid character '\\'' looking for beginning of value");
// What nobody can see is written as its code.
test(refused, '\ufeff{}', "invalid character '\\ufeff' looking for beginning of value");
test(
  refused,
  '{\u00a0"a":1}',
  "invalid character '\\u00a0' looking for beginning of object key string",
);
test(refused, '{"a":\u200b1}', "invalid character '\\u200b' looking for beginning of value");
test(refused, 'é', "invalid character 'é' looking for beginning of value");

test('json: keys keep their order and may repeat, numbers keep their spelling', (t) => {
  t.deepEqual(parse('{"b":1.0,"a":-1e3,"b":[true,false,null]}'), {
    members: [
      ['b', { number: '1.0' }],
      ['a', { number: '-1e3' }],
      ['b', [true, false, null]],
    ],
  });
});

test('json: escapes are decoded, and a lone surrogate becomes U+FFFD', (t) => {
  t.is(parse('"\\u00e9\\n\\ud83d\\ude00\\ud83d\\/"'), 'é\n😀\ufffd/');
});

test('json: invalid UTF-8 becomes U+FFFD', (t) => {
  t.is(parseJson(Uint8Array.of(0x22, 0xff, 0x22)), '\ufffd');
});

test('json: what JSON.parse accepts is read to the same value, and nothing else is accepted', (t) => {
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc.json().chain((json) => fc.nat(json.length).map((cut) => json.slice(0, cut))),
    fc
      .json()
      .chain((json) =>
        fc
          .tuple(fc.nat(json.length), fc.string({ maxLength: 2 }))
          .map(([at, extra]) => json.slice(0, at) + extra + json.slice(at)),
      ),
  );
  fc.assert(
    fc.property(text, (source) => {
      let expected: unknown;
      try {
        expected = JSON.parse(source);
      } catch {
        t.throws(() => parse(source), { instanceOf: JsonSyntaxError });
        return;
      }
      t.deepEqual(stripNulls(plain(parse(source)), true), stripNulls(expected, false));
    }),
    { numRuns: 400 },
  );
});

/** `plain` leaves out null members and keeps odd numbers as nodes: bring both sides to one form. */
function stripNulls(value: unknown, ours: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => stripNulls(item, ours));
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
  const entries = Object.entries(value);
  if (
    ours &&
    entries.length === 1 &&
    entries[0]![0] === 'number' &&
    typeof entries[0]![1] === 'string' &&
    !Number.isNaN(Number(entries[0]![1]))
  ) {
    // Plus nothing makes minus zero zero, as above.
    return Number(entries[0]![1]) + 0;
  }
  const kept = entries.filter(([, item]) => item !== null);
  return kept
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, stripNulls(item, ours)]);
}

test('json: nesting is read as deep as the reference reads it, and deeper is refused', (t) => {
  const nested = (open: string, close: string, depth: number): JsonNode =>
    parse(open.repeat(depth) + '1' + close.repeat(depth));
  const node = nested('[', ']', 10_000);
  t.is(excerpt(node), `${'['.repeat(64)}…`);
  t.notThrows(() => JSON.stringify(plain(node)));
  t.is(excerpt(nested('{"a":', '}', 10_000), 8), '{"a":{"a…');
  t.throws(() => nested('[', ']', 10_001), { message: "invalid character '[' exceeded max depth" });
});

test('json: printing indents by four spaces and escapes what HTML and scripts would misread', (t) => {
  t.is(
    formatJson({ a: ['<&>\u2028\u2029'], b: {} }),
    '{\n    "a": [\n        "\\u003c\\u0026\\u003e\\u2028\\u2029"\n    ],\n    "b": {}\n}',
  );
});

test('json: an excerpt is compact and cut', (t) => {
  t.is(excerpt(parse('{"a": [1, "x", null]}')), '{"a":[1,"x",null]}');
  t.is(excerpt(parse('[1,2,3,4,5]'), 6), '[1,2,3…');
});

test('json: a long document is read as a short one, whatever stands in its strings', (t) => {
  const read = (text: string): unknown => {
    try {
      return parseJson(new TextEncoder().encode(text));
    } catch (error) {
      return `${(error as Error).message}, ${(error as JsonSyntaxError).position}`;
    }
  };
  // Blanks make a document long and change nothing in what is read.
  const long = (text: string): string => `${text.slice(0, 1)}${' '.repeat(70_000)}${text.slice(1)}`;
  const texts = [
    '["a","","ä\u{1f600}\u2028",{"":" "}]',
    '["\\u0041\\n\\"","b"]',
    '["a\nb"]',
    '["a\u0000"]',
    '[\n"a",\t"b"\r]',
    '["a"',
    '["a',
    '["a\\',
    '["a"x]',
    '{"a"x1}',
    '{"a":1x',
    '{x',
    '[1,"a",2.50,null,true]',
  ];
  for (const text of texts) {
    const place = (seen: unknown): unknown =>
      typeof seen === 'string' ? seen.replace(/\d+$/, (n) => String(Number(n) % 70_000)) : seen;
    t.deepEqual(place(read(long(text))), place(read(text)), text);
  }
});

/** The same node with everything in it asked for. */
function complete(node: JsonNode): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(complete);
  if (!('members' in node)) return node;
  return { members: (node as JsonObject).members.map(([key, value]) => [key, complete(value)]) };
}

test('json: a long document without spaces is read as one with a space', (t) => {
  const long = (text: string): string => `{"":"${'x'.repeat(70_000)}","a":${text}}`;
  const same = (text: string): void => {
    const spaced = long(text).replace(',"a":', ', "a":');
    t.deepEqual(complete(parse(long(text))), complete(parse(spaced)), text);
  };
  for (const text of [
    '{"b":1,"b":{"c":2},"B":3}',
    '{"x":1,"10":2,"9":3}',
    '{"9":1,"10":2,"x":3}',
    '{"__proto__":{"a":1},"constructor":null,"toJSON":2}',
    '[1.0,1e3,-0,0.1,1e21,123456789012345678901234567890,1E5]',
    '["\\ud800","\\u003c","\u2028\ud83d\ude00\ufffd"]',
    '[[1],[],{}]',
    '[[{"subnet":"10.0.0.0/8"}],[[[]]],[1,[2,[3],4],5]]',
    '{"[[":[{"a":[]},{}]}',
  ]) {
    same(text);
  }
  fc.assert(fc.property(fc.jsonValue(), (value) => same(JSON.stringify(value))));
  const deep = (n: number): string => '{"a":'.repeat(n) + '1' + '}'.repeat(n);
  for (const n of [3, 7, 100, 1000]) same(deep(n));
  t.throws(() => parse(long(deep(20_000))), { message: /exceeded max depth/ });
});
