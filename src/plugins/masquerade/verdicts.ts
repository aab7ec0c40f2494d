/**
 * Other programs' rules of nf_tables, read as far as they decide by addresses where a packet goes.
 * As nft(8) and iptables over nf_tables write them:
 *
 *     [ payload load 2b @ network header + 12 => reg 1 ]
 *     [ cmp eq reg 1 0x0000580a ]
 *     [ immediate reg 0 accept ]
 */
import { NFT_REG_VERDICT } from '../../nftables/messages/constants.ts';
import type { KnownExpression } from '../../nftables/messages/expression.ts';
import { IP_HEADER } from '../../nftables/rules/ip-header.ts';
import type { Rule } from '../wire/nft.ts';
import type { Family } from './rule-names.ts';
import type { AddressMatch, OthersRule } from './others-rules.ts';

type Data<N extends string> = NonNullable<Extract<KnownExpression, { name: N }>['data']>;

/** The content of the register: bytes of an address, with a mask. */
interface Loaded {
  readonly matches: AddressMatch[];
  readonly at: number;
  readonly mask: Uint8Array;
}

const ENDS: readonly unknown[] = ['accept', 'return', 'jump', 'goto'];

/** A rule of a chain of `ip` or `ip6`. */
export function verdictOf({ attrs }: Rule, family: Family): OthersRule<string> {
  const source: AddressMatch[] = [];
  const destination: AddressMatch[] = [];
  let verdict: OthersRule<string>['verdict'];
  let target: string | undefined;
  let loaded: Loaded | undefined;

  const load = ({ base, offset = 0, len = 0 }: Data<'payload'>): Loaded | undefined => {
    const { saddr, daddr, length } = IP_HEADER[family];
    if (base !== 'network') return undefined;
    const first = offset >= daddr ? daddr : saddr;
    const at = offset - first;
    if (at < 0 || at + len > length) return undefined;
    const matches = first === saddr ? source : destination;
    return { matches, at, mask: new Uint8Array(len).fill(0xff) };
  };

  const compare = ({ matches, at, mask }: Loaded, { op, data }: Data<'cmp'>): void => {
    const value = data?.value;
    if (value === undefined || value.length > mask.length) return;
    if (op !== '==' && op !== '!=') return;
    matches.push({ at, mask: mask.subarray(0, value.length), value, negated: op === '!=' });
  };

  for (const { name, data = {} } of (attrs.expressions ?? []) as KnownExpression[]) {
    switch (name) {
      case 'payload':
        loaded = load(data as Data<'payload'>);
        continue;
      case 'bitwise':
        if (loaded !== undefined) loaded = masked(loaded, data as Data<'bitwise'>);
        continue;
      case 'cmp':
        if (loaded !== undefined) compare(loaded, data as Data<'cmp'>);
        continue;
      case 'immediate': {
        const { dreg, data: value } = data as Data<'immediate'>;
        if (dreg !== NFT_REG_VERDICT) continue;
        const code = value?.verdict?.code;
        verdict = ENDS.includes(code) ? (code as typeof verdict) : undefined;
        target = value?.verdict?.chain;
        continue;
      }
      case 'lookup':
        // A verdict map: it may be any verdict.
        if ((data as Data<'lookup'>).dreg === NFT_REG_VERDICT) verdict = 'accept';
    }
    loaded = undefined;
  }
  return { source, destination, verdict, target };
}

function masked(loaded: Loaded, { op, mask, xor }: Data<'bitwise'>): Loaded | undefined {
  // Kernels before 5.6 do not report the operation, because they have only this one.
  if (op !== undefined && op !== 'mask-xor') return undefined;
  if (mask?.value?.length !== loaded.mask.length) return undefined;
  return xor?.value?.some((byte) => byte !== 0) === true
    ? undefined
    : { ...loaded, mask: mask.value };
}
