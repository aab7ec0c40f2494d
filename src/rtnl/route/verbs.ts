/**
 * Routes in the terms of `ip route`: the requests, and the verbs that send them. ip-route(8).
 *
 * A route is a flat object here, and prefixes are text: `198.51.100.0/24`, or `default`.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { EEXIST } from '../../sys/errno.ts';
import { familyOfArgument } from '../addr/requests.ts';
import { RTM_GETROUTE } from '../constants.ts';
import {
  onInterface,
  unlessRefused,
  type Dev,
  type Done,
  type Ensured,
  type Target,
} from '../dev.ts';
import {
  bitsOf,
  routeObject,
  routeRequests,
  type RouteFilter,
  type RouteObject,
  type RouteSpec,
} from './requests.ts';
import type { RouteHopSpec } from './hop.ts';
import { route, type Route, type RouteInput } from './message.ts';

export { routeObject, splitRoute } from './requests.ts';
export type { RouteHop, RouteHopSpec } from './hop.ts';
export type { RouteFilter, RouteObject, RouteSpec } from './requests.ts';

type RouteRequest = Request<Route, RouteInput>;

const requests = routeRequests(route);

/**
 * Adds a route. EEXIST if there is one with this destination, metric and table; ENETUNREACH if the
 * gateway cannot be reached.
 *
 * @throws CodecError for a `dst` that is not a prefix; NetlinkError EEXIST if there is one with
 *   this destination, metric and table, ENETUNREACH if the gateway cannot be reached, when it is
 *   sent
 */
export const addRoute: (spec: RouteSpec) => RouteRequest = checkedFunction(
  'addRoute',
  'spec: object',
  requests.addRoute,
);
/**
 * Adds a route, or replaces one with the same destination, metric and table.
 *
 * @throws CodecError for a `dst` that is not a prefix
 */
export const replaceRoute: (spec: RouteSpec) => RouteRequest = checkedFunction(
  'replaceRoute',
  'spec: object',
  requests.replaceRoute,
);
/**
 * Adds a route after those with the same destination; for IPv6, another next hop.
 *
 * @throws CodecError for a `dst` that is not a prefix
 */
export const appendRoute: (spec: RouteSpec) => RouteRequest = checkedFunction(
  'appendRoute',
  'spec: object',
  requests.appendRoute,
);
/**
 * Deletes a route. Scope and protocol are compared only if they are given. ESRCH if no route
 * matches.
 *
 * @throws CodecError for a `dst` that is not a prefix; NetlinkError ESRCH if no route matches, when
 *   it is sent
 */
export const deleteRoute: (spec: RouteSpec) => RouteRequest = checkedFunction(
  'deleteRoute',
  'spec: object',
  requests.deleteRoute,
);

/**
 * Lists routes, filtered by the kernel. ENOENT if one family is given and it has no such table.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if one family is given and it has no
 *   such table, when it is sent
 */
export const listRoutes: (filter?: RouteFilter) => RouteRequest = checkedFunction(
  'listRoutes',
  'filter?: object',
  requests.listRoutes,
);

/** A next hop whose output interface may be given by name. */
export interface NamedRouteHopSpec extends RouteHopSpec {
  /** Name or index of the output interface. */
  readonly dev?: Dev | undefined;
}

/** A `RouteSpec` in which output interfaces may be given by name. */
export interface NamedRouteSpec extends Omit<RouteSpec, 'nexthops'> {
  /** Name or index of the output interface. */
  readonly dev?: Dev | undefined;
  /** Next hops that share the packets, instead of one `gateway`. `RTA_MULTIPATH` */
  readonly nexthops?: readonly NamedRouteHopSpec[] | undefined;
}

/** A filter in which the output interface may be given by name. */
export interface NamedRouteFilter extends RouteFilter {
  /** Name or index of the output interface. */
  readonly dev?: Dev | undefined;
}

/** The packet that a route is looked up for. */
export interface RouteLookup {
  /** Source address. */
  readonly src?: string | undefined;
  /** Index of the input interface; it needs `src` too. */
  readonly iif?: number | undefined;
  /** Index of the output interface. */
  readonly oif?: number | undefined;
  readonly mark?: number | undefined;
  readonly uid?: number | undefined;
  readonly ipProto?: NonNullable<RouteInput['attrs']>['ipProto'];
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  /**
   * Return the matching entry of the routing table instead of the route derived from it for the
   * packet.
   */
  readonly fibMatch?: boolean | undefined;
}

