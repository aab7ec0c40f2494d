/**
 * Values as nft reads them beside an operand: `established,related`, `0x0000002a`, `"eth0"`, `30s`.
 * Undefined if there is no such form: nothing is written that would be read as another value.
 *
 * nft(8), DATA TYPES; nftables, src/datatype.c, src/meta.c, src/ct.c.
 */
import { toHex, viewOf } from '../../netlink/codec/bytes.ts';
import { isHostOrder, type DataTypeName } from '../messages/data-type.ts';
import { CT_STATE, CT_STATUS } from '../messages/expr-conntrack.ts';
import { durationText } from './duration.ts';
import { handleText, hostOrder, prefixLength, valueText } from '../messages/key.ts';
import { fieldText } from './nft-word.ts';
import type { Operand } from './operand.ts';

export type ValueType =
  | DataTypeName
  | 'nfproto'
  | 'ethertype'
  | 'hostinteger'
  | 'ct_event'
  | 'day'
  | 'duration'
  | 'epoch'
  | 'osname'
  | 'presence'
  | 'text'
  | 'wordless';

const HOST: ReadonlySet<ValueType> = new Set<ValueType>([
  'hostinteger',
  'ct_event',
  'day',
  'duration',
  'epoch',
  'presence',
]);

/** Whether values of a type are in host byte order. */
export const isOfHost = (type: ValueType): boolean => HOST.has(type) || isHostOrder(type as never);

export const isText = (type: ValueType): boolean =>
  type === 'ifname' || type === 'text' || type === 'osname';

/** Types that sets call a plain integer, or whose numbers nft reads as something else. */
const UNLISTED: ReadonlySet<ValueType> = new Set<ValueType>([
  'hostinteger',
  'ct_event',
  'ct_label',
  'duration',
  'epoch',
  'wordless',
]);

/**
 * Whether the elements of a set without a name can be listed beside these fields. The set says the
 * type of its elements, but not their byte order, nor the length of a field in a concatenation.
 */
export const isListable = (fields: readonly Operand[]): boolean =>
  fields.every(
    ({ type, length }) =>
      !UNLISTED.has(type) && (fields.length === 1 || type !== 'integer' || length === 4),
  );

/** `include/uapi/linux/netfilter/nf_conntrack_common.h`: bits by nft's names. */
const BITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ct_state: CT_STATE,
  ct_status: CT_STATUS,
  ct_event: {
    new: 1,
    related: 2,
    destroy: 4,
    reply: 8,
    assured: 16,
    protoinfo: 32,
    helper: 64,
    mark: 128,
    seqadj: 256,
    secmark: 512,
    label: 1024,
  },
};
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  132: 'sctp',
  136: 'udplite',
};
const EXISTS = { 0: 'missing', 1: 'exists' };
const WORDS: Readonly<Partial<Record<ValueType, Readonly<Record<number, string>>>>> = {
  ct_dir: { 0: 'original', 1: 'reply' },
  boolean: EXISTS,
  presence: EXISTS,
  nfproto: { 2: 'ipv4', 10: 'ipv6' },
  pkt_type: { 0: 'host', 1: 'broadcast', 2: 'multicast', 3: 'other' },
  /** `ARPHRD_*`, include/uapi/linux/if_arp.h. */
  iface_type: { 1: 'ether', 512: 'ppp', 772: 'loopback' },
  /** `RTN_*`, include/uapi/linux/rtnetlink.h. */
  fib_addrtype: {
    0: 'unspec',
    1: 'unicast',
    2: 'local',
    3: 'broadcast',
    4: 'anycast',
    5: 'multicast',
    6: 'blackhole',
    7: 'unreachable',
    8: 'prohibit',
  },
  inet_proto: PROTOCOLS,
  ethertype: { 0x0800: 'ip', 0x0806: 'arp', 0x8100: '8021q', 0x86dd: 'ip6' },
};
/** Types for which nft accepts only names. */
const ONLY_WORDS: ReadonlySet<ValueType> = new Set<ValueType>([
  'ct_dir',
  'boolean',
  'presence',
  'nfproto',
]);

/** Whether values are sets of bits. */
export const isBits = ({ type }: Operand): boolean => type in BITS || type === 'ct_label';

/** A value as written beside an operand. */
export function operandValue(operand: Operand, bytes: Uint8Array): string | undefined {
  const { type, length, swapped } = operand;
  if (isText(type)) {
    const text = swapped === true ? undefined : fieldText(bytes);
    // nft 1.0.6 crashes on prefixes of these names.
    return type === 'osname' && text?.includes('*') === true ? undefined : text;
  }
  if (length !== undefined && bytes.length !== length) return undefined;
  return typeText(type, swapped !== true && isOfHost(type) ? hostOrder(bytes) : bytes);
}

