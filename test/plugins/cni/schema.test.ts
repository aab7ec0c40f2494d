/**
 * Our schemas are those that TypeBox would make, symbols included, so that all of TypeBox works on
 * them.
 */
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import test from 'ava';
import {
  anything,
  boolean,
  cidr,
  ip,
  integer,
  list,
  object,
  OPEN,
  optional,
  raw,
  record,
  string,
} from '../../../src/cni/schema.ts';

/** Symbols as well, which a comparison of the values alone would pass over. */
const whole = (schema: object): unknown =>
  Reflect.ownKeys(schema)
    .sort((a, b) => String(a).localeCompare(String(b)))
    .map((key) => {
      const value = (schema as Record<PropertyKey, unknown>)[key];
      return [key, typeof value === 'object' && value !== null ? whole(value) : value];
    });

const PAIRS: Readonly<Record<string, readonly [ours: object, theirs: object]>> = {
  boolean: [boolean({ default: true }), Type.Boolean({ default: true })],
  integer: [integer({ minimum: 1, maximum: 2 }), Type.Integer({ minimum: 1, maximum: 2 })],
  string: [string(), Type.String()],
  'string with an enumeration': [string({ enum: ['a'] }), Type.String({ enum: ['a'] })],
  ip: [ip(), Type.String({ format: 'ip' })],
  cidr: [cidr(), Type.String({ format: 'cidr' })],
  list: [list(integer()), Type.Array(Type.Integer())],
  optional: [optional(string()), Type.Optional(Type.String())],
  object: [
    object({ a: string(), b: optional(integer()) }, OPEN),
    Type.Object({ a: Type.String(), b: Type.Optional(Type.Integer()) }, OPEN),
  ],
  'object of optional members': [
    object({ a: optional(string()) }),
    Type.Object({ a: Type.Optional(Type.String()) }),
  ],
  'object without members': [object({}), Type.Object({})],
  'optional object': [optional(object({})), Type.Optional(Type.Object({}))],
  record: [
    record(boolean()),
    Type.Unsafe({ type: 'object', additionalProperties: Type.Boolean() }),
  ],
  raw: [raw(), Type.Unsafe({ type: 'object', raw: true })],
  anything: [anything(), Type.Unsafe({ raw: true })],
};

for (const [name, [ours, theirs]] of Object.entries(PAIRS)) {
  test(`schema: ${name} is what TypeBox makes of it`, (t) =>
    t.deepEqual(whole(ours), whole(theirs)));
}

test('schema: TypeBox checks values by it', (t) => {
  const schema = object({ a: string(), b: optional(integer()) });
  t.true(Value.Check(schema, { a: '', b: 1 }));
  t.false(Value.Check(schema, { a: 1 }));
  t.false(Value.Check(schema, { b: 1 }));
});
