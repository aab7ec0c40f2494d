/**
 * A decoded rule as `nft list ruleset` would show it. Expressions that have no words here are shown in brackets under their kernel
 * names, so that a rule is never shown as less than it is, and `nft` refuses the text instead of reading another rule.
 */
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
  metaOperand,
  operandText,
  payloadOperand,
  type Operand,
} from './operand.ts';
import { isOfHost, isText, protocolOf } from './operand-value.ts';
import { bracketed, isSayable } from './print-known.ts';
import { statementText } from './print-statement.ts';
import { Registers } from './registers.ts';
import { between, relation } from './relation.ts';
import type { Rule } from '../messages/rule.ts';

export interface PrintOptions {
  /** The elements of a set without a name, as text: `80, 443`. */
  readonly anonymous?: ((set: string) => string | undefined) | undefined;
}

/**
 * A rule in nft's words. What has none is in square brackets, which `nft` refuses: fed back to it, the text makes the same rule or none.
 *
 * @example ruleText(rule) // 'ip saddr @hosts ip daddr != 224.0.0.0/4 masquerade comment "net1"'
 */
export function ruleText({ family, attrs }: Rule, options: PrintOptions = {}): string {
  const reader = new RuleReader(String(family), options);
  const words = reader.read(attrs.expressions ?? []);
  for (const [key, value] of Object.entries(attrs.userdata ?? {})) {
    const text = key === 'comment' ? quoted(value as string) : undefined;
    if (text !== undefined) words.push(`comment ${text}`);
    else if (value instanceof Uint8Array) words.push(`[${key} ${value.length} bytes]`);
    else words.push(`[${key} ${jsonText(value)}]`);
  }
  return words.join(' ');
}

/** A match, with what is known behind it. */
interface Match {
  readonly text: string;
  readonly dependency?: Word['dependency'];
  /** Fields that may have several values. */
  readonly several?: readonly string[];
}

/** Reads the expressions of one rule in their order. */
export class RuleReader {
  readonly registers = new Registers();
  readonly family: string;
  readonly #options: PrintOptions;
  readonly #words: Word[] = [];
  #known: Known;
  /** The next expression has been said with the one before it. */
  #skip = false;

  constructor(family: string, options: PrintOptions) {
    this.family = family;
    this.#options = options;
    this.#known = knownOf(family);
  }

  /** Protocols that the words so far have made sure of. */
  get known(): Known {
    return this.#known;
  }

  read(expressions: readonly Expression[]): string[] {
    expressions.forEach((each, i) => {
      if (this.#skip) this.#skip = false;
      else if (!isSayable(each) || !this.#say(each, expressions[i + 1])) this.#giveUp(each);
    });
    for (const left of this.registers.giveUp()) this.#push(bracketed(left));
    return this.#words.map(({ text }) => text).filter((text) => text !== '');
  }

  /** `@name`, or what stands between the braces; undefined when nft cannot say it. */
  setName(name: string): string | undefined {
    const inline = name.startsWith('__') ? this.#options.anonymous?.(name) : undefined;
    if (inline !== undefined) return `{ ${inline} }`;
    const word = identifier(name);
    return word === undefined ? undefined : `@${word}`;
  }

  #push(text: string, dependency?: Word['dependency']): void {
    this.#words.push({ text, known: this.#known, dependency });
    if (dependency !== undefined) this.#known = learn(this.#known, dependency);
  }

  /** Not said: with what it reads, and what it leaves in the registers is not known. */
  #giveUp(each: Expression): void {
    for (const unsaid of [...this.registers.giveUp(), each]) this.#push(bracketed(unsaid));
  }

  /** False when the expression has no words, or none that nft reads as just this. */
  #say(each: KnownExpression, next: Expression | undefined): boolean {
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

  /** Expressions that leave something in a register; undefined for all others. */
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
        // In these families nft leaves it out, as if every packet were of them.
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
        // What nft turns over to compare it by size. Other uses it has words for, but not these.
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
        const name = this.setName(set);
        if (key === undefined || name === undefined || flags.length > 0) return false;
        const text = `${key.map(operandText).join(' . ')} map ${name}`;
        const needs = key.flatMap((one) => one.needs ?? []);
        const operand = { text, type: 'wordless', needs, map: true } as const;
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

  /** Expressions that a packet has to pass; undefined for all others, and for those without words. */
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
        const name = this.setName(set);
        if (key === undefined || name === undefined) return undefined;
        if (dreg !== undefined && flags.length > 0) return undefined;
        for (const register of this.registers.key(sreg!)) this.registers.say(register);
        const how = dreg !== undefined ? 'vmap ' : flags.includes('invert') ? '!= ' : '';
        // Without a sign nft would take the set for a part of the calculation.
        const sign = how === '' && key.some((one) => one.calculated === true) ? '== ' : how;
        const text = `${key.map(operandText).join(' . ')} ${sign}${name}`;
        return { text, several: key.map((one) => one.text) };
      }
      default:
        return undefined;
    }
  }

  /** What of a packet is in a register; undefined for a constant, and when it is not known. */
  #peek(register: number | undefined): Operand | undefined {
    const content = register === undefined ? undefined : this.registers.peek(register);
    return content !== undefined && 'operand' in content ? content.operand : undefined;
  }

  /** The same, for words that say it. */
  #operand(register: number | undefined): Operand | undefined {
    const operand = this.#peek(register);
    if (operand !== undefined) this.registers.say(register!);
    return operand;
  }

  /** The fields of a key that begins in a register; undefined when one of them is not known. */
  #key(register: number | undefined): Operand[] | undefined {
    if (register === undefined) return undefined;
    const key = this.registers.key(register).map((each) => this.#peek(each));
    return key.includes(undefined) ? undefined : (key as Operand[]);
  }
}

/** The upper end when the next comparison closes a range. */
function rangeEnd(next: Expression | undefined, sreg: number | undefined): Uint8Array | undefined {
  if (next === undefined || !isSayable(next) || next.name !== 'cmp') return undefined;
  const { data } = next;
  return data?.op === '<=' && data.sreg === sreg ? data.data?.value : undefined;
}
