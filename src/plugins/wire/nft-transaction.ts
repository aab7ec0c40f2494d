/**
 * Transactions of the plugins: one exchange reads everything that the changes depend on, one makes
 * the changes, completely or not at all.
 */
import { sendTransaction, type Connection } from '../../netlink/connection.ts';
import type { NetlinkError } from '../../errors.ts';
import type { Request } from '../../netlink/request.ts';
import { untilAccepted } from '../../nftables/retry.ts';
import { ask, type Found } from './nft-ask.ts';
import { batchBegin, batchEnd, getGeneration } from './nft.ts';

/** What a plan reads and changes. */
export interface Plan {
  readonly connection: Connection;
  /** Sent in the order in which they were pushed. */
  readonly changes: Request[];
  /** One exchange. The transaction is bound to the ruleset as it was first read. */
  ask<const R extends readonly Request[]>(requests: R): Found<R>;
  /**
   * Sends the changes whatever else has changed since. For changes that are right in every case.
   */
  unbind(): void;
}

/** Plans changes and sends them; `plan` may run several times. */
export function transact<T>(connection: Connection, plan: (p: Plan) => T): T {
  return untilAccepted(() => {
    const changes: Request[] = [];
    let generation: number | undefined;
    let bound = true;
    const result = plan({
      connection,
      changes,
      ask(requests) {
        if (generation !== undefined) return ask(connection, requests);
        const [first, ...found] = ask(connection, [getGeneration(), ...requests]);
        generation = first[0]?.attrs.id;
        return found as Found<typeof requests>;
      },
      unbind: () => void (bound = false),
    });
    if (changes.length === 0) return { result };
    return { result, error: commit(connection, changes, bound ? generation : undefined) };
  });
}

/** Sends changes as one transaction. Returns the first error of the kernel. */
export const commit = (
  connection: Connection,
  changes: readonly Request[],
  generation?: number,
): NetlinkError | undefined =>
  sendTransaction(connection, [batchBegin(generation), ...changes, batchEnd()])[0];
