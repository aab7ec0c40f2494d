/**
 * The contents of a register in nft's terms: `ip saddr`, `meta mark`, `ct state`. Its values are in
 * `operand-value.ts`.
 *
 * nft(8), PRIMARY EXPRESSIONS, PAYLOAD EXPRESSIONS; nftables, src/proto.c for the fields of
 * headers.
 */
import { toHex } from '../../netlink/codec/bytes.ts';
import { knownOf, madeForAll, type Known, type Layer, type Need } from './dependency.ts';
import { isKnown, type InnerExpression } from '../messages/expression.ts';
import { hostOrder, valueText } from '../messages/key.ts';
import { isOfHost, isText, type ValueType } from './operand-value.ts';

/** The contents of a register. */
export interface Operand {
  readonly text: string;
  readonly type: ValueType;
  /** Size in bytes; undefined if it is not known. */
  readonly length?: number | undefined;
  readonly mask?: Uint8Array;
  /** The address of which this is the first complete bytes: compared with a prefix. */
  readonly start?: { readonly text: string; readonly type: ValueType; readonly length: number };
  /** What `text` presupposes. */
  readonly needs?: readonly Need[];
  /** The result of a calculation: nft writes `==` after it. */
  readonly calculated?: boolean;
  /** Converted from host to network byte order, as nft does before an ordered comparison. */
  readonly swapped?: boolean | undefined;
  /** The value of a map, which may take several registers. */
  readonly map?: boolean;
  /** The map has no name: its values are listed. */
  readonly listed?: boolean;
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
  icmp: { '0/1': ['icmp type', 'icmp_type'], '1/1': ['icmp code', 'icmp_code'] },
  icmpv6: { '0/1': ['icmpv6 type', 'icmpv6_type'], '1/1': ['icmpv6 code', 'icmpv6_code'] },
};

/** Payload bases by nft's names. */
const BASES: Readonly<Record<string, string>> = {
  link: 'll',
  network: 'nh',
  transport: 'th',
  inner: 'ih',
};

/**
 * The field at an offset of a header; in raw form if nft has no name, or if the protocol is not
 * known.
 */
export function payloadOperand(
  base: string,
  family: string,
  known: Known,
  offset: number,
  length: number,
): Operand | undefined {
  const short = BASES[base];
  if (short === undefined || length === 0) return undefined;
  const raw = { text: `@${short},${8 * offset},${8 * length}`, type: 'integer', length } as const;
  const layer = base as Layer;
  const protocol = known[layer];
  if (protocol === undefined) return raw;
  const needs: Need[] = [{ layer, protocol }];
  // Even if nothing were known, nft must be able to generate what the name needs.
  if (madeForAll(family, knownOf(family), needs) === undefined) return raw;
  const fields = HEADERS[protocol] ?? {};
  const exact = fields[`${offset}/${length}`];
  if (exact !== undefined) return { text: exact[0], type: exact[1], length, needs };
  for (const [where, [text, type]] of Object.entries(fields)) {
    const [at, whole] = where.split('/').map(Number) as [number, number];
    if (at === offset && length < whole && isAddress(type)) {
      return { ...raw, start: { text, type, length: whole }, needs };
    }
  }
  return raw;
}

interface Tunnel {
  /** The outer transport protocol. */
  readonly over: string;
  readonly hdrsize: number;
  readonly flags: readonly string[];
  /** Fields of its own header. */
  readonly fields: Fields;
}

const VXLAN: Tunnel = {
  over: 'udp',
  hdrsize: 8,
  flags: ['hdrsize', 'link', 'network', 'transport'],
  fields: { '4/3': ['vni', 'integer'] },
};
/** nftables, src/proto.c, inner_desc: what each tunnel has inside. */
const INNER: Readonly<Record<string, Tunnel>> = {
  vxlan: VXLAN,
  geneve: VXLAN,
  gre: { over: 'gre', hdrsize: 4, flags: ['network', 'transport'], fields: {} },
  gretap: { over: 'gre', hdrsize: 4, flags: ['link', 'network', 'transport'], fields: {} },
};
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  'inner network': ['ip', 'ip6'],
  'inner transport': ['tcp', 'udp'],
};

