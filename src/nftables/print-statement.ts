/** Statements as `nft list ruleset` shows them: verdicts, address translation, counters, limits, log. nft(8), STATEMENTS. */
import { formatIpv4, formatIpv6 } from '../netlink/ip-text.ts';
import { toHex, viewOf } from '../netlink/bytes.ts';
import type { KnownExpression } from './expression.ts';
import {
  ctOperand,
  metaOperand,
  operandText,
  operandValue,
  portOf,
  type Operand,
} from './operand.ts';
import { bracketed, isSayable, NAT_WORDS } from './print-known.ts';
import type { Reading } from './print-rule.ts';
import type { Content, Registers } from './registers.ts';

/** The text of a statement; undefined for an expression that has no words here. */
export function statementText(each: KnownExpression, reading: Reading): string | undefined {
  const { registers } = reading;
  switch (each.name) {
    case 'immediate': {
      const verdict = each.data?.data?.verdict;
      return verdict === undefined || verdict.chainId !== undefined
        ? undefined
        : [verdict.code, verdict.chain].filter(Boolean).join(' ');
    }
    case 'counter':
      return `counter packets ${each.data?.packets} bytes ${each.data?.bytes}`;
    case 'notrack':
      return 'notrack';
    case 'masq':
      return natText('masquerade', registers, each.data ?? {});
    case 'redir':
      return natText('redirect', registers, each.data ?? {});
    case 'nat': {
      const { type, family, ...to } = each.data ?? {};
      const prefix = to.flags?.includes('netmap') === true ? ' prefix' : '';
      return natText(`${type} ${family}${prefix}`, registers, to);
    }
    case 'meta':
      return setText(metaOperand(each.data?.key ?? ''), registers.say(each.data?.sreg ?? 0));
    case 'ct':
      return setText(
        ctOperand(each.data?.key ?? '', each.data?.direction),
        registers.say(each.data?.sreg ?? 0),
      );
    case 'limit': {
      const { rate = 0n, unit = 1n, burst, type, flags = [] } = each.data ?? {};
      const over = flags.includes('over') ? 'over ' : '';
      const [amount, of] = type === 'bytes' ? byteRate(rate) : [String(rate), ''];
      const text = `limit rate ${over}${amount}${of}/${UNITS[String(unit)] ?? unit}`;
      const usual = type === 'bytes' ? 0 : 5;
      if (burst === undefined || burst === usual) return text;
      return `${text} burst ${type === 'bytes' ? byteRate(BigInt(burst)).join('') : `${burst} packets`}`;
    }
    case 'quota': {
      const { bytes = 0n, flags = [], consumed = 0n } = each.data ?? {};
      const used = consumed > 0n ? ` used ${byteRate(consumed).join('')}` : '';
      return `quota ${flags.includes('over') ? 'over ' : ''}${byteRate(bytes).join('')}${used}`;
    }
    case 'connlimit':
      return `ct count ${each.data?.flags?.includes('over') ? 'over ' : ''}${each.data?.count}`;
    case 'log':
      return logText(each.data ?? {});
    case 'reject':
      return rejectText(each.data ?? {});
    case 'objref':
      return each.data?.immName === undefined
        ? undefined
        : `${SETS_OBJECT[String(each.data.immType)] ?? `${each.data.immType} name`} "${each.data.immName}"`;
    case 'dynset':
      return dynsetText(each.data ?? {}, reading);
    default:
      return undefined;
  }
}

/** Objects that packets get, where others are asked by `counter name`. */
const SETS_OBJECT: Readonly<Record<string, string>> = {
  'ct helper': 'ct helper set',
  'ct timeout': 'ct timeout set',
  'ct expectation': 'ct expectation set',
  secmark: 'meta secmark set',
};

interface NatTarget {
  readonly regAddrMin?: number;
  readonly regAddrMax?: number;
  readonly regProtoMin?: number;
  readonly regProtoMax?: number;
  readonly flags?: readonly (string | number)[];
}

/** Undefined where a register holds what is not known. */
function natText(what: string, registers: Registers, to: NatTarget): string | undefined {
  const { regAddrMin, regAddrMax, regProtoMin, regProtoMax, flags = [] } = to;
  const port = regProtoMin !== undefined;
  const first = regAddrMin === undefined ? undefined : registers.peek(regAddrMin);
  const fromMap = first !== undefined && 'operand' in first && first.operand.map === true;
  const texts: string[] = [];
  for (const [before, register, text] of [
    ['', regAddrMin, port ? bracedText : addressText],
    ['-', regAddrMax === regAddrMin ? undefined : regAddrMax, port ? bracedText : addressText],
    [':', regProtoMin, portText],
    ['-', regProtoMax === regProtoMin ? undefined : regProtoMax, portText],
  ] as const) {
    if (register === undefined) continue;
    const content = registers.say(register);
    // A map gives the last address and the port too: they are in the registers behind the first.
    if (content === undefined && fromMap) continue;
    if (content === undefined) return undefined;
    texts.push(before, 'operand' in content ? operandText(content.operand) : text(content.bytes));
  }
  const words = NAT_WORDS.filter((flag) => flags.includes(flag)).join(',');
  const target = texts.length === 0 ? '' : `to ${texts.join('')}`;
  return [what, target, words].filter((word) => word !== '').join(' ');
}

