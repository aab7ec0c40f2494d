/** IP addresses whose length determines the family. */
import { CodecError } from '../../errors.ts';
import type { Codec } from './codec.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../../ip.ts';

export function writeIp(view: DataView, at: number, text: string, span: number): void {
  if (span === 4 ? parseIpv4(text, view, at) : parseIpv6(text, view, at)) return;
  throw new CodecError(`"${text}" is not an IPv${span === 4 ? 4 : 6} address`);
}

/** An IPv4 or IPv6 address, depending on the length of the attribute. */
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
