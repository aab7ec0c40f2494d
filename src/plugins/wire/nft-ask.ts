/**
 * Reads objects and lists of the ruleset in one exchange. A missing object is an answer here and
 * not an error, because most questions of an ADD or a DEL are answered like that.
 */
import { askTogether, type Connection } from '../../netlink/connection.ts';
import { NLM_F_DUMP } from '../../netlink/constants.ts';
import { netlinkError } from '../../errors.ts';
import { EINTR, ENOENT } from '../../sys/errno.ts';
import type { Request } from '../../netlink/request.ts';

/** How often lists are read again because they were changed meanwhile. */
const ATTEMPTS = 10;

/** A request for a list, to be asked with others. */
export const all = <T, I>(request: Request<T, I>): Request<T, I> => ({
  ...request,
  flags: NLM_F_DUMP,
});

/** The answers to each request, in order. */
export type Found<R extends readonly Request[]> = {
  [K in keyof R]: R[K] extends Request<infer T, any> ? T[] : never;
};

/**
 * Requests objects, and one list at most, in one datagram unless there are many. There is no answer
 * for an object that does not exist.
 */
export function ask<const R extends readonly Request[]>(
  connection: Connection,
  requests: R,
): Found<R> {
  for (let attempts = 1; ; attempts++) {
    const found: unknown[][] = [];
    let interrupted = false;
    for (const answer of askTogether(connection, requests)) {
      if (answer.errno !== 0 && answer.errno !== ENOENT) throw answer.error!;
      interrupted ||= answer.interrupted === true;
      found.push(answer.replies);
    }
    if (!interrupted) return found as Found<R>;
    if (attempts === ATTEMPTS) throw netlinkError(EINTR, 'dump', { attempts });
  }
}
