/**
 * Set keys as text and as bytes. In a concatenation each field is padded to a multiple of four
 * bytes.
 *
 * nft(8), DATA TYPES; net/netfilter/nf_tables_api.c for the padding.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import { addressBytes, formatIpv4, formatIpv6 } from '../../ip.ts';
import { align4, LITTLE_ENDIAN, toHex, viewOf } from '../../netlink/codec/bytes.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';
import { jsonText } from '../../printable.ts';
import { bytesText } from '../../netlink/codec/text.ts';
import { fieldsOf, isHostOrder, lengthOf, type DataTypeName } from './data-type.ts';

/**
 * Raw bytes, the text of an address, or a two-byte number (a port), which becomes network order.
 */
export type KeyField = Uint8Array | string | number;

/**
 * The network address and prefix length of `10.1.2.0/24`. An address without a length is a prefix
 * of full length.
 */
export function prefixOf(text: string): { address: Uint8Array; length: number } {
  const [host = '', length, ...rest] = text.split('/');
  const address = addressBytes(host);
  const bits = length === undefined ? address.length * 8 : Number(length);
  const isNumber = length === undefined || /^\d{1,3}$/.test(length);
  if (!isNumber || rest.length > 0 || bits > address.length * 8) {
    throw new CodecError(`"${text}" is not an address with a prefix length`);
  }
  const mask = maskOf(bits, address.length);
  return { address: address.map((byte, i) => byte & mask[i]!), length: bits };
}

/** A mask of `bits` ones in `length` bytes. */
export const maskOf = (bits: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))) & 0xff);

/** The prefix length of a mask; undefined if the mask is not a prefix. */
export function prefixLength(mask: Uint8Array): number | undefined {
  let bits = 0;
  while (bits < mask.length * 8 && (mask[bits >> 3]! & (0x80 >> (bits & 7))) !== 0) bits++;
  return toHex(maskOf(bits, mask.length)) === toHex(mask) ? bits : undefined;
}

/**
 * The bytes of a key: of one field, or of several in a concatenation.
 *
 * @throws CodecError for text that is not an IP address, or a number that does not fit into two
 *   bytes
 */
export function key(...fields: readonly KeyField[]): Uint8Array {
  const parts = fields.map(fieldBytes);
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((length, part) => length + align4(part.length), 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += align4(part.length);
  }
  return whole;
}

function fieldBytes(field: KeyField): Uint8Array {
  if (field instanceof Uint8Array) return field;
  if (typeof field === 'string') return addressBytes(field);
  return numberBytes(2, field);
}

/** A number in network order. Throws CodecError for anything but an integer of that size. */
export function numberBytes(length: 1 | 2 | 4, value: number): Uint8Array {
  const max = 2 ** (8 * length) - 1;
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new CodecError(`${describe(value)} is not an integer from 0 to ${max}`);
  }
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes.slice(4 - length);
}

/** A key as nft prints it: `10.1.2.3 . 80`. */
export const keyText = checkedFunction(
  'keyText',
  'type: string | number, bytes: Uint8Array',
  function keyText(type: DataTypeName | number, bytes: Uint8Array): string {
    const fields = fieldsOf(type);
    const texts: string[] = [];
    let at = 0;
    for (const field of fields) {
      const length =
        fields.length === 1 ? bytes.length : typeof field === 'string' ? lengthOf(field) : 4;
      texts.push(valueText(field, bytes.slice(at, at + length)));
      at += align4(length);
    }
    return texts.join(' . ');
  },
);

/** A value of one type as nft prints it. */
export function valueText(type: DataTypeName | number, bytes: Uint8Array): string {
  const view = viewOf(bytes);
  if (type === 'ipv4_addr' && bytes.length === 4) return formatIpv4(view, 0);
  if (type === 'ipv6_addr' && bytes.length === 16) return formatIpv6(view, 0);
  if (type === 'ether_addr') return toHex(bytes).replace(/(..)(?=.)/g, '$1:');
  if (type === 'ifname' || type === 'string') {
    // Without the backslash nft takes the asterisk for any rest of a name.
    return jsonText(bytesText(bytes).replace(/\0.*$/s, '')).replace(/\*"$/, '\\*"');
  }
  const hex = toHex(isHostOrder(type) ? hostOrder(bytes) : bytes);
  if (type === 'classid' && bytes.length === 4) return handleText(parseInt(hex, 16));
  return type === 'mark' ? `0x${hex}` : String(BigInt(`0x${hex || '0'}`));
}

/** A handle of tc(8): `1:2`. */
export const handleText = (handle: number): string =>
  handle === 0
    ? 'none'
    : handle === 0xffffffff
      ? 'root'
      : `${(handle >>> 16).toString(16)}:${(handle & 0xffff).toString(16)}`;

/** Converts host byte order to network order and back. */
export const hostOrder = (bytes: Uint8Array): Uint8Array =>
  LITTLE_ENDIAN ? bytes.slice().reverse() : bytes;
