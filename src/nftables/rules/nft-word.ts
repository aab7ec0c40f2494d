/** Names and texts as nft reads them; undefined where it has no way to say them. nftables, src/scanner.l. */
import { isPrintable } from '../../printable.ts';

/** A name of a chain or a set: nft has quotes for neither. */
export const identifier = (name: string): string | undefined =>
  /^[A-Za-z_.][\w/.-]*$/.test(name) ? name : undefined;

/** In quotes. There is no escape in them: a quotation mark ends the text, and what follows it would be read as another statement. */
export const quoted = (text: string): string | undefined =>
  text !== '' && !text.includes('"') && isPrintable(text) ? `"${text}"` : undefined;

/** Bytes of such a field: `IFNAMSIZ`, `NF_CT_HELPER_NAME_LEN`. */
const FIELD = 16;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text in bytes; undefined when they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * A value of a field of text (a name of an interface, of a helper): the whole of it with a NUL behind, or its beginning, which nft writes
 * with an asterisk.
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
