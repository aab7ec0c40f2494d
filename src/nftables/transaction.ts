/**
 * Transactions: changes that the kernel applies completely or not at all, bound to what was read
 * before.
 *
 * The kernel counts the generations of a namespace's ruleset. A transaction bound to one is refused
 * with ERESTART if anything has changed since; then it is read and planned again.
 * include/uapi/linux/netfilter/nfnetlink.h.
 */
import { sendTransaction, type Connection, type Request } from '../netlink/connection.ts';
import { ENOENT } from '../sys/errno.ts';
import { ClosedError, mustBeOpen, NetlinkError, netlinkError } from '../errors.ts';
import { synchronous } from '../netlink/synchronous.ts';
import { batch } from './messages/batch.ts';
import { NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END } from './messages/constants.ts';
import { getGeneration } from './generation.ts';
import { untilAccepted } from './retry.ts';
import type { RuleInput } from './rule/message.ts';
import type { Target } from './target.ts';
import type { Verbs } from './verbs.ts';

/** The subsystem of a batch, in `nfgenmsg.resId`. */
const NFTABLES = 10;

/**
 * What a plan reads and changes. Its verbs read at once, and their changes are applied together.
 */
export interface Batch extends Verbs {
  /** Adds changes, which are applied in this order. */
  push(...changes: readonly Request[]): void;
  /**
   * Gets objects in one exchange; undefined for those that do not exist. This binds the transaction
   * to the ruleset as it was read.
   */
  get<const R extends readonly Request[]>(
    ...requests: R
  ): { [K in keyof R]: Reply<R[K]> | undefined };
  /**
   * Lists all objects of a type; none if the table or the chain does not exist. Binds like `get`.
   */
  list<T, I>(request: Request<T, I>): T[];
  /**
   * The first message of a list, without reading the rest: enough to know whether there is
   * anything. Binds like `get`.
   */
  peek<T, I>(request: Request<T, I>): T | undefined;
  /**
   * Applies the changes whatever else has changed since, for changes that are right in any case.
   */
  unbind(): void;
}

type Reply<R> = R extends Request<infer T, any> ? T : never;

export interface TransactionOptions {
  /** How often it is planned again if the ruleset changes in between; default 1000. */
  readonly retries?: number | undefined;
}

/**
 * Returns a function that plans changes with the verbs of `verbsOn` and applies them. `plan` may
 * run several times: it reads through the batch and has no other effects.
 *
 * @throws NetlinkError for the kernel's first refusal; ERESTART once the `retries` are used up
 * @throws CodecError if `plan` returns a promise
 *
 * @example
 * const transact = transactor(verbsOn);
 * transact(connection, (b) => {
 *   const table = { family: 'inet', name: 'example' } as const;
 *   if (b.tables.find(table) === undefined) b.tables.add(table);
 * });
 */
export const transactor =
  <V extends object>(verbsOn: (target: Target) => V) =>
  <T>(
    connection: Connection,
    plan: (batch: V & Omit<Batch, keyof Verbs>) => T,
    { retries }: TransactionOptions = {},
  ): T => {
    mustBeOpen(connection);
    return untilAccepted(() => {
      const changes: Request[] = [];
      let generation: number | undefined;
      let bound = true;
      let open = true;
      const push = (...more: readonly Request[]): void => {
        if (!open) throw new ClosedError('batch');
        changes.push(...more);
      };
      const bind = (): void => {
        if (!open) throw new ClosedError('batch');
        generation ??= generationOf(connection.get(getGeneration()));
      };
      const target: Target = {
        change: push,
        get(request) {
          bind();
          return connection.get(request);
        },
        find(request) {
          bind();
          return found(connection, request);
        },
        list(request) {
          bind();
          return listed(connection, request);
        },
      };
      const planned = plan({
        ...verbsOn(target),
        push,
        get(...requests) {
          const ask = generation === undefined ? [getGeneration(), ...requests] : requests;
          const answers = connection.batch(ask).map(({ replies, error }) => {
            if (error !== undefined && error.errno !== ENOENT) throw error;
            return replies[0] as unknown;
          });
          if (generation === undefined) generation = generationOf(answers.shift());
          return answers as never;
        },
        list: target.list,
        peek(request) {
          bind();
          return peeked(connection, request);
        },
        unbind: () => void (bound = false),
      });
      const result = synchronous(planned, 'the plan of a transaction');
      open = false;
      if (changes.length === 0) return { result };
      return { result, error: commit(connection, changes, bound ? generation : undefined) };
    }, retries);
  };

/** What `read` returns; undefined if the kernel says that there is no such object. */
function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENOENT) return undefined;
    throw error;
  }
}

const found = <T, I>(connection: Connection, request: Request<T, I>): T | undefined =>
  unlessMissing(() => connection.get(request));

/** A list of objects whose table or chain may not exist. */
const listed = <T, I>(connection: Connection, request: Request<T, I>): T[] =>
  unlessMissing(() => connection.list(request)) ?? [];

const peeked = <T, I>(connection: Connection, request: Request<T, I>): T | undefined =>
  unlessMissing(() => {
    for (const first of connection.dump(request)) return first;
    return undefined;
  });

/** A connection as the target of verbs: each change is a transaction of its own. */
export const direct = (connection: Connection): Target => ({
  change(...changes) {
    const error = commit(connection, changes);
    if (error !== undefined) throw error;
  },
  get: (request) => connection.get(request),
  find: (request) => found(connection, request),
  list: (request) => listed(connection, request),
});

/** Applies changes as one transaction. Returns the kernel's first refusal. */
export function commit(
  connection: Connection,
  changes: readonly Request[],
  genid?: number,
): NetlinkError | undefined {
  const begin: Request = {
    message: batch,
    type: NFNL_MSG_BATCH_BEGIN,
    value: { resId: NFTABLES, attrs: genid === undefined ? {} : { genid } },
  };
  const end: Request = { message: batch, type: NFNL_MSG_BATCH_END, value: { resId: NFTABLES } };
  const requests = [begin, ...changes, end];
  const [first] = sendTransaction(connection, requests);
  return first === undefined ? undefined : named(first, requests);
}

/**
 * The error with the position of the change, and the name of the refused expression: the kernel
 * points at an element of the rule's list.
 */
function named(error: NetlinkError, requests: readonly Request[]): NetlinkError {
  const { errno, operation, ack, attribute, index = 0 } = error;
  if (index === 0) return error;
  let { subject } = error;
  const position = /^NFTA_RULE_EXPRESSIONS\/NFTA_LIST_ELEM\[(\d+)\]/.exec(attribute ?? '')?.[1];
  if (position !== undefined) {
    const { attrs } = requests[index]!.value as RuleInput;
    const { name } = attrs!.expressions![Number(position)]!;
    subject = `${subject} expression ${Number(position) + 1} ${name}`;
  }
  return netlinkError(errno, operation, { subject, ack, index: index - 1 });
}

function generationOf(reply: unknown): number | undefined {
  return (reply as { attrs: { id?: number } } | undefined)?.attrs.id;
}
