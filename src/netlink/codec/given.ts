/** What a caller gave, in the words of an error. Apart from the codecs, so that whoever only reads text need not load them. */
import { CodecError } from '../../errors.ts';

/** A value in an error. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  // An object without a prototype has no text, and a template of it throws.
  const hasText = typeof value !== 'object' || value === null || 'toString' in value;
  return hasText ? String(value) : '[object Object]';
}

/** Refuses what is given where a list belongs. */
export function checkList(value: unknown): void {
  if (!Array.isArray(value)) throw new CodecError(`${describe(value)} is not a list`);
}
