/**
 * Requests about routes in the terms of `ip route`, over the declared message or another one for
 * the same values; and routes as flat objects. ip-route(8).
 */
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import type { Message } from '../../netlink/codec/message.ts';
import { familyOfArgument, prefixText, splitPrefix } from '../addr/requests.ts';
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from '../constants.ts';
import { hopObject, multipathOf, type RouteHop, type RouteHopSpec } from './hop.ts';
import type { MplsRoute } from './label-route.ts';
import type { Route, RouteInput } from './message.ts';

interface Head extends Omit<Route, 'attrs' | 'dstLen' | 'srcLen'> {}
interface Attrs extends Omit<Route['attrs'], 'dst' | 'src' | 'table' | 'multipath'> {}

/** A route as the kernel describes it. */
export interface RouteObject extends Head, Attrs {
  /** `default`, or address and prefix length; for family mpls, the label. */
  readonly dst: string;
  readonly src?: string;
  /** Next hops that share the packets, if there are several. `RTA_MULTIPATH` */
  readonly nexthops?: readonly RouteHop[];
}

interface HeadInput extends Omit<RouteInput, 'attrs' | 'dstLen' | 'srcLen'> {}
interface AttrsInput extends Omit<
  NonNullable<RouteInput['attrs']>,
  'dst' | 'src' | 'table' | 'multipath'
> {}

/**
 * A route to add. Defaults: table main, protocol boot, type unicast; the scope follows from type
 * and gateway, as with `ip`. The family of `default` is that of the source prefix or a gateway, or
 * is given as `family`. Since Linux 5.2 an IPv4 route may have an IPv6 `gateway`, which the kernel
 * reports as `via`.
 */
export interface RouteSpec extends HeadInput, AttrsInput {
  /**
   * `default`, or address and prefix length: `198.51.100.0/24`; without a length, a single address.
   */
  readonly dst: string;
  /** Match only packets from these addresses, with prefix length; IPv6. */
  readonly src?: string;
  /**
   * The name in ip-route(8) for `priority`: of several routes to one destination, the lowest metric
   * wins.
   */
  readonly metric?: number | undefined;
  /** Next hops that share the packets, instead of one `gateway`. `RTA_MULTIPATH` */
  readonly nexthops?: readonly RouteHopSpec[] | undefined;
}

/**
 * Reuses the object of the attributes for the header's fields, because a table may have a million
 * routes and a copy would take twice as long. The message cannot be used afterwards.
 */
export function routeObject(message: Route | MplsRoute): RouteObject {
  const { dstLen, srcLen, family, tos, protocol, scope, type, flags } = message;
  const attrs: Omit<Route['attrs'], 'dst'> & { dst?: string | number[] } = message.attrs;
  const { dst, src, table, multipath } = attrs;
  const object = attrs as { -readonly [K in keyof RouteObject]: RouteObject[K] };
  object.family = family;
  object.tos = tos;
  object.protocol = protocol;
  object.scope = scope;
  object.type = type;
  object.flags = flags;
  object.table = (table ?? message.table) as RouteObject['table'];
  if (dst === undefined) object.dst = 'default';
  else object.dst = typeof dst === 'string' ? prefixText(dst, dstLen) : dst.join('/');
  if (src !== undefined) object.src = prefixText(src, srcLen);
  if (multipath !== undefined) {
    object.nexthops = multipath.map(hopObject);
    delete (attrs as { multipath?: unknown }).multipath;
  }
  return object;
}

const HEAD = new Set(['family', 'tos', 'table', 'protocol', 'scope', 'type', 'flags']);

