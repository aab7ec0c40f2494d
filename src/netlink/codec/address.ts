/**
 * Addresses as attribute values and struct fields: IPv4, IPv6 and link-layer addresses. All are
 * bytes in network order.
 */
import * as lo from 'buffer-layout';
import { scalar, type Codec, type Scalar } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { COLON, formatIpv4, formatIpv6, hexDigit, parseIpv4, parseIpv6 } from '../../ip.ts';

function writeIp(view: DataView, at: number, text: string, span: number): void {
  if (span === 4 ? parseIpv4(text, view, at) : parseIpv6(text, view, at)) return;
  throw new CodecError(`"${text}" is not an IPv${span === 4 ? 4 : 6} address`);
}

/** An IPv4 or IPv6 address; the length of the attribute tells which. */
export const ip: Codec<string> = {
  type: 'ip address',
  get(view, at, end) {
    if (end - at === 4) return formatIpv4(view, at);
    if (end - at === 16) return formatIpv6(view, at);
    throw new CodecError(`${end - at} bytes, 4 or 16 needed`);
  },
  put(writer, value) {
    if (typeof value !== 'string') throw new CodecError(`${String(value)} is not an IP address`);
    const span = value.includes(':') ? 16 : 4;
    const at = writer.reserve(span);
    writeIp(writer.view, at, value, span);
  },
  show: (value) => value,
};

/**
 * The `AF_*` families with IP addresses, include/linux/socket.h and include/uapi/linux/rtnetlink.h;
 * the last two are those of multicast routes.
 */
const SPANS: Readonly<Record<number, 4 | 16>> = { 2: 4, 10: 16, 128: 4, 129: 16 };

/**
 * An address of the family named in the message header. Given a longer address, the kernel silently
 * takes its first bytes, so an address of the other family is an error here. Reading goes by the
 * length alone.
 */
export const familyIp: Codec<string> = {
  ...ip,
  put(writer, value) {
    const span = SPANS[writer.family];
    if (span !== undefined && typeof value === 'string' && value.includes(':') !== (span === 16)) {
      const [what, family] = span === 4 ? ['IPv4', 'inet'] : ['IPv6', 'inet6'];
      throw new CodecError(
        `"${value}" is not an ${what} address, but the message's family is ${family}`,
      );
    }
    ip.put(writer, value);
  },
};

function fixedIp(type: string, span: 4 | 16, zero: string): Scalar<string> {
  return scalar<string>({
    type,
    span,
    zero,
    layout: (property) => lo.blob(span, property),
    read: span === 4 ? formatIpv4 : formatIpv6,
    write: (view, at, value) => writeIp(view, at, value, span),
    show: (value) => value,
  });
}

export const ipv4 = fixedIp('ipv4 address', 4, '0.0.0.0');
export const ipv6 = fixedIp('ipv6 address', 16, '::');

/** Two hexadecimal digits for each byte. */
let hex: readonly string[] | undefined;
const hexTable = (): readonly string[] =>
  Array.from({ length: 256 }, (_, i) => (i < 16 ? '0' : '') + i.toString(16));

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

/** Groups of two digits. */
const isMac = (text: string): boolean => /^[\da-f]{2}(?:[:-][\da-f]{2})*$/i.test(text);

function formatMac(view: DataView, at: number, end: number): string {
  const digits = (hex ??= hexTable());
  let text = '';
  for (let i = at; i < end; i++) text += (i === at ? '' : ':') + digits[view.getUint8(i)]!;
  return text;
}

/** The number of bytes in an address of this text length. */
const macLength = (text: string): number =>
  typeof text === 'string' ? Math.ceil(text.length / 3) : 0;

function writeMac(view: DataView, at: number, text: string, length: number): void {
  let valid = typeof text === 'string' && text.length === Math.max(3 * length - 1, 0);
  for (let i = 0; valid && i < length; i++) {
    const high = hexDigit(text.charCodeAt(3 * i));
    const low = hexDigit(text.charCodeAt(3 * i + 1));
    const separator = text.charCodeAt(3 * i + 2);
    valid =
      high >= 0 && low >= 0 && (i === length - 1 || separator === COLON || separator === DASH);
    if (valid) view.setUint8(at + i, 16 * high + low);
  }
  if (!valid) throw new CodecError(`"${text}" is not a link-layer address`);
}

const DASH = 0x2d;

/** An Ethernet address: six bytes. */
export const mac: Scalar<string> = scalar<string>({
  type: 'mac address',
  span: 6,
  zero: '00:00:00:00:00:00',
  layout: (property) => lo.blob(6, property),
  read: (view, at) => formatMac(view, at, at + 6),
  write(view, at, value) {
    if (macLength(value) !== 6) throw new CodecError(`"${value}" is not an Ethernet address`);
    writeMac(view, at, value, 6);
  },
  show: (value) => value,
});
