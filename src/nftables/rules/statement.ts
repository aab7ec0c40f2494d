/**
 * Rules in nft's terms: statements. `masquerade()`, `accept()`, `jump('chain')`, `counter()`.
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

/** `accept`: ends the evaluation of this hook; the packet continues. */
export const accept = (): Statement => verdict('accept');
/** `drop`: drops the packet. */
export const drop = (): Statement => verdict('drop');
/**
 * `return`: continues in the calling chain, or applies the policy. Named `leave` because `return`
 * is a keyword.
 */
export const leave = (): Statement => verdict('return');
/**
 * `jump CHAIN`: evaluates another chain, and continues after this rule when it returns.
 *
 * @throws CodecError for a wrong argument
 */
export const jump = (chain: string): Statement => verdict('jump', chain);
/**
 * `goto CHAIN`: evaluates another chain without returning to this one.
 *
 * @throws CodecError for a wrong argument
 */
export const goTo = (chain: string): Statement => verdict('goto', chain);

type NatFlag = 'random' | 'fully-random' | 'persistent';

/**
 * `masquerade`: translates the source address to that of the outgoing interface. For nat chains on
 * postrouting.
 *
 * @throws CodecError for a wrong argument
 */
export const masquerade = (...flags: readonly NatFlag[]): Statement =>
  just({ name: 'masq', data: flags.length === 0 ? {} : { flags } });

/** `counter`: counts packets and bytes. */
export const counter = (): Statement => just({ name: 'counter', data: { bytes: 0n, packets: 0n } });

/**
 * `log prefix "…"`: logs the packet to the kernel log.
 *
 * @throws CodecError for a wrong argument
 */
export const log = (prefix: string): Statement => just({ name: 'log', data: { prefix } });

/** `notrack`: exempts the packet from connection tracking. For hooks at priority raw. */
export const notrack = (): Statement => just({ name: 'notrack', data: {} });
