/**
 * Rules in nft's terms: matches. `ip.saddr.in('hosts')` is `ip saddr @hosts`,
 * `ip.daddr.not('224.0.0.0/4')` is `ip daddr != 224.0.0.0/4`.
 *
 * The expressions are those that nft 1.0.6 generates. nft(8), PAYLOAD EXPRESSIONS, META
 * EXPRESSIONS.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import { mac } from '../../netlink/codec/address.ts';
import { viewOf } from '../../netlink/codec/bytes.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../messages/constants.ts';
import type { ExpressionInput } from '../messages/expression.ts';
import { addressBytes } from '../../ip.ts';
import { hostOrder, maskOf, numberBytes, prefixOf } from '../messages/key.ts';
import type { TableFamily } from '../messages/nfgenmsg.ts';
import { IP_HEADER } from './ip-header.ts';

/** What is known about the packet while a rule is built. */
export interface RuleContext {
  readonly family: TableFamily;
  /** Protocols that earlier matches have determined: `ip`, `tcp`. */
  readonly known: Set<string>;
}

/** One match or statement of a rule. */
export type Statement = (context: RuleContext) => ExpressionInput[];

const REG = 1;

/**
 * Builds the expressions of a rule.
 *
 * @throws CodecError for a match that the family does not have
 *
 * @example rule('inet', ip.saddr.in('hosts'), ip.daddr.not('224.0.0.0/4'), masquerade())
 */
export const rule = checkedFunction(
  'rule',
  'family: string, ...statements: function',
  function rule(family: TableFamily, ...statements: readonly Statement[]): ExpressionInput[] {
    const context: RuleContext = { family, known: new Set() };
    return statements.flatMap((statement) => statement(context));
  },
);

type CmpOp = '==' | '!=' | '<' | '<=' | '>' | '>=';

export const load = {
  meta: (key: string): ExpressionInput => ({
    name: 'meta',
    data: { key: key as 'mark', dreg: REG },
  }),
  payload: (
    base: 'link' | 'network' | 'transport',
    offset: number,
    len: number,
  ): ExpressionInput => ({
    name: 'payload',
    data: { dreg: REG, base, offset, len },
  }),
};

/**
 * Compares the register with a value.
 *
 * @throws CodecError for a wrong argument
 */
export const compare = (op: CmpOp, value: Uint8Array): ExpressionInput => ({
  name: 'cmp',
  data: { sreg: REG, op, data: { value } },
});

const masked = (mask: Uint8Array): ExpressionInput => ({
  name: 'bitwise',
  data: {
    sreg: REG,
    dreg: REG,
    len: mask.length,
    op: 'mask-xor',
    mask: { value: mask },
    xor: { value: new Uint8Array(mask.length) },
  },
});

const lookup = (set: string, inverted: boolean): ExpressionInput => ({
  name: 'lookup',
  data: { set, sreg: REG, ...(inverted ? { flags: ['invert'] } : {}) },
});

/**
 * A property of a packet that can be compared and looked up. A value that cannot be encoded is a
 * CodecError.
 */
export interface Field<T> {
  /** `ip saddr 192.0.2.1` */
  readonly is: (value: T) => Statement;
  /** `ip saddr != 192.0.2.1` */
  readonly not: (value: T) => Statement;
  /** `ip saddr @hosts` */
  readonly in: (set: string) => Statement;
  /** `ip saddr != @hosts` */
  readonly notIn: (set: string) => Statement;
  /** `ip saddr vmap @verdicts` */
  readonly vmap: (map: string) => Statement;
}

interface Source<T> {
  /** Expressions that load the value into the register; `bits` if only a prefix of it is needed. */
  read(context: RuleContext, bits?: number): ExpressionInput[];
  encode(value: T): Encoded;
  /** The protocol that this value determines, so that later matches need not check it. */
  says?: ((value: T) => string | undefined) | undefined;
}
interface Encoded {
  bytes: Uint8Array;
  bits?: number;
}

/**
 * `name` is for errors, which are thrown where the match is written, not where the rule is built.
 */
function field<T>(name: string, { read, encode, says }: Source<T>): Field<T> {
  const encoded = (value: T): Encoded => {
    try {
      return encode(value);
    } catch (error) {
      return rethrowWithin(error, name);
    }
  };
  const relation =
    (op: CmpOp) =>
    (value: T): Statement => {
      const { bytes, bits } = encoded(value);
      const protocol = op === '==' ? says?.(value) : undefined;
      return (context) => {
        if (protocol !== undefined) context.known.add(protocol);
        if (bits === undefined || bits === 8 * bytes.length) {
          return [...read(context), compare(op, bytes)];
        }
        // A prefix of complete bytes is loaded short; any other is masked.
        if (bits > 0 && bits % 8 === 0) {
          return [...read(context, bits), compare(op, bytes.slice(0, bits / 8))];
        }
        return [...read(context), masked(maskOf(bits, bytes.length)), compare(op, bytes)];
      };
    };
  return {
    is: relation('=='),
    not: relation('!='),
    in: (set) => (context) => [...read(context), lookup(set, false)],
    notIn: (set) => (context) => [...read(context), lookup(set, true)],
    vmap: (map) => (context) => [
      ...read(context),
      { name: 'lookup', data: { set: map, sreg: REG, dreg: 0 } },
    ],
  };
}

