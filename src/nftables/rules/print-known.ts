/** Which expressions can be said in words, and how the others are shown. */
import { toHex } from '../../netlink/codec/bytes.ts';
import { jsonText } from '../../printable.ts';
import {
  expression,
  isKnown,
  type Expression,
  type KnownExpression,
} from '../messages/expression.ts';

/** Flags of address translation that are written. */
export const NAT_WORDS = ['random', 'fully-random', 'persistent'];
/** The first two say that there is an address or a port, as its register does. */
const NAT_FLAGS = ['map-ips', 'proto-specified', ...NAT_WORDS];

/** Attributes that the words stand for, and flags where not all have words. */
const SAID: Readonly<
  Partial<Record<KnownExpression['name'], { attributes: string; flags?: readonly string[] }>>
> = {
  meta: { attributes: 'dreg key sreg' },
  ct: { attributes: 'dreg key direction sreg' },
  fib: { attributes: 'dreg result flags' },
  payload: { attributes: 'dreg base offset len' },
  bitwise: { attributes: 'sreg dreg len op mask xor' },
  byteorder: { attributes: 'sreg dreg op len size' },
  cmp: { attributes: 'sreg op data' },
  range: { attributes: 'sreg op fromData toData' },
  lookup: { attributes: 'set setId sreg dreg flags', flags: ['invert'] },
  immediate: { attributes: 'dreg data' },
  counter: { attributes: 'bytes packets' },
  notrack: { attributes: '' },
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

/** Attributes that are words: one that is a number is newer than the words here. */
const WORDS = ['key', 'direction', 'result', 'base', 'op', 'type', 'family', 'level', 'immType'];

/** Whether the words of this kind of expression say all that is in it: a newer kernel may have more. */
export function isSayable(each: Expression): each is KnownExpression {
  if (!isKnown(each)) return false;
  const said = SAID[each.name];
  if (said === undefined) return false;
  const { nlaNotes: _, ...data } = (each.data ?? {}) as Record<string, unknown>;
  const attributes = said.attributes.split(' ');
  const flags = (data['flags'] ?? []) as readonly string[];
  // Some machines have padding in front of 64-bit numbers: an attribute without bytes.
  const isSaid = ([key, value]: [string, unknown]): boolean =>
    attributes.includes(key) || value === undefined || (value as Uint8Array).length === 0;
  return (
    Object.entries(data).every(isSaid) &&
    WORDS.every((key) => typeof data[key] !== 'number') &&
    flags.every((flag) => typeof flag === 'string' && (said.flags?.includes(flag) ?? true))
  );
}

/** Under its kernel names, as `nft --debug=netlink` does. nft refuses brackets, and the rule with them. */
export function bracketed(each: Expression): string {
  const { nla2 } = each as { nla2?: Uint8Array };
  return nla2 === undefined
    ? `[${expression.show(each)}]`
    : `[${jsonText(each.name)} ${toHex(nla2)}]`;
}
