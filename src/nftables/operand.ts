/**
 * What stands in a register, in nft's words: `ip saddr`, `meta mark`, `ct state`; and values in the form that belongs to it.
 *
 * nft(8), PRIMARY EXPRESSIONS, PAYLOAD EXPRESSIONS; nftables, src/proto.c for the fields of headers.
 */
import { toHex, viewOf } from '../netlink/bytes.ts';
import { prefixLength, valueText, hostOrder } from './key.ts';
import type { DataTypeName } from './data-type.ts';

type ValueType = DataTypeName | 'nfproto' | 'ethertype' | 'hostinteger';

/** The content of a register. */
export interface Operand {
  readonly text: string;
  readonly type: ValueType;
  /** Bytes that were loaded, where they are fewer than the field has: a prefix. */
  readonly bits?: number;
  readonly fieldLength?: number;
  readonly mask?: Uint8Array;
  /** The protocol that a match before it has made sure of. */
  readonly protocol?: string;
}

type Fields = Readonly<Record<string, readonly [text: string, type: ValueType]>>;

/** By offset and length in bytes. */
const HEADERS: Readonly<Record<string, Fields>> = {
  ether: {
    '0/6': ['ether daddr', 'ether_addr'],
    '6/6': ['ether saddr', 'ether_addr'],
    '12/2': ['ether type', 'ethertype'],
  },
  ip: {
    '1/1': ['ip dscp', 'integer'],
    '2/2': ['ip length', 'integer'],
    '8/1': ['ip ttl', 'integer'],
    '9/1': ['ip protocol', 'inet_proto'],
    '12/4': ['ip saddr', 'ipv4_addr'],
    '16/4': ['ip daddr', 'ipv4_addr'],
  },
  ip6: {
    '6/1': ['ip6 nexthdr', 'inet_proto'],
    '7/1': ['ip6 hoplimit', 'integer'],
    '8/16': ['ip6 saddr', 'ipv6_addr'],
    '24/16': ['ip6 daddr', 'ipv6_addr'],
  },
  tcp: { '0/2': ['tcp sport', 'inet_service'], '2/2': ['tcp dport', 'inet_service'] },
  udp: { '0/2': ['udp sport', 'inet_service'], '2/2': ['udp dport', 'inet_service'] },
  icmp: { '0/1': ['icmp type', 'integer'], '1/1': ['icmp code', 'integer'] },
  icmpv6: { '0/1': ['icmpv6 type', 'integer'], '1/1': ['icmpv6 code', 'integer'] },
};

/** The field at an offset of a header; by its numbers where nft has no word, or where the protocol is not known. */
export function payloadOperand(
  base: string,
  protocol: string | undefined,
  offset: number,
  length: number,
): Operand {
  const fields = HEADERS[protocol ?? ''] ?? {};
  const exact = fields[`${offset}/${length}`];
  const from = protocol === undefined ? {} : { protocol };
  if (exact !== undefined) return { text: exact[0], type: exact[1], ...from };
  for (const [where, [text, type]] of Object.entries(fields)) {
    const [at, whole] = where.split('/').map(Number) as [number, number];
    if (at === offset && length < whole) {
      return { text, type, bits: 8 * length, fieldLength: whole, ...from };
    }
  }
  const short = { link: 'll', network: 'nh', transport: 'th' }[base] ?? base;
  return { text: `@${short},${8 * offset},${8 * length}`, type: 'integer' };
}

const META_TYPES: Readonly<Record<string, ValueType>> = {
  iifname: 'ifname',
  oifname: 'ifname',
  ibrname: 'ifname',
  obrname: 'ifname',
  mark: 'mark',
  l4proto: 'inet_proto',
  nfproto: 'nfproto',
  protocol: 'ethertype',
};
/** Keys that stand without the word `meta`. */
const BARE = new Set(['iif', 'oif', 'iifname', 'oifname', 'iifgroup', 'oifgroup']);

export const metaOperand = (key: string | number): Operand => ({
  text: BARE.has(String(key)) ? String(key) : `meta ${key}`,
  type: META_TYPES[key] ?? 'hostinteger',
});

