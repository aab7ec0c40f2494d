/**
 * Addresses as canonical text and as bytes: IPv4 and IPv6 (RFC 5952), link-layer addresses.
 *
 * On the wire all of them are bytes in network order.
 */
import * as lo from 'buffer-layout';
import { scalar, type Codec, type Scalar } from './codec.ts';
import { CodecError } from './errors.ts';

/** `192.0.2.1` or `2001:db8::1`, from four or sixteen bytes at `at`. */
export function formatIpv4(view: DataView, at: number): string {
  return `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}`;
}

/** RFC 5952: lower case, no leading zeros, the longest run of at least two zero groups as `::`. */
export function formatIpv6(view: DataView, at: number): string {
  let runAt = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && view.getUint16(at + 2 * (i + length)) === 0) length++;
    if (length > runLength) [runAt, runLength] = [i, length];
    i += length;
  }
  // Section 5: an address known to embed IPv4 by its prefix is written with the dotted part.
  if (runAt === 0 && runLength === 5 && view.getUint16(at + 10) === 0xffff) {
    return `::ffff:${formatIpv4(view, at + 12)}`;
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === runAt) {
      text += '::';
      i += runLength - 1;
    } else {
      if (i > 0 && i !== runAt + runLength) text += ':';
      text += view.getUint16(at + 2 * i).toString(16);
    }
  }
  return text;
}

/** Writes `192.0.2.1` at `at`; false when the text is not an IPv4 address. Leading zeros are refused. */
export function parseIpv4(text: string, view: DataView, at: number): boolean {
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return false;
    view.setUint8(at + i, Number(part));
  }
  return true;
}

/** Writes an IPv6 address in any form of RFC 4291 at `at`; false when the text is none. */
export function parseIpv6(text: string, view: DataView, at: number): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return false;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return false;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  groups.forEach((group, i) => view.setUint16(at + 2 * i, group));
  return true;
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const words = text.split(':');
  for (const [i, word] of words.entries()) {
    if (last && i === words.length - 1 && word.includes('.')) {
      const v4 = new DataView(new ArrayBuffer(4));
      if (!parseIpv4(word, v4, 0)) return undefined;
      groups.push(v4.getUint16(0), v4.getUint16(2));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(word)) {
      groups.push(parseInt(word, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function writeIp(view: DataView, at: number, text: string, span: number): void {
  if (span === 4 ? parseIpv4(text, view, at) : parseIpv6(text, view, at)) return;
  throw new CodecError(`"${text}" is not an IPv${span === 4 ? 4 : 6} address`);
}

/** An IPv4 or IPv6 address: the length of the attribute tells which. */
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

/** Two digits each. */
let hex: readonly string[] | undefined;
const hexTable = (): readonly string[] =>
  Array.from({ length: 256 }, (_, i) => (i < 16 ? '0' : '') + i.toString(16));

/** A link-layer address of any length, as `02:42:ac:11:00:02`: six bytes for Ethernet, an IP address for tunnels. */
export const lladdr: Codec<string> = {
  type: 'link-layer address',
  get: (view, at, end) => formatMac(view, at, end),
  put(writer, value) {
    const length = macLength(value);
    const at = writer.reserve(length);
    writeMac(writer.view, at, value);
  },
  show: (value) => (value === '' ? '""' : value),
};

function formatMac(view: DataView, at: number, end: number): string {
  const digits = (hex ??= hexTable());
  let text = '';
  for (let i = at; i < end; i++) text += (i === at ? '' : ':') + digits[view.getUint8(i)]!;
  return text;
}

function macLength(text: string): number {
  if (text === '') return 0;
  if (typeof text !== 'string' || !/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2})*$/.test(text)) {
    throw new CodecError(`"${text}" is not a link-layer address`);
  }
  return (text.length + 1) / 3;
}

function writeMac(view: DataView, at: number, text: string): void {
  for (let i = 0; i < text.length; i += 3) {
    view.setUint8(at + i / 3, parseInt(text.slice(i, i + 2), 16));
  }
}

/** An Ethernet address: six bytes. */
export const mac: Scalar<string> = scalar<string>({
  type: 'mac address',
  span: 6,
  zero: '00:00:00:00:00:00',
  layout: (property) => lo.blob(6, property),
  read: (view, at) => formatMac(view, at, at + 6),
  write(view, at, value) {
    if (macLength(value) !== 6) throw new CodecError(`"${value}" is not an Ethernet address`);
    writeMac(view, at, value);
  },
  show: (value) => value,
});
