/**
 * The parts of a result that IPAM copies from its configuration: routes and DNS (CNI SPEC 1.1.0,
 * "Success").
 */
import { formatAddress, formatPrefix, unmapped } from '../../ip.ts';
import { configError } from './errors.ts';
import { fieldsOf, textOf, type Fields } from './fields.ts';

export interface IpamRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly mtu?: number;
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  readonly scope?: number;
}

export interface IpamDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

export interface IpamIp {
  /** The address with the prefix length of its subnet, for example `10.1.2.2/24`. */
  readonly address: string;
  readonly gateway?: string;
}

/** What an IPAM plugin returns from ADD, in the shape of spec version 1.x. */
export interface IpamResult {
  readonly ips: readonly IpamIp[];
  readonly routes?: readonly IpamRoute[];
  readonly dns?: IpamDns;
}

const U32 = 0xffff_ffff;

/** The largest values that a route of the kernel has room for: struct rtmsg, rtnetlink(7). */
export const ROUTE_LIMITS = { mtu: U32, advmss: U32, priority: U32, table: U32, scope: 255 };

export const routesOf = (ipam: Fields): IpamRoute[] => ipam.list('routes', routeOf);

function routeOf(value: unknown, path: string): IpamRoute {
  const fields = fieldsOf(value, path);
  const written = fields.prefix('dst');
  const dst = written && unmapped(written);
  if (!dst) {
    const text = fields.text('dst');
    throw configError(`invalid CIDR address: ${text ?? ''}`, `${path}.dst`, text);
  }
  const gw = fields.address('gw');
  if (gw !== undefined && gw.family === 4 && dst.address.family === 6) {
    const message = `the gateway of an IPv6 route is an IPv6 address, not ${formatAddress(gw)}`;
    throw configError(message, `${path}.gw`, fields.text('gw'));
  }
  const route: Record<string, string | number> = { dst: formatPrefix(dst) };
  if (gw) route['gw'] = formatAddress(gw);
  for (const key of ['mtu', 'advmss', 'priority'] as const) {
    const number = fields.count(key, ROUTE_LIMITS[key]);
    if (number) route[key] = number;
  }
  // Zero is a valid table and a valid scope, so only these two keys keep it.
  for (const key of ['table', 'scope'] as const) {
    const number = fields.count(key, ROUTE_LIMITS[key]);
    if (number !== undefined) route[key] = number;
  }
  return route as unknown as IpamRoute;
}

/** The `dns` object of the configuration, or undefined where it is empty. */
export function dnsOf(fields: Fields | undefined): IpamDns | undefined {
  if (!fields) return undefined;
  return dnsSection({
    nameservers: fields.list('nameservers', textOf),
    domain: fields.text('domain') ?? '',
    search: fields.list('search', textOf),
    options: fields.list('options', textOf),
  });
}

/** Without empty members; undefined where all are empty. */
export function dnsSection(dns: Required<IpamDns>): IpamDns | undefined {
  const section = {
    ...(dns.nameservers.length > 0 ? { nameservers: dns.nameservers } : {}),
    ...(dns.domain === '' ? {} : { domain: dns.domain }),
    ...(dns.search.length > 0 ? { search: dns.search } : {}),
    ...(dns.options.length > 0 ? { options: dns.options } : {}),
  };
  return Object.keys(section).length > 0 ? section : undefined;
}

/** A result without empty keys. */
export function ipamResult(
  ips: readonly IpamIp[],
  routes: readonly IpamRoute[],
  dns: IpamDns | undefined,
): IpamResult {
  return { ips, ...(routes.length > 0 ? { routes } : {}), ...(dns ? { dns } : {}) };
}
