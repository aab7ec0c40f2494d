/** Statements as `nft list ruleset` shows them: verdicts, address translation, counters, limits, log. nft(8), STATEMENTS. */
import { formatIpv4, formatIpv6 } from '../netlink/ip-text.ts';
import { viewOf } from '../netlink/bytes.ts';
import type { KnownExpression } from './expression.ts';
import {
  ctOperand,
  metaOperand,
  operandText,
  operandValue,
  portOf,
  type Operand,
} from './operand.ts';
import type { Content, Reading } from './print-rule.ts';

/** The text of a statement; undefined for an expression that has no words here. */
export function statementText(
  each: KnownExpression,
  { registers, setName }: Reading,
): string | undefined {
  const { data } = each;
  switch (each.name) {
    case 'immediate': {
      const verdict = each.data?.data?.verdict;
      return verdict === undefined
        ? undefined
        : [verdict.code, verdict.chain].filter(Boolean).join(' ');
    }
    case 'counter':
      return `counter packets ${each.data?.packets} bytes ${each.data?.bytes}`;
    case 'notrack':
      return 'notrack';
    case 'masq': {
      const { flags = [], regProtoMin, regProtoMax } = each.data ?? {};
      return natText('masquerade', ports(registers, regProtoMin, regProtoMax), flags);
    }
    case 'redir': {
      const { flags = [], regProtoMin, regProtoMax } = each.data ?? {};
      return natText('redirect', ports(registers, regProtoMin, regProtoMax), flags);
    }
    case 'nat': {
      const {
        type,
        family,
        regAddrMin,
        regAddrMax,
        regProtoMin,
        regProtoMax,
        flags = [],
      } = each.data ?? {};
      const port = ports(registers, regProtoMin, regProtoMax);
      const address = addresses(registers, regAddrMin, regAddrMax, port !== '');
      return natText(`${type} ${family}`, `${address}${port}`, flags);
    }
    case 'meta':
      return setText(metaOperand(each.data?.key ?? ''), registers.get(each.data?.sreg ?? 0));
    case 'ct':
      return setText(ctOperand(each.data?.key ?? ''), registers.get(each.data?.sreg ?? 0));
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
        : `${each.data.immType} name "${each.data.immName}"`;
    case 'dynset': {
      const { setName: name = '', op, sregKey, timeout, expressions, expr } = each.data ?? {};
      const inner = expressions ?? (expr === undefined ? [] : [expr]);
      const reading = { registers, words: [], setName };
      const state = inner.map(
        (one) => statementText(one as KnownExpression, reading) ?? `[${one.name}]`,
      );
      const key = contentText(registers.get(sregKey ?? 0));
      const lives =
        timeout === undefined || timeout === 0n ? [] : [`timeout ${durationText(timeout)}`];
      return `${op} ${setName(name)} { ${[key, ...lives, ...state].join(' ')} }`;
    }
    default:
      return data === undefined ? each.name : undefined;
  }
}

const NAT_FLAGS = ['random', 'fully-random', 'persistent'];

function natText(what: string, to: string, flags: readonly (string | number)[]): string {
  const words = NAT_FLAGS.filter((flag) => flags.includes(flag));
  const target = to === '' ? '' : ` to ${to}`;
  return `${what}${target}${words.length === 0 ? '' : ` ${words.join(',')}`}`;
}

type Registers = Reading['registers'];

function ports(registers: Registers, min: number | undefined, max: number | undefined): string {
  const [from, to] = [min, max].map((register) => registers.get(register ?? 0));
  if (min === undefined || from === undefined || !('bytes' in from)) return '';
  const last =
    max === undefined || max === min || to === undefined || !('bytes' in to)
      ? ''
      : `-${portOf(to.bytes)}`;
  return `:${portOf(from.bytes)}${last}`;
}

function addresses(
  registers: Registers,
  min: number | undefined,
  max: number | undefined,
  withPort: boolean,
): string {
  const text = (register: number | undefined): string => {
    const content = registers.get(register ?? 0);
    if (content === undefined) return '';
    if ('operand' in content) return operandText(content.operand);
    const view = viewOf(content.bytes);
    if (view.byteLength === 4) return formatIpv4(view, 0);
    return withPort ? `[${formatIpv6(view, 0)}]` : formatIpv6(view, 0);
  };
  return max === undefined || max === min ? text(min) : `${text(min)}-${text(max)}`;
}

function contentText(content: Content | undefined): string {
  if (content === undefined) return '[nothing]';
  return 'operand' in content ? operandText(content.operand) : `[${content.bytes.join(' ')}]`;
}

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

type DataOf<N extends KnownExpression['name']> = NonNullable<
  Extract<KnownExpression, { name: N }>['data']
>;

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
