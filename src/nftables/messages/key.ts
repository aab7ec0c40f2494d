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
import { fieldsOf, isHostOrder, lengthOf, type TypeName } from './data-type.ts';

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

/** The next key; undefined after the last possible one. */
export function keyAfter(key: Uint8Array): Uint8Array | undefined {
  const next = key.slice();
  let at = next.length - 1;
  while (at >= 0 && next[at] === 0xff) next[at--] = 0;
  if (at < 0) return undefined;
  next[at]!++;
  return next;
}

/** The key before this one, which is not the first. */
export function keyBefore(key: Uint8Array): Uint8Array {
  const before = key.slice();
  let at = before.length - 1;
  while (at > 0 && before[at] === 0) before[at--] = 0xff;
  before[at]!--;
  return before;
}

/**
 * The fields of a key in the form that `key` takes: addresses as text, ports as numbers, everything
 * else as bytes. `lengths` are those of the fields, if they do not follow from the types.
 */
export function keyFields(
  types: readonly TypeName[] = [],
  bytes: Uint8Array,
  lengths?: readonly number[],
): KeyField | KeyField[] {
  if (types.length <= 1) return fieldOf(types[0], bytes);
  const fields: KeyField[] = [];
  let at = 0;
  types.forEach((type, i) => {
    const length = lengths?.[i] ?? (typeof type === 'string' ? lengthOf(type) : 4);
    fields.push(fieldOf(type, bytes.slice(at, at + length)));
    at += align4(length);
  });
  return fields;
}

function fieldOf(type: TypeName | undefined, bytes: Uint8Array): KeyField {
  const view = viewOf(bytes);
  if (type === 'ipv4_addr' && bytes.length === 4) return formatIpv4(view, 0);
  if (type === 'ipv6_addr' && bytes.length === 16) return formatIpv6(view, 0);
  return type === 'inet_service' && bytes.length === 2 ? view.getUint16(0) : bytes;
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

/**
 * A key as nft prints it: `10.1.2.3 . 80`. Types and key as `nft.sets` and `nft.elements` have
 * them.
 *
 * @throws CodecError for a field that cannot be encoded
 */
export const keyText = checkedFunction(
  'keyText',
  'type: string | number | array, key: unknown',
  function keyText(
    type: TypeName | readonly TypeName[],
    given: KeyField | readonly KeyField[],
  ): string {
    const fields = Array.isArray(type) ? (type as readonly TypeName[]) : fieldsOf(type as TypeName);
    const bytes = Array.isArray(given)
      ? key(...(given as readonly KeyField[]))
      : fieldBytes(given as KeyField);
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
export function valueText(type: TypeName, bytes: Uint8Array): string {
  const view = viewOf(bytes);
  if (type === 'ipv4_addr' && bytes.length === 4) return formatIpv4(view, 0);
  if (type === 'ipv6_addr' && bytes.length === 16) return formatIpv6(view, 0);
  if (type === 'ether_addr') return toHex(bytes).replace(/(..)(?=.)/g, '$1:');
  if (type === 'ifname' || type === 'string') {
    // Without the backslash, nft reads the asterisk as a wildcard.
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