const CT_TYPES: Readonly<Record<string, ValueType>> = {
  state: 'ct_state',
  status: 'ct_status',
  direction: 'ct_dir',
  mark: 'mark',
  protocol: 'inet_proto',
  'ip saddr': 'ipv4_addr',
  'ip daddr': 'ipv4_addr',
  'ip6 saddr': 'ipv6_addr',
  'ip6 daddr': 'ipv6_addr',
  'proto-src': 'inet_service',
  'proto-dst': 'inet_service',
};

export const ctOperand = (key: string | number, direction?: string | number): Operand => ({
  text: ['ct', direction, key].filter((word) => word !== undefined).join(' '),
  type: CT_TYPES[key] ?? 'hostinteger',
});

/** Include/uapi/linux/netfilter/nf_conntrack_common.h: bits of `ct state` and `ct status`, in nft's words. */
const CT_STATE = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 };
const CT_STATUS = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
};
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  132: 'sctp',
  136: 'udplite',
};
const NFPROTOS: Readonly<Record<number, string>> = { 2: 'ipv4', 10: 'ipv6' };
const ETHERTYPES: Readonly<Record<number, string>> = {
  0x0800: 'ip',
  0x0806: 'arp',
  0x8100: '8021q',
  0x86dd: 'ip6',
};
/** `RTN_*`, include/uapi/linux/rtnetlink.h. */
const ADDRTYPES = ['unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole'];

export const bitNames = (names: Readonly<Record<string, number>>, mask: number): string =>
  Object.entries(names)
    .filter(([, bit]) => (mask & bit) !== 0)
    .map(([name]) => name)
    .join(',');

/** The dependency that a protocol number stands for: what a header is read as from there on. */
export const protocolOf = (type: ValueType, value: Uint8Array): string | undefined => {
  const name = operandValue({ text: '', type }, value);
  return { ipv4: 'ip', ipv6: 'ip6', 'ipv6-icmp': 'icmpv6' }[name] ?? name;
};

/** A value as it is written beside an operand. */
export function operandValue(operand: Operand, bytes: Uint8Array): string {
  const { type, bits, fieldLength, mask } = operand;
  if (bits !== undefined && fieldLength !== undefined) {
    const whole = new Uint8Array(fieldLength);
    whole.set(bytes);
    return `${valueText(type as DataTypeName, whole)}/${bits}`;
  }
  const number = numberOf(type, bytes);
  switch (type) {
    case 'ct_state':
      return bitNames(CT_STATE, number);
    case 'ct_status':
      return bitNames(CT_STATUS, number);
    case 'ct_dir':
      return number === 0 ? 'original' : 'reply';
    case 'inet_proto':
      return PROTOCOLS[number] ?? String(number);
    case 'nfproto':
      return NFPROTOS[number] ?? String(number);
    case 'ethertype':
      return ETHERTYPES[number] ?? `0x${number.toString(16).padStart(4, '0')}`;
    case 'fib_addrtype':
      return ADDRTYPES[number] ?? String(number);
    case 'boolean':
      return number === 0 ? 'missing' : 'exists';
    case 'ifname':
      return bytes.includes(0)
        ? valueText('ifname', bytes)
        : `"${new TextDecoder().decode(bytes)}*"`;
    case 'hostinteger':
      return String(number);
    default: {
      const length = mask === undefined ? undefined : prefixLength(mask);
      const isAddress = type === 'ipv4_addr' || type === 'ipv6_addr';
      const text = valueText(type, bytes);
      return isAddress && length !== undefined ? `${text}/${length}` : text;
    }
  }
}

const HOST_ORDER: readonly ValueType[] = ['ct_state', 'ct_status', 'hostinteger', 'fib_addrtype'];

function numberOf(type: ValueType, bytes: Uint8Array): number {
  const ordered = HOST_ORDER.includes(type) ? hostOrder(bytes) : bytes;
  return ordered.length > 6 ? 0 : parseInt(toHex(ordered) || '0', 16);
}

/** A port or another 16-bit number in network order. */
export const portOf = (bytes: Uint8Array): number => viewOf(bytes).getUint16(0);

/** An operand with its mask as nft writes it, where the mask is not part of the value: `meta mark & 0x000000ff`. */
export function operandText({ text, type, mask }: Operand): string {
  if (mask === undefined) return text;
  if ((type === 'ipv4_addr' || type === 'ipv6_addr') && prefixLength(mask) !== undefined)
    return text;
  return `${text} & ${valueText(type === 'hostinteger' ? 'mark' : (type as DataTypeName), mask)}`;
}
