/**
 * What an attachment needs beyond IPAM's answer: gateways, default routes, next hops. Pure
 * computation.
 *
 * The rules are the reference's; docs/compatibility.md lists the differences.
 */
import { ROUTE_LIMITS } from '../../ipam/policy/result.ts';
import { CniError, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import type { Dns, IpConfig, Result, Route } from '../../cni/result.ts';
import {
  familyOf,
  formatAddress,
  lastOf,
  networkOf,
  parsePrefix,
  prefixContains,
  sameAddress,
  type Prefix,
} from '../../ip.ts';

const DEFAULT_ROUTE = { inet: '0.0.0.0/0', inet6: '::/0' } as const;

/** Addresses and routes of one attachment. */
export interface Addressing {
  /** For the container's interface. */
  readonly ips: readonly IpConfig[];
  /** As reported: IPAM's routes, and the default routes that `isDefaultGateway` adds. */
  readonly routes: readonly Route[];
  /** For the bridge: gateway addresses with prefix length. */
  readonly gateways: readonly string[];
}

export interface AddressingOptions {
  readonly isGateway: boolean;
  readonly isDefaultGateway: boolean;
  /** A gateway replaces earlier ones that conflict with it. */
  readonly forceAddress?: boolean;
}

export function addressing(result: Result, options: AddressingOptions): Addressing {
  const routes = [...(result.routes ?? [])];
  let gateways: string[] = [];
  const ips: IpConfig[] = [];
  for (const { address, gateway: given } of result.ips ?? []) {
    const length = address.slice(address.indexOf('/') + 1);
    const gateway = given ?? (options.isGateway ? firstAddress(address) : undefined);
    const onBridge = `${gateway}/${length}`;
    if (options.isGateway && gateway !== undefined && !gateways.includes(onBridge)) {
      if (familyOf(gateway) === 'inet' && familyOf(address) === 'inet6') {
        throw new CniError(
          INVALID_NETWORK_CONFIG,
          `failed to set bridge addr: ${gateway} is not a gateway for ${address}`,
          'an IPv6 address has an IPv6 gateway',
        );
      }
      if (options.forceAddress === true) {
        gateways = gateways.filter((other) => !conflicts(other, onBridge));
      }
      gateways.push(onBridge);
    }
    ips.push(gateway === undefined ? { address } : { address, gateway });
  }
  if (options.isDefaultGateway) {
    for (const { address, gateway } of ips) {
      const dst = DEFAULT_ROUTE[familyOf(address)];
      // A default route that IPAM returned without a gateway becomes the one over the bridge, so it
      // counts too.
      if (gateway !== undefined && !leadsTo(routes, dst)) {
        routes.push({ dst, gw: gateway });
      }
    }
  }
  for (const route of routes) requireLimits(route);
  for (const { dst, gw } of routes) {
    if (gw === undefined || familyOf(dst) === 'inet' || familyOf(gw) === 'inet6') continue;
    throw new CniError(
      INVALID_NETWORK_CONFIG,
      `the route to ${dst} has the gateway ${gw}`,
      'an IPv6 route leads over an IPv6 router; an IPv4 route may lead over either',
    );
  }
  return { ips, routes, gateways };
}

/** Only another IPAM program can return such numbers: ours refuses them itself. */
function requireLimits(route: Route): void {
  let key: keyof typeof ROUTE_LIMITS;
  for (key in ROUTE_LIMITS) {
    const value = route[key] ?? 0;
    if (value >= 0 && value <= ROUTE_LIMITS[key]) continue;
    throw new CniError(
      INVALID_NETWORK_CONFIG,
      `the route to ${route.dst} has the ${key} ${value}`,
      `a whole number up to ${ROUTE_LIMITS[key]} is expected`,
    );
  }
}

function leadsTo(routes: readonly Route[], dst: string): boolean {
  for (const route of routes) if (route.dst === dst) return true;
  return false;
}

/**
 * The next hop of a route: its own gateway, or the first gateway of its family, whichever address
 * that belongs to.
 */
export function nextHop(route: Route, ips: readonly IpConfig[]): string | undefined {
  if (route.gw !== undefined) return route.gw;
  const family = familyOf(route.dst);
  for (const { gateway } of ips) {
    if (gateway !== undefined && familyOf(gateway) === family) return gateway;
  }
  return undefined;
}

/** Whether the next hop of a route has another family than the route; it is then IPv6. */
export const leadsOverIpv6 = ({ dst, gw }: Route): boolean =>
  gw !== undefined && familyOf(gw) === 'inet6' && familyOf(dst) === 'inet';

/** The configuration's DNS replaces IPAM's completely as soon as it is not empty. */
export function chosenDns(configured: Dns | undefined, fromIpam: Dns | undefined): Dns | undefined {
  if (configured === undefined) return fromIpam;
  const { nameservers, search, options, domain } = configured;
  const says = nameservers ?? search ?? options ?? (domain || undefined);
  return says === undefined ? fromIpam : configured;
}

/**
 * The first host address, which is the gateway when none is configured. Throws where the network
 * has no other address than the given one.
 */
function firstAddress(cidr: string): string {
  const prefix = parsePrefix(cidr)!;
  const { family, value } = networkOf(prefix);
  const first = { family, value: value + 1n };
  if (prefixContains(prefix, first) && !sameAddress(prefix.address, first)) {
    return formatAddress(first);
  }
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `failed to set bridge addr: no gateway follows from ${cidr}`,
    'the first address of the network is the gateway, unless IPAM names another',
  );
}

/** The broadcast address of an IPv4 prefix; a /31 or /32 has none. */
export function broadcastOf(cidr: string): string | undefined {
  const prefix = parsePrefix(cidr)!;
  return prefix.address.family === 4 && prefix.length < 31
    ? formatAddress(lastOf(prefix))
    : undefined;
}

/**
 * Whether two addresses with prefix length cannot both be on one bridge: for IPv4 any two, for IPv6
 * overlapping ones. Link-local addresses have the same prefix everywhere, and the kernel gives one
 * to each interface, so they do not conflict.
 */
export function conflicts(one: string, other: string): boolean {
  if (familyOf(one) !== familyOf(other)) return false;
  if (familyOf(one) === 'inet') return true;
  const [a, b] = [parsePrefix(one)!, parsePrefix(other)!];
  if (isLinkLocal(a) && isLinkLocal(b)) return sameAddress(a.address, b.address);
  return prefixContains(a, b.address) || prefixContains(b, a.address);
}

/** Whether it is in fe80::/10. RFC 4291, section 2.5.6. */
const isLinkLocal = ({ address: { value } }: Prefix): boolean => value >> 118n === 0x3fan;
