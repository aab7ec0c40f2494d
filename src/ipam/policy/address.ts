/**
 * IP addresses and prefixes as numbers, and their text.
 *
 * Accepted text is what Go's `net.ParseIP` and `net.ParseCIDR` accept: dotted quads without leading zeros, RFC 4291 forms,
 * no zone. Printed text is RFC 5952. An IPv4-mapped IPv6 address is the IPv4 address, as in the reference.
 */
import { isDigits } from './names.ts';

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** `width` is the size of the mask in the text: 128 for `::ffff:10.0.0.0/120`, although its address is IPv4. */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
  readonly width: 32 | 128;
}

export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const host = text.slice(0, slash);
  const digits = text.slice(slash + 1);
  const address = parseAddress(host);
  if (!address || !isDigits(digits)) return undefined;
  const width = host.includes(':') ? 128 : 32;
  const length = Number(digits);
  return length <= width ? { address, length, width } : undefined;
}

/** The same, but an IPv4-mapped prefix is the IPv4 prefix that it means; undefined for one that holds more than IPv4 addresses. */
export function parseCidr(text: string): Prefix | undefined {
  const prefix = parsePrefix(text);
  return prefix && unmapped(prefix);
}

export function unmapped({ address, length, width }: Prefix): Prefix | undefined {
  const own = widthOf(address);
  const rest = length - (width - own);
  return rest < 0 ? undefined : { address, length: rest, width: own };
}

export function formatAddress({ family, value }: Address): string {
  return family === 4 ? formatIpv4(Number(value)) : formatIpv6(value);
}

export const formatPrefix = ({ address, length }: Prefix): string =>
  `${formatAddress(address)}/${length}`;

export const widthOf = (address: Address): 32 | 128 => (address.family === 4 ? 32 : 128);

export const sameAddress = (a: Address, b: Address): boolean =>
  a.family === b.family && a.value === b.value;

/** The first address of the prefix: all host bits zero. */
export function networkOf({ address, length }: Prefix): Address {
  const hostBits = BigInt(widthOf(address) - length);
  return { family: address.family, value: (address.value >> hostBits) << hostBits };
}

/** The last address of the prefix: all host bits one. */
export function lastOf(prefix: Prefix): Address {
  const hostBits = BigInt(widthOf(prefix.address) - prefix.length);
  const network = networkOf(prefix);
  return { family: network.family, value: network.value | ((1n << hostBits) - 1n) };
}

export function prefixContains(prefix: Prefix, address: Address): boolean {
  if (prefix.address.family !== address.family) return false;
  const hostBits = BigInt(widthOf(address) - prefix.length);
  return prefix.address.value >> hostBits === address.value >> hostBits;
}

function parseIpv4(text: string): Address | undefined {
  const value = ipv4Number(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

function ipv4Number(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    const hasLeadingZero = part.length > 1 && part[0] === '0';
    if (hasLeadingZero || part.length > 3 || !isDigits(part)) return undefined;
    const byte = Number(part);
    if (byte > 255) return undefined;
    value = value * 256 + byte;
  }
  return value;
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  // `::` stands for at least one group.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) {
    value = (value << 16n) | BigInt(group);
  }
  return value >> 32n === 0xffffn
    ? { family: 4, value: value & 0xffffffffn }
    : { family: 6, value };
}

/** Sixteen-bit groups of one side of `::`; a dotted quad may stand for the last two. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const found: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      found.push(parseInt(part, 16));
    } else {
      const quad = last && index === parts.length - 1 ? ipv4Number(part) : undefined;
      if (quad === undefined) return undefined;
      found.push(quad >>> 16, quad & 0xffff);
    }
  }
  return found;
}

const formatIpv4 = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

function formatIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return formatIpv4(Number(value & 0xffffffffn));
  const parts: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(Number((value >> shift) & 0xffffn));
  // RFC 5952, section 4.2: the longest run of two or more zero groups, the first of equals.
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && parts[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = (from: number, to: number): string =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':');
  return best.at < 0 ? hex(0, 8) : `${hex(0, best.at)}::${hex(best.at + best.length, 8)}`;
}
