/**
 * Statements as `nft list ruleset` shows them: verdicts, address translation, counters, limits,
 * log. nft(8), STATEMENTS.
 */
import { formatIpv4, formatIpv6 } from '../../ip.ts';
import { viewOf } from '../../netlink/codec/bytes.ts';
import { durationText } from './duration.ts';
import type { KnownExpression } from '../messages/expression.ts';
import { identifier, quoted } from './nft-word.ts';
import { ctOperand, metaOperand, operandText, type Operand } from './operand.ts';
import { isListable, isOfHost, isText, operandValue, portText } from './operand-value.ts';
import { bracketed, isExpressible, NAT_WORDS } from './print-known.ts';
import type { RuleReader } from './print-rule.ts';
import type { Content, Registers } from './registers.ts';

/**
 * The text of a statement; undefined if the expression cannot be printed, or nft would read the
 * text as something else.
 */
export function statementText(each: KnownExpression, rule: RuleReader): string | undefined {
  const { registers } = rule;
  switch (each.name) {
    case 'immediate':
      return verdictText(each.data?.data?.verdict);
    case 'counter':
      return `counter packets ${each.data?.packets ?? 0} bytes ${each.data?.bytes ?? 0}`;
    case 'notrack':
      return 'notrack';
    case 'synproxy':
      return synproxyText(each.data ?? {});
    case 'flow_offload': {
      const name = identifier(each.data?.tableName ?? '');
      return name && `flow add @${name}`;
    }
    case 'fwd': {
      const { sregDev, sregAddr, nfproto } = each.data ?? {};
      const to = interfaceText(registers, sregDev);
      if (sregAddr === undefined) return nfproto === undefined ? to && `fwd to ${to}` : undefined;
      const address = neighbourText(registers, sregAddr, String(nfproto));
      return to && address && `fwd ${nfproto} to ${address} device ${to}`;
    }
    case 'dup': {
      const { sregDev, sregAddr } = each.data ?? {};
      const device = sregDev === undefined ? '' : interfaceText(registers, sregDev);
      if (sregAddr === undefined) return device && `dup to ${device}`;
      const address = neighbourText(registers, sregAddr, rule.family);
      if (address === undefined || device === undefined) return undefined;
      return device === '' ? `dup to ${address}` : `dup to ${address} device ${device}`;
    }
    case 'masq':
      return natText('masquerade', registers, each.data ?? {});
    case 'redir':
      return natText('redirect', registers, each.data ?? {});
    case 'nat': {
      const { type, family, ...to } = each.data ?? {};
      const length = { ip: 4, ip6: 16 }[String(family)];
      if (type === undefined || length === undefined) return undefined;
      const prefix = to.flags?.includes('netmap') === true ? ' prefix' : '';
      return natText(`${type} ${family}${prefix}`, registers, to, length);
    }
    case 'meta': {
      const { key = '', sreg } = each.data ?? {};
      return setText(META_SET.has(String(key)) ? metaOperand(key) : undefined, registers, sreg);
    }
    case 'ct': {
      const { key = '', direction, sreg } = each.data ?? {};
      return setText(ctOperand(key, direction), registers, sreg);
    }
    case 'limit': {
      const { rate = 0n, unit = 1n, burst, type, flags = [] } = each.data ?? {};
      const word = UNITS[String(unit)];
      if (word === undefined) return undefined;
      const over = flags.includes('over') ? 'over ' : '';
      const [amount, of] = type === 'bytes' ? byteRate(rate) : [String(rate), ''];
      const text = `limit rate ${over}${amount}${of}/${word}`;
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
      return rejectText(each.data ?? {}, rule);
    case 'objref': {
      const { immType, immName = '' } = each.data ?? {};
      const name = quoted(immName);
      return name && `${SETS_OBJECT[String(immType)] ?? `${immType} name`} ${name}`;
    }
    case 'dynset':
      return dynsetText(each.data ?? {}, rule);
    default:
      return undefined;
  }
}

/** The packet properties that can be set. */
const META_SET = new Set(['mark', 'priority', 'nftrace', 'pkttype', 'broute']);
/** Verdicts that are a single word. */
const VERDICTS = new Set(['accept', 'drop', 'continue', 'return']);

type DataOf<N extends KnownExpression['name']> = NonNullable<
  Extract<KnownExpression, { name: N }>['data']
>;

function verdictText(
  verdict: NonNullable<DataOf<'immediate'>['data']>['verdict'],
): string | undefined {
  const { code, chain, chainId } = verdict ?? {};
  if (code === undefined || chainId !== undefined) return undefined;
  if (chain === undefined) return VERDICTS.has(String(code)) ? String(code) : undefined;
  const name = identifier(chain);
  return name !== undefined && (code === 'jump' || code === 'goto') ? `${code} ${name}` : undefined;
}

/** Objects that are assigned to packets; others are referred to like `counter name`. */
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

/** Undefined if the contents of a register are not known, or not an address of that length. */
function natText(
  what: string,
  registers: Registers,
  to: NatTarget,
  length = 4,
): string | undefined {
  const { regAddrMin, regAddrMax, regProtoMin, regProtoMax, flags = [] } = to;
  // An end without a beginning cannot be expressed.
  if (regAddrMax !== undefined && regAddrMin === undefined) return undefined;
  if (regProtoMax !== undefined && regProtoMin === undefined) return undefined;
  const port = regProtoMin !== undefined;
  const first = regAddrMin === undefined ? undefined : registers.peek(regAddrMin);
  const fromMap = first !== undefined && 'operand' in first && first.operand.map === true;
  const address = (bytes: Uint8Array): string | undefined =>
    bytes.length === length ? addressText(bytes, port) : undefined;
  const texts: string[] = [];
  for (const [before, register, text] of [
    ['', regAddrMin, address],
    ['-', regAddrMax === regAddrMin ? undefined : regAddrMax, address],
    [':', regProtoMin, portText],
    ['-', regProtoMax === regProtoMin ? undefined : regProtoMax, portText],
  ] as const) {
    if (register === undefined) continue;
    const content = registers.use(register);
    // A map also supplies the last address and the port, in the registers after the first.
    if (content === undefined && fromMap) continue;
    if (content === undefined) return undefined;
    const word = 'operand' in content ? operandText(content.operand) : text(content.bytes);
    if (word === undefined) return undefined;
    texts.push(before, word);
  }
  const words = NAT_WORDS.filter((flag) => flags.includes(flag)).join(',');
  const target = texts.length === 0 ? '' : `to ${texts.join('')}`;
  return [what, target, words].filter((word) => word !== '').join(' ');
}

/** With a port, an IPv6 address is in brackets. */
function addressText(bytes: Uint8Array, port: boolean): string {
  if (bytes.length === 4) return formatIpv4(viewOf(bytes), 0);
  const text = formatIpv6(viewOf(bytes), 0);
  return port ? `[${text}]` : text;
}

/** `update @seen { ip saddr . tcp dport timeout 1m counter : meta mark }` */
function dynsetText(data: DataOf<'dynset'>, rule: RuleReader): string | undefined {
  const { setName: name = '', op, sregKey, sregData, timeout = 0n, expressions, expr } = data;
  const set = rule.setName(name);
  if (set === undefined || sregKey === undefined || op === undefined) return undefined;
  const key = fieldsText(rule.registers, sregKey, sregData);
  const value = sregData === undefined ? '' : fieldsText(rule.registers, sregData);
  if (key === undefined || value === undefined) return undefined;
  const words = [key];
  if (timeout !== 0n) words.push('timeout', durationText(timeout));
  for (const one of expressions ?? (expr === undefined ? [] : [expr])) {
    words.push((isExpressible(one) ? statementText(one, rule) : undefined) ?? bracketed(one));
  }
  if (value !== '') words.push(':', value);
  return `${op} ${set} { ${words.join(' ')} }`;
}

/** Undefined for a constant: only the set knows its type and byte order. */
function fieldsText(registers: Registers, from: number, end?: number): string | undefined {
  const texts: string[] = [];
  for (const register of registers.key(from, end)) {
    const content = registers.use(register);
    if (content === undefined || !('operand' in content)) return undefined;
    if (content.operand.swapped === true) return undefined;
    texts.push(operandText(content.operand));
  }
  return texts.join(' . ');
}

/** `meta mark set ct mark` */
function setText(
  target: Operand | undefined,
  registers: Registers,
  register: number | undefined,
): string | undefined {
  const content = register === undefined ? undefined : registers.use(register);
  if (target === undefined || content === undefined) return undefined;
  const value = valueOf(target, content);
  return value && `${target.text} set ${value}`;
}

function valueOf(target: Operand, content: Content): string | undefined {
  if (!('operand' in content)) {
    return isText(target.type) ? undefined : operandValue(target, content.bytes);
  }
  const { operand } = content;
  if (operand.listed === true && !isListable([target])) return undefined;
  // nft converts between host and network byte order.
  const isAlike =
    isOfHost(operand.type) === isOfHost(target.type) && operand.length === target.length;
  if (operand.swapped === true || !(operand.map === true || isAlike)) return undefined;
  return operandText(operand);
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

/** An interface by its index, or that of the packet. */
function interfaceText(registers: Registers, register: number | undefined): string | undefined {
  const content = register === undefined ? undefined : registers.use(register);
  return content && valueOf({ text: '', type: 'iface_index', length: 4 }, content);
}

/** The address of a neighbour; undefined if it is not one of that family. */
function neighbourText(registers: Registers, register: number, family: string): string | undefined {
  const length = { ip: 4, ip6: 16 }[family];
  const content = registers.use(register);
  if (length === undefined || content === undefined) return undefined;
  const type = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  return valueOf({ text: '', type, length }, content);
}

/** `synproxy mss 1460 wscale 7 timestamp sack-perm`; nft prints only the options that are set. */
function synproxyText({ mss = 0, wscale = 0, flags = [] }: DataOf<'synproxy'>): string | undefined {
  const words = ['synproxy'];
  for (const [flag, value] of [
    ['mss', mss],
    ['wscale', wscale],
  ] as const) {
    if (flags.includes(flag)) words.push(`${flag} ${value}`);
    else if (value !== 0) return undefined;
  }
  for (const flag of ['timestamp', 'sack-perm'] as const)
    if (flags.includes(flag)) words.push(flag);
  return words.join(' ');
}

/** The number of all flags. */
const LOG_FLAGS = 5;

function logText(data: DataOf<'log'>): string | undefined {
  const { prefix, group, snaplen, qthreshold, level, flags = [] } = data;
  const words = ['log'];
  if (prefix !== undefined) {
    const text = quoted(prefix);
    // A dollar sign starts a variable.
    if (text === undefined || text.includes('$')) return undefined;
    words.push(`prefix ${text}`);
  }
  if (group !== undefined) words.push(`group ${group}`);
  if (snaplen !== undefined) words.push(`snaplen ${snaplen}`);
  if (qthreshold !== undefined) words.push(`queue-threshold ${qthreshold}`);
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

function rejectText(
  { type, icmpCode = 0 }: DataOf<'reject'>,
  { known }: RuleReader,
): string | undefined {
  if (type === 'tcp reset') {
    // nft would add the match by itself.
    return known.transport === 'tcp' ? 'reject with tcp reset' : undefined;
  }
  if (type === 'icmpx') {
    // If the protocol is known, nft uses its specific reply by default.
    if (icmpCode === 1 && known.network === undefined) return 'reject';
    const code = ICMPX[icmpCode];
    return code && `reject with icmpx ${code}`;
  }
  const protocol = { ip: 'icmp', ip6: 'icmpv6' }[known.network ?? ''];
  return type === 'icmp' && protocol !== undefined
    ? `reject with ${protocol} ${icmpCode}`
    : undefined;
}
