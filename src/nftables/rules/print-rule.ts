/**
 * Prints a decoded rule like `nft list ruleset`. Expressions that cannot be printed in nft's syntax
 * are shown in brackets by their kernel names, so that no part of a rule is hidden, and `nft`
 * refuses the text instead of reading another rule.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import { jsonText } from '../../printable.ts';
import { NFT_REG_VERDICT } from '../messages/data.ts';
import {
  dependencyOf,
  forget,
  knownOf,
  learn,
  leaveOut,
  type Known,
  type Word,
} from './dependency.ts';
import type { Expression, KnownExpression } from '../messages/expression.ts';
import { identifier, quoted } from './nft-word.ts';
import {
  bitwiseOperand,
  ctOperand,
  fibOperand,
  innerOperand,
  metaOperand,
  operandText,
  osfOperand,
  payloadOperand,
  rtOperand,
  xfrmOperand,
  type Operand,
} from './operand.ts';
import { isListable, isOfHost, isText, protocolOf } from './operand-value.ts';
import { bracketed, isExpressible } from './print-known.ts';
import { statementText } from './print-statement.ts';
import { Registers } from './registers.ts';
import { between, relation } from './relation.ts';
import type { Userdata } from '../messages/userdata.ts';
import type { TableFamily } from '../messages/nfgenmsg.ts';

/** A rule as `nft.rules.list()` has it, as far as it is printed. */
export interface PrintableRule {
  readonly family: TableFamily;
  readonly expr: readonly Expression[];
  readonly comment?: string | undefined;
  readonly userdata?: Userdata | undefined;
}

export interface PrintOptions {
  /** The elements of an anonymous set, as text: `80, 443`. */
  readonly anonymous?: ((set: string) => string | undefined) | undefined;
}

/**
 * A rule in nft's syntax. Parts that have none are in square brackets, which `nft` refuses: fed
 * back to it, the text creates the same rule or none.
 *
 * @throws CodecError for what is not a rule
 * @example ruleText(rule) // 'ip saddr @hosts ip daddr != 224.0.0.0/4 masquerade comment "net1"'
 */
export const ruleText = checkedFunction(
  'ruleText',
  'rule: object, options?: object',
  function ruleText(
    { family, expr, comment, userdata }: PrintableRule,
    options: PrintOptions = {},
  ): string {
    const reader = new RuleReader(String(family), options);
    const words = reader.read(expr);
    const notes = comment === undefined ? userdata : { comment, ...userdata };
    for (const [key, value] of Object.entries(notes ?? {})) {
      const text = key === 'comment' ? quoted(value as string) : undefined;
      if (text !== undefined) words.push(`comment ${text}`);
      else if (value instanceof Uint8Array) words.push(`[${key} ${value.length} bytes]`);
      else words.push(`[${key} ${jsonText(value)}]`);
    }
    return words.join(' ');
  },
);

/** A match, with what is known after it. */
interface Match {
  readonly text: string;
  readonly dependency?: Word['dependency'];
  /** The fields that may have several values. */
  readonly several?: readonly string[];
}

/** Reads the expressions of one rule in order. */
export class RuleReader {
  readonly registers = new Registers();
  readonly family: string;
  readonly #options: PrintOptions;
  readonly #words: Word[] = [];
  #known: Known;
  #tunnel: string | number | undefined;
  /** The next expression was printed together with the previous one. */
  #skip = false;

  constructor(family: string, options: PrintOptions) {
    this.family = family;
    this.#options = options;
    this.#known = knownOf(family);
  }

  /** The protocols determined so far. */
  get known(): Known {
    return this.#known;
  }

  read(expressions: readonly Expression[]): string[] {
    expressions.forEach((each, i) => {
      if (this.#skip) this.#skip = false;
      else if (!isExpressible(each) || !this.#print(each, expressions[i + 1])) this.#giveUp(each);
    });
    for (const left of this.registers.giveUp()) this.#push(bracketed(left));
    return this.#words.map(({ text }) => text).filter((text) => text !== '');
  }

  /** `@name`, or the contents of the braces; undefined if nft cannot express it. */
  setName(name: string, key: readonly Operand[] = []): string | undefined {
    const isListed = isAnonymous(name) && isListable(key);
    const inline = isListed ? this.#options.anonymous?.(name) : undefined;
    if (inline !== undefined) return `{ ${inline} }`;
    const word = identifier(name);
    return word === undefined ? undefined : `@${word}`;
  }

  #push(text: string, dependency?: Word['dependency']): void {
    this.#words.push({ text, known: this.#known, dependency });
    if (dependency !== undefined) this.#known = learn(this.#known, dependency);
  }

  /**
   * Shows an expression in brackets, and with it those it reads; from here on the registers are
   * unknown.
   */
  #giveUp(each: Expression): void {
    for (const unprinted of [...this.registers.giveUp(), each]) this.#push(bracketed(unprinted));
  }

