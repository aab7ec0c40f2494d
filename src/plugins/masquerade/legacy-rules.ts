/**
 * The rules of the kernel's own iptables, which `iptables-legacy` and `ip6tables-legacy` change: a
 * table is one block of memory, in which a chain is identified by its offset.
 * include/uapi/linux/netfilter_ipv4/ip_tables.h and netfilter_ipv6/ip6_tables.h.
 */
import { bytesOf, LITTLE_ENDIAN, viewOf } from '../../netlink/codec/bytes.ts';
import { SOCK_CLOEXEC, SOCK_RAW } from '../../netlink/constants.ts';
import { IPPROTO_RAW } from '../../netlink/ip-protocols.ts';
import { EAGAIN, EPERM } from '../../sys/errno.ts';
import { check } from '../../sys/check.ts';
import { closeSync } from '../../sys/files.ts';
import { libc } from '../../sys/libc.ts';
import type { Family } from './rule-names.ts';
import type { AddressMatch, OthersRule } from './others-rules.ts';

/** IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES, which IPv6 numbers alike. */
const GET_INFO = 64;
const GET_ENTRIES = 65;
/** XT_TABLE_MAXNAMELEN */
const NAME = 32;
/**
 * `struct ipt_getinfo`: its length, the offset of the first rule of POSTROUTING, the offset of the
 * policy after them, and the length of all rules.
 */
const INFO = { length: 84, begin: NAME + 4 + 4 * 4, policy: NAME + 24 + 4 * 4, size: NAME + 48 };
/** Bytes before the rules in `struct ipt_get_entries`. */
const HEAD = 40;
/** How often rules are read again because they were changed meanwhile. */
const ATTEMPTS = 10;

/**
 * `struct ipt_entry` and `struct ip6t_entry`: addresses first, each followed by its mask two fields
 * later; then the offsets of the rest.
 */
const ENTRIES = {
  ip: { domain: 2, level: 0, address: 4, flags: 82, inverse: 83, goto: 2, target: 88 },
  ip6: { domain: 10, level: 41, address: 16, flags: 131, inverse: 132, goto: 4, target: 140 },
} as const;
/** IPT_INV_SRCIP and IPT_INV_DSTIP */
const NOT_SOURCE = 0x08;
const NOT_DESTINATION = 0x10;
/** `struct xt_entry_target`: the name, and after it the verdict of a target without a name. */
const TARGET = { name: 2, verdict: 32 } as const;
/** -NF_ACCEPT - 1 and XT_RETURN, include/uapi/linux/netfilter/x_tables.h. */
const ACCEPT = -2;
const RETURN = -5;

/** The rules of the nat table. */
export interface LegacyRules {
  /** The offset of the first rule of POSTROUTING. */
  readonly postrouting: number;
  rulesOf(chain: number): OthersRule<number>[];
}

/**
 * The table has to exist already, because reading it would create it. Undefined without
 * CAP_NET_RAW, and then the programs cannot read it either.
 */
export function readLegacyNat(family: Family): LegacyRules | undefined {
  const { domain, level } = ENTRIES[family];
  const c = libc();
  const fd = c.socket(domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (fd === -EPERM) return undefined;
  check(fd, 'socket', family);
  try {
    for (let attempts = 1; ; attempts++) {
      const info = nat(INFO.length);
      check(c.getsockopt(fd, level, GET_INFO, info), 'getsockopt', `${family} nat`);
      const told = viewOf(info);
      const size = told.getUint32(INFO.size, LITTLE_ENDIAN);
      const rules = nat(HEAD + size);
      viewOf(rules).setUint32(NAME, size, LITTLE_ENDIAN);
      const result = c.getsockopt(fd, level, GET_ENTRIES, rules);
      if (result === -EAGAIN && attempts < ATTEMPTS) continue;
      check(result, 'getsockopt', `${family} nat`);
      const table = viewOf(rules.subarray(HEAD));
      const policy = told.getUint32(INFO.policy, LITTLE_ENDIAN);
      return {
        postrouting: told.getUint32(INFO.begin, LITTLE_ENDIAN),
        rulesOf: (chain) => rulesFrom(table, chain, policy, family),
      };
    }
  } finally {
    closeSync(fd);
  }
}

function nat(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  bytes.set([0x6e, 0x61, 0x74]);
  return bytes;
}

/** The rules up to the policy, or to the head of the next chain. */
function rulesFrom(
  table: DataView,
  chain: number,
  policy: number,
  family: Family,
): OthersRule<number>[] {
  const { target } = ENTRIES[family];
  const rules: OthersRule<number>[] = [];
  for (let at = chain; at !== policy && at < table.byteLength;) {
    const action = at + table.getUint16(at + target, LITTLE_ENDIAN);
    const next = at + table.getUint16(at + target + 2, LITTLE_ENDIAN);
    if (next <= at || nameAt(table, action + TARGET.name, next) === 'ERROR') break;
    rules.push(ruleAt(table, at, action, next, family));
    at = next;
  }
  return rules;
}

/** Text up to its NUL. */
function nameAt(table: DataView, at: number, stop: number): string {
  const bytes = bytesOf(table, at, Math.max(at, stop));
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function ruleAt(
  table: DataView,
  at: number,
  action: number,
  next: number,
  family: Family,
): OthersRule<number> {
  const { address, flags, inverse, goto } = ENTRIES[family];
  const inverted = table.getUint8(at + inverse);
  const match = (first: number, bit: number): AddressMatch[] => [
    {
      at: 0,
      value: bytesOf(table, at + first, at + first + address),
      mask: bytesOf(table, at + first + 2 * address, at + first + 3 * address),
      negated: (inverted & bit) !== 0,
    },
  ];
  const rule = { source: match(0, NOT_SOURCE), destination: match(address, NOT_DESTINATION) };
  if (table.getUint8(action + TARGET.name) !== 0) {
    return { ...rule, verdict: undefined, target: undefined };
  }
  const verdict = table.getInt32(action + TARGET.verdict, LITTLE_ENDIAN);
  if (verdict >= 0 && verdict !== next) {
    const isGoto = (table.getUint8(at + flags) & goto) !== 0;
    return { ...rule, verdict: isGoto ? 'goto' : 'jump', target: verdict };
  }
  const ends = verdict === ACCEPT ? 'accept' : verdict === RETURN ? 'return' : undefined;
  return { ...rule, verdict: ends, target: undefined };
}
