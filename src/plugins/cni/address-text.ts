/**
 * IP addresses and prefixes in configurations and results: which spellings are accepted (those of Go's
 * `net.ParseIP` and `net.ParseCIDR`) and the one spelling that is printed (RFC 5952).
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../../netlink/address.ts';

/** The 4 or 16 bytes of an address; IPv4 in IPv6 clothes (`::ffff:192.0.2.1`) is IPv4. */
export function parseIp(text: string): Uint8Array | undefined {
  const v6 = text.includes(':');
  const bytes = new Uint8Array(v6 ? 16 : 4);
  const valid = (v6 ? parseIpv6 : parseIpv4)(text, new DataView(bytes.buffer), 0);
  if (!valid) return undefined;
  return v6 && isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** An address with a prefix length; the host bits are kept. */
export interface Cidr {
  readonly ip: Uint8Array;
  readonly prefixLength: number;
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  // Leading zeros of the length are fine, those of an octet are not.
  if (slash < 0 || !/^[0-9]{1,16}$/.test(text.slice(slash + 1))) return undefined;
  const ip = parseIp(text.slice(0, slash));
  if (ip === undefined) return undefined;
  let prefixLength = Number(text.slice(slash + 1));
  if (ip.length === 4 && text.includes(':')) prefixLength -= 96;
  if (prefixLength < 0 || prefixLength > ip.length * 8) return undefined;
  return { ip, prefixLength };
}

export function formatIp(ip: Uint8Array): string {
  const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  return ip.length === 4 ? formatIpv4(view, 0) : formatIpv6(view, 0);
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.ip)}/${cidr.prefixLength}`;
}

/** The family of an address or prefix in the spelling that is printed, in the word that results use. */
export function ipVersion(text: string): '4' | '6' {
  return text.includes(':') ? '6' : '4';
}

/** Whether an address lies in the network of a prefix. */
export function cidrContains(cidr: Cidr, ip: Uint8Array): boolean {
  if (ip.length !== cidr.ip.length) return false;
  for (let bit = 0; bit < cidr.prefixLength; bit += 8) {
    const mask = (0xff00 >> Math.min(8, cidr.prefixLength - bit)) & 0xff;
    if (((ip[bit / 8]! ^ cidr.ip[bit / 8]!) & mask) !== 0) return false;
  }
  return true;
}

function isMapped(ip: Uint8Array): boolean {
  return ip.subarray(0, 10).every((byte) => byte === 0) && ip[10] === 0xff && ip[11] === 0xff;
}
