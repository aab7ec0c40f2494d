/**
 * Addresses as attribute values and struct fields: IPv4, IPv6 and link-layer addresses. All are
 * bytes in network order.
 */
import * as lo from 'buffer-layout';
import { scalar, type Scalar } from './codec.ts';
import { CodecError } from '../../errors.ts';
import { writeIp } from './ip-address.ts';
import { formatIpv4, formatIpv6 } from '../../ip.ts';
import { formatMac, macLength, writeMac } from './lladdr.ts';

export { familyIp, ip } from './ip-address.ts';
export { lladdr } from './lladdr.ts';

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
