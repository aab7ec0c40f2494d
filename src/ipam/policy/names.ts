/**
 * Which names in a configuration are valid. Loops instead of regular expressions: each regular
 * expression is compiled on first use, and a plugin's process checks only once.
 */

/** CNI SPEC 1.1.0, "Network configuration format": `[a-zA-Z0-9][a-zA-Z0-9_.-]*`. */
export function isName(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isDigit = code >= 0x30 && code <= 0x39;
    // Setting this bit makes letters lower case.
    const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (!isDigit && !isLetter && (at === 0 || !'_.-'.includes(text[at]!))) return false;
  }
  return text !== '';
}

/** Whether one of `characters` is in the text. */
export function holdsAny(text: string, characters: string): boolean {
  for (const character of characters) if (text.includes(character)) return true;
  return false;
}

/** Whether there is white space in the text. */
export function holdsSpace(text: string): boolean {
  for (const character of text) if (character.trim() === '') return true;
  return false;
}

/** dev_valid_name() of the kernel, except for the length. */
export const namesInterface = (text: string): boolean =>
  !['', '.', '..'].includes(text) && !holdsAny(text, '/:\0') && !holdsSpace(text);

/** The length of the text in UTF-8. */
export const byteLength = (text: string): number => new TextEncoder().encode(text).length;
