/**
 * How a plugin talks to rtnetlink: several messages in one datagram, each under a name, and the
 * kernel's answer to each. Lists are read by `rt.list`.
 */
import type { NetlinkError } from '../../errors.ts';
import type { Request } from '../../netlink/connection.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import type { Side } from './side.ts';
import type { Transaction } from './transaction.ts';

/** A message that must not be refused. */
export type RequiredMessage<R extends Request = Request> = readonly [
  request: R,
  /** The error of a refusal, or the sentence in front of the kernel's message. */
  failure: string | ((error: NetlinkError) => CniError),
  /**
   * An errno that does not count as a refusal, such as EEXIST for an object that only has to exist.
   */
  accepted?: number | undefined,
];

/** Messages by name, in the order in which the kernel handles them. */
export type Messages = Readonly<Record<string, Request | RequiredMessage | undefined>>;

/** The kernel's answers, by the names of the messages. */
export interface Answers<M> {
  /** The reply to each message that has one. */
  readonly replies: { readonly [K in keyof M]?: ReplyTo<NonNullable<M[K]>> };
  /** The errno of each message that was refused, where its text is not needed. */
  readonly errno: { readonly [K in keyof M]?: number };
  readonly refused: { readonly [K in keyof M]?: NetlinkError };
  /** Makes the error for the first required message that was refused. */
  readonly failure: (() => CniError) | undefined;
}
type ReplyTo<M> = M extends Request<infer T, any> | readonly [Request<infer T, any>, ...unknown[]]
  ? T
  : never;

/** Sends messages to the kernel, which goes on with the next one after a refusal. */
export function send<const M extends Messages>({ rt }: Side, messages: M): Answers<M> {
  const names: string[] = [];
  const requests: Request[] = [];
  for (const name in messages) {
    const message: Messages[string] = messages[name];
    if (message === undefined) continue;
    names.push(name);
    requests.push(isRequired(message) ? message[0] : message);
  }
  const replies: Record<string, unknown> = {};
  const errno: Record<string, number> = {};
  const refused: Record<string, NetlinkError> = {};
  let failure: (() => CniError) | undefined;
  const answers = requests.length === 0 ? [] : rt.batch(requests);
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const answer = answers[i]!;
    if (answer.errno === 0) {
      if (answer.replies.length > 0) replies[name] = answer.replies[0];
      continue;
    }
    errno[name] = answer.errno;
    Object.defineProperty(refused, name, { get: () => answer.error, enumerable: true });
    const message = messages[name]!;
    if (failure !== undefined || !isRequired(message) || message[2] === answer.errno) continue;
    failure = () => failureOf(message, answer.error!);
  }
  return { replies, errno, refused, failure } as Answers<M>;
}

const isRequired = (message: Request | RequiredMessage): message is RequiredMessage =>
  Array.isArray(message);

const failureOf = ([, failure]: RequiredMessage, error: NetlinkError): CniError =>
  typeof failure === 'string' ? refusal(failure, error) : failure(error);

/** Turns the kernel's error into a plugin's, with a sentence in front of its message. */
export const refusal = (sentence: string, error: NetlinkError): CniError =>
  new CniError(INTERNAL, `${sentence}: ${error.message}`, '', error);

/** The same, where all that matters is that no required message was refused. */
export function sendAll<const M extends Messages>(side: Side, messages: M): Answers<M> {
  const answers = send(side, messages);
  if (answers.failure !== undefined) throw answers.failure();
  return answers;
}

/**
 * A step of ADD that is one datagram. `undo` reverts what the kernel did of it, also when a
 * required message was refused and ADD ends here. `unanswered` is called instead when there was no
 * answer, and so nobody knows what was done.
 */
export function change<const M extends Messages>(
  t: Transaction,
  name: string,
  side: Side,
  messages: M,
  undo?: (answers: Answers<M>) => void,
  unanswered?: () => void,
): Answers<M> {
  const work = (): Answers<M> => {
    try {
      return send(side, messages);
    } catch (error) {
      unanswered?.();
      throw error;
    }
  };
  const answers = t.step(name, work, undo);
  if (answers.failure !== undefined) throw answers.failure();
  return answers;
}
