/**
 * What stands in a register, in nft's words: `ip saddr`, `meta mark`, `ct state`; and values in the form that belongs to it.
 *
 * nft(8), PRIMARY EXPRESSIONS, PAYLOAD EXPRESSIONS; nftables, src/proto.c for the fields of headers.
 */
import { toHex, viewOf } from '../netlink/bytes.ts';
import { isHostOrder, type DataTypeName } from './data-type.ts';
import { hostOrder, prefixLength, valueText } from './key.ts';

type ValueType = DataTypeName | 'nfproto' | 'ethertype' | 'hostinteger';

export type Layer = 'link' | 'network' | 'transport';

/** The content of a register. */
export interface Operand {
  readonly text: string;
  readonly type: ValueType;
  readonly mask?: Uint8Array;
  /** The address that it is the beginning of, where a whole number of its bytes was loaded: compared with a prefix. */
  readonly start?: { readonly text: string; readonly type: ValueType; readonly length: number };
  /** Headers that `text` names: that a match before it has made sure of them goes without saying. */
  readonly headers?: readonly Layer[];
  /** A calculation: nft writes `==` behind it. */
  readonly calculated?: boolean;
  /** What a map gives, which may take several registers. */
  readonly map?: boolean;
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
  // There is an ICMP for each family, so its name says the family too.
  const headers: Layer[] = protocol?.startsWith('icmp')
    ? ['network', 'transport']
    : [base as Layer];
  if (exact !== undefined) return { text: exact[0], type: exact[1], headers };
  const short = { link: 'll', network: 'nh', transport: 'th' }[base] ?? base;
  const raw = { text: `@${short},${8 * offset},${8 * length}`, type: 'integer' } as const;
  for (const [where, [text, type]] of Object.entries(fields)) {
    const [at, whole] = where.split('/').map(Number) as [number, number];
    if (at === offset && length < whole && isAddress(type)) {
      return { ...raw, start: { text, type, length: whole }, headers };
    }
  }
  return raw;
}

const isAddress = (type: ValueType): boolean => type === 'ipv4_addr' || type === 'ipv6_addr';

const META_TYPES: Readonly<Record<string, ValueType>> = {
  iifname: 'ifname',
  oifname: 'ifname',
  ibrname: 'ifname',
  obrname: 'ifname',
  mark: 'mark',
  l4proto: 'inet_proto',
  nfproto: 'nfproto',
  protocol: 'ethertype',
  iiftype: 'iface_type',
  oiftype: 'iface_type',
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
  label: 'ct_label',
  id: 'integer',
  l3proto: 'nfproto',
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
/** `ARPHRD_*`, include/uapi/linux/if_arp.h. */
const IFTYPES: Readonly<Record<number, string>> = { 1: 'ether', 512: 'ppp', 772: 'loopback' };
/** `RTN_*`, include/uapi/linux/rtnetlink.h. */
const ADDRTYPES = ['unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole'];

/** Words for bits, and a number for those that have none. */
function bitNames(names: Readonly<Record<string, number>>, bits: number): string[] {
  const set = Object.entries(names).filter(([, bit]) => (bits & bit) !== 0);
  const rest = set.reduce((left, [, bit]) => left - bit, bits);
  const words = set.map(([name]) => name);
  return rest !== 0 || words.length === 0 ? [...words, `0x${rest.toString(16)}`] : words;
}

const BITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ct_state: CT_STATE,
  ct_status: CT_STATUS,
};

/** Whether values are sets of bits. */
export const isBits = ({ type }: Operand): boolean => type in BITS;

/** Bits under a mask as nft asks for them: some are set, none is, or just these are. */
export function bitsText(
  operand: Operand,
  equal: boolean,
  value: Uint8Array,
  mask: Uint8Array,
): string {
  const which = operandValue(operand, mask);
  if (value.every((byte) => byte === 0)) return equal ? `! ${which}` : which;
  return `${equal ? '' : '!= '}${operandValue(operand, value)} / ${which}`;
}

/** The dependency that a protocol number stands for: what a header is read as from there on. */
export const protocolOf = (type: ValueType, value: Uint8Array): string | undefined => {
  const name = operandValue({ text: '', type }, value);
  return { ipv4: 'ip', ipv6: 'ip6', 'ipv6-icmp': 'icmpv6' }[name] ?? name;
};

