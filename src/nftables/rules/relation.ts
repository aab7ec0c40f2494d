/**
 * Comparisons in nft's syntax; undefined if nft would read them as another comparison. nft(8),
 * EXPRESSIONS.
 */
import { operandText, type Operand } from './operand.ts';
import {
  bitsText,
  isBits,
  isOfHost,
  isText,
  numberText,
  operandValue,
  prefixText,
} from './operand-value.ts';

/** `ip saddr 10.0.0.0/8` */
export function relation(operand: Operand, op: string, value: Uint8Array): string | undefined {
  const equality = op === '==' || op === '!=';
  // nft does ordered comparisons in network byte order only, and converts values in host order
  // first.
  const isSwapped = operand.swapped === true;
  if (equality ? isSwapped : isOfHost(operand.type) !== isSwapped) return undefined;
  if (!equality && (isBits(operand) || isText(operand.type))) return undefined;
  const [field, prefix] = (equality ? prefixText(operand, value) : undefined) ?? [];
  if (prefix !== undefined) return `${field} ${op === '==' ? '' : '!= '}${prefix}`;
  if (equality && isBits(operand) && operand.mask !== undefined) {
    if (value.length !== operand.length) return undefined;
    const bits = bitsText(operand, op === '==', value, operand.mask);
    return bits && `${operand.text} ${bits}`;
  }
  const text = operandValue(operand, value);
  if (text === undefined) return undefined;
  const implied = op === '==' && operand.calculated !== true && !isBits(operand);
  return `${operandText(operand)} ${implied ? '' : `${op} `}${text}`;
}

/** `tcp dport 1024-2048` */
export function between(
  operand: Operand,
  not: string,
  first: Uint8Array,
  last: Uint8Array,
): string | undefined {
  if (isOfHost(operand.type) !== (operand.swapped === true)) return undefined;
  if (isBits(operand) || isText(operand.type)) return undefined;
  // Two names with a hyphen between them would be one name.
  const from = numberText(operand, first);
  const to = numberText(operand, last);
  if (from === undefined || to === undefined) return undefined;
  return `${operandText(operand)} ${not}${from}-${to}`;
}
