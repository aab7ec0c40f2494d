/**
 * The rule of a subnet, expression by expression as nft writes it; a test compares it with what
 * src/nftables/rules/match.ts makes, which takes a process longer to load.
 *
 *     ip saddr @set ip daddr != 10.1.2.0/24 ip daddr != 224.0.0.0/4 masquerade
 */
import { addressBytes } from '../../ip.ts';
import { NFPROTO_IPV4, NFPROTO_IPV6, NFT_REG_1 } from '../../nftables/messages/constants.ts';
import type { ExpressionInput } from '../../nftables/messages/expression.ts';
import { IP_HEADER } from '../../nftables/rules/ip-header.ts';
import { hostOf, MULTICAST, type Place } from './rule-names.ts';

/**
 * The packets that are masqueraded: those from the addresses in the set that go neither to their
 * subnet nor to a multicast group.
 */
export function ruleOf({ family, set, subnet }: Place): ExpressionInput[] {
  const { saddr, daddr, length } = IP_HEADER[family];
  const expressions: ExpressionInput[] = [
    { name: 'meta', data: { key: 'nfproto', dreg: NFT_REG_1 } },
    compare('==', new Uint8Array([family === 'ip' ? NFPROTO_IPV4 : NFPROTO_IPV6])),
    load(saddr, length),
    { name: 'lookup', data: { set, sreg: NFT_REG_1 } },
  ];
  elsewhere(expressions, daddr, subnet);
  elsewhere(expressions, daddr, MULTICAST[family]);
  expressions.push({ name: 'masq', data: {} });
  return expressions;
}

const load = (offset: number, len: number): ExpressionInput => ({
  name: 'payload',
  data: { dreg: NFT_REG_1, base: 'network', offset, len },
});

const compare = (op: '==' | '!=', value: Uint8Array): ExpressionInput => ({
  name: 'cmp',
  data: { sreg: NFT_REG_1, op, data: { value } },
});

/**
 * `ip daddr != 10.1.2.0/24`: for a prefix of complete bytes fewer bytes are loaded, for others a
 * mask is applied.
 */
function elsewhere(expressions: ExpressionInput[], offset: number, prefix: string): void {
  const address = addressBytes(hostOf(prefix));
  const { length } = address;
  const bits = Number(prefix.slice(prefix.indexOf('/') + 1));
  if (bits > 0 && bits % 8 === 0) {
    expressions.push(load(offset, bits / 8), compare('!=', address.subarray(0, bits / 8)));
    return;
  }
  const mask = new Uint8Array(length);
  for (let i = 0; 8 * i < bits; i++) mask[i] = 0xff00 >> Math.min(8, bits - 8 * i);
  const xor = new Uint8Array(length);
  expressions.push(
    load(offset, length),
    {
      name: 'bitwise',
      data: {
        sreg: NFT_REG_1,
        dreg: NFT_REG_1,
        len: length,
        op: 'mask-xor',
        mask: { value: mask },
        xor: { value: xor },
      },
    },
    compare('!=', address),
  );
}
