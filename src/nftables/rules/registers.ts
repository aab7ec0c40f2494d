/**
 * Tracks the registers of a rule while its expressions are read in order: the contents of each, and
 * the expressions that are not printed yet. include/uapi/linux/netfilter/nf_tables.h,
 * `enum nft_registers`.
 */
import { NFT_REG_1 } from '../messages/data.ts';
import type { Expression } from '../messages/expression.ts';
import type { Need } from './dependency.ts';
import type { Operand } from './operand.ts';

/** A property of the packet, or a constant. */
export type Content = { readonly operand: Operand } | { readonly bytes: Uint8Array };

interface Loaded {
  readonly content: Content;
  /** The expressions that produced it. */
  readonly by: readonly Expression[];
}

const NFT_REG32_00 = 8;
/** Registers of 16 bytes as the first of their four pieces. */
const piece = (register: number): number =>
  register < NFT_REG32_00 ? NFT_REG32_00 + 4 * (register - NFT_REG_1) : register;

export class Registers {
  readonly #loaded = new Map<number, Loaded>();
  readonly #unprinted = new Set<Expression>();
  /**
   * The contents used by the current expression, which count as printed once it turns out to be
   * printable.
   */
  #using: Loaded[] = [];

  /**
   * Loads a register by the expression `by`, from the registers `from`, which are not read again.
   */
  load(register: number, content: Content, by: Expression, from: readonly number[] = []): void {
    const made = from.flatMap((source) => this.#loaded.get(piece(source))?.by ?? []);
    for (const source of from) this.#loaded.delete(piece(source));
    // The length of a load is not known: what follows it becomes invalid, unless it is still
    // waiting to be used.
    for (const [at, { by: makers }] of this.#loaded) {
      if (at > piece(register) && !makers.some((maker) => this.#unprinted.has(maker))) {
        this.#loaded.delete(at);
      }
    }
    this.#loaded.set(piece(register), { content, by: [...made, by] });
    this.#unprinted.add(by);
  }

  /**
   * The registers of the fields of a key that starts in a register: everything still unused up to
   * the register `end`.
   */
  key(register: number, end?: number): number[] {
    const waiting = [...this.#loaded.entries()].filter(
      ([at, { content, by }]) =>
        at >= piece(register) &&
        at < (end === undefined ? Infinity : piece(end)) &&
        'operand' in content &&
        by.some((maker) => this.#unprinted.has(maker)),
    );
    const at = waiting.map(([place]) => place).sort((a, b) => a - b);
    return at[0] === piece(register) ? at : [register];
  }

  /** The contents of a register; undefined if they are not known. */
  peek(register: number): Content | undefined {
    return this.#loaded.get(piece(register))?.content;
  }

  /** The same, and marks them as used by the current expression. */
  use(register: number): Content | undefined {
    const loaded = this.#loaded.get(piece(register));
    if (loaded !== undefined) this.#using.push(loaded);
    return loaded?.content;
  }

  /** What the text of the current expression presupposes, in order. */
  needs(): Need[] {
    return this.#using.flatMap(({ content }) =>
      'operand' in content ? (content.operand.needs ?? []) : [],
    );
  }

  /** The current expression was printed. */
  settle(): void {
    for (const { by } of this.#using) for (const maker of by) this.#unprinted.delete(maker);
    this.#using = [];
  }

  /**
   * An expression cannot be printed: neither can those it reads, and from here on the registers are
   * unknown. Returns the unprinted expressions.
   */
  giveUp(): Expression[] {
    const unprinted = [...this.#unprinted];
    this.#loaded.clear();
    this.#unprinted.clear();
    this.#using = [];
    return unprinted;
  }
}
