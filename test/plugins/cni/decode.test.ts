import test from 'ava';
import { decode, member, plain } from '../../../src/cni/decode.ts';
import { describeUnknownKey, type UnknownKey } from '../../../src/cni/keys.ts';
import { CniError } from '../../../src/cni/errors.ts';
import { parseJson, type JsonObject } from '../../../src/cni/json-text.ts';
import * as s from '../../../src/cni/schema.ts';

const schema = s.object({
  name: s.string({ default: 'none' }),
  mtu: s.integer({ default: 0 }),
  vlan: s.optional(s.integer({ minimum: 0, maximum: 4094 })),
  isGateway: s.boolean({ default: false }),
  gateway: s.optional(s.ip()),
  subnet: s.optional(s.cidr()),
  backend: s.optional(s.string({ enum: ['iptables', 'nftables'] })),
  trunk: s.optional(s.list(s.object({ id: s.optional(s.integer()) }))),
  servers: s.optional(s.list(s.ip())),
  nested: s.optional(
    s.object({
      mac: s.string({ default: '' }),
      deep: s.optional(s.object({ x: s.optional(s.integer()), y: s.optional(s.integer()) })),
    }),
  ),
  capabilities: s.optional(s.record(s.boolean())),
  prevResult: s.optional(s.raw()),
  args: s.optional(s.object({}, s.OPEN)),
});

function run(text: string): { value: s.Static<typeof schema>; unknown: UnknownKey[] } {
  const unknown: UnknownKey[] = [];
  const value = decode(schema, parseJson(new TextEncoder().encode(text)), unknown);
  return { value, unknown };
}

const DEFAULTS = { name: 'none', mtu: 0, isGateway: false };

const accepts = test.macro({
  exec(t, text: string, expected: object) {
    t.deepEqual(run(text).value, { ...DEFAULTS, ...expected } as s.Static<typeof schema>);
  },
  title: (given) => `decode: ${given}`,
});

test('an empty object gives the defaults', accepts, '{}', {});
test('keys match in any letter case', accepts, '{"NAME":"a","isgateway":true,"MTU":3}', {
  name: 'a',
  isGateway: true,
  mtu: 3,
});
test('the long s folds to s', accepts, '{"ſubnet":"10.0.0.0/8"}', { subnet: '10.0.0.0/8' });
test('of two spellings the last one in the document wins', accepts, '{"name":"a","NAME":"b"}', {
  name: 'b',
});
test('a repeated spelling counts where it stands', accepts, '{"name":"a","NAME":"b","name":"c"}', {
  name: 'c',
});
test(
  'repeated objects are merged field by field',
  accepts,
  '{"nested":{"mac":"a","deep":{"x":1}},"Nested":{"deep":{"y":2}}}',
  { nested: { mac: 'a', deep: { x: 1, y: 2 } } },
);
test(
  'null changes nothing',
  accepts,
  '{"name":"a","name":null,"mtu":null,"trunk":null,"nested":null,"gateway":null}',
  { name: 'a' },
);
test(
  'null takes back a list and an address, in any spelling',
  accepts,
  '{"trunk":[{"id":1}],"Trunk":null,"gateway":"10.0.0.1","GATEWAY":null,"nested":{"mac":"a"},"nested":null}',
  { nested: { mac: 'a' } },
);
test('an empty address is not set', accepts, '{"gateway":""}', {});
test(
  'addresses are brought to the printed spelling',
  accepts,
  '{"gateway":"FD00:0::1","subnet":"10.1.2.3/024"}',
  { gateway: 'fd00::1', subnet: '10.1.2.3/24' },
);
test('integers may be negative, and zero has no sign', accepts, '{"mtu":-5,"vlan":-0}', {
  mtu: -5,
  vlan: 0,
});
test(
  'a dictionary keeps its keys',
  accepts,
  '{"capabilities":{"portMappings":true,"__proto__":false}}',
  { capabilities: JSON.parse('{"portMappings":true,"__proto__":false}') as object },
);
test('an open object may hold anything', accepts, '{"args":{"whatever":[1.5]}}', { args: {} });

const refuses = test.macro({
  exec(t, text: string, code: number, msg: string) {
    const error = t.throws(() => run(text), { instanceOf: CniError });
    t.like(error, { code, msg });
  },
  title: (_given, text: string) => `decode: ${text} is refused by path, value and expectation`,
});

