/**
 * What is asked about routes, in the words of `ip route`, over the declared message or another one that reads and writes the same
 * values; and routes as one flat object. ip-route(8).
 */
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import type { Message } from '../../netlink/codec/message.ts';
import { familyOfArgument, prefixText, splitPrefix } from '../addr/requests.ts';
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from '../constants.ts';
import type { MplsRoute } from './label-route.ts';
import type { Route, RouteInput } from './message.ts';

interface Head extends Omit<Route, 'attrs' | 'dstLen' | 'srcLen'> {}
interface Attrs extends Omit<Route['attrs'], 'dst' | 'src' | 'table'> {}

/** A route as the kernel describes it. */
export interface RouteObject extends Head, Attrs {
  /** `default`, or address and prefix length; of family mpls the label. */
  readonly dst: string;
  readonly src?: string;
}

interface HeadInput extends Omit<RouteInput, 'attrs' | 'dstLen' | 'srcLen'> {}
interface AttrsInput extends Omit<NonNullable<RouteInput['attrs']>, 'dst' | 'src' | 'table'> {}

/**
 * A route to be made. Table main, protocol boot and type unicast unless told otherwise; the scope follows from type and gateway, as with
 * `ip`. `default` takes its family from the source prefix or a gateway, or from `family`. An IPv4 route may lead over an IPv6 `gateway`,
 * since Linux 5.2; the kernel tells of it as `via`.
 */
export interface RouteSpec extends HeadInput, AttrsInput {
  /** `default`, or address and prefix length: `198.51.100.0/24`; without a length it is one address. */
  readonly dst: string;
  /** Only packets from these addresses, with prefix length; IPv6. */
  readonly src?: string;
  /** The word of ip-route(8) for `priority`: of several routes to the same destination the one with the lowest is taken. */
  readonly metric?: number | undefined;
}

/**
 * The header's fields are put beside the attributes, because a table may have a million routes, and a copy would take twice as long. So
 * the message is used up.
 */
export function routeObject(message: Route | MplsRoute): RouteObject {
  const { dstLen, srcLen, family, tos, protocol, scope, type, flags } = message;
  const attrs: Omit<Route['attrs'], 'dst'> & { dst?: string | number[] } = message.attrs;
  const { dst, src, table } = attrs;
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
  return object;
}

const HEAD = new Set(['family', 'tos', 'table', 'protocol', 'scope', 'type', 'flags']);

function routeMessage({ dst, src, metric, ...spec }: RouteSpec): RouteInput {
  const head: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec)) {
    if (value !== undefined) (HEAD.has(key) ? head : attrs)[key] = value;
  }
  const [to, dstLen] = splitRoute(dst);
  const [from, srcLen] = src === undefined ? [undefined, 0] : splitRoute(src);
  const { table } = spec;
  // The header holds one byte of the table; the attribute holds all of it.
  if (typeof table === 'number' && table > 255) {
    attrs['table'] = table;
    delete head['table'];
  }
  const family = spec.family ?? familyOfArgument(to ?? from ?? hopsOf(spec).find(isText) ?? '');
  if (family === 'inet') {
    overIpv6(attrs);
    const { multipath } = attrs as { multipath?: readonly { attrs?: object }[] };
    if (Array.isArray(multipath)) {
      attrs['multipath'] = multipath.map((hop) => ({ ...hop, attrs: overIpv6({ ...hop.attrs }) }));
    }
  }
  return {
    family,
    table: 'main',
    protocol: 'boot',
    type: 'unicast',
    scope: scopeOf({ dst, ...spec }),
    ...head,
    dstLen,
    srcLen,
    attrs: { dst: to, src: from, ...attrs, priority: priorityOf(spec.priority, metric) },
  } as RouteInput;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const hopsOf = ({ gateway, multipath }: Omit<RouteSpec, 'dst' | 'src'>): unknown[] => [
  gateway,
  ...(Array.isArray(multipath) ? multipath.map((hop) => hop?.attrs?.gateway) : []),
];

/** `RTA_GATEWAY` holds an address of the route's own family, `RTA_VIA` one of another. */
function overIpv6(attrs: Record<string, unknown>): object {
  const { gateway } = attrs;
  if (isText(gateway) && familyOfArgument(gateway) === 'inet6') {
    delete attrs['gateway'];
    attrs['via'] = { family: 'inet6', addr: gateway };
  }
  return attrs;
}

/** Two words for one thing may be given both, when they agree. */
function priorityOf(priority: number | undefined, metric = priority): number | undefined {
  if (priority === undefined || priority === metric) return metric;
  throw new CodecError(`metric ${metric} and priority ${priority}: both mean the metric, give one`);
}

/** As far as packets of a type go; those of other types go anywhere, and so do unicast ones that have a next router. */
const SCOPES: Readonly<Record<string, RouteSpec['scope']>> = {
  local: 'host',
  nat: 'host',
  broadcast: 'link',
  anycast: 'link',
  multicast: 'link',
};

/** The kernel checks it for IPv4; IPv6 has none. */
function scopeOf(spec: RouteSpec): RouteSpec['scope'] {
  const { dst, family, type = 'unicast', gateway, via, multipath, nhId } = spec;
  if (dst.includes(':') || family === 'inet6') return 'global';
  const isOnLink = [gateway, via, multipath, nhId].every((hop) => hop === undefined);
  return type === 'unicast' && isOnLink ? 'link' : (SCOPES[type] ?? 'global');
}

export const bitsOf = (address: string): 32 | 128 =>
  familyOfArgument(address) === 'inet6' ? 128 : 32;

/** Address and prefix length of a route; no address for `default`. Text without a length is one address. */
export function splitRoute(text: string): [address: string | undefined, length: number] {
  if (text === 'default') return [undefined, 0];
  const bits = bitsOf(text);
  if (!text.includes('/')) return [text, bits];
  const [address, length] = splitPrefix(text);
  if (length > bits) throw new CodecError(`"${text}" has too long a prefix`);
  return [address, length];
}

/** What the kernel leaves out of a list. */
export interface RouteFilter {
  readonly family?: 'inet' | 'inet6' | 'mpls' | undefined;
  readonly table?: RouteInput['table'] | undefined;
  readonly protocol?: RouteInput['protocol'] | undefined;
  readonly type?: RouteInput['type'] | undefined;
  /** Index of the output interface. */
  readonly oif?: number | undefined;
}

/** The message decides how routes are read and written. */
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
    routeDump({ oif, table, ...head }: RouteFilter = {}): Request<T, RouteInput> {
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
