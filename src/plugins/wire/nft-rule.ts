/**
 * The masquerade rule, written by hand expression by expression; src/nftables/rules/match.ts can
 * express every rule.
 *
 *     ip saddr @set ip daddr != 10.1.2.0/24 ip daddr != 224.0.0.0/4 masquerade
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_meta_attributes` and its like.
 */
import { parseIpv4, parseIpv6 } from '../../ip.ts';
import { align4, LITTLE_ENDIAN, viewOf, type Writer } from '../../netlink/codec/bytes.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import type { Request } from '../../netlink/request.ts';
import {
  NFT_MSG_DELRULE,
  NFT_MSG_GETRULE,
  NFT_MSG_NEWRULE,
} from '../../nftables/messages/constants.ts';
import { written } from './message.ts';
import type { ChainName } from './nft-ruleset.ts';
import { FAMILIES, NFGENMSG, putHead } from './nft-tlv.ts';
import { beginNest, eachTlv, endNest, putBe32, putBytes, putText, textAt } from './tlv.ts';

/**
 * The packets that are masqueraded: those from the addresses in a set that go neither to their
 * subnet nor to a multicast group.
 */
export interface Masquerading {
  readonly family: 'ip' | 'ip6';
  readonly set: string;
  /** With prefix length, host bits zero. */
  readonly subnet: string;
  readonly multicast: string;
}

/** A rule as the kernel reports it. */
export interface WireRule {
  readonly handle: bigint;
  /** The set in which it looks up addresses. */
  readonly set: string | undefined;
}

type RuleSpec = ChainName & { readonly handle?: bigint; readonly packets?: Masquerading };

export const rule = written<WireRule, RuleSpec>({
  name: 'rule',
  types: { NFT_MSG_NEWRULE, NFT_MSG_GETRULE, NFT_MSG_DELRULE },
  head: NFGENMSG,
  put(w, { family, table, chain, handle, packets }) {
    putHead(w, FAMILIES[family]);
    putText(w, 1, table);
    putText(w, 2, chain);
    if (handle !== undefined) {
      const bytes = new Uint8Array(8);
      viewOf(bytes).setBigUint64(0, handle);
      putBytes(w, 3, bytes);
    }
    if (packets === undefined) return;
    const list = beginNest(w, 4);
    putExpressions(w, packets);
    endNest(w, list);
  },
  get,
  subject: ({ family, table, chain, handle }) =>
    `${family} ${table} ${chain}${handle === undefined ? '' : ` handle ${handle}`}`,
  names: () => ({
    1: 'NFTA_RULE_TABLE',
    2: 'NFTA_RULE_CHAIN',
    3: 'NFTA_RULE_HANDLE',
    4: [
      'NFTA_RULE_EXPRESSIONS',
      { 1: ['NFTA_LIST_ELEM', { 1: 'NFTA_EXPR_NAME', 2: 'NFTA_EXPR_DATA' }] },
    ],
  }),
});

/** NFTA_META_KEY for the network protocol, NFTA_PAYLOAD_BASE for its header. */
const NFPROTO = 15;
const NETWORK_HEADER = 1;
const EQUAL = 0;
const UNEQUAL = 1;
/** The offsets of the addresses in the header, and their length. */
export const HEADERS = {
  ip: { source: 12, destination: 16, length: 4 },
  ip6: { source: 8, destination: 24, length: 16 },
} as const;

function putExpressions(w: Writer, { family, set, subnet, multicast }: Masquerading): void {
  const { source, destination, length } = HEADERS[family];
  const meta = begin(w, 'meta');
  putBe32(w, 2, NFPROTO);
  putBe32(w, 1, 1);
  end(w, meta);
  compare(w, EQUAL, new Uint8Array([FAMILIES[family]]));
  load(w, source, length);
  const lookup = begin(w, 'lookup');
  putText(w, 1, set);
  putBe32(w, 2, 1);
  end(w, lookup);
  elsewhere(w, destination, length, subnet);
  elsewhere(w, destination, length, multicast);
  const masq = begin(w, 'masq');
  end(w, masq);
}