/** The same as a number instead of a name. */
export const numberText = (operand: Operand, bytes: Uint8Array): string | undefined => {
  const isWord = operand.type in WORDS;
  return operandValue(isWord ? { ...operand, type: 'integer', swapped: true } : operand, bytes);
};

/** `bytes` are in network order. */
function typeText(type: ValueType, bytes: Uint8Array): string | undefined {
  if (type === 'ipv4_addr' || type === 'ipv6_addr' || type === 'ether_addr') {
    return valueText(type, bytes);
  }
  if (bytes.length === 0) return undefined;
  const number = BigInt(`0x${toHex(bytes)}`);
  const bits = BITS[type];
  if (bits !== undefined) return bitNames(bits, Number(number));
  const word = WORDS[type]?.[Number(number)];
  if (word !== undefined) return word;
  if (ONLY_WORDS.has(type)) return undefined;
  switch (type) {
    case 'ct_label':
      return labelText(bytes);
    case 'ethertype':
      return `0x${toHex(bytes)}`;
    case 'mark':
      return `0x${toHex(bytes)}`;
    case 'duration':
      return durationText(number);
    case 'epoch':
      return number % NANOSECONDS === 0n ? String(number / NANOSECONDS) : undefined;
    case 'classid':
      return handleText(Number(number));
    case 'wordless':
      return undefined;
    default:
      return String(number);
  }
}

const NANOSECONDS = 1_000_000_000n;

/** Undefined if a bit has no name. */
function bitNames(names: Readonly<Record<string, number>>, bits: number): string | undefined {
  const set = Object.entries(names).filter(([, bit]) => (bits & bit) !== 0);
  const rest = set.reduce((left, [, bit]) => left - bit, bits);
  if (rest !== 0) return undefined;
  return set.length === 0 ? '0x0' : set.map(([name]) => name).join(',');
}

/** Labels are bits, which nft numbers. */
function labelText(bytes: Uint8Array): string | undefined {
  const bits = Array.from({ length: 8 * bytes.length }, (_, bit) => bit);
  const set = bits.filter((bit) => bytes[bytes.length - 1 - (bit >> 3)]! & (1 << (bit & 7)));
  return set.length === 0 ? undefined : set.join(',');
}

/** Bits under a mask in nft's syntax: some are set, none is, or exactly these are. */
export function bitsText(
  operand: Operand,
  equal: boolean,
  value: Uint8Array,
  mask: Uint8Array,
): string | undefined {
  const which = operandValue(operand, mask);
  if (which === undefined) return undefined;
  if (value.every((byte) => byte === 0)) return equal ? `! ${which}` : which;
  // nft reads the labels in front of a slash as a number.
  const these = operand.type === 'ct_label' ? undefined : operandValue(operand, value);
  return these === undefined ? undefined : `${equal ? '' : '!= '}${these} / ${which}`;
}

/** The field and prefix that a comparison for equality stands for: `ip saddr`, `10.0.0.0/8`. */
export function prefixText(operand: Operand, bytes: Uint8Array): [string, string] | undefined {
  const { text, type, mask, start, length } = operand;
  if (start !== undefined && mask === undefined && bytes.length === length) {
    const whole = new Uint8Array(start.length);
    whole.set(bytes);
    return [start.text, `${valueText(start.type as never, whole)}/${8 * bytes.length}`];
  }
  const isAddress = type === 'ipv4_addr' || type === 'ipv6_addr';
  if (mask === undefined || !isAddress || bytes.length !== length) return undefined;
  const bits = prefixLength(mask);
  // For a prefix of complete bytes nft loads only those. Bits after the prefix never match, and nft
  // would drop them.
  if (
    bits === undefined ||
    bits % 8 === 0 ||
    bytes.some((byte, i) => (byte & ~mask[i]! & 0xff) !== 0)
  ) {
    return undefined;
  }
  return [text, `${valueText(type, bytes)}/${bits}`];
}

/** The dependency that a protocol number determines: how the following header is read. */
export function protocolOf(type: ValueType, bytes: Uint8Array): string | undefined {
  const name = typeText(type, isOfHost(type) ? hostOrder(bytes) : bytes);
  if (name === undefined) return undefined;
  return { ipv4: 'ip', ipv6: 'ip6', 'ipv6-icmp': 'icmpv6', '0x88a8': '8021ad' }[name] ?? name;
}

/** A port; undefined if the bytes are not one. */
export const portText = (bytes: Uint8Array): string | undefined =>
  bytes.length === 2 ? String(viewOf(bytes).getUint16(0)) : undefined;
