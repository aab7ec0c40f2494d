/**
 * A decoded rule as `nft list ruleset` would show it. Expressions that have no words here are shown in brackets under their kernel
 * names, so that a rule is never shown as less than it is.
 */
import { toHex } from '../netlink/bytes.ts';
import { expression, isKnown, type Expression, type KnownExpression } from './expression.ts';
import type { Rule } from './rule.ts';
import {
  ctOperand,
  metaOperand,
  operandText,
  operandValue,
  payloadOperand,
  protocolOf,
  type Operand,
} from './operand.ts';
import { statementText } from './print-statement.ts';

export interface PrintOptions {
  /** The elements of a set without a name, as text: `80, 443`. */
  readonly anonymous?: ((set: string) => string | undefined) | undefined;
}

/** A register holds something of the packet, or a constant. */
export type Content = { operand: Operand } | { bytes: Uint8Array };

/** What is known while the expressions are read in order. */
export interface Reading {
  readonly registers: Map<number, Content>;
  readonly words: string[];
  setName(name: string): string;
}

type Layer = 'link' | 'network' | 'transport';

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
  const registers = new Map<number, Content>();
  /** What has been loaded and not used yet: a concatenation when there are several. */
  let loaded: Operand[] = [];
  /** Protocols by layer, and the word that said so: it is left out when a field of that header follows. */
  const layers: Partial<Record<Layer, string | undefined>> = { link: 'ether' };
  const said: Partial<Record<Layer, number>> = {};
  if (family === 'ip' || family === 'ip6') layers.network = family;

  const setName = (name: string): string => {
    const inline = name.startsWith('__') ? options.anonymous?.(name) : undefined;
    return inline === undefined ? `@${name}` : `{ ${inline} }`;
  };
  const put = (register: number | undefined, operand: Operand): void => {
    registers.set(register ?? 0, { operand });
    loaded.push(operand);
  };
  const operandOf = (register: number | undefined): Operand => {
    const content = registers.get(register ?? 0);
    return content !== undefined && 'operand' in content
      ? content.operand
      : { text: `[reg ${register}]`, type: 'integer' };
  };
  const use = (): string => {
    const text = loaded.map(operandText).join(' . ');
    loaded = [];
    return text;
  };
  const forget = (layer: Layer): void => {
    const at = said[layer];
    if (at !== undefined) words[at] = '';
    delete said[layer];
  };
  const learn = (operand: Operand, op: string, value: Uint8Array): void => {
    if (op !== '==' || operand.mask !== undefined) return;
    const layer = LAYERS[operand.text];
    if (layer === undefined) return;
    if (layer !== 'link') layers[layer] = protocolOf(operand.type, value);
    said[layer] = words.length;
  };
  const relation = (operand: Operand, op: string, value: Uint8Array): void => {
    // Bits are asked for by a mask and "not zero".
    const bits = operand.mask;
    if (bits !== undefined && op === '!=' && value.every((byte) => byte === 0)) {
      words.push(`${operand.text} ${operandValue(unmasked(operand), bits)}`);
    } else {
      const text = operandText(operand);
      const sign = op === '==' && text === operand.text ? '' : `${op} `;
      words.push(`${text} ${sign}${operandValue(operand, value)}`);
    }
    loaded = [];
  };

  const read = (each: KnownExpression, next: Expression | undefined): boolean => {
    switch (each.name) {
      case 'meta':
        if (each.data?.dreg === undefined || each.data.key === undefined) return false;
        put(each.data.dreg, metaOperand(each.data.key));
        return true;
      case 'ct':
        if (each.data?.dreg === undefined || each.data.key === undefined) return false;
        put(each.data.dreg, ctOperand(each.data.key, each.data.direction));
        return true;
      case 'fib': {
        const { dreg, flags = [], result } = each.data ?? {};
        const exists = flags.includes('present');
        const by = flags.filter((flag) => flag !== 'present').join(' . ');
        const type = exists ? 'boolean' : result === 'type' ? 'fib_addrtype' : 'hostinteger';
        put(dreg, { text: `fib ${by} ${result}`, type });
        return true;
      }
      case 'payload': {
        const { dreg, base = 'network', offset = 0, len = 0 } = each.data ?? {};
        if (dreg === undefined) return false;
        const layer = BASES[base];
        const protocol = layer && layers[layer];
        const operand = payloadOperand(String(base), protocol, offset, len);
        if (layer !== undefined && operand.protocol !== undefined) forget(layer);
        // There is an ICMP for each family, so its name says the family too.
        if (protocol?.startsWith('icmp')) forget('network');
        put(dreg, operand);
        return true;
      }
      case 'bitwise': {
        const { sreg, dreg, mask, op = 'mask-xor' } = each.data ?? {};
        const source = operandOf(sreg);
        if (op !== 'mask-xor' || mask?.value === undefined) return false;
        const operand = { ...source, mask: mask.value };
        registers.set(dreg ?? 0, { operand });
        loaded = loaded.map((other) => (other === source ? operand : other));
        return true;
      }
      case 'byteorder': {
        const { sreg, dreg } = each.data ?? {};
        registers.set(dreg ?? 0, { operand: { ...operandOf(sreg), type: 'integer' } });
        return true;
      }
      case 'cmp': {
        const { sreg, op = '==', data } = each.data ?? {};
        const operand = operandOf(sreg);
        if (data?.value === undefined) return false;
        const last = rangeEnd(next, sreg);
        if (op === '>=' && last !== undefined) {
          const [from, to] = [data.value, last].map((bytes) => operandValue(operand, bytes));
          words.push(`${operandText(operand)} ${from}-${to}`);
          loaded = [];
          skip = true;
          return true;
        }
        learn(operand, String(op), data.value);
        relation(operand, String(op), data.value);
        return true;
      }
      case 'range': {
        const { sreg, op = '==', fromData, toData } = each.data ?? {};
        const operand = operandOf(sreg);
        if (fromData?.value === undefined || toData?.value === undefined) return false;
        const [from, to] = [fromData.value, toData.value].map((bytes) =>
          operandValue(operand, bytes),
        );
        words.push(`${operandText(operand)} ${op === '==' ? '' : '!= '}${from}-${to}`);
        loaded = [];
        return true;
      }
      case 'lookup': {
        const { set = '', dreg, flags = [] } = each.data ?? {};
        const name = setName(set);
        if (dreg === undefined) {
          words.push(`${use()} ${flags.includes('invert') ? '!= ' : ''}${name}`);
        } else if (dreg === 0) {
          words.push(`${use()} vmap ${name}`);
        } else {
          put(dreg, { text: `${use()} map ${name}`, type: 'integer' });
        }
        return true;
      }
      case 'immediate': {
        const { dreg, data } = each.data ?? {};
        if (data?.value === undefined || dreg === undefined) return false;
        registers.set(dreg, { bytes: data.value });
        return true;
      }
      default:
        return false;
    }
  };

  let skip = false;
  const reading: Reading = { registers, words, setName };
  for (const [i, each] of expressions.entries()) {
    if (skip) {
      skip = false;
      continue;
    }
    if (isKnown(each) && (read(each, expressions[i + 1]) || statement(each, reading))) continue;
    words.push(bracketed(each));
  }
  return words.filter((word) => word !== '');
}

function statement(each: KnownExpression, reading: Reading): boolean {
  const text = statementText(each, reading);
  if (text !== undefined) reading.words.push(text);
  return text !== undefined;
}

function unmasked({ mask: _, ...operand }: Operand): Operand {
  return operand;
}

/** The upper end when the next comparison closes a range. */
function rangeEnd(next: Expression | undefined, sreg: number | undefined): Uint8Array | undefined {
  if (next === undefined || !isKnown(next) || next.name !== 'cmp') return undefined;
  const { data } = next;
  return data?.op === '<=' && data.sreg === sreg ? data.data?.value : undefined;
}

/** Under its kernel names, as `nft --debug=netlink` does. */
function bracketed(each: Expression): string {
  const { nla2 } = each as { nla2?: Uint8Array };
  return nla2 === undefined ? `[${expression.show(each)}]` : `[${each.name} ${toHex(nla2)}]`;
}