/** A value as it is written beside an operand. */
export function operandValue(operand: Operand, bytes: Uint8Array): string {
  const { type } = operand;
  const number = numberOf(type, bytes);
  const bits = BITS[type];
  if (bits !== undefined) return bitNames(bits, number).join(',');
  switch (type) {
    case 'ct_dir':
      return number === 0 ? 'original' : 'reply';
    case 'inet_proto':
      return PROTOCOLS[number] ?? String(number);
    case 'nfproto':
      return NFPROTOS[number] ?? String(number);
    case 'ethertype':
      return ETHERTYPES[number] ?? `0x${number.toString(16).padStart(4, '0')}`;
    case 'iface_type':
      return IFTYPES[number] ?? String(number);
    case 'fib_addrtype':
      return ADDRTYPES[number] ?? String(number);
    case 'boolean':
      return number === 0 ? 'missing' : 'exists';
    case 'ifname':
      return bytes.includes(0)
        ? valueText('ifname', bytes)
        : `"${new TextDecoder().decode(bytes)}*"`;
    case 'hostinteger':
      return valueText('integer', hostOrder(bytes));
    case 'ct_label':
      return labelText(hostOrder(bytes));
    default:
      return valueText(type, bytes);
  }
}

/** Labels are bits, and nft numbers them. */
function labelText(bytes: Uint8Array): string {
  const bits = Array.from({ length: 8 * bytes.length }, (_, bit) => bit);
  const set = bits.filter((bit) => bytes[bytes.length - 1 - (bit >> 3)]! & (1 << (bit & 7)));
  return set.length === 0 ? '0x0' : set.join(',');
}

/** The field and the prefix that a comparison for equality stands for: `ip saddr`, `10.0.0.0/8`. */
export function prefixText(operand: Operand, bytes: Uint8Array): [string, string] | undefined {
  const { text, type, mask, start } = operand;
  if (start !== undefined && mask === undefined) {
    const whole = new Uint8Array(start.length);
    whole.set(bytes);
    return [start.text, `${operandValue(start, whole)}/${8 * bytes.length}`];
  }
  const length = mask === undefined || !isAddress(type) ? undefined : prefixLength(mask);
  return length === undefined
    ? undefined
    : [text, `${valueText(type as 'ipv4_addr', bytes)}/${length}`];
}

function numberOf(type: ValueType, bytes: Uint8Array): number {
  const ordered =
    type === 'hostinteger' || isHostOrder(type as DataTypeName) ? hostOrder(bytes) : bytes;
  return ordered.length > 6 ? 0 : parseInt(toHex(ordered) || '0', 16);
}

/** A port or another 16-bit number in network order. */
export const portOf = (bytes: Uint8Array): number => viewOf(bytes).getUint16(0);

/** An operand with its mask: `meta mark & 0x000000ff`. */
export const operandText = ({ text, type, mask }: Operand): string =>
  mask === undefined ? text : `${text} & ${maskText(type, mask)}`;

const maskText = (type: ValueType, bytes: Uint8Array): string =>
  valueText(type === 'hostinteger' ? 'mark' : (type as DataTypeName), bytes);

/**
 * What the bitwise expression makes of an operand: `(x & mask) ^ xor`, which nft writes with up to three signs. Bits that are
 * cleared and then turned over are set: `meta mark & 0x1ff | 0x100`.
 */
export function bitwiseOperand(source: Operand, mask: Uint8Array, xor: Uint8Array): Operand {
  const set = xor.map((bits, i) => bits & ~mask[i]!);
  const kept = mask.map((bits, i) => bits | set[i]!);
  const turned = xor.map((bits, i) => bits & mask[i]!);
  const { text, type, headers = [] } = source;
  const isCalculated = source.calculated === true || source.mask !== undefined;
  const base = isCalculated ? `(${operandText(source)})` : text;
  if (xor.every((bits) => bits === 0)) return { text: base, type, headers, mask, calculated: true };
  const parts = [
    ['&', kept, kept.some((bits) => bits !== 0xff)],
    ['^', turned, turned.some((bits) => bits !== 0)],
    ['|', set, set.some((bits) => bits !== 0)],
  ] as const;
  const signs = parts
    .filter(([, , there]) => there)
    .map(([sign, bits]) => `${sign} ${maskText(type, bits)}`);
  return { text: [base, ...signs].join(' '), type, headers, calculated: true };
}