const addressText = (bytes: Uint8Array): string =>
  bytes.length === 4 ? formatIpv4(viewOf(bytes), 0) : formatIpv6(viewOf(bytes), 0);
/** Beside a port. */
const bracedText = (bytes: Uint8Array): string =>
  bytes.length === 4 ? addressText(bytes) : `[${addressText(bytes)}]`;
const portText = (bytes: Uint8Array): string => String(portOf(bytes));

type DataOf<N extends KnownExpression['name']> = NonNullable<
  Extract<KnownExpression, { name: N }>['data']
>;

/** `update @seen { ip saddr . tcp dport timeout 1m counter : 10.0.0.1 }` */
function dynsetText(data: DataOf<'dynset'>, reading: Reading): string | undefined {
  const { setName: name = '', op, sregKey = 0, sregData, timeout = 0n, expressions, expr } = data;
  const { registers, setName } = reading;
  const fields = (from: number, end?: number): string | undefined => {
    const contents = registers.key(from, end).map((register) => registers.say(register));
    return contents.includes(undefined)
      ? undefined
      : contents.map((one) => contentText(one!)).join(' . ');
  };
  const key = fields(sregKey, sregData);
  const value = sregData === undefined ? '' : fields(sregData);
  if (key === undefined || value === undefined) return undefined;
  const words = [key];
  if (timeout !== 0n) words.push('timeout', durationText(timeout));
  for (const one of expressions ?? (expr === undefined ? [] : [expr])) {
    words.push((isSayable(one) ? statementText(one, reading) : undefined) ?? bracketed(one));
  }
  if (value !== '') words.push(':', value);
  return `${op} ${setName(name)} { ${words.join(' ')} }`;
}

const contentText = (content: Content): string =>
  'operand' in content ? operandText(content.operand) : `0x${toHex(content.bytes)}`;

function setText(target: Operand, content: Content | undefined): string | undefined {
  if (content === undefined) return undefined;
  const value =
    'operand' in content ? operandText(content.operand) : operandValue(target, content.bytes);
  return `${target.text} set ${value}`;
}

const UNITS: Readonly<Record<string, string>> = {
  '1': 'second',
  '60': 'minute',
  '3600': 'hour',
  '86400': 'day',
  '604800': 'week',
};

function byteRate(bytes: bigint): [amount: string, unit: string] {
  if (bytes > 0n && bytes % 1_048_576n === 0n) return [String(bytes / 1_048_576n), ' mbytes'];
  if (bytes > 0n && bytes % 1024n === 0n) return [String(bytes / 1024n), ' kbytes'];
  return [String(bytes), ' bytes'];
}

/** Milliseconds as nft writes them: `1h30m`. */
export function durationText(milliseconds: bigint): string {
  const parts: string[] = [];
  let rest = milliseconds;
  for (const [word, length] of [
    ['d', 86_400_000n],
    ['h', 3_600_000n],
    ['m', 60_000n],
    ['s', 1000n],
    ['ms', 1n],
  ] as const) {
    if (rest >= length) parts.push(`${rest / length}${word}`);
    rest %= length;
  }
  return parts.join('') || '0s';
}

/** All that there are. */
const LOG_FLAGS = 5;

function logText({ prefix, group, snaplen, qthreshold, level, flags = [] }: DataOf<'log'>): string {
  const words = ['log'];
  if (prefix !== undefined) words.push(`prefix "${prefix}"`);
  if (group !== undefined) words.push(`group ${group}`);
  if (snaplen) words.push(`snaplen ${snaplen}`);
  if (qthreshold) words.push(`queue-threshold ${qthreshold}`);
  if (level !== undefined && level !== 'warn') words.push(`level ${level}`);
  if (flags.length === LOG_FLAGS) return [...words, 'flags all'].join(' ');
  const tcp = flags
    .filter((flag) => String(flag).startsWith('tcp '))
    .map((flag) => String(flag).slice(4));
  if (tcp.length > 0) words.push(`flags tcp ${tcp.join(',')}`);
  for (const flag of flags) if (!String(flag).startsWith('tcp ')) words.push(`flags ${flag}`);
  return words.join(' ');
}

const ICMPX = ['no-route', 'port-unreachable', 'host-unreachable', 'admin-prohibited'];

function rejectText({ type, icmpCode = 0 }: DataOf<'reject'>): string {
  if (type === 'tcp reset') return 'reject with tcp reset';
  if (type === 'icmpx') {
    return icmpCode === 1 ? 'reject' : `reject with icmpx ${ICMPX[icmpCode] ?? icmpCode}`;
  }
  return `reject with ${type} ${icmpCode}`;
}
