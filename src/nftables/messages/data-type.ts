/**
 * The data types of sets. They mean nothing to the kernel; nft uses them to print elements as they
 * were written.
 *
 * nftables, include/datatype.h, `enum datatypes`; nft(8), DATA TYPES. A concatenation is the
 * numbers of its fields, six bits each.
 */
import { align4 } from '../../netlink/codec/bytes.ts';
import { be32 } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';

export const DATA_TYPES = {
  integer: 4,
  string: 5,
  lladdr: 6,
  ipv4_addr: 7,
  ipv6_addr: 8,
  ether_addr: 9,
  ether_type: 10,
  inet_proto: 12,
  inet_service: 13,
  icmp_type: 14,
  mark: 19,
  iface_index: 20,
  iface_type: 21,
  classid: 23,
  uid: 24,
  gid: 25,
  ct_state: 26,
  ct_dir: 27,
  ct_status: 28,
  icmpv6_type: 29,
  ct_label: 30,
  pkt_type: 31,
  icmp_code: 32,
  icmpv6_code: 33,
  icmpx_code: 34,
  devgroup: 35,
  dscp: 36,
  fib_addrtype: 38,
  boolean: 39,
  ifname: 41,
  verdict: 0xffffff00,
} as const;

export const dataType = enumOf(be32, DATA_TYPES);
export type DataTypeName = keyof typeof DATA_TYPES;
/** A data type by its name, or by its number if nft has no name for it. */
export type TypeName = DataTypeName | number;

/** The size of a value in bytes, if it is not four. */
const LENGTHS: Partial<Record<DataTypeName, number>> = {
  ipv6_addr: 16,
  ether_addr: 6,
  ether_type: 2,
  inet_proto: 1,
  inet_service: 2,
  icmp_type: 1,
  iface_type: 2,
  ct_dir: 1,
  icmpv6_type: 1,
  ct_label: 16,
  pkt_type: 1,
  icmp_code: 1,
  icmpv6_code: 1,
  icmpx_code: 1,
  dscp: 1,
  boolean: 1,
  ifname: 16,
  verdict: 16,
};

export const lengthOf = (type: DataTypeName): number => LENGTHS[type] ?? 4;

/** The size of a key: in a concatenation each field is padded to a multiple of four bytes. */
export const keyLength = (lengths: readonly number[]): number =>
  lengths.length === 1 ? lengths[0]! : lengths.reduce((length, each) => length + align4(each), 0);

/** Types whose values are in host byte order; all others are in network order. */
const HOST_ORDER: ReadonlySet<unknown> = new Set<DataTypeName>([
  'string',
  'mark',
  'iface_index',
  'iface_type',
  'classid',
  'uid',
  'gid',
  'ct_state',
  'ct_status',
  'ct_label',
  'pkt_type',
  'devgroup',
  'fib_addrtype',
  'ifname',
]);

export const isHostOrder = (type: DataTypeName | number): boolean => HOST_ORDER.has(type);

const BITS = 6;

/** The type number of a concatenation: `ipv4_addr . inet_service`. */
export const concatenation = (...fields: readonly (DataTypeName | number)[]): number =>
  fields.reduce<number>((number, field) => number * 2 ** BITS + numberOf(field), 0);

const numberOf = (field: DataTypeName | number): number =>
  typeof field === 'number' ? field : DATA_TYPES[field];

/** The fields of a type number; a field stays a number if nft has no name for it. */
export function fieldsOf(type: DataTypeName | number): (DataTypeName | number)[] {
  let number: number = typeof type === 'number' ? type : DATA_TYPES[type];
  if (number >= 0xffffff00) return [type];
  const fields: (DataTypeName | number)[] = [];
  for (; number > 0; number >>>= BITS) {
    const field = number & ((1 << BITS) - 1);
    const name = Object.entries(DATA_TYPES).find(([, id]) => id === field)?.[0];
    fields.unshift((name as DataTypeName | undefined) ?? field);
  }
  return fields;
}