function routeMessage({ dst, src, metric, nexthops, ...spec }: RouteSpec): RouteInput {
  const head: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec)) {
    if (value !== undefined) (HEAD.has(key) ? head : attrs)[key] = value;
  }
  const [to, dstLen] = splitRoute(dst);
  const [from, srcLen] = src === undefined ? [undefined, 0] : splitRoute(src);
  const { table } = spec;
  // The header has one byte for the table; the attribute holds the complete number.
  if (typeof table === 'number' && table > 255) {
    attrs['table'] = table;
    delete head['table'];
  }
  const multipath = nexthops === undefined ? undefined : multipathOf(nexthops);
  const gateways = [spec.gateway, ...(nexthops ?? []).map((hop) => hop.gateway)];
  const family = spec.family ?? familyOfArgument(to ?? from ?? gateways.find(isText) ?? '');
  if (family === 'inet') {
    overIpv6(attrs);
    multipath?.forEach((hop) => overIpv6(hop.attrs as Record<string, unknown>));
  }
  return {
    family,
    table: 'main',
    protocol: 'boot',
    type: 'unicast',
    scope: scopeOf({ dst, nexthops, ...spec }),
    ...head,
    dstLen,
    srcLen,
    attrs: { dst: to, src: from, ...attrs, multipath, priority: priorityOf(spec.priority, metric) },
  } as RouteInput;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** `RTA_GATEWAY` holds an address of the route's own family, `RTA_VIA` one of another. */
function overIpv6(attrs: Record<string, unknown>): void {
  const { gateway } = attrs;
  if (isText(gateway) && familyOfArgument(gateway) === 'inet6') {
    delete attrs['gateway'];
    attrs['via'] = { family: 'inet6', addr: gateway };
  }
}

/** Both names may be given if they agree. */
function priorityOf(priority: number | undefined, metric = priority): number | undefined {
  if (priority === undefined || priority === metric) return metric;
  throw new CodecError(`metric ${metric} and priority ${priority}: both mean the metric, give one`);
}

/** The reach of packets of a type; all others are global, and so is unicast with a gateway. */
const SCOPES: Readonly<Record<string, RouteSpec['scope']>> = {
  local: 'host',
  nat: 'host',
  broadcast: 'link',
  anycast: 'link',
  multicast: 'link',
};

/** The kernel checks it for IPv4; IPv6 has none. */
function scopeOf(spec: RouteSpec): RouteSpec['scope'] {
  const { dst, family, type = 'unicast', gateway, via, nexthops, nhId } = spec;
  if (dst.includes(':') || family === 'inet6') return 'global';
  const isOnLink = [gateway, via, nexthops, nhId].every((hop) => hop === undefined);
  return type === 'unicast' && isOnLink ? 'link' : (SCOPES[type] ?? 'global');
}

export const bitsOf = (address: string): 32 | 128 =>
  familyOfArgument(address) === 'inet6' ? 128 : 32;

/**
 * Address and prefix length of a route; no address for `default`. Without a length, text is a
 * single address.
 */
export function splitRoute(text: string): [address: string | undefined, length: number] {
  if (text === 'default') return [undefined, 0];
  const bits = bitsOf(text);
  if (!text.includes('/')) return [text, bits];
  const [address, length] = splitPrefix(text);
  if (length > bits) throw new CodecError(`"${text}" has too long a prefix`);
  return [address, length];
}

/** Filters a list in the kernel. */
export interface RouteFilter {
  readonly family?: 'inet' | 'inet6' | 'mpls' | undefined;
  readonly table?: RouteInput['table'] | undefined;
  readonly protocol?: RouteInput['protocol'] | undefined;
  readonly type?: RouteInput['type'] | undefined;
  /** Index of the output interface. */
  readonly oif?: number | undefined;
}

/** The message determines how routes are read and written. */
export function routeRequests<T>(message: Message<T, RouteInput>) {
  const change = (type: number, flags: number, spec: RouteSpec): Request<T, RouteInput> => ({
    message,
    type,
    flags,
    value: routeMessage(spec),
  });
  return {
    addRoute: (spec: RouteSpec) => change(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, spec),
    replaceRoute: (spec: RouteSpec) => change(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, spec),
    appendRoute: (spec: RouteSpec) => change(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, spec),
    deleteRoute: (spec: RouteSpec) =>
      change(RTM_DELROUTE, 0, { scope: 'nowhere', protocol: 'unspec', type: 'none', ...spec }),
    listRoutes({ oif, table, ...head }: RouteFilter = {}): Request<T, RouteInput> {
      const large = typeof table === 'number' && table > 255;
      const value = {
        ...head,
        table: large ? undefined : table,
        attrs: { oif, table: large ? table : undefined },
      };
      return { message, type: RTM_GETROUTE, value: value as RouteInput };
    },
  };
}
