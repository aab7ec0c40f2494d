/**
 * Rules of others in iptables' POSTROUTING, and whether one of them may end it for packets of ours
 * without a new source address: `-s 10.88.0.0/16 -d 10.200.0.0/24 -j ACCEPT`, an exception from
 * masquerade. iptables(8).
 *
 * Only a chain that comes to the same place and behind such a rule keeps to it; the kernel asks
 * other NAT chains all the same. What a rule asks for besides addresses is taken for granted.
 */
import type { AddressMatch, OthersRule } from '../wire/nft-verdict.ts';

/** An address, the length of its prefix, and what its family has for multicast. */
export interface Source {
  readonly host: Uint8Array;
  readonly bits: number;
  readonly multicast: { readonly host: Uint8Array; readonly bits: number };
}

/**
 * NFT_JUMP_STACK_SIZE, include/net/netfilter/nf_tables.h. Deeper is a ruleset that changed while it
 * was read.
 */
const DEEPEST = 16;

/**
 * Whether packets from one of the addresses may come to the end of the base chain without a rule
 * having set their source.
 */
export function mayEndChain<C>(
  chain: C,
  addresses: readonly Source[],
  rulesOf: (chain: C) => readonly OthersRule<C>[],
  depth = 0,
): boolean {
  if (depth > DEEPEST) return true;
  for (const rule of rulesOf(chain)) {
    if (rule.verdict === undefined) continue;
    const met: Source[] = [];
    for (const address of addresses) if (mayMeet(rule, address)) met.push(address);
    if (met.length === 0) continue;
    if (rule.verdict === 'accept') return true;
    if (rule.verdict === 'return') {
      if (depth === 0) return true;
      continue;
    }
    // From the base chain nothing leads back to where it went away.
    if (rule.verdict === 'goto' && depth === 0) return true;
    if (mayEndChain(rule.target!, met, rulesOf, depth + 1)) return true;
  }
  return false;
}

/** Whether there may be packets of ours that the rule is about and that would be masqueraded. */
function mayMeet<C>(rule: OthersRule<C>, { host, bits, multicast }: Source): boolean {
  for (const match of rule.source) {
    if (holds(match, host, 8 * host.length) === match.negated) return false;
  }
  for (const match of rule.destination) {
    if (match.negated) continue;
    if (covers(match, bits) && holds(match, host, bits)) return false;
    if (covers(match, multicast.bits) && holds(match, multicast.host, multicast.bits)) return false;
  }
  return true;
}

/** Whether an address fulfils it as far as its first `bits` go. */
function holds({ at, mask, value }: AddressMatch, host: Uint8Array, bits: number): boolean {
  for (let i = 0; i < mask.length; i++) {
    const known = mask[i]! & firstBits(bits, at + i);
    if (((host[at + i]! ^ value[i]!) & known) !== 0) return false;
  }
  return true;
}

/** Whether it says all of the first `bits` of an address. */
function covers({ at, mask }: AddressMatch, bits: number): boolean {
  for (let i = 0; 8 * i < bits; i++) {
    const wanted = firstBits(bits, i);
    if (((mask[i - at] ?? 0) & wanted) !== wanted) return false;
  }
  return true;
}

/** Those of the `i`-th byte that are among the first `bits` of an address. */
const firstBits = (bits: number, i: number): number =>
  (0xff00 >> Math.max(0, Math.min(8, bits - 8 * i))) & 0xff;
