/**
 * The functions that declare configurations and results: TypeBox schemas.
 *
 * A schema is plain data that `decode.ts` walks. The static type comes from it too: a property with
 * a `default` is always there after decoding, one wrapped in `optional` may be missing.
 *
 * The schemas are built here and not by TypeBox's own functions, which take a third of a
 * millisecond for the sixty schemas of one configuration, and a process builds them only once;
 * test/plugins/cni/schema.test.ts checks that the results are equal.
 */
import { Kind, OptionalKind } from '@sinclair/typebox/type';
import type {
  ArrayOptions,
  IntegerOptions,
  ObjectOptions,
  SchemaOptions,
  Static,
  StringOptions,
  TArray,
  TBoolean,
  TInteger,
  TObject,
  TOptional,
  TProperties,
  TSchema,
  TString,
  TUnsafe,
} from '@sinclair/typebox/type';
import type { JsonNode, JsonObject } from './json-text.ts';

// A program that exports a schema has to name these types.
export type { Static, TArray, TBoolean, TInteger, TObject, TOptional, TProperties, TSchema };
export type { TString, TUnsafe };

/** True or false. */
export const boolean = (options?: SchemaOptions): TBoolean =>
  ({ ...options, [Kind]: 'Boolean', type: 'boolean' }) as unknown as TBoolean;

/** An integer; `minimum` and `maximum` are checked. */
export const integer = (options?: IntegerOptions): TInteger =>
  ({ ...options, [Kind]: 'Integer', type: 'integer' }) as unknown as TInteger;

/** Text. */
export const string = (options?: StringOptions): TString =>
  ({ ...options, [Kind]: 'String', type: 'string' }) as unknown as TString;

/** A list of values of one schema. */
export const list = <T extends TSchema>(items: T, options?: ArrayOptions): TArray<T> =>
  ({ ...options, [Kind]: 'Array', type: 'array', items }) as unknown as TArray<T>;

export function object<T extends TProperties>(properties: T, options?: ObjectOptions): TObject<T> {
  const required: string[] = [];
  for (const key in properties) if (!(OptionalKind in properties[key]!)) required.push(key);
  const schema = { ...options, [Kind]: 'Object', type: 'object', properties };
  return (required.length === 0 ? schema : { ...schema, required }) as unknown as TObject<T>;
}

/** A property that may be missing. */
export const optional = <T extends TSchema>(schema: T): TOptional<T> =>
  ({ ...schema, [OptionalKind]: 'Optional' }) as unknown as TOptional<T>;

const unsafe = <T>(schema: object): TUnsafe<T> =>
  ({ ...schema, [Kind]: 'Unsafe' }) as unknown as TUnsafe<T>;

/** Marks an object that may have keys for other readers. */
export const OPEN = { additionalProperties: true } as const;

/** An IP address, decoded to its RFC 5952 spelling; the empty string means "not set". */
export const ip = (): ReturnType<typeof string> => string({ format: 'ip' });

/** An address with prefix length, decoded to its RFC 5952 spelling with the host bits kept. */
export const cidr = (): ReturnType<typeof string> => string({ format: 'cidr' });

/** An object used as a dictionary. */
export const record = <T extends TSchema>(value: T): TUnsafe<Readonly<Record<string, Static<T>>>> =>
  unsafe<Readonly<Record<string, Static<T>>>>({ type: 'object', additionalProperties: value });

/** An object that is kept as it was written, to be decoded elsewhere. */
export const raw = (): TUnsafe<JsonObject> => unsafe<JsonObject>({ type: 'object', raw: true });

/** Any value, kept as it was written. */
export const anything = (): TUnsafe<JsonNode> => unsafe<JsonNode>({ raw: true });