/** A field of a packet inside a tunnel: `vxlan ip saddr`. */
export function innerOperand(
  { num = 0, type, flags = [], hdrsize, expr }: InnerExpression,
  known: Known,
): Operand | undefined {
  const tunnel = INNER[type ?? ''];
  const isUsual =
    tunnel !== undefined &&
    num === 0 &&
    hdrsize === tunnel.hdrsize &&
    flags.join() === tunnel.flags.join();
  if (!isUsual || expr === undefined || !isKnown(expr)) return undefined;
  // nft generates the match on GRE, and asks for UDP.
  if (tunnel.over === 'udp' && known.transport !== 'udp') return undefined;
  const outer: Need[] =
    tunnel.over === 'gre' ? [{ layer: 'transport', protocol: tunnel.over }] : [];
  if (expr.name === 'meta') {
    const { key } = expr.data ?? {};
    const operand = key === 'protocol' || key === 'l4proto' ? metaOperand(key) : undefined;
    return operand && { ...operand, text: `${type} ${operand.text}`, needs: outer };
  }
  if (expr.name !== 'payload') return undefined;
  const { base, offset = 0, len = 0 } = expr.data ?? {};
  const place = `${offset}/${len}`;
  if (base === 'tunnel' || base === 'link') {
    const fields = base === 'tunnel' ? tunnel.fields : (HEADERS['ether'] as Fields);
    const own = tunnel.flags.includes('link') ? fields[place] : undefined;
    if (own === undefined || isProtocol(own[1])) return undefined;
    return { text: `${type} ${own[0]}`, type: own[1], length: len, needs: outer };
  }
  const layer = `inner ${base}` as 'inner network';
  const protocol = known[layer];
  if (protocol === undefined || INSIDE[layer]?.includes(protocol) !== true) return undefined;
  const needs: Need[] = [...outer, { layer, protocol, tunnel: String(type) }];
  for (const [where, [text, valueType]] of Object.entries(HEADERS[protocol]!)) {
    const [at, whole] = where.split('/').map(Number) as [number, number];
    if (at !== offset || len > whole || isProtocol(valueType)) continue;
    const field = { text: `${type} ${text}`, type: valueType, length: whole };
    if (len === whole) return { ...field, needs };
    if (isAddress(valueType))
      return { text: '', type: 'integer', length: len, start: field, needs };
  }
  return undefined;
}

/** nft learns from these what is inside, but not from the matches that are left out here. */
const isProtocol = (type: ValueType): boolean => type === 'ethertype' || type === 'inet_proto';

const isAddress = (type: ValueType): boolean => type === 'ipv4_addr' || type === 'ipv6_addr';

/** nftables, src/meta.c, meta_templates: types and lengths in bytes. */
const META: Readonly<Record<string, readonly [type: ValueType, length: number]>> = {
  length: ['hostinteger', 4],
  protocol: ['ethertype', 2],
  priority: ['classid', 4],
  mark: ['mark', 4],
  iif: ['iface_index', 4],
  oif: ['iface_index', 4],
  iifname: ['ifname', 16],
  oifname: ['ifname', 16],
  iiftype: ['iface_type', 2],
  oiftype: ['iface_type', 2],
  skuid: ['uid', 4],
  skgid: ['gid', 4],
  nftrace: ['integer', 1],
  rtclassid: ['hostinteger', 4],
  nfproto: ['nfproto', 1],
  l4proto: ['inet_proto', 1],
  ibrname: ['ifname', 16],
  obrname: ['ifname', 16],
  pkttype: ['pkt_type', 1],
  cpu: ['hostinteger', 4],
  iifgroup: ['devgroup', 4],
  oifgroup: ['devgroup', 4],
  cgroup: ['hostinteger', 4],
  // A number without meaningful byte order: nft calls it network order to avoid a conversion.
  random: ['integer', 4],
  ipsec: ['boolean', 1],
  iifkind: ['text', 16],
  oifkind: ['text', 16],
  ibrpvid: ['hostinteger', 2],
  ibrvproto: ['ethertype', 2],
  time: ['epoch', 8],
  day: ['day', 1],
  // nft reads an hour in the user's time zone.
  hour: ['wordless', 4],
  sdif: ['iface_index', 4],
  sdifname: ['ifname', 16],
  broute: ['integer', 1],
  ibrhwaddr: ['ether_addr', 6],
};
/** Keys that are written without `meta`. */
const BARE = new Set(['iif', 'oif', 'iifname', 'oifname', 'iifgroup', 'oifgroup']);

export function metaOperand(key: string | number): Operand | undefined {
  const known = META[key];
  if (known === undefined) return undefined;
  const text = BARE.has(String(key)) ? String(key) : `meta ${key}`;
  return { text, type: known[0], length: known[1] };
}

/** nftables, src/ct.c, ct_templates. */
const CT: Readonly<Record<string, readonly [type: ValueType, length: number]>> = {
  state: ['ct_state', 4],
  direction: ['ct_dir', 1],
  status: ['ct_status', 4],
  mark: ['mark', 4],
  expiration: ['duration', 4],
  helper: ['text', 16],
  l3proto: ['nfproto', 1],
  protocol: ['inet_proto', 1],
  'proto-src': ['inet_service', 2],
  'proto-dst': ['inet_service', 2],
  label: ['ct_label', 16],
  packets: ['hostinteger', 8],
  bytes: ['hostinteger', 8],
  avgpkt: ['hostinteger', 8],
  zone: ['hostinteger', 2],
  event: ['ct_event', 4],
  'ip saddr': ['ipv4_addr', 4],
  'ip daddr': ['ipv4_addr', 4],
  'ip6 saddr': ['ipv6_addr', 16],
  'ip6 daddr': ['ipv6_addr', 16],
  id: ['integer', 4],
};