  /** False if the expression cannot be printed, or nft would read the text as something else. */
  #print(each: KnownExpression, next: Expression | undefined): boolean {
    const loaded = this.#load(each);
    if (loaded !== undefined) return loaded;
    const said = this.#match(each, next) ?? statementText(each, this);
    if (said === undefined) return false;
    const { text, dependency, several = [] } = typeof said === 'string' ? { text: said } : said;
    if (!leaveOut(this.#words, this.#known, this.family, this.registers.needs())) return false;
    this.registers.settle();
    this.#push(text, dependency);
    this.#known = forget(this.#known, several);
    return true;
  }

  /** Expressions that load a register; undefined for all others. */
  #load(each: KnownExpression): boolean | undefined {
    const put = (register: number | undefined, operand: Operand | undefined): boolean => {
      if (register === undefined || operand === undefined) return false;
      this.registers.load(register, { operand }, each);
      return true;
    };
    switch (each.name) {
      case 'meta': {
        const { key, dreg, sreg } = each.data ?? {};
        if (sreg !== undefined) return undefined;
        // In these families nft omits the match, as if it held for every packet.
        const isEmpty = key === 'protocol' && 'network' in knownOf(this.family);
        return !isEmpty && put(dreg, metaOperand(key ?? ''));
      }
      case 'ct': {
        const { key, direction, dreg, sreg } = each.data ?? {};
        if (sreg !== undefined) return undefined;
        return put(dreg, ctOperand(key ?? '', direction));
      }
      case 'fib': {
        const { dreg, flags = [], result } = each.data ?? {};
        return put(dreg, fibOperand(result, flags));
      }
      case 'inner': {
        const { expr, type } = each.data ?? {};
        // What is known about the inner packet applies to one tunnel.
        if ((this.#tunnel ??= type) !== type) return false;
        const isRead = expr !== undefined && isExpressible(expr);
        const dreg = isRead ? (expr.data as { dreg?: number } | undefined)?.dreg : undefined;
        return put(dreg, innerOperand(each.data ?? {}, this.#known));
      }
      case 'rt':
        return put(each.data?.dreg, rtOperand(each.data?.key ?? ''));
      case 'xfrm': {
        const { dreg, key = '', dir, spnum } = each.data ?? {};
        return put(dreg, xfrmOperand(key, dir, spnum));
      }
      case 'osf': {
        const { dreg, ttl = 'strict', flags = [] } = each.data ?? {};
        return put(dreg, osfOperand(ttl, flags));
      }
      case 'payload': {
        const { dreg, base = 'network', offset = 0, len = 0 } = each.data ?? {};
        return put(dreg, payloadOperand(String(base), this.family, this.#known, offset, len));
      }
      case 'bitwise': {
        const { sreg, dreg, mask, xor, op = 'mask-xor' } = each.data ?? {};
        const source = this.#peek(sreg);
        if (op !== 'mask-xor' || source === undefined || dreg === undefined) return false;
        if (mask?.value === undefined || xor?.value === undefined) return false;
        const operand = bitwiseOperand(source, mask.value, xor.value);
        if (operand === undefined) return false;
        this.registers.load(dreg, { operand }, each, [sreg!]);
        return true;
      }
      case 'byteorder': {
        const { sreg, dreg, op, len, size } = each.data ?? {};
        const source = this.#peek(sreg);
        if (source === undefined || dreg === undefined || source.swapped === true) return false;
        // nft generates this for ordered comparisons. Other uses have another syntax.
        const isUsual = op === 'hton' && isOfHost(source.type) && !isText(source.type);
        if (!isUsual || len !== source.length || size !== len) return false;
        const { type, length, needs = [] } = source;
        const operand = { text: operandText(source), type, length, needs, swapped: true };
        this.registers.load(dreg, { operand }, each, [sreg!]);
        return true;
      }
      case 'lookup': {
        const { set = '', sreg, dreg, flags = [] } = each.data ?? {};
        if (dreg === undefined || dreg === NFT_REG_VERDICT) return undefined;
        const key = this.#key(sreg);
        const name = this.setName(set, key);
        if (key === undefined || name === undefined || flags.length > 0) return false;
        const text = `${key.map(operandText).join(' . ')} map ${name}`;
        const needs = key.flatMap((one) => one.needs ?? []);
        const listed = isAnonymous(set);
        const operand = { text, type: 'wordless', needs, map: true, listed } as const;
        this.registers.load(dreg, { operand }, each, this.registers.key(sreg!));
        return true;
      }
      case 'immediate': {
        const { dreg, data } = each.data ?? {};
        if (data?.verdict !== undefined) return undefined;
        if (data?.value === undefined || dreg === undefined) return false;
        this.registers.load(dreg, { bytes: data.value }, each);
        return true;
      }
      default:
        return undefined;
    }
  }

  /**
   * Expressions that a packet must match; undefined for all others, and for those that cannot be
   * printed.
   */
  #match(each: KnownExpression, next: Expression | undefined): string | Match | undefined {
    switch (each.name) {
      case 'cmp': {
        const { sreg, op = '==', data } = each.data ?? {};
        const operand = this.#operand(sreg);
        if (data?.value === undefined || operand === undefined) return undefined;
        const last = op === '>=' ? rangeEnd(next, sreg) : undefined;
        const range = last && between(operand, '', data.value, last);
        if (range !== undefined) {
          this.#skip = true;
          return range;
        }
        const text = relation(operand, String(op), data.value);
        if (text === undefined || op !== '==' || operand.calculated === true) return text;
        const protocol = protocolOf(operand.type, data.value);
        return { text, dependency: dependencyOf(this.family, operand.text, protocol) };
      }
      case 'range': {
        const { sreg, op = '==', fromData, toData } = each.data ?? {};
        const operand = this.#operand(sreg);
        if (fromData?.value === undefined || toData?.value === undefined) return undefined;
        const not = op === '==' ? '' : '!= ';
        return operand && between(operand, not, fromData.value, toData.value);
      }
      case 'lookup': {
        const { set = '', sreg, dreg, flags = [] } = each.data ?? {};
        const key = this.#key(sreg);
        const name = this.setName(set, key);
        if (key === undefined || name === undefined) return undefined;
        if (dreg !== undefined && flags.length > 0) return undefined;
        for (const register of this.registers.key(sreg!)) this.registers.use(register);
        const how = dreg !== undefined ? 'vmap ' : flags.includes('invert') ? '!= ' : '';
        // Without an operator nft would read the set as part of the calculation.
        const sign = how === '' && key.some((one) => one.calculated === true) ? '== ' : how;
        const text = `${key.map(operandText).join(' . ')} ${sign}${name}`;
        return { text, several: key.map((one) => one.text) };
      }
      default:
        return undefined;
    }
  }

  /** The packet property in a register; undefined for a constant, or if it is not known. */
  #peek(register: number | undefined): Operand | undefined {
    const content = register === undefined ? undefined : this.registers.peek(register);
    return content !== undefined && 'operand' in content ? content.operand : undefined;
  }

  /** The same, and marks it as printed. */
  #operand(register: number | undefined): Operand | undefined {
    const operand = this.#peek(register);
    if (operand !== undefined) this.registers.use(register!);
    return operand;
  }

  /** The fields of a key that starts in a register; undefined if one of them is not known. */
  #key(register: number | undefined): Operand[] | undefined {
    if (register === undefined) return undefined;
    const key = this.registers.key(register).map((each) => this.#peek(each));
    return key.includes(undefined) ? undefined : (key as Operand[]);
  }
}

/** The kernel's name for a set that a rule has in braces. */
const isAnonymous = (name: string): boolean => name.startsWith('__');

/** The upper end, if the next comparison closes a range. */
function rangeEnd(next: Expression | undefined, sreg: number | undefined): Uint8Array | undefined {
  if (next === undefined || !isExpressible(next) || next.name !== 'cmp') return undefined;
  const { data } = next;
  return data?.op === '<=' && data.sreg === sreg ? data.data?.value : undefined;
}
