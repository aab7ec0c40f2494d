/**
 * `xfrm_address_t`: 16 bytes for an address of the family in another field of the struct.
 * include/uapi/linux/xfrm.h.
 */
import * as lo from 'buffer-layout';
import { bytesOf, LITTLE_ENDIAN } from '../netlink/codec/bytes.ts';
import { scalar, type Scalar } from '../netlink/codec/codec.ts';
import { AF_INET6 } from '../netlink/constants.ts';
import { CodecError } from '../errors.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../ip.ts';

const SPAN = 16;
const IPV4 = 4;

/** Whether only zeros follow the bytes of an IPv4 address. */
function isShort(view: DataView, at: number): boolean {
  for (let i = at + IPV4; i < at + SPAN; i++) if (view.getUint8(i) !== 0) return false;
  return true;
}

/**
 * An address whose family is a field of the same struct, `distance` bytes from it. Without such a
 * field, and for an unspecified family, an address is IPv4 if only zeros follow its first four
 * bytes.
 */
export const addressBeside = (distance: number | undefined): Scalar<string> =>
  scalar<string>({
    type: 'ip address in 16 bytes',
    span: SPAN,
    zero: '0.0.0.0',
    layout: (property) => lo.blob(SPAN, property),
    read(view, at) {
      const isIpv6 = familyBeside(view, at, distance) === AF_INET6 || !isShort(view, at);
      return isIpv6 ? formatIpv6(view, at) : formatIpv4(view, at);
    },
    write(view, at, value) {
      bytesOf(view, at, at + SPAN).fill(0);
      const isIpv6 = typeof value === 'string' && value.includes(':');
      if (isIpv6 ? parseIpv6(value, view, at) : parseIpv4(String(value), view, at)) return;
      throw new CodecError(`"${String(value)}" is not an IP address`);
    },
    show: (value) => value,
  });

/** 0 where the struct stands alone, without the enclosing one that has the family. */
function familyBeside(view: DataView, at: number, distance: number | undefined): number {
  if (distance === undefined || at + distance + 2 > view.byteLength) return 0;
  return view.getUint16(at + distance, LITTLE_ENDIAN);
}

/** An address as text of its family: without the family, an IPv6 address may look like IPv4. */
export function inFamily(address: string, family: unknown): string {
  if (family !== 'inet6' || address.includes(':')) return address;
  const view = new DataView(new ArrayBuffer(SPAN));
  parseIpv4(address, view, 0);
  return formatIpv6(view, 0);
}
