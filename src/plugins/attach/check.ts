/**
 * The part of CHECK that is the same for every plugin with an interface in the container: the
 * interface, its addresses, its routes.
 *
 * Everything is checked before anything is reported, so that one call reports all differences. The
 * check asks for at least what ADD made: plugins later in the chain, the host's network manager and
 * the container may rightly add to it. CNI SPEC 1.1.0, section 2.
 */
import { statSync } from '../../sys/files.ts';
import { familyOf, formatAddress, networkOf, parsePrefix, widthOf } from '../../ip.ts';
import { listAddrs, addrObject } from '../../rtnl/addr/verbs.ts';
import type { Link } from '../../rtnl/link/message.ts';
import { getLink } from '../../rtnl/link/verbs.ts';
import { TABLES } from '../../rtnl/route/route-table.ts';
import { listRoutes, routeObject, type RouteObject } from '../../rtnl/route/verbs.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import {
  addressesOf,
  type Interface,
  type IpConfig,
  type Result,
  type Route,
} from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { send } from './send.ts';
import type { Side } from './side.ts';

/** Collects the differences. */
export class Differences {
  readonly found: string[] = [];

  /** Records a difference between two values; both appear in the message. */
  expect(what: string, expected: unknown, actual: unknown): void {
    if (expected !== actual) this.found.push(`${what} is ${actual}, expected ${expected}`);
  }

  atLeast(what: string, wanted: number, actual = 0): void {
    if (actual < wanted) this.found.push(`${what} is ${actual}, expected at least ${wanted}`);
  }

  note(difference: string): void {
    this.found.push(difference);
  }

  /** Throws one error that lists all differences. */
  throwIfAny({ ifname, containerId }: Pick<Invocation, 'ifname' | 'containerId'>): void {
    const { found } = this;
    if (found.length === 0) return;
    const count = found.length === 1 ? '1 difference' : `${found.length} differences`;
    throw new CniError(
      INTERNAL,
      `${ifname} of ${containerId} is not as ADD made it: ${count}`,
      found.join('; '),
    );
  }
}

/** The container's interface in prevResult. */
export interface OwnEntry {
  readonly own: Interface | undefined;
  readonly ips: readonly IpConfig[];
}

export function ownEntry(
  previous: Result,
  { ifname, netns }: Pick<Invocation, 'ifname' | 'netns'>,
  differences: Differences,
): OwnEntry {
  const { interfaces = [] } = previous;
  const inside = interfaces.filter(({ name, sandbox }) => name === ifname && sandbox);
  const own = inside.find(({ sandbox }) => isSame(sandbox!, netns));
  if (own === undefined) {
    const others = inside.map(({ sandbox }) => sandbox).join(', ') || 'none';
    differences.note(`prevResult has no interface ${ifname} in ${netns}, but in: ${others}`);
  }
  return { own, ips: addressesOf(previous, (entry) => entry === own) };
}

/** A namespace may have several paths. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    const [a, b] = [one, other].map((path) => statSync(path, { bigint: true }));
    return a!.dev === b!.dev && a!.ino === b!.ino;
  } catch {
    return false;
  }
}

/** The interface in the kernel; undefined when there is none. */
export function checkInterface(
  container: Side,
  ifname: string,
  kind: string,
  own: Interface | undefined,
  differences: Differences,
): Link | undefined {
  const link = send(container, { link: getLink(ifname) }).replies.link as Link | undefined;
  if (link === undefined) {
    differences.note(`interface ${ifname} is missing in the container`);
    return undefined;
  }
  const { attrs } = link;
  differences.expect(`kind of ${ifname}`, kind, attrs.linkinfo?.kind ?? 'none');
  if (own?.mac) {
    differences.expect(`MAC address of ${ifname}`, own.mac.toLowerCase(), attrs.address);
  }
  if (own?.mtu) differences.atLeast(`MTU of ${ifname}`, own.mtu, attrs.mtu);
  return link;
}

/** Addresses and routes that the container must have. */
export interface Expected {
  readonly ifname: string;
  readonly ips: readonly IpConfig[];
  readonly routes: readonly Route[];
}

/** `index` is that of the interface. */
export function checkAddresses(
  container: Side,
  index: number,
  { ifname, ips, routes }: Expected,
  differences: Differences,
): void {
  if (ips.length + routes.length === 0) return;
  const present = container.rt.list(listAddrs({ index })).map(addrObject);
  const table = container.rt.list(listRoutes()).map(routeObject);
  for (const { address } of ips) {
    const there = present.find(({ local }) => local === address);
    if (there === undefined) {
      const others = present.map(({ local }) => local).join(', ') || 'none';
      differences.note(`address ${address} is missing on ${ifname}, which has ${others}`);
    } else if (there.flags.includes('dadfailed')) {
      differences.note(`address ${address} on ${ifname} is a duplicate: somebody else has it`);
    } else if (!there.flags.includes('noprefixroute') && !hasSubnet(table, index, address)) {
      differences.note(`route to the subnet of ${address} over ${ifname} is missing`);
    }
  }
  for (const route of routes) checkRoute(table, route, differences);
}

function checkRoute(table: readonly RouteObject[], route: Route, differences: Differences): void {
  const alike = table.filter((each) => isTo(each, route));
  if (alike.some((each) => isOver(each, route))) return;
  const over = alike.map((each) => hopsOf(each).join(' ') || 'the link').join(', ');
  const wanted = `route to ${route.dst}${route.gw ? ` via ${route.gw}` : ''}`;
  const where = route.table ? ` in table ${route.table}` : '';
  const instead = over === '' ? '' : `, there is one via ${over}`;
  differences.note(`${wanted}${where} is missing${instead}`);
}

/**
 * Whether the route to the address's subnet exists. The address of a single-address subnet has
 * none, and the route of a subnet of length zero cannot be told from a default route.
 */
function hasSubnet(table: readonly RouteObject[], index: number, address: string): boolean {
  const prefix = parsePrefix(address)!;
  if (prefix.length === 0 || prefix.length === widthOf(prefix.address)) return true;
  const dst = subnetOf(address);
  return table.some((route) => route.dst === dst && route.oif === index);
}

const subnetOf = (cidr: string): string => {
  const prefix = parsePrefix(cidr)!;
  return `${formatAddress(networkOf(prefix))}/${prefix.length}`;
};

/**
 * Plugins later in the chain move routes to other tables, so the table is compared only where one
 * was asked for. Table 0 lets the kernel choose.
 */
function isTo(route: RouteObject, { dst, table, priority }: Route): boolean {
  const subnet = subnetOf(dst);
  const wanted = subnet.endsWith('/0') ? 'default' : subnet;
  const family = familyOf(dst);
  return (
    route.dst === wanted &&
    route.family === family &&
    route.type === 'unicast' &&
    (!table || tableOf(route) === table) &&
    (!priority || route.priority === priority)
  );
}

const tableOf = ({ table }: RouteObject): number =>
  typeof table === 'number' ? table : ((TABLES as Readonly<Record<string, number>>)[table] ?? 0);

const isOver = (route: RouteObject, { gw }: Route): boolean =>
  gw === undefined || hopsOf(route).includes(gw);

const hopsOf = ({ gateway, via, nexthops = [] }: RouteObject): string[] =>
  [{ gateway, via }, ...nexthops]
    .map((hop) => hop.gateway ?? hop.via?.addr)
    .filter((hop) => hop !== undefined);
