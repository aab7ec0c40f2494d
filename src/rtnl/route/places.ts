/**
 * Which routes take each other's place, as net/ipv4/fib_trie.c and net/ipv6/ip6_fib.c have it.
 *
 * Routes to one destination with one metric stand beside each other when they differ in something else, and in an order: the first one
 * counts. `NLM_F_REPLACE` is about a single one of them.
 */
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { toJson } from '../../netlink/codec/json.ts';
import type { RouteObject } from './verbs.ts';

/** Equal for routes that may take each other's place. */
export const routeKey = ({ family, table, dst, src, tos, priority }: RouteObject) => [
  ...[family, table, dst, src, tos, priority],
];

/** Of all states of a next hop, the one that somebody has set. */
const ONLINK = 'onlink';

/** Equal for those that cannot stand beside each other after all. */
export function routeVariant(route: RouteObject): readonly unknown[] {
  const { type, oif, gateway, via, multipath, nhId, encapType, encap } = route;
  const { protocol, scope, prefsrc, metrics, flow, flags } = route;
  // The hops of a multipath route stand in any order.
  const hops = multipath?.map((hop) => {
    return JSON.stringify(toJson({ ...hop, flags: hop.flags.includes(ONLINK) }));
  });
  const each = [type, oif, gateway, via, nhId, encapType, encap, hops?.sort()];
  if (route.family !== 'inet') return each;
  return [...each, protocol, scope, prefsrc, metrics, flow, flags.includes(ONLINK)];
}

interface Known {
  readonly value: RouteObject;
}

/** Those at one place, in order, after the news of one that was not there. */
export function arrangeRoutes<K extends Known>(
  known: readonly K[],
  added: K,
  flags: number,
): readonly K[] {
  const replaces = (flags & NLM_F_REPLACE) !== 0;
  const { family, multipath } = added.value;
  if (family === 'inet') {
    if (replaces) return [added, ...known.slice(1)];
    const isFirst = (flags & (NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND)) === NLM_F_CREATE;
    return isFirst ? [added, ...known] : [...known, added];
  }
  // All hops of an IPv6 route come in one message, whichever of them is new.
  if (!replaces && multipath === undefined) return [...known, added];
  const alike = known.findIndex((each) => hasRouter(each) === hasRouter(added));
  return known.with(Math.max(alike, 0), added);
}

/** IPv6 routes that have become one route with several hops. */
const hasRouter = ({ value: { gateway, multipath, nhId } }: Known): boolean =>
  nhId === undefined && (gateway ?? multipath) !== undefined;