test(refuses, '{"mtu":"1500"}', 7, 'mtu is a string ("1500"), an integer is expected');
test(refuses, '{"MTU":1.5}', 7, 'mtu is a number (1.5), an integer is expected');
test(refuses, '{"mtu":1e3}', 7, 'mtu is a number (1e3), an integer is expected');
test(refuses, '{"mtu":1.0}', 7, 'mtu is a number (1.0), an integer is expected');
test(
  refuses,
  '{"mtu":99999999999999999999}',
  7,
  'mtu: 99999999999999999999 is out of range, at most 9007199254740991 is expected',
);
test(refuses, '{"vlan":4095}', 7, 'vlan: 4095 is out of range, 0 to 4094 is expected');
test(
  refuses,
  '{"isGateway":"true"}',
  7,
  'isGateway is a string ("true"), true or false is expected',
);
test(refuses, '{"name":{"a":1}}', 7, 'name is an object ({"a":1}), a string is expected');
test(refuses, '{"trunk":{}}', 7, 'trunk is an object ({}), a list is expected');
test(
  refuses,
  '{"trunk":[{"id":1},{"ID":true}]}',
  7,
  'trunk[1].id is a boolean (true), an integer is expected',
);
test(refuses, '{"trunk":[null]}', 7, 'trunk[0] is null');
test(refuses, '{"nested":[]}', 7, 'nested is an array ([]), an object is expected');
test(refuses, '{"gateway":"010.1.1.1"}', 7, 'gateway: invalid IP address: 010.1.1.1');
test(refuses, '{"servers":[""]}', 7, 'servers[0]: invalid IP address: ');
test(refuses, '{"subnet":""}', 7, 'subnet: invalid CIDR address: ');
test(refuses, '{"backend":""}', 7, 'backend: "" is not one of "iptables", "nftables"');
test(
  refuses,
  '{"capabilities":{"a":1}}',
  7,
  'capabilities.a is a number (1), true or false is expected',
);
test(refuses, '{"prevResult":"x"}', 7, 'prevResult is a string ("x"), an object is expected');
test(refuses, '[]', 7, 'the document is an array ([]), an object is expected');

test('decode: a key without default that is not optional is required', (t) => {
  const strict = s.object({ inner: s.object({ dst: s.cidr() }) });
  const text = (json: string) => (): unknown =>
    decode(strict, parseJson(new TextEncoder().encode(json)));
  t.throws(text('{}'), { message: 'inner: missing' });
  t.throws(text('{"inner":{"dst":null}}'), { message: 'inner.dst: missing' });
  t.notThrows(text('{"inner":{"DST":"10.0.0.0/8"}}'));
});

test('decode: unknown keys come back with path, value and the nearest known key', (t) => {
  const { unknown } = run(
    '{"isGatway":true,"nested":{"mca":"x"},"zzz":1,"io.test/x":1,"args":{"free":1}}',
  );
  const end = 'in the network configuration';
  t.deepEqual(unknown.map(describeUnknownKey), [
    `unknown key "isGatway" (true) ${end}; did you mean "isGateway"?`,
    `unknown key "nested.mca" ("x") ${end}; did you mean "mac"?`,
    `unknown key "zzz" (1) ${end}`,
  ]);
});

test('decode: an unknown key of megabytes costs as much as reading it, and is reported in part', (t) => {
  const long = 'isGatwa'.repeat(1 << 20);
  for (const text of [
    `{"${long}":1}`,
    `{"zzz":"${long}"}`,
    `{"zzz":[${'1,'.repeat(1 << 20)}1]}`,
    `{"zzz":{"${long}":{"${long}":1}}}`,
    `{"zzz":${'1'.repeat(1 << 20)}}`,
  ]) {
    const { unknown } = run(text);
    t.is(unknown.length, 1);
    t.true(describeUnknownKey(unknown[0]!).length < 300);
  }
});

test('plain: objects under equal keys are merged, null takes back a list, and a list replaces one', (t) => {
  const read = (json: string): unknown => plain(parseJson(new TextEncoder().encode(json)));
  t.deepEqual(read('{"a":{"x":1,"b":{"c":1}},"A":{"B":{"d":2},"e":[1]},"a":{"e":[2]}}'), {
    a: { x: 1, B: { c: 1, d: 2 }, e: [2] },
  });
  t.deepEqual(read('{"a":[1],"A":null,"b":{"c":1},"b":null,"d":1,"d":null}'), {
    b: { c: 1 },
    d: 1,
  });
  t.deepEqual(read('{"a":1,"a":{"b":2},"c":{"d":1},"c":3}'), { a: { b: 2 }, c: 3 });
});

test('decode: a default that is a list is not shared between decodings', (t) => {
  const withList = s.object({ items: s.list(s.string(), { default: [] }) });
  const first = decode(withList, { members: [] });
  first.items.push('a');
  t.deepEqual(decode(withList, { members: [] }), { items: [] });
});

test('decode: thousands of objects under one key, or under as many, are read in one pass', (t) => {
  const many = 200_000;
  const read = (json: string): JsonObject =>
    parseJson(new TextEncoder().encode(json)) as JsonObject;
  const repeated = read(`{${'"ipam":{"a":1},'.repeat(many)}"IPAM":{"b":{}}}`);
  const found = member(repeated, 'ipam') as JsonObject;
  t.is(found.members.length, many + 1);
  t.deepEqual(plain(found), { a: 1, b: {} });
  const keys = Array.from({ length: many }, (_, i) => `"k${i}":{"x":${i}}`);
  const one = plain(read(`{${keys.join(',')},"K0":{"y":0}}`)) as Record<string, unknown>;
  t.is(Object.keys(one).length, many);
  t.deepEqual(one['K0'], { x: 0, y: 0 });
});
