/** CHECK, the container's side: the interface, its addresses, its routes. */
import { send, type Side } from '../network.ts';
import { addrDump, addrObject } from '../../rtnl/addrs.ts';
import type { Link } from '../../rtnl/link.ts';
import { getLink } from '../../rtnl/links.ts';
import { routeDump, routeObject, type RouteObject } from '../../rtnl/routes.ts';
import type { Route } from '../cni/result.ts';
import { formatAddress, networkOf, parsePrefix } from '../../ipam/address.ts';
import type { Differences, Expected } from './check.ts';

/** What the host's side has to fit. */
export interface ContainerLink {
  readonly index: number;
  /** Index of the other end; undefined when it is no pair. */
  readonly peer: number | undefined;
  readonly mac: string;
}

/** Undefined when there is no such interface. */
export function checkContainer(
  container: Side,
  expected: Expected,
  differences: Differences,
): ContainerLink | undefined {
  const { ifname, own, config } = expected;
  const found = send(container.rt, { link: getLink(ifname) }).replies.link as Link | undefined;
  if (found === undefined) {
    differences.note(`interface ${ifname} is missing in the container`);
    return undefined;
  }
  const { index, flags, attrs } = found;
  const kind = attrs.linkinfo?.kind ?? 'none';
  differences.expect(`kind of ${ifname}`, 'veth', kind);
  if (own?.mac)
    differences.expect(`MAC address of ${ifname}`, own.mac.toLowerCase(), attrs.address);
  if (own?.mtu) differences.expect(`MTU of ${ifname}`, own.mtu, attrs.mtu);
  if (!config.disableContainerInterface) {
    differences.expect(`state of ${ifname}`, 'up', flags.includes('up') ? 'up' : 'down');
  }
  checkAddresses(container, index, expected, differences);
  return { index, peer: kind === 'veth' ? attrs.link : undefined, mac: attrs.address ?? '' };
}

function checkAddresses(
  container: Side,
  index: number,
  { ifname, ips, routes }: Expected,
  differences: Differences,
): void {
  if (ips.length + routes.length === 0) return;
  const present = container.rt.list(addrDump({ index })).map(addrObject);
  const table = container.rt.list(routeDump()).map(routeObject);
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
  for (const route of routes) {
    const alike = table.filter((each) => isTo(each, route));
    if (alike.some((each) => isOver(each, route))) continue;
    const over = alike.map((each) => hopsOf(each).join(' ') || 'the link').join(', ');
    const wanted = `route to ${route.dst}${route.gw ? ` via ${route.gw}` : ''}`;
    const where = route.table === undefined ? '' : ` in table ${route.table}`;
    const instead = over === '' ? '' : `, there is one via ${over}`;
    differences.note(`${wanted}${where} is missing${instead}`);
  }
}

/** An address alone in its subnet has no such route. */
function hasSubnet(table: readonly RouteObject[], index: number, address: string): boolean {
  const prefix = parsePrefix(address)!;
  if (prefix.length === (prefix.address.family === 4 ? 32 : 128)) return true;
  const dst = subnetOf(address);
  return table.some((route) => route.dst === dst && route.oif === index);
}

const subnetOf = (cidr: string): string => {
  const prefix = parsePrefix(cidr)!;
  return `${formatAddress(networkOf(prefix))}/${prefix.length}`;
};

/** Plugins later in the chain move routes to other tables; only a table that was asked for counts. */
function isTo(route: RouteObject, { dst, table, priority }: Route): boolean {
  const subnet = subnetOf(dst);
  const wanted = subnet.endsWith('/0') ? 'default' : subnet;
  const family = dst.includes(':') ? 'inet6' : 'inet';
  return (
    route.dst === wanted &&
    route.family === family &&
    route.type === 'unicast' &&
    (table === undefined || tableOf(route) === table) &&
    (!priority || route.priority === priority)
  );
}

const TABLES: Readonly<Record<string, number>> = { main: 254, default: 253, local: 255 };

const tableOf = ({ table }: RouteObject): number =>
  typeof table === 'number' ? table : (TABLES[table] ?? 0);

const isOver = (route: RouteObject, { gw }: Route): boolean =>
  gw === undefined || hopsOf(route).includes(gw);

const hopsOf = ({ gateway, multipath }: RouteObject): string[] =>
  [gateway, ...(multipath ?? []).map((hop) => hop.attrs.gateway)].filter(
    (hop) => hop !== undefined,
  );
