/**
 * Which routes replace each other, following net/ipv4/fib_trie.c and net/ipv6/ip6_fib.c.
 *
 * Routes with the same destination and metric can coexist if they differ in something else, and are
 * ordered: the first one is used. `NLM_F_REPLACE` replaces a single one of them.
 */
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { toJson } from '../../netlink/codec/json.ts';
import type { RouteObject } from './verbs.ts';

/** Equal for routes that may replace each other. */
export const routeKey = ({ family, table, dst, src, tos, priority }: RouteObject) => [
  ...[family, table, dst, src, tos, priority],
];

/** The only flag of a next hop that is configuration and not state. */
const ONLINK = 'onlink';

/** Equal for routes that cannot coexist. */
export function routeVariant(route: RouteObject): readonly unknown[] {
  const { type, oif, gateway, via, nexthops, nhId, encapType, encap } = route;
  const { protocol, scope, prefsrc, metrics, flow, flags } = route;
  // The hops of a multipath route have no fixed order.
  const hops = nexthops?.map((hop) => {
    return JSON.stringify(toJson({ ...hop, flags: hop.flags.includes(ONLINK) }));
  });
  const each = [type, oif, gateway, via, nhId, encapType, encap, hops?.sort()];
  if (route.family !== 'inet') return each;
  return [...each, protocol, scope, prefsrc, metrics, flow, flags.includes(ONLINK)];
}

interface Known {
  readonly value: RouteObject;
}

/** The routes with one key, in order, after the notification of a new one. */
export function arrangeRoutes<K extends Known>(
  known: readonly K[],
  added: K,
  flags: number,
): readonly K[] {
  const replaces = (flags & NLM_F_REPLACE) !== 0;
  const { family, nexthops } = added.value;
  if (family === 'inet') {
    if (replaces) return [added, ...known.slice(1)];
    const isFirst = (flags & (NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND)) === NLM_F_CREATE;
    return isFirst ? [added, ...known] : [...known, added];
  }
  // All hops of an IPv6 route arrive in one message, whichever of them is new.
  if (!replaces && nexthops === undefined) return [...known, added];
  const alike = known.findIndex((each) => hasRouter(each) === hasRouter(added));
  return known.with(Math.max(alike, 0), added);
}

/** IPv6 routes with routers, which are merged into one route with several hops. */
const hasRouter = ({ value: { gateway, nexthops, nhId } }: Known): boolean =>
  nhId === undefined && (gateway ?? nexthops) !== undefined;
