/**
 * Decoded values as JSON: 64-bit integers as decimal text, bytes as hexadecimal text. `encode`
 * accepts both, so a value can be saved and sent again.
 */
import { toHex } from './bytes.ts';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The JSON form of any value; never throws. Undefined keys are left out, and a value inside itself
 * becomes null.
 *
 * @example JSON.stringify(toJson(link)) // JSON.stringify(link) would throw at the first bigint
 */
export function toJson(value: unknown): Json {
  return convert(value, []);
}

function convert(value: unknown, outer: readonly object[]): Json {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || outer.includes(value)) return null;
  if (value instanceof Uint8Array) return toHex(value);
  const path = [...outer, value];
  if (Array.isArray(value)) return value.map((item) => convert(item, path));
  const result: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && typeof item !== 'function') result[key] = convert(item, path);
  }
  return result;
}
