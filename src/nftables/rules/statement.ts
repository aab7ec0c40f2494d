/**
 * Rules in nft's words: what is done with a packet. `masquerade()`, `accept()`, `jump('chain')`, `counter()`.
 *
 * nft(8), STATEMENTS.
 */
import type { DataInput } from '../messages/data.ts';
import { NFT_REG_VERDICT } from '../messages/data.ts';
import type { ExpressionInput } from '../messages/expression.ts';
import type { Statement } from './match.ts';

const just =
  (...expressions: readonly ExpressionInput[]): Statement =>
  () => [...expressions];

const verdict = (
  code: 'accept' | 'drop' | 'return' | 'jump' | 'goto',
  chain?: string,
): Statement => {
  const data: DataInput = { verdict: { code, chain } };
  return just({ name: 'immediate', data: { dreg: NFT_REG_VERDICT, data } });
};

export const accept = (): Statement => verdict('accept');
export const drop = (): Statement => verdict('drop');
/** Back to the chain that jumped here, or to the policy. Named so because `return` is a word of the language. */
export const leave = (): Statement => verdict('return');
export const jump = (chain: string): Statement => verdict('jump', chain);
export const goTo = (chain: string): Statement => verdict('goto', chain);

type NatFlag = 'random' | 'fully-random' | 'persistent';

/** Gives the packet the address of the interface it leaves by. Of a nat chain on postrouting. */
export const masquerade = (...flags: readonly NatFlag[]): Statement =>
  just({ name: 'masq', data: flags.length === 0 ? {} : { flags } });

export const counter = (): Statement => just({ name: 'counter', data: { bytes: 0n, packets: 0n } });

export const log = (prefix: string): Statement => just({ name: 'log', data: { prefix } });

export const notrack = (): Statement => just({ name: 'notrack', data: {} });