/** Begins an expression with its data; returns its offset. */
function begin(w: Writer, name: string): number {
  const at = beginNest(w, 1);
  putText(w, 1, name);
  beginNest(w, 2);
  return at;
}

function end(w: Writer, at: number): void {
  const name = at + 4;
  endNest(w, name + align4(w.view.getUint16(name, LITTLE_ENDIAN)));
  endNest(w, at);
}

/** Loads bytes of the header into the one register that is used. */
function load(w: Writer, offset: number, length: number): void {
  const payload = begin(w, 'payload');
  putBe32(w, 1, 1);
  putBe32(w, 2, NETWORK_HEADER);
  putBe32(w, 3, offset);
  putBe32(w, 4, length);
  end(w, payload);
}

function compare(w: Writer, relation: number, value: Uint8Array): void {
  const cmp = begin(w, 'cmp');
  putBe32(w, 1, 1);
  putBe32(w, 2, relation);
  putValue(w, 3, value);
  end(w, cmp);
}

function mask(w: Writer, bits: Uint8Array): void {
  const bitwise = begin(w, 'bitwise');
  putBe32(w, 1, 1);
  putBe32(w, 2, 1);
  putBe32(w, 3, bits.length);
  putBe32(w, 6, 0);
  putValue(w, 4, bits);
  putValue(w, 5, new Uint8Array(bits.length));
  end(w, bitwise);
}

function putValue(w: Writer, type: number, value: Uint8Array): void {
  const at = beginNest(w, type);
  putBytes(w, 1, value);
  endNest(w, at);
}

/**
 * `ip daddr != 10.1.2.0/24`, as nft writes it: for a prefix of complete bytes fewer bytes are
 * loaded, for others a mask is applied.
 */
function elsewhere(w: Writer, offset: number, length: number, prefix: string): void {
  const slash = prefix.indexOf('/');
  const bits = Number(prefix.slice(slash + 1));
  const address = new Uint8Array(length);
  const parse = length === 4 ? parseIpv4 : parseIpv6;
  if (!parse(prefix.slice(0, slash), viewOf(address), 0)) {
    throw new CodecError(`"${prefix}" is not an address with a prefix length`);
  }
  if (bits > 0 && bits % 8 === 0) {
    load(w, offset, bits / 8);
    compare(w, UNEQUAL, address.subarray(0, bits / 8));
    return;
  }
  const ones = new Uint8Array(length);
  for (let i = 0; 8 * i < bits; i++) ones[i] = 0xff00 >> Math.min(8, bits - 8 * i);
  load(w, offset, length);
  mask(w, ones);
  compare(w, UNEQUAL, address);
}

function get(view: DataView, at: number, stop: number): WireRule {
  let handle = 0n;
  let set: string | undefined;
  eachTlv(view, at + NFGENMSG, stop, (type, body, to) => {
    if (type === 3) handle = view.getBigUint64(body);
    if (type === 4) set = lookedUp(view, body, to);
  });
  return { handle, set };
}

/** The set in which one of the expressions looks up addresses. */
function lookedUp(view: DataView, at: number, stop: number): string | undefined {
  let set: string | undefined;
  eachTlv(view, at, stop, (_, from, to) => {
    let isLookup = false;
    eachTlv(view, from, to, (type, body, until) => {
      if (type === 1) isLookup = textAt(view, body, until) === 'lookup';
      if (type !== 2 || !isLookup) return;
      eachTlv(view, body, until, (inner, name, close) => {
        if (inner === 1) set ??= textAt(view, name, close);
      });
    });
  });
  return set;
}

export const listRules = (value: ChainName): Request<WireRule> => ({
  message: rule,
  type: NFT_MSG_GETRULE,
  flags: NLM_F_DUMP,
  value,
});

export const addRule = (value: ChainName & { readonly packets: Masquerading }): Request => ({
  message: rule,
  type: NFT_MSG_NEWRULE,
  flags: NLM_F_CREATE | NLM_F_APPEND,
  value,
});

export const deleteRule = (value: ChainName & { readonly handle: bigint }): Request => ({
  message: rule,
  type: NFT_MSG_DELRULE,
  value,
});
