/** Which expressions can be printed in nft's syntax, and how the others are shown. */
import { toHex } from '../../netlink/codec/bytes.ts';
import { jsonText } from '../../printable.ts';
import {
  expression,
  isKnown,
  type Expression,
  type KnownExpression,
} from '../messages/expression.ts';

/** The NAT flags that are printed. */
export const NAT_WORDS = ['random', 'fully-random', 'persistent'];
/** The first two say that there is an address or a port, as the registers do. */
const NAT_FLAGS = ['map-ips', 'proto-specified', ...NAT_WORDS];

/** The options of synproxy that nft has names for. */
const SYNPROXY_WORDS = ['mss', 'wscale', 'timestamp', 'sack-perm'];

/** The attributes that the printed text covers, and the flags if not all have names. */
const EXPRESSIBLE: Readonly<
  Partial<Record<KnownExpression['name'], { attributes: string; flags?: readonly string[] }>>
> = {
  meta: { attributes: 'dreg key sreg' },
  ct: { attributes: 'dreg key direction sreg' },
  fib: { attributes: 'dreg result flags' },
  rt: { attributes: 'dreg key' },
  inner: { attributes: 'num type flags hdrsize expr' },
  xfrm: { attributes: 'dreg key dir spnum' },
  osf: { attributes: 'dreg ttl flags', flags: ['version'] },
  payload: { attributes: 'dreg base offset len' },
  bitwise: { attributes: 'sreg dreg len op mask xor' },
  byteorder: { attributes: 'sreg dreg op len size' },
  cmp: { attributes: 'sreg op data' },
  range: { attributes: 'sreg op fromData toData' },
  lookup: { attributes: 'set setId sreg dreg flags', flags: ['invert'] },
  immediate: { attributes: 'dreg data' },
  counter: { attributes: 'bytes packets' },
  notrack: { attributes: '' },
  synproxy: { attributes: 'mss wscale flags', flags: SYNPROXY_WORDS },
  flow_offload: { attributes: 'tableName' },
  fwd: { attributes: 'sregDev sregAddr nfproto' },
  dup: { attributes: 'sregAddr sregDev' },
  masq: { attributes: 'flags regProtoMin regProtoMax', flags: NAT_FLAGS },
  redir: { attributes: 'flags regProtoMin regProtoMax', flags: NAT_FLAGS },
  nat: {
    attributes: 'type family regAddrMin regAddrMax regProtoMin regProtoMax flags',
    flags: [...NAT_FLAGS, 'netmap'],
  },
  limit: { attributes: 'rate unit burst type flags', flags: ['over'] },
  quota: { attributes: 'bytes flags consumed', flags: ['over', 'depleted'] },
  connlimit: { attributes: 'count flags', flags: ['over'] },
  log: { attributes: 'group prefix snaplen qthreshold level flags' },
  reject: { attributes: 'type icmpCode' },
  objref: { attributes: 'immType immName' },
  dynset: {
    attributes: 'setName setId op sregKey sregData timeout expr flags expressions',
    flags: ['expr'],
  },
};

/** Attributes that are printed as names: a number there is newer than the names known here. */
const WORDS = [
  ...['key', 'direction', 'result', 'base', 'op', 'type', 'family', 'level', 'immType'],
  ...['dir', 'ttl', 'nfproto'],
];

/**
 * Whether the printed text can cover everything in an expression: a newer kernel may add
 * attributes.
 */
export function isExpressible(each: Expression): each is KnownExpression {
  if (!isKnown(each)) return false;
  const covered = EXPRESSIBLE[each.name];
  if (covered === undefined) return false;
  const { nlaNotes: _, ...data } = (each.data ?? {}) as Record<string, unknown>;
  const attributes = covered.attributes.split(' ');
  const flags = (data['flags'] ?? []) as readonly string[];
  // Some machines have padding before 64-bit numbers: an attribute without bytes.
  const isCovered = ([key, value]: [string, unknown]): boolean =>
    attributes.includes(key) || value === undefined || (value as Uint8Array).length === 0;
  return (
    Object.entries(data).every(isCovered) &&
    WORDS.every((key) => typeof data[key] !== 'number') &&
    flags.every((flag) => typeof flag === 'string' && (covered.flags?.includes(flag) ?? true))
  );
}

/**
 * By its kernel names, like `nft --debug=netlink`. nft refuses brackets, and with them the rule.
 */
export function bracketed(each: Expression): string {
  const { nla2 } = each as { nla2?: Uint8Array };
  return nla2 === undefined
    ? `[${expression.show(each)}]`
    : `[${jsonText(each.name)} ${toHex(nla2)}]`;
}
