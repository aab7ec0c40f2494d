/**
 * IP addresses and prefixes: text, bytes in network order, and numbers for arithmetic.
 *
 * Accepted text is what Go's `net.ParseIP` and `net.ParseCIDR` accept: dotted quads without leading
 * zeros, RFC 4291 forms, no zone. Printed text follows RFC 5952.
 */
import { CodecError } from './errors.ts';

/** Address families, named as in the kernel and iproute2. */
export type Family = 'inet' | 'inet6';

/** The family of an address or a prefix, from its text. */
export const familyOf = (text: string): Family => (text.includes(':') ? 'inet6' : 'inet');

/** An IPv4-mapped IPv6 address is the IPv4 address, as in the reference. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/**
 * `width` is the size of the mask in the text: 128 for `::ffff:10.0.0.0/120`, although its address
 * is IPv4.
 */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
  readonly width: 32 | 128;
}

const scratch = new DataView(new ArrayBuffer(16));

export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    if (!parseIpv4(text, scratch, 0)) return undefined;
    return { family: 4, value: BigInt(scratch.getUint32(0)) };
  }
  if (!parseIpv6(text, scratch, 0)) return undefined;
  const value = (scratch.getBigUint64(0) << 64n) | scratch.getBigUint64(8);
  return isMapped(value) ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

const isMapped = (value: bigint): boolean => value >> 32n === 0xffffn;

export function formatAddress({ family, value }: Address): string {
  if (family === 4 || isMapped(value)) {
    scratch.setUint32(0, Number(value & 0xffffffffn));
    return formatIpv4(scratch, 0);
  }
  scratch.setBigUint64(0, value >> 64n);
  scratch.setBigUint64(8, value & 0xffffffffffffffffn);
  return formatIpv6(scratch, 0);
}

export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const host = text.slice(0, slash);
  const digits = text.slice(slash + 1);
  const address = parseAddress(host);
  if (!address || !/^\d+$/.test(digits)) return undefined;
  const width = host.includes(':') ? 128 : 32;
  const length = Number(digits);
  return length <= width ? { address, length, width } : undefined;
}

/** An address without a length becomes the prefix of that single address. */
export function parsePrefixOrAddress(text: string): Prefix | undefined {
  if (text.includes('/')) return parsePrefix(text);
  const address = parseAddress(text);
  return address && { address, length: widthOf(address), width: widthOf(address) };
}

/**
 * Like `parsePrefix`, but an IPv4-mapped prefix becomes the IPv4 prefix that it means; undefined
 * for one that also covers addresses that are not IPv4.
 */
export function parseCidr(text: string): Prefix | undefined {
  const prefix = parsePrefix(text);
  return prefix && unmapped(prefix);
}

export function unmapped({ address, length, width }: Prefix): Prefix | undefined {
  const own = widthOf(address);
  const rest = length - (width - own);
  return rest < 0 ? undefined : { address, length: rest, width: own };
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

/** The printed form of an address; undefined for text that is not an address. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** The printed form of a prefix, host bits kept; undefined for text that is not a prefix. */
export function canonicalCidr(text: string): string | undefined {
  const prefix = parseCidr(text);
  return prefix && formatPrefix(prefix);
}

/** The bytes of an IPv4 or IPv6 address. Throws CodecError for other text. */
export function addressBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.includes(':') ? 16 : 4);
  const parse = bytes.length === 16 ? parseIpv6 : parseIpv4;
  if (!parse(text, new DataView(bytes.buffer), 0)) {
    throw new CodecError(`"${text}" is not an IP address`);
  }
  return bytes;
}

/** The text of an IPv4 address from the four bytes at `at`: `192.0.2.1`. */
export function formatIpv4(view: DataView, at: number): string {
  const word = view.getUint32(at);
  const upper = word >>> 8;
  // The addresses of a dump tend to share their first three bytes.
  if (upper !== lastUpper) {
    lastUpper = upper;
    lastText = dotted(word >>> 24) + dotted((word >>> 16) & 255) + dotted(upper & 255);
  }
  const byte = word & 255;
  return lastText + (PLAIN[byte] ??= `${byte}`);
}

/** The first three bytes of the last IPv4 address, as a number and as text. */
let lastUpper = 0;
let lastText = '0.0.0.';

/* Caches: formatting a number takes several times as long as looking its text up. */

const PLAIN = new Array<string | undefined>(256);
const DOTTED = new Array<string | undefined>(256);
const dotted = (byte: number): string => (DOTTED[byte] ??= `${byte}.`);

