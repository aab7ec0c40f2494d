/**
 * Other programs' rules in iptables' POSTROUTING, and whether one of them may end it for our
 * packets without a new source address: `-s 10.88.0.0/16 -d 10.200.0.0/24 -j ACCEPT`, an exception
 * from masquerade. iptables(8).
 *
 * Such a rule affects only later rules of the same chain; the kernel still calls other NAT chains.
 * Conditions of a rule other than addresses are assumed to be met.
 */

/** What the bytes of an address, from byte `at` on, are compared with. */
export interface AddressMatch {
  readonly at: number;
  readonly mask: Uint8Array;
  readonly value: Uint8Array;
  readonly negated: boolean;
}

/** A rule, as far as it decides where a packet goes. `C` identifies a chain. */
export interface OthersRule<C> {
  readonly source: readonly AddressMatch[];
  readonly destination: readonly AddressMatch[];
  /** Undefined where the packet goes on to the next rule, gets an address, or is dropped. */
  readonly verdict: 'accept' | 'return' | 'jump' | 'goto' | undefined;
  /** The target of a jump or a goto. */
  readonly target: C | undefined;
}

/** An address, the length of its prefix, and the multicast range of its family. */
export interface Source {
  readonly host: Uint8Array;
  readonly bits: number;
  readonly multicast: { readonly host: Uint8Array; readonly bits: number };
}

/**
 * NFT_JUMP_STACK_SIZE, include/net/netfilter/nf_tables.h. If it is deeper, the ruleset changed
 * while it was read.
 */
const DEEPEST = 16;

/**
 * Whether packets from one of the addresses may reach the end of the base chain without a rule
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
    // A goto in the base chain does not return.
    if (rule.verdict === 'goto' && depth === 0) return true;
    if (mayEndChain(rule.target!, met, rulesOf, depth + 1)) return true;
  }
  return false;
}

/** Whether the rule may match packets of ours that would be masqueraded. */
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

/** Whether the first `bits` bits of an address meet the condition. */
function holds({ at, mask, value }: AddressMatch, host: Uint8Array, bits: number): boolean {
  for (let i = 0; i < mask.length; i++) {
    const known = mask[i]! & firstBits(bits, at + i);
    if (((host[at + i]! ^ value[i]!) & known) !== 0) return false;
  }
  return true;
}

/** Whether the condition covers all of the first `bits` bits of an address. */
function covers({ at, mask }: AddressMatch, bits: number): boolean {
  for (let i = 0; 8 * i < bits; i++) {
    const wanted = firstBits(bits, i);
    if (((mask[i - at] ?? 0) & wanted) !== wanted) return false;
  }
  return true;
}

/** The mask of the bits of byte `i` that are among the first `bits` bits of an address. */
const firstBits = (bits: number, i: number): number =>
  (0xff00 >> Math.max(0, Math.min(8, bits - 8 * i))) & 0xff;
