/**
 * A decoded rule as `nft list ruleset` would show it. Expressions that have no words here are shown in brackets under their kernel
 * names, so that a rule is never shown as less than it is.
 */
import { NFT_REG_VERDICT } from './data.ts';
import type { Expression, KnownExpression } from './expression.ts';
import {
  bitwiseOperand,
  ctOperand,
  bitsText,
  isBits,
  metaOperand,
  operandText,
  operandValue,
  payloadOperand,
  prefixText,
  protocolOf,
  type Layer,
  type Operand,
} from './operand.ts';
import { bracketed, isSayable } from './print-known.ts';
import { statementText } from './print-statement.ts';
import { Registers } from './registers.ts';
import type { Rule } from './rule.ts';

export interface PrintOptions {
  /** The elements of a set without a name, as text: `80, 443`. */
  readonly anonymous?: ((set: string) => string | undefined) | undefined;
}

/** What is known while the expressions are read in order. */
export interface Reading {
  readonly registers: Registers;
  setName(name: string): string;
}

const BASES: Readonly<Record<string, Layer>> = {
  link: 'link',
  network: 'network',
  transport: 'transport',
};

/** Matches by which a rule makes sure of a protocol, and of which layer. */
const LAYERS: Readonly<Record<string, Layer>> = {
  'meta iiftype': 'link',
  'meta nfproto': 'network',
  'meta protocol': 'network',
  'meta l4proto': 'transport',
  'ip protocol': 'transport',
  'ip6 nexthdr': 'transport',
};

/** @example ruleText(rule) // 'ip saddr @hosts ip daddr != 224.0.0.0/4 masquerade comment "net1"' */
export function ruleText({ family, attrs }: Rule, options: PrintOptions = {}): string {
  const words = expressionsText(String(family), attrs.expressions ?? [], options);
  const comment = attrs.userdata?.comment;
  return [...words, ...(comment === undefined ? [] : [`comment "${comment}"`])].join(' ');
}

