/**
 * Names and texts in nft's syntax; undefined if it cannot express them. nftables, src/scanner.l.
 */
import { isPrintable } from '../../printable.ts';

/** The name of a chain or a set, which nft cannot quote. */
export const identifier = (name: string): string | undefined =>
  /^[A-Za-z_.][\w/.-]*$/.test(name) ? name : undefined;

/**
 * A quoted string. It has no escapes: a quotation mark ends the string, and what follows would be
 * read as another statement.
 */
export const quoted = (text: string): string | undefined =>
  text !== '' && !text.includes('"') && isPrintable(text) ? `"${text}"` : undefined;

/** Size of such a field: `IFNAMSIZ`, `NF_CT_HELPER_NAME_LEN`. */
const FIELD = 16;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of bytes; undefined if they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The value of a text field (the name of an interface or a helper): complete with a trailing NUL,
 * or a prefix, which nft writes with an asterisk.
 */
export function fieldText(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  const text = textOf(end < 0 ? bytes : bytes.subarray(0, end));
  if (text === undefined || text.includes('\\')) return undefined;
  if (end < 0) {
    return text.endsWith('*') || bytes.length >= FIELD ? undefined : quoted(`${text}*`);
  }
  if (bytes.subarray(end).some((byte) => byte !== 0)) return undefined;
  return quoted(text.endsWith('*') ? `${text.slice(0, -1)}\\*` : text);
}