type Pages = (string | undefined)[][];
/** The text of IPv6 groups by upper and lower byte, without and with a leading colon. */
const FIRST: Pages = new Array(256);
const OTHERS: Pages = new Array(256);

const grouped = (pages: Pages, group: number): string =>
  ((pages[group >> 8] ??= new Array(256))[group & 255] ??=
    (pages === FIRST ? '' : ':') + group.toString(16));

/** RFC 5952: lower case, no leading zeros, the longest run of at least two zero groups as `::`. */
export function formatIpv6(view: DataView, at: number): string {
  let zeros = 0;
  for (let i = 0; i < 8; i++) if (view.getUint16(at + 2 * i) === 0) zeros |= 1 << i;
  const run = (RUNS[zeros] ||= longestRun(zeros));
  // Section 5: an IPv4-mapped address is written with the dotted part.
  if (run === MAPPED && view.getUint16(at + 10) === 0xffff) {
    return `::ffff:${formatIpv4(view, at + 12)}`;
  }
  const runAt = run >> 4;
  const runEnd = run & 15;
  let text = '';
  for (let i = 0; i < 8;) {
    if (i === runAt) {
      text += runEnd === 8 ? '::' : ':';
      i = runEnd;
    } else {
      text += grouped(i === 0 ? FIRST : OTHERS, view.getUint16(at + 2 * i));
      i++;
    }
  }
  return text;
}

/**
 * For each mask of zero groups: where the run that becomes `::` begins, times 16, plus where it
 * ends.
 */
const RUNS = new Uint8Array(256);
/** The mask of `::ffff:0:0/96`. */
const MAPPED = 0x05;
/** Beyond the last group, so it never matches. */
const NO_RUN = 0xff;

function longestRun(zeros: number): number {
  let longest = 1;
  let run = NO_RUN;
  for (let i = 0; i < 8; i++) {
    const begin = i;
    while (((zeros >> i) & 1) === 1) i++;
    if (i - begin > longest) {
      longest = i - begin;
      run = 16 * begin + i;
    }
  }
  return run;
}

/**
 * Writes `192.0.2.1` at `at`; false if the text is not an IPv4 address. Leading zeros are refused.
 */
export function parseIpv4(text: string, view: DataView, at: number): boolean {
  return parseDotted(text, 0, view, at);
}

/** Parses `text` from `from` to its end. */
function parseDotted(text: string, from: number, view: DataView, at: number): boolean {
  const { length } = text;
  let part = 0;
  let value = -1;
  for (let i = from; i <= length; i++) {
    const code = i < length ? text.charCodeAt(i) : DOT;
    const digit = code - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return false;
      value = value < 0 ? digit : 10 * value + digit;
      if (value > 255) return false;
    } else {
      if (code !== DOT || value < 0 || part === 4) return false;
      view.setUint8(at + part++, value);
      value = -1;
    }
  }
  return part === 4;
}

const DOT = 0x2e;
export const COLON = 0x3a;

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Writes an IPv6 address in any form of RFC 4291 at `at`; false if the text is not one. */
export function parseIpv6(text: string, view: DataView, at: number): boolean {
  const { length } = text;
  let groups = 0;
  /** The number of groups before `::`. */
  let gap = -1;
  let word = 0;
  if (text.startsWith('::')) {
    gap = 0;
    word = 2;
  }
  let value = 0;
  for (let i = word; i <= length; i++) {
    const code = i < length ? text.charCodeAt(i) : COLON;
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (i - word === 4) return false;
      value = 16 * value + digit;
    } else if (code === DOT) {
      if (groups > 6 || !parseDotted(text, word, view, at + 2 * groups)) return false;
      groups += 2;
      break;
    } else {
      if (code !== COLON) return false;
      if (i === word) {
        // Empty group: only a final `::` may end like this.
        if (i < length || gap !== groups) return false;
        break;
      }
      if (groups === 8) return false;
      view.setUint16(at + 2 * groups++, value);
      value = 0;
      word = i + 1;
      if (text.charCodeAt(word) === COLON) {
        if (gap >= 0) return false;
        gap = groups;
        word = ++i + 1;
      }
    }
  }
  if (gap < 0) return groups === 8;
  if (groups === 8) return false;
  spread(view, at, gap, groups);
  return true;
}

/** Moves the groups after `::` to the end and fills the gap with zeros. */
function spread(view: DataView, at: number, gap: number, groups: number): void {
  const missing = 8 - groups;
  for (let i = groups - 1; i >= gap; i--) {
    view.setUint16(at + 2 * (i + missing), view.getUint16(at + 2 * i));
  }
  for (let i = gap; i < gap + missing; i++) view.setUint16(at + 2 * i, 0);
}