/**
 * Looks up the route of a packet to an address.
 *
 * @throws CodecError for text that is not an address
 */
export const getRoute = checkedFunction(
  'getRoute',
  'address: unknown, options?: object',
  function getRoute(address: string, options: RouteLookup = {}): RouteRequest {
    const { src, fibMatch, ...attrs } = options;
    const family = familyOfArgument(address);
    const bits = bitsOf(address);
    const value: RouteInput = {
      family,
      dstLen: bits,
      srcLen: src === undefined ? 0 : bits,
      flags: [
        // IPv6 reports the table anyway, and refuses the flag.
        ...(family === 'inet' ? (['lookup_table'] as const) : []),
        ...(fibMatch === true ? (['fib_match'] as const) : []),
      ],
      attrs: { dst: address, src, ...attrs },
    };
    return { message: route, type: RTM_GETROUTE, value };
  },
);

export interface RouteVerbs extends BatchRouteVerbs {
  /** Ensures that this is the route with its destination, metric and table. */
  ensure(spec: NamedRouteSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchRouteVerbs {
  /** Lists routes. ENOENT if one family is given and it has no such table. */
  list(filter?: NamedRouteFilter): RouteObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(filter?: NamedRouteFilter): DumpIterator<RouteObject>;
  /**
   * The route of a packet to this address: `ip route get`. ENETUNREACH if there is none;
   * EHOSTUNREACH, EACCES and EINVAL for the route types unreachable, prohibit and blackhole.
   */
  get(address: string, options?: RouteLookup): RouteObject;
  /**
   * Adds a route. EEXIST if there is one with this destination, metric and table.
   *
   * @example routes.add({ dst: 'default', gateway: '192.0.2.1', dev: 'eth0' })
   * @example
   * const nexthops = [{ gateway: '192.0.2.1', dev: 'eth0', weight: 3 }, { gateway: '192.0.2.2' }];
   * routes.add({ dst: '198.51.100.0/24', nexthops });
   */
  add(spec: NamedRouteSpec): Done;
  /** Adds a route, or replaces one with the same destination, metric and table. */
  replace(spec: NamedRouteSpec): Done;
  /** Adds a route after those with the same destination; for IPv6, another next hop. */
  append(spec: NamedRouteSpec): Done;
  /** Deletes a route. ESRCH if no route matches. */
  delete(spec: NamedRouteSpec): Done;
}

export function routes(target: Target): RouteVerbs {
  const numbered = (spec: NamedRouteSpec): RouteSpec => {
    const route = onInterface<RouteSpec>(target, 'oif', spec);
    const { nexthops } = route;
    // What is not a list of objects is refused by the request.
    if (!Array.isArray(nexthops)) return route;
    const isHop = (hop: unknown): hop is RouteHopSpec => typeof hop === 'object' && hop !== null;
    const indexed = nexthops.map((hop: unknown) =>
      isHop(hop) ? onInterface<RouteHopSpec>(target, 'oif', hop) : hop,
    );
    return { ...route, nexthops: indexed as RouteHopSpec[] };
  };
  const filtered = (filter: NamedRouteFilter = {}): RouteRequest =>
    listRoutes(onInterface(target, 'oif', filter));
  /** A kernel without the family answers with the routes of all others. */
  const meant = ({ family }: RouteFilter = {}) => ({
    as: (each: Route) =>
      family === undefined || each.family === family ? routeObject(each) : undefined,
  });
  const replace = (spec: NamedRouteSpec): Done => target.request(replaceRoute(numbered(spec)));
  return {
    list: (filter) => target.list(filtered(filter), meant(filter)),
    dump: (filter) => target.dump(filtered(filter), meant(filter)),
    get: (address, options) => routeObject(target.get(getRoute(address, options))),
    add: (spec) => target.request(addRoute(numbered(spec))),
    replace,
    append: (spec) => target.request(appendRoute(numbered(spec))),
    ensure(spec) {
      const created = unlessRefused(() => target.request(addRoute(numbered(spec))), EEXIST);
      return { created: created !== undefined, ...(created ?? replace(spec)) };
    },
    delete: (spec) => target.request(deleteRoute(numbered(spec))),
  };
}
