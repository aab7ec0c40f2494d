/**
 * IP addresses and prefixes as text: which spellings are accepted (those of Go's `net.ParseIP` and `net.ParseCIDR`) and the
 * one spelling that is printed (RFC 5952).
 */
import { formatAddress, formatPrefix, parseAddress, parseCidr } from '../ipam/policy/address.ts';

/** The printed spelling of an address; undefined when the text is none. IPv4-mapped IPv6 is IPv4. */
export function canonicalIp(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** The printed spelling of an address with prefix length, host bits kept; undefined when the text is none. */
export function canonicalCidr(text: string): string | undefined {
  const prefix = parseCidr(text);
  return prefix && formatPrefix(prefix);
}

/** The family of an address or prefix in its printed spelling, in the word that results use. */
export function ipVersion(text: string): '4' | '6' {
  return text.includes(':') ? '6' : '4';
}
