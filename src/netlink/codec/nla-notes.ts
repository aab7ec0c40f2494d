/**
 * What a set keeps besides the values of its attributes: strangers under `nla<number>`, and under `nlaNotes`, by key, the
 * flag bits of a type that are not the declared ones, or the form that a codec noted.
 */
import { bytesOf, copyOf, fromHex, toHex } from './bytes.ts';
import { takeNote } from './note.ts';

export type Notes = Record<string, number | string>;

const STRANGER = /^nla(\d+)(?:\.\d+)?$/;

/** The number of the attribute that a stranger's key stands for. */
export function strangerId(key: string): number | undefined {
  const stranger = STRANGER.exec(key);
  return stranger === null ? undefined : Number(stranger[1]);
}

/** How often each number has come, for the sets being read in which one came twice. */
const repeats = new WeakMap<object, Map<number, number>>();

/** Keeps the bytes of an attribute that has no codec here. Returns the key that it has now. */
export function keepStranger(
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

/** Bytes behind an attribute, up to four in all, as hexadecimal text: kept where they are not zeros, or not all there. */
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

/** The padding that was noted of an attribute. */
export function paddingNoted(notes: Notes | undefined, key: string): Uint8Array | undefined {
  const noted = notes?.[key + PADDING];
  return typeof noted === 'string' ? fromHex(noted) : undefined;
}

/** Stores what the codec of the attribute just read noted. */
export function settle(out: Record<string, unknown>, key: string): void {
  const form = takeNote();
  if (form !== undefined) note(out, key, form);
}

/** In front of a form, where the flag bits are not the declared ones either. */
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
