/**
 * Other programs' rules, read as far as they decide by addresses where a packet goes. As nft(8) and
 * iptables over nf_tables write them:
 *
 *     [ payload load 2b @ network header + 12 => reg 1 ]
 *     [ cmp eq reg 1 0x0000580a ]
 *     [ immediate reg 0 accept ]
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_payload_attributes` and its like.
 */
import { bytesOf } from '../../netlink/codec/bytes.ts';
import type { Message } from '../../netlink/codec/message.ts';
import type { Request } from '../../netlink/request.ts';
import { HEADERS, listRules, rule } from './nft-rule.ts';
import type { ChainName } from './nft-ruleset.ts';
import { NFGENMSG } from './nft-tlv.ts';
import { eachTlv, textAt } from './tlv.ts';

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

/** NFT_PAYLOAD_NETWORK_HEADER; NFT_CMP_EQ and NFT_CMP_NEQ; NFT_BITWISE_MASK_XOR. */
const NETWORK_HEADER = 1;
const EQUAL = 0;
const UNEQUAL = 1;
const MASK_XOR = 0;
const VERDICT_REGISTER = 0;
const VERDICTS: Readonly<Record<number, OthersRule<string>['verdict']>> = {
  1: 'accept',
  [-3]: 'jump',
  [-4]: 'goto',
  [-5]: 'return',
};

/** The rules of a chain of `ip` or `ip6`. */
export function listVerdicts(
  value: ChainName & { readonly family: 'ip' | 'ip6' },
): Request<OthersRule<string>> {
  const get = (view: DataView, at: number, end: number): OthersRule<string> =>
    ruleAt(view, at + NFGENMSG, end, value.family);
  const message = { ...rule, get } as unknown as Message<OthersRule<string>, unknown>;
  return { ...listRules(value), message };
}

/** The content of the register: bytes of an address, with a mask. */
interface Loaded {
  readonly matches: AddressMatch[];
  readonly at: number;
  readonly mask: Uint8Array;
}

function ruleAt(view: DataView, at: number, end: number, family: 'ip' | 'ip6'): OthersRule<string> {
  const source: AddressMatch[] = [];
  const destination: AddressMatch[] = [];
  let verdict: OthersRule<string>['verdict'];
  let target: string | undefined;
  let loaded: Loaded | undefined;

  const load = (data: Data): Loaded | undefined => {
    const header = HEADERS[family];
    const { 2: base, 3: offset = 0, 4: length = 0 } = data.numbers;
    if (base !== NETWORK_HEADER) return undefined;
    const first = offset >= header.destination ? header.destination : header.source;
    const place = offset - first;
    if (place < 0 || place + length > header.length) return undefined;
    const matches = first === header.source ? source : destination;
    return { matches, at: place, mask: new Uint8Array(length).fill(0xff) };
  };

  const compare = ({ matches, at: place, mask }: Loaded, { numbers, values }: Data): void => {
    const value = values[3];
    if (value === undefined || value.length > mask.length) return;
    if (numbers[2] !== EQUAL && numbers[2] !== UNEQUAL) return;
    const negated = numbers[2] === UNEQUAL;
    matches.push({ at: place, mask: mask.subarray(0, value.length), value, negated });
  };

  eachExpression(view, at, end, (name, data) => {
    switch (name) {
      case 'payload':
        loaded = load(data());
        return;
      case 'bitwise':
        if (loaded !== undefined) loaded = masked(loaded, data());
        return;
      case 'cmp':
        if (loaded !== undefined) compare(loaded, data());
        return;
      case 'immediate': {
        const { numbers, code, chain } = data();
        if (numbers[1] !== VERDICT_REGISTER) return;
        verdict = VERDICTS[code ?? 0];
        target = chain;
        return;
      }
      case 'lookup':
        // A verdict map: it may be any verdict.
        if (data().numbers[3] === VERDICT_REGISTER) verdict = 'accept';
    }
    loaded = undefined;
  });
  return { source, destination, verdict, target };
}

function masked(loaded: Loaded, { numbers, values }: Data): Loaded | undefined {
  const { 4: mask, 5: flipped } = values;
  if ((numbers[6] ?? MASK_XOR) !== MASK_XOR || mask?.length !== loaded.mask.length)
    return undefined;
  return flipped?.some((byte) => byte !== 0) === true ? undefined : { ...loaded, mask };
}

/**
 * The attributes of an expression: those of four bytes as numbers, the nested values, and a
 * verdict.
 */
interface Data {
  readonly numbers: Record<number, number>;
  readonly values: Record<number, Uint8Array>;
  code?: number;
  chain?: string;
}

function eachExpression(
  view: DataView,
  at: number,
  end: number,
  visit: (name: string, data: () => Data) => void,
): void {
  eachTlv(view, at, end, (type, list, listEnd) => {
    if (type !== 4) return;
    eachTlv(view, list, listEnd, (_, from, to) => {
      let name = '';
      let data = (): Data => ({ numbers: {}, values: {} });
      eachTlv(view, from, to, (inner, body, stop) => {
        if (inner === 1) name = textAt(view, body, stop);
        if (inner === 2) data = () => dataAt(view, body, stop);
      });
      visit(name, data);
    });
  });
}

function dataAt(view: DataView, at: number, end: number): Data {
  const data: Data = { numbers: {}, values: {} };
  eachTlv(view, at, end, (type, body, stop) => {
    if (stop - body === 4) {
      data.numbers[type] = view.getUint32(body);
      return;
    }
    // Here it is the name of a set.
    if (type === 1) return;
    eachTlv(view, body, stop, (inner, from, to) => {
      if (inner === 1) data.values[type] = bytesOf(view, from, to).slice();
      if (inner !== 2) return;
      eachTlv(view, from, to, (each, value, until) => {
        if (each === 1) data.code = view.getInt32(value);
        if (each === 2) data.chain = textAt(view, value, until);
      });
    });
  });
  return data;
}
