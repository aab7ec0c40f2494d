/**
 * Transactions: changes that the kernel makes as a whole or not at all, bound to what was read before.
 *
 * The kernel counts the generations of a namespace's ruleset. A transaction that is bound to one is refused with ERESTART when
 * anybody has changed anything since; then it is read and planned again. include/uapi/linux/netfilter/nfnetlink.h.
 */
import type { Connection, Request } from '../netlink/connection.ts';
import { ENOENT } from '../sys/errno.ts';
import { mustBeOpen, NetlinkError } from '../errors.ts';
import { synchronous } from '../netlink/synchronous.ts';
import { batch } from './messages/batch.ts';
import { NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END } from './messages/constants.ts';
import { getGeneration } from './queries.ts';
import { untilAccepted } from './retry.ts';
import type { RuleInput } from './messages/rule.ts';

/** The subsystem number that a batch is for, in `nfgenmsg.resId`. */
const NFTABLES = 10;

/** What a plan reads and what it changes. */
export interface Batch {
  /** Changes, done in this order. */
  push(...changes: readonly Request[]): void;
  /**
   * Asks for objects in one exchange; undefined for what is not there. The transaction is then bound to the ruleset as
   * it was read.
   */
  get<const R extends readonly Request[]>(
    ...requests: R
  ): { [K in keyof R]: Reply<R[K]> | undefined };
  /** All objects of a kind; none where the table or the chain is not there. Binds, as `get` does. */
  list<T, I>(request: Request<T, I>): T[];
  /** The first message of a list, without reading on: enough to know whether there is anything. Binds, as `get` does. */
  peek<T, I>(request: Request<T, I>): T | undefined;
  /** Makes the changes whatever else happened since. For changes that hold in every case. */
  unbind(): void;
}

type Reply<R> = R extends Request<infer T, any> ? T : never;

export interface TransactionOptions {
  /** How often it is planned again when the ruleset changes in between; default 1000. */
  readonly retries?: number | undefined;
}

/**
 * Plans changes and makes them. `plan` may run several times: it reads through the batch and has no other effects.
 *
 * @example
 * transact(connection, (b) => {
 *   const [table] = b.get(getTable({ family: 'inet', table: 'example' }));
 *   if (table === undefined) b.push(addTable({ family: 'inet', table: 'example' }));
 * });
 */
export function transact<T>(
  connection: Connection,
  plan: (batch: Batch) => T,
  { retries }: TransactionOptions = {},
): T {
  mustBeOpen(connection);
  return untilAccepted(() => {
    const changes: Request[] = [];
    let generation: number | undefined;
    let bound = true;
    const planned = plan({
      push: (...more) => void changes.push(...more),
      get(...requests) {
        const ask = generation === undefined ? [getGeneration(), ...requests] : requests;
        const answers = connection.batch(ask).map(({ replies, error }) => {
          if (error !== undefined && error.errno !== ENOENT) throw error;
          return replies[0] as unknown;
        });
        if (generation === undefined) generation = generationOf(answers.shift());
        return answers as never;
      },
      list(request) {
        generation ??= generationOf(connection.get(getGeneration()));
        return listed(connection, request);
      },
      peek(request) {
        generation ??= generationOf(connection.get(getGeneration()));
        return peeked(connection, request);
      },
      unbind: () => void (bound = false),
    });
    const result = synchronous(planned, 'the plan of a transaction');
    if (changes.length === 0) return { result };
    return { result, error: commit(connection, changes, bound ? generation : undefined) };
  }, retries);
}

/** A list of what may not be there at all. */
export function listed<T, I>(connection: Connection, request: Request<T, I>): T[] {
  try {
    return connection.list(request);
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENOENT) return [];
    throw error;
  }
}

function peeked<T, I>(connection: Connection, request: Request<T, I>): T | undefined {
  try {
    for (const first of connection.dump(request)) return first;
    return undefined;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENOENT) return undefined;
    throw error;
  }
}

/** Makes changes as one transaction. Returns what the kernel refused first. */
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
  const [first] = connection.transaction(requests);
  return first === undefined ? undefined : named(first, requests);
}

/**
 * The error with the position of the change, and by name the expression that the kernel refused: it points at an element of the
 * rule's list.
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
  return new NetlinkError(errno, operation, { subject, ack, index: index - 1 });
}

function generationOf(reply: unknown): number | undefined {
  return (reply as { attrs: { id?: number } } | undefined)?.attrs.id;
}
