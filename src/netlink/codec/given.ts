/**
 * Words for a caller's values in errors. Kept apart from the codecs, so that code that only parses
 * text need not load them.
 */
import { CodecError } from '../../errors.ts';

/** A value, as shown in an error. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  try {
    return String(value);
  } catch {
    // It has no `toString`, like an object without a prototype, or one that throws.
    return '[object Object]';
  }
}

/** Throws CodecError if the value is not an array. */
export function checkList(value: unknown): void {
  if (!Array.isArray(value)) throw new CodecError(`${describe(value)} is not a list`);
}
