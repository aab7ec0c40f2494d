/**
 * The registers of a rule while its expressions are read in order: what stands in each, and which expressions have not been said in
 * words yet. include/uapi/linux/netfilter/nf_tables.h, `enum nft_registers`.
 */
import { NFT_REG_1 } from '../messages/data.ts';
import type { Expression } from '../messages/expression.ts';
import type { Need } from './dependency.ts';
import type { Operand } from './operand.ts';

/** Something of the packet, or a constant. */
export type Content = { readonly operand: Operand } | { readonly bytes: Uint8Array };

interface Loaded {
  readonly content: Content;
  /** The expressions that made it. */
  readonly by: readonly Expression[];
}

const NFT_REG32_00 = 8;
/** Registers of 16 bytes as the first of their four pieces. */
const piece = (register: number): number =>
  register < NFT_REG32_00 ? NFT_REG32_00 + 4 * (register - NFT_REG_1) : register;

export class Registers {
  readonly #loaded = new Map<number, Loaded>();
  readonly #unsaid = new Set<Expression>();
  /** Said by the expression that is being read, once it turns out to have words. */
  #using: Loaded[] = [];

  /** Made by `by` of what is in the registers `from`, which are not read again. */
  load(register: number, content: Content, by: Expression, from: readonly number[] = []): void {
    const made = from.flatMap((source) => this.#loaded.get(piece(source))?.by ?? []);
    for (const source of from) this.#loaded.delete(piece(source));
    // How far a load goes is not known: what was there behind it counts no more, unless it still waits for its use.
    for (const [at, { by: makers }] of this.#loaded) {
      if (at > piece(register) && !makers.some((maker) => this.#unsaid.has(maker))) {
        this.#loaded.delete(at);
      }
    }
    this.#loaded.set(piece(register), { content, by: [...made, by] });
    this.#unsaid.add(by);
  }

  /** Where the fields of a key stand that begins in a register: all that waits for its use up to the register `end`. */
  key(register: number, end?: number): number[] {
    const waiting = [...this.#loaded.entries()].filter(
      ([at, { content, by }]) =>
        at >= piece(register) &&
        at < (end === undefined ? Infinity : piece(end)) &&
        'operand' in content &&
        by.some((maker) => this.#unsaid.has(maker)),
    );
    const at = waiting.map(([place]) => place).sort((a, b) => a - b);
    return at[0] === piece(register) ? at : [register];
  }

  /** What is in a register; undefined when that is not known. */
  peek(register: number): Content | undefined {
    return this.#loaded.get(piece(register))?.content;
  }

  /** The same, for words that say all of it. */
  say(register: number): Content | undefined {
    const loaded = this.#loaded.get(piece(register));
    if (loaded !== undefined) this.#using.push(loaded);
    return loaded?.content;
  }

  /** What the words of the expression that is being read take for granted, in their order. */
  needs(): Need[] {
    return this.#using.flatMap(({ content }) =>
      'operand' in content ? (content.operand.needs ?? []) : [],
    );
  }

  /** The expression has words. */
  settle(): void {
    for (const { by } of this.#using) for (const maker of by) this.#unsaid.delete(maker);
    this.#using = [];
  }

  /** An expression has no words: what it reads cannot be said, and what it leaves in the registers is not known. */
  giveUp(): Expression[] {
    const unsaid = [...this.#unsaid];
    this.#loaded.clear();
    this.#unsaid.clear();
    this.#using = [];
    return unsaid;
  }
}
