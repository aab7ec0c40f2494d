/**
 * Transactions as ADD and DEL make them: what `transact` of src/nftables/transaction.ts does, with
 * questions and frames that are written out.
 */
import type { Connection } from '../../netlink/connection.ts';
import type { NetlinkError } from '../../errors.ts';
import type { Request } from '../../netlink/reply.ts';
import { untilAccepted } from '../../nftables/retry.ts';
import { ask, type Found } from './nft-ask.ts';
import { batchBegin, batchEnd, getGeneration } from './nft-ruleset.ts';

/** What a plan reads and what it changes. */
export interface Plan {
  /** Made in the order in which they were pushed. */
  readonly changes: Request[];
  /** In one exchange. The transaction is bound to the ruleset as it was read first. */
  ask<const R extends readonly Request[]>(requests: R): Found<R>;
  /** Makes the changes whatever else happened since. For changes that hold in every case. */
  unbind(): void;
}

/** Plans changes and makes them; `plan` may run several times. */
export function transact<T>(connection: Connection, plan: (p: Plan) => T): T {
  return untilAccepted(() => {
    const changes: Request[] = [];
    let generation: number | undefined;
    let bound = true;
    const result = plan({
      changes,
      ask(requests) {
        if (generation !== undefined) return ask(connection.socket, requests);
        const [first, ...found] = ask(connection.socket, [getGeneration(), ...requests]);
        generation = first[0];
        return found as Found<typeof requests>;
      },
      unbind: () => void (bound = false),
    });
    if (changes.length === 0) return { result };
    return { result, error: commit(connection, changes, bound ? generation : undefined) };
  });
}

/** Makes changes as one transaction. Returns what the kernel refused first. */
export const commit = (
  connection: Connection,
  changes: readonly Request[],
  generation?: number,
): NetlinkError | undefined =>
  connection.transaction([batchBegin(generation), ...changes, batchEnd()])[0];