function expressionsText(
  family: string,
  expressions: readonly Expression[],
  options: PrintOptions,
): string[] {
  const words: string[] = [];
  const registers = new Registers();
  /** Protocols by layer, and the word that said so: it is left out when a field of that header follows. */
  const layers: Partial<Record<Layer, string | undefined>> = {};
  const said: Partial<Record<Layer, number>> = {};
  if (family === 'ip' || family === 'ip6') layers.network = family;
  // What passes a bridge has an Ethernet header.
  if (family === 'bridge') layers.link = 'ether';

  const setName = (name: string): string => {
    const inline = name.startsWith('__') ? options.anonymous?.(name) : undefined;
    return inline === undefined ? `@${name}` : `{ ${inline} }`;
  };
  const put = (register: number | undefined, operand: Operand, by: Expression): boolean => {
    if (register === undefined) return false;
    registers.load(register, { operand }, by);
    return true;
  };
  const peek = (register = 0): Operand => {
    const content = registers.peek(register);
    if (content !== undefined && 'operand' in content) return content.operand;
    return { text: `[reg ${register}]`, type: 'integer' };
  };
  const say = (register = 0): Operand => {
    registers.say(register);
    return peek(register);
  };
  /** Nothing is asked of a constant in nft's words. */
  const isConstant = (register = 0): boolean => {
    const content = registers.peek(register);
    return content !== undefined && 'bytes' in content;
  };
  const forget = (layer: Layer): void => {
    const at = said[layer];
    if (at !== undefined) words[at] = '';
    delete said[layer];
  };
  const learn = (operand: Operand, op: string, value: Uint8Array): void => {
    if (op !== '==' || operand.calculated === true) return;
    const layer = LAYERS[operand.text];
    if (layer === undefined) return;
    layers[layer] = protocolOf(operand.type, value);
    said[layer] = words.length;
  };
  const relation = (operand: Operand, op: string, value: Uint8Array): string => {
    const equality = op === '==' || op === '!=';
    const [field, prefix] = (equality ? prefixText(operand, value) : undefined) ?? [];
    if (prefix !== undefined) return `${field} ${op === '==' ? '' : '!= '}${prefix}`;
    if (equality && isBits(operand) && operand.mask !== undefined) {
      return `${operand.text} ${bitsText(operand, op === '==', value, operand.mask)}`;
    }
    const implied = op === '==' && operand.calculated !== true && !isBits(operand);
    return `${operandText(operand)} ${implied ? '' : `${op} `}${operandValue(operand, value)}`;
  };
  const between = (operand: Operand, not: string, first: Uint8Array, last: Uint8Array): string =>
    `${operandText(operand)} ${not}${operandValue(operand, first)}-${operandValue(operand, last)}`;

  const read = (each: KnownExpression, next: Expression | undefined): boolean => {
    switch (each.name) {
      case 'meta':
        if (each.data?.key === undefined) return false;
        return put(each.data.dreg, metaOperand(each.data.key), each);
      case 'ct':
        if (each.data?.key === undefined) return false;
        return put(each.data.dreg, ctOperand(each.data.key, each.data.direction), each);
      case 'fib': {
        const { dreg, flags = [], result } = each.data ?? {};
        const exists = flags.includes('present');
        const by = flags.filter((flag) => flag !== 'present').join(' . ');
        const type = exists ? 'boolean' : result === 'type' ? 'fib_addrtype' : 'hostinteger';
        return put(dreg, { text: `fib ${by} ${result}`, type }, each);
      }
      case 'payload': {
        const { dreg, base = 'network', offset = 0, len = 0 } = each.data ?? {};
        const layer = BASES[base];
        const protocol = layer && layers[layer];
        return put(dreg, payloadOperand(String(base), protocol, offset, len), each);
      }
      case 'bitwise': {
        const { sreg = 0, dreg = 0, mask, xor, op = 'mask-xor' } = each.data ?? {};
        if (op !== 'mask-xor' || mask?.value === undefined || xor?.value === undefined)
          return false;
        if (isConstant(sreg)) return false;
        const operand = bitwiseOperand(peek(sreg), mask.value, xor.value);
        registers.load(dreg, { operand }, each, [sreg]);
        return true;
      }
      case 'byteorder': {
        const { sreg = 0, dreg = 0 } = each.data ?? {};
        if (isConstant(sreg)) return false;
        const source = peek(sreg);
        const { mask: _, start: __, ...operand } = source;
        const text = operandText(source);
        registers.load(dreg, { operand: { ...operand, text, type: 'integer' } }, each, [sreg]);
        return true;
      }
      case 'cmp': {
        const { sreg, op = '==', data } = each.data ?? {};
        if (data?.value === undefined || isConstant(sreg)) return false;
        const operand = say(sreg);
        const last = rangeEnd(next, sreg);
        if (op === '>=' && last !== undefined) {
          words.push(between(operand, '', data.value, last));
          skip = true;
          return true;
        }
        learn(operand, String(op), data.value);
        words.push(relation(operand, String(op), data.value));
        return true;
      }
      case 'range': {
        const { sreg, op = '==', fromData, toData } = each.data ?? {};
        if (fromData?.value === undefined || toData?.value === undefined) return false;
        if (isConstant(sreg)) return false;
        const not = op === '==' ? '' : '!= ';
        words.push(between(say(sreg), not, fromData.value, toData.value));
        return true;
      }
      case 'lookup': {
        const { set = '', sreg = 0, dreg, flags = [] } = each.data ?? {};
        const name = setName(set);
        if (isConstant(sreg)) return false;
        const key = registers.key(sreg);
        const text = key.map(peek).map(operandText).join(' . ');
        if (dreg === undefined || dreg === NFT_REG_VERDICT) {
          key.forEach(say);
          const how = dreg === undefined ? (flags.includes('invert') ? '!= ' : '') : 'vmap ';
          words.push(`${text} ${how}${name}`);
          return true;
        }
        const headers = key.flatMap((register) => peek(register).headers ?? []);
        const operand = {
          text: `${text} map ${name}`,
          type: 'integer',
          headers,
          map: true,
        } as const;
        registers.load(dreg, { operand }, each, key);
        return true;
      }
      case 'immediate': {
        const { dreg, data } = each.data ?? {};
        if (data?.value === undefined || dreg === undefined) return false;
        registers.load(dreg, { bytes: data.value }, each);
        return true;
      }
      default:
        return false;
    }
  };

  const reading: Reading = { registers, setName };
  const state = (each: KnownExpression): boolean => {
    const text = statementText(each, reading);
    if (text !== undefined) words.push(text);
    return text !== undefined;
  };

  let skip = false;
  for (const [i, each] of expressions.entries()) {
    if (skip) {
      skip = false;
    } else if (isSayable(each) && (read(each, expressions[i + 1]) || state(each))) {
      registers.settle().forEach(forget);
    } else {
      words.push(...[...registers.giveUp(), each].map(bracketed));
    }
  }
  words.push(...registers.giveUp().map(bracketed));
  return words.filter((word) => word !== '');
}

/** The upper end when the next comparison closes a range. */
function rangeEnd(next: Expression | undefined, sreg: number | undefined): Uint8Array | undefined {
  if (next === undefined || !isSayable(next) || next.name !== 'cmp') return undefined;
  const { data } = next;
  return data?.op === '<=' && data.sreg === sreg ? data.data?.value : undefined;
}
