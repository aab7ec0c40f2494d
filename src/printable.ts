/**
 * Makes untrusted text safe to print: names, aliases, comments and log prefixes may contain
 * anything, and what reaches a terminal or a log is read by people. Control characters, marks that
 * change the writing direction and invisible characters are escaped, so that two different texts
 * never look the same.
 */

/** Unicode categories of invisible characters, unpaired surrogates and line separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const HIDDEN_OR_BACKSLASH = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Whether every character of a text is visible. */
export const isPrintable = (text: string): boolean => text.search(HIDDEN) < 0;

/** A value as JSON in visible characters; text is quoted. `JSON.parse` recovers it. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(HIDDEN, (hidden) =>
    // The line breaks of indented JSON are not part of a value.
    hidden === '\n' ? hidden : unitEscapes(hidden),
  );

function unitEscapes(text: string): string {
  let escapes = '';
  for (let i = 0; i < text.length; i++) {
    escapes += `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return escapes;
}

/** Bytes that are not UTF-8 appear in a text as unpaired surrogates, see `text.ts`. */
const FIRST_BYTE = 0xdc80;
const LAST_BYTE = 0xdcff;

/**
 * Text without quotes: `\x1b` for an ASCII control character, `\xff` for a byte that is not UTF-8,
 * `\u{202e}` for others, and a doubled backslash. `fromPrintable` recovers the text.
 */
export const printable = (text: string): string => text.replace(HIDDEN_OR_BACKSLASH, escapeOf);

/** The same for sentences, in which a backslash stands for itself. */
export const printableProse = (text: string): string => text.replace(HIDDEN, escapeOf);

function escapeOf(character: string): string {
  const point = character.codePointAt(0)!;
  if (character === '\\') return '\\\\';
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
  if (point >= FIRST_BYTE && point <= LAST_BYTE) return `\\x${(point & 0xff).toString(16)}`;
  return `\\u{${point.toString(16)}}`;
}

/** The text for what a user types after seeing it printed. Other backslashes are kept. */
export const fromPrintable = (text: string): string =>
  text.replace(/\\(?:\\|x([0-9a-f]{2})|u\{([0-9a-f]{1,6})\})/g, (all, byte, point) => {
    if (byte !== undefined) {
      const value = parseInt(byte as string, 16);
      return String.fromCharCode(value < 0x80 ? value : 0xdc00 | value);
    }
    if (point === undefined) return '\\';
    const value = parseInt(point as string, 16);
    return value <= 0x10ffff ? String.fromCodePoint(value) : (all as string);
  });
