/**
 * What a set keeps besides the values of its attributes: unknown attributes under `nla<number>`,
 * and under `nlaNotes`, by key, type flag bits that are not the declared ones and the form of
 * the encoding that a codec has remarked on.
 */
import { bytesOf, copyOf, fromHex, toHex } from './bytes.ts';
import type { Remark } from './codec.ts';

export type Notes = Record<string, number | string>;

const UNKNOWN = /^nla\d+(?:\.\d+)?$/;

/** The number in the key of an unknown attribute: 7 for `nla7` and `nla7.2`. */
export function unknownId(key: string): number | undefined {
  return UNKNOWN.test(key) ? Number.parseInt(key.slice(3), 10) : undefined;
}

/** How often each number was seen, for sets being read in which one was repeated. */
const repeats = new WeakMap<object, Map<number, number>>();

/** Keeps the bytes of an attribute that has no codec here. Returns its key. */
export function keepUnknown(
  out: Record<string, unknown>,
  id: number,
  flags: number,
  view: DataView,
  body: number,
  stop: number,
): string {
  let key = `nla${id}`;
  if (out[key] !== undefined || repeats.get(out)?.has(id)) {
    const counts = repeats.get(out) ?? new Map<number, number>();
    const n = (counts.get(id) ?? 1) + 1;
    repeats.set(out, counts.set(id, n));
    key = `nla${id}.${n}`;
  }
  out[key] = copyOf(view, body, stop);
  if (flags !== 0) note(out, key, flags);
  return key;
}

/**
 * Suffix of the key for padding, which is kept as hexadecimal text if it is not zero, or
 * incomplete.
 */
const PADDING = ' padding';

export function notePadding(
  out: Record<string, unknown>,
  key: string,
  view: DataView,
  stop: number,
  last: number,
): void {
  const notes = (out['nlaNotes'] ??= {}) as Notes;
  notes[key + PADDING] = toHex(bytesOf(view, stop, last));
}

/** The padding noted for an attribute. */
export function paddingNoted(notes: Notes | undefined, key: string): Uint8Array | undefined {
  const noted = notes?.[key + PADDING];
  return typeof noted === 'string' ? fromHex(noted) : undefined;
}

/** Keeps what the codec of an attribute has remarked on, and makes room for the next remark. */
export function settle(out: Record<string, unknown>, key: string, remark: Remark): void {
  const { form } = remark;
  if (form === undefined) return;
  note(out, key, form);
  remark.form = undefined;
}

/** Prefix of an encoding note, if the flag bits are not the declared ones either. */
const FLAGS = 'flags ';

export function note(out: Record<string, unknown>, key: string, what: number | string): void {
  const notes = (out['nlaNotes'] ??= {}) as Notes;
  const form = notes[key];
  notes[key] = typeof form === 'string' ? `${FLAGS}${what} ${form}` : what;
}

export function flagsNoted(noted: number | string | undefined): number | undefined {
  if (typeof noted !== 'string') return noted;
  return noted.startsWith(FLAGS) ? parseInt(noted.slice(FLAGS.length), 10) : undefined;
}

export function formNoted(noted: number | string | undefined): string | undefined {
  if (typeof noted !== 'string') return undefined;
  return noted.startsWith(FLAGS) ? noted.slice(noted.indexOf(' ', FLAGS.length) + 1) : noted;
}