const ETHERTYPE = { ip: 0x0800, ip6: 0x86dd } as const;

/**
 * What nft puts before the first match on a network protocol, if the table's family does not imply
 * it.
 */
function needs(context: RuleContext, protocol: 'ip' | 'ip6'): ExpressionInput[] {
  const { family, known } = context;
  if (family === protocol || known.has(protocol)) return [];
  known.add(protocol);
  if (family === 'inet') {
    const number = protocol === 'ip' ? NFPROTO_IPV4 : NFPROTO_IPV6;
    return [load.meta('nfproto'), compare('==', Uint8Array.of(number))];
  }
  if (family === 'bridge' || family === 'netdev') {
    return [load.meta('protocol'), compare('==', numberBytes(2, ETHERTYPE[protocol]))];
  }
  throw new CodecError(`a rule of family ${family} has no ${protocol} packets`);
}

const L4 = { tcp: 6, udp: 17 } as const;

function needsTransport(context: RuleContext, protocol: 'tcp' | 'udp'): ExpressionInput[] {
  if (context.known.has(protocol)) return [];
  context.known.add(protocol);
  return [load.meta('l4proto'), compare('==', Uint8Array.of(L4[protocol]))];
}

function address(protocol: 'ip' | 'ip6', word: 'saddr' | 'daddr'): Field<string> {
  const { length, [word]: offset } = IP_HEADER[protocol];
  return field(`${protocol} ${word}`, {
    read: (context, bits = 8 * length) => [
      ...needs(context, protocol),
      load.payload('network', offset, bits / 8),
    ],
    encode(text) {
      const prefix = prefixOf(text);
      if (prefix.address.length !== length)
        throw new CodecError(`"${text}" is not an ${protocol} address`);
      return { bytes: prefix.address, bits: prefix.length };
    },
  });
}

/** Addresses are given as text, with a prefix length for a subnet. */
export const ip = { saddr: address('ip', 'saddr'), daddr: address('ip', 'daddr') };
export const ip6 = {
  saddr: address('ip6', 'saddr'),
  daddr: address('ip6', 'daddr'),
};

const port = (protocol: 'tcp' | 'udp', word: 'sport' | 'dport', offset: number): Field<number> =>
  field(`${protocol} ${word}`, {
    read: (context) => [...needsTransport(context, protocol), load.payload('transport', offset, 2)],
    encode: (number) => ({ bytes: numberBytes(2, number) }),
  });

export const tcp = { sport: port('tcp', 'sport', 0), dport: port('tcp', 'dport', 2) };
export const udp = { sport: port('udp', 'sport', 0), dport: port('udp', 'dport', 2) };

const metaField = <T>(
  key: string,
  encode: (value: T) => Uint8Array,
  says?: (value: T) => string | undefined,
): Field<T> =>
  field(`meta ${key}`, {
    read: () => [load.meta(key)],
    encode: (value) => ({ bytes: encode(value) }),
    says,
  });

/** A name in sixteen bytes; a name that ends in `*` is compared up to there. */
function interfaceName(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  if (name.endsWith('*')) return text.slice(0, -1);
  if (text.length > 15) throw new CodecError(`"${name}" is longer than 15 bytes`);
  const bytes = new Uint8Array(16);
  bytes.set(text);
  return bytes;
}

export const meta = {
  iifname: metaField('iifname', interfaceName),
  oifname: metaField('oifname', interfaceName),
  /** In host order, as the kernel keeps it. */
  mark: metaField('mark', (mark: number) => hostOrder(numberBytes(4, mark))),
  l4proto: metaField(
    'l4proto',
    (number: number) => numberBytes(1, number),
    (number) => Object.entries(L4).find(([, value]) => value === number)?.[0],
  ),
};

/** `ARPHRD_ETHER`, include/uapi/linux/if_arp.h. */
const ARPHRD_ETHER = 1;

/** Only packets on a bridge are certain to have an Ethernet header. */
function needsEther({ family, known }: RuleContext): ExpressionInput[] {
  if (family === 'bridge' || known.has('ether')) return [];
  known.add('ether');
  return [load.meta('iiftype'), compare('==', hostOrder(numberBytes(2, ARPHRD_ETHER)))];
}

const macAddress = (word: 'saddr' | 'daddr', offset: number): Field<string> =>
  field(`ether ${word}`, {
    read: (context) => [...needsEther(context), load.payload('link', offset, mac.span)],
    encode(text) {
      const bytes = new Uint8Array(mac.span);
      mac.write(viewOf(bytes), 0, text);
      return { bytes };
    },
  });

export const ether = { daddr: macAddress('daddr', 0), saddr: macAddress('saddr', 6) };

/**
 * `ip` or `ip6`, depending on the family of an address or prefix.
 *
 * @throws CodecError for text that is not an IP address
 */
export const ipOf = checkedFunction(
  'ipOf',
  'text: string',
  (text: string): typeof ip | typeof ip6 =>
    addressBytes(text.split('/')[0]!).length === 4 ? ip : ip6,
);