export function ctOperand(key: string | number, direction?: string | number): Operand | undefined {
  const known = CT[key];
  if (known === undefined || typeof direction === 'number') return undefined;
  const text = ['ct', direction, key].filter((word) => word !== undefined).join(' ');
  return { text, type: known[0], length: known[1] };
}

const FIB: Readonly<Record<string, readonly [type: ValueType, length: number]>> = {
  oif: ['iface_index', 4],
  oifname: ['ifname', 16],
  type: ['fib_addrtype', 4],
};

export function fibOperand(
  result: string | number | undefined,
  flags: readonly (string | number)[],
): Operand | undefined {
  const known = FIB[result ?? ''];
  if (known === undefined || flags.some((flag) => typeof flag === 'number')) return undefined;
  const exists = flags.includes('present');
  const by = flags.filter((flag) => flag !== 'present').join(' . ');
  return { text: `fib ${by} ${result}`, type: exists ? 'presence' : known[0], length: known[1] };
}

/** nftables, src/rt.c, rt_templates. */
const RT: Readonly<Record<string, readonly [type: ValueType, length: number]>> = {
  classid: ['hostinteger', 4],
  'ip nexthop': ['ipv4_addr', 4],
  'ip6 nexthop': ['ipv6_addr', 16],
  mtu: ['hostinteger', 2],
  ipsec: ['boolean', 1],
};

export function rtOperand(key: string | number): Operand | undefined {
  const known = RT[key];
  return known && { text: `rt ${key}`, type: known[0], length: known[1] };
}

/** nftables, src/xfrm.c, xfrm_templates. */
const XFRM: Readonly<Record<string, readonly [type: ValueType, length: number]>> = {
  'ip saddr': ['ipv4_addr', 4],
  'ip daddr': ['ipv4_addr', 4],
  'ip6 saddr': ['ipv6_addr', 16],
  'ip6 daddr': ['ipv6_addr', 16],
  reqid: ['hostinteger', 4],
  spi: ['integer', 4],
};

/** `ipsec in spnum 1 ip saddr` */
export function xfrmOperand(
  key: string | number,
  direction: string | number | undefined,
  which = 0,
): Operand | undefined {
  const known = XFRM[key];
  if (known === undefined || direction === undefined) return undefined;
  const number = which === 0 ? [] : [`spnum ${which}`];
  const text = ['ipsec', direction, ...number, key].join(' ');
  return { text, type: known[0], length: known[1] };
}

/** `osf ttl loose name` */
export function osfOperand(ttl: string | number, flags: readonly (string | number)[]): Operand {
  const how = ttl === 'strict' ? [] : [`ttl ${ttl}`];
  const text = ['osf', ...how, flags.includes('version') ? 'version' : 'name'].join(' ');
  return { text, type: 'osname', length: 16 };
}

/** An operand with its mask: `meta mark & 0x000000ff`. */
export const operandText = ({ text, type, mask }: Operand): string =>
  mask === undefined ? text : `${text} & ${maskText(type, mask)}`;

function maskText(type: ValueType, bytes: Uint8Array): string {
  if (isAddress(type) || type === 'ether_addr') return valueText(type as 'ipv4_addr', bytes);
  const isHost = isOfHost(type);
  const hex = toHex(isHost ? hostOrder(bytes) : bytes);
  return isHost ? `0x${hex}` : String(BigInt(`0x${hex || '0'}`));
}

/**
 * The result of a bitwise expression, `(x & mask) ^ xor`, which nft writes with up to three
 * operators. Bits that are cleared and then inverted are set: `meta mark & 0x1ff | 0x100`.
 * Undefined if the operand is not a number of that length.
 */
export function bitwiseOperand(
  source: Operand,
  mask: Uint8Array,
  xor: Uint8Array,
): Operand | undefined {
  const { text, type, length, needs = [], swapped } = source;
  if (isText(type) || type === 'wordless' || swapped === true) return undefined;
  if (mask.length !== length || xor.length !== length) return undefined;
  const set = xor.map((bits, i) => bits & ~mask[i]!);
  const kept = mask.map((bits, i) => bits | set[i]!);
  const turned = xor.map((bits, i) => bits & mask[i]!);
  const isCalculated = source.calculated === true || source.mask !== undefined;
  const base = isCalculated ? `(${operandText(source)})` : text;
  const made = { type, length, needs, calculated: true } as const;
  if (xor.every((bits) => bits === 0)) return { text: base, mask, ...made };
  const parts = [
    ['&', kept, kept.some((bits) => bits !== 0xff)],
    ['^', turned, turned.some((bits) => bits !== 0)],
    ['|', set, set.some((bits) => bits !== 0)],
  ] as const;
  const signs = parts
    .filter(([, , there]) => there)
    .map(([sign, bits]) => `${sign} ${maskText(type, bits)}`);
  return { text: [base, ...signs].join(' '), ...made };
}
