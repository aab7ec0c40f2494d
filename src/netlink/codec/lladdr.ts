/** Link-layer addresses as text. */
import { CodecError } from '../../errors.ts';
import type { Codec } from './codec.ts';
import { COLON, formatIpv4, formatIpv6, hexDigit, parseIpv4, parseIpv6 } from '../../ip.ts';

/** Bytes of the address of an Ethernet interface, and characters of its text. */
const ETHERNET = 6;
const ETHERNET_TEXT = 17;
const DASH = 0x2d;
const isSeparator = (char: number): boolean => char === COLON || char === DASH;

/**
 * A link-layer address of any length: `02:42:ac:11:00:02` for the six bytes of Ethernet. The
 * address of a tunnel is an IP address and is written as one, as iproute2 does for the types ipip,
 * sit, gre, tunnel6 and ip6gre; only those have addresses of 4 or 16 bytes.
 */
export const lladdr: Codec<string> = {
  type: 'link-layer address',
  get(view, at, end) {
    const length = end - at;
    if (length === 4) return formatIpv4(view, at);
    if (length !== 16) return formatMac(view, at, end);
    const text = formatIpv6(view, at);
    // Eight groups of two digits would be read back as eight bytes.
    return isMac(text) ? formatMac(view, at, end) : text;
  },
  put(writer, value) {
    if (typeof value === 'string' && value.length === ETHERNET_TEXT) {
      const at = writer.reserve(ETHERNET);
      if (putMac(writer.view, at, value, ETHERNET)) return;
      writer.at = at;
    }
    if (typeof value === 'string' && value !== '' && !isMac(value) && /[.:]/.test(value)) {
      const span = value.includes(':') ? 16 : 4;
      const parse = span === 4 ? parseIpv4 : parseIpv6;
      const place = writer.reserve(span);
      if (parse(value, writer.view, place)) return;
      throw new CodecError(`"${value}" is not a link-layer address`);
    }
    const length = macLength(value);
    const at = writer.reserve(length);
    writeMac(writer.view, at, value, length);
  },
  show: (value) => (value === '' ? '""' : value),
};

/** Two hexadecimal digits for each byte that has come before. */
const HEX = new Array<string | undefined>(256);
const digits = (byte: number): string => (HEX[byte] ??= (byte < 16 ? '0' : '') + byte.toString(16));

/** Groups of two digits. */
const isMac = (text: string): boolean => /^[\da-f]{2}(?:[:-][\da-f]{2})*$/i.test(text);

export function formatMac(view: DataView, at: number, end: number): string {
  let text = '';
  for (let i = at; i < end; i++) text += (i === at ? '' : ':') + digits(view.getUint8(i));
  return text;
}

/**
 * The number of bytes in an address of this text length. An integer operation: JavaScriptCore keeps
 * what `Math.ceil` returns as a double, and with it every offset that follows, which costs a link
 * five times as much.
 */
export const macLength = (text: string): number =>
  typeof text === 'string' ? ((text.length + 2) / 3) | 0 : 0;

export function writeMac(view: DataView, at: number, text: string, length: number): void {
  const fits = typeof text === 'string' && text.length === Math.max(3 * length - 1, 0);
  if (!fits || !putMac(view, at, text, length)) {
    throw new CodecError(`"${text}" is not a link-layer address`);
  }
}

/** Writes an address of as many bytes as the text has groups; false if it is not one. */
function putMac(view: DataView, at: number, text: string, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const high = hexDigit(text.charCodeAt(3 * i));
    const low = hexDigit(text.charCodeAt(3 * i + 1));
    if (high < 0 || low < 0) return false;
    if (i > 0 && !isSeparator(text.charCodeAt(3 * i - 1))) return false;
    view.setUint8(at + i, 16 * high + low);
  }
  return true;
}
