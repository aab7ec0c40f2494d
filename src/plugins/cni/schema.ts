/**
 * The words in which configurations and results are declared: TypeBox schemas, imported one by one so
 * that a bundle holds only these.
 *
 * A schema is plain data that `decode.ts` walks. The static type comes from it too: a property with a
 * `default` is always there after decoding, one wrapped in `optional` may be missing.
 */
import { Array as list } from '@sinclair/typebox/type';
import { Boolean as boolean } from '@sinclair/typebox/type';
import { Integer as integer } from '@sinclair/typebox/type';
import { Object as object } from '@sinclair/typebox/type';
import { Optional as optional } from '@sinclair/typebox/type';
import { String as string } from '@sinclair/typebox/type';
import { Unsafe } from '@sinclair/typebox/type';
import type { Static, TObject, TSchema, TUnsafe } from '@sinclair/typebox/type';
import type { JsonNode, JsonObject } from './json-text.ts';

export { boolean, integer, list, object, optional, string };
export type { Static, TObject, TSchema };

/** Marks an object that may hold keys which are other people's business. */
export const OPEN = { additionalProperties: true } as const;

/** An IP address, decoded to its RFC 5952 spelling; the empty string means "not set". */
export const ip = (): ReturnType<typeof string> => string({ format: 'ip' });

/** An address with prefix length, decoded to its RFC 5952 spelling with the host bits kept. */
export const cidr = (): ReturnType<typeof string> => string({ format: 'cidr' });

/** An object used as a dictionary. */
export const record = <T extends TSchema>(value: T): TUnsafe<Readonly<Record<string, Static<T>>>> =>
  Unsafe<Readonly<Record<string, Static<T>>>>({ type: 'object', additionalProperties: value });

/** An object that is kept as it was written, for somebody else to decode. */
export const raw = (): TUnsafe<JsonObject> => Unsafe<JsonObject>({ type: 'object', raw: true });

/** Any value, kept as it was written. */
export const anything = (): TUnsafe<JsonNode> => Unsafe<JsonNode>({ raw: true });
