/** What is sent to the kernel: a message, its type and value, and the number it is sent with. */
import type { Message } from './codec/message.ts';

/** One message to send. `flags` are added to `NLM_F_REQUEST`. */
export interface Request<T = any, I = any> {
  readonly message: Message<T, I>;
  /** `RTM_NEWLINK`: a number from `message.types`. */
  readonly type: number;
  readonly flags?: number | undefined;
  readonly value: I;
}

/**
 * The first sequence number. It is random, so that nobody can forge an answer without seeing the
 * request.
 */
export const randomSequence = (): number => 1 + ((Math.random() * 0x7fff_fffe) | 0);
