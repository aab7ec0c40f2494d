/** CHECK of what every interface plugin makes inside a container: the interface, its addresses, its routes. CNI SPEC 1.1.0, section 2. */
import { send, type Side } from './network.ts';
import type { Link } from '../rtnl/link.ts';
import { getLink } from '../rtnl/links.ts';
import { addrDump, addrObject, familyOf } from '../rtnl/addrs.ts';
import { routeDump, routeObject, type RouteFilter, type RouteObject } from '../rtnl/routes.ts';
import { formatPrefix, networkOf, parsePrefix } from '../ipam/address.ts';
import { CniError, INTERNAL } from './cni/errors.ts';
import type { Interface, IpConfig, Result, Route } from './cni/result.ts';

/** The entry of the container's interface in the result of ADD. */
export function requireEntry(
  { interfaces = [] }: Result,
  ifname: string,
  netns: string,
): { entry: Interface; position: number } {
  const position = interfaces.findLastIndex(
    ({ name, sandbox }) => name === ifname && sandbox === netns,
  );
  const entry = interfaces[position];
  if (entry !== undefined) return { entry, position };
  const other = interfaces.find(({ name }) => name === ifname)?.sandbox ?? '';
  throw problem(`Sandbox in prevResult ${other} doesn't match configured netns: ${netns}`);
}

/** The link of that entry as the kernel has it, of the right kind and with the reported MAC address. */
export function requireLink(
  container: Side,
  { name, mac }: Interface,
  kind: string,
  kindInWords = kind,
): Link {
  const { link } = send(container.rt, { link: getLink(name) }).replies as { link?: Link };
  if (link === undefined) {
    throw problem(`Container Interface name in prevResult: ${name} not found`);
  }
  const found = link.attrs.linkinfo?.kind ?? link.type;
  if (found !== kind) {
    throw problem(
      `Error: Container interface ${name} not of type ${kindInWords}`,
      `it is of kind ${found}`,
    );
  }
  const { address = '' } = link.attrs;
  if (mac !== undefined && mac !== '' && mac.toLowerCase() !== address) {
    throw problem(`Interface ${name} Mac ${mac} doesn't match container Mac: ${address}`);
  }
  return link;
}

/** Addresses that the result gives to this interface, or to none in particular. */
export function requireAddresses(
  container: Side,
  { index, attrs }: Link,
  ips: readonly IpConfig[],
  position: number,
): void {
  const wanted = ips.filter((each) => each.interface === undefined || each.interface === position);
  const present = container.rt.list(addrDump({ index })).map((each) => addrObject(each).local);
  const main = routesOf(container, { table: 'main' });
  for (const { address, gateway } of wanted) {
    if (!present.includes(address)) {
      throw problem(`Failed to match addr ${address} on interface ${attrs.ifname}`);
    }
    const network = subnetOf(address);
    if (network !== undefined && !main.some(({ dst }) => dst === network)) {
      throw problem(
        `Failed to find Gateway ${gateway ?? '<nil>'} for interface ${attrs.ifname}`,
        `there is no route to ${network}`,
      );
    }
  }
}

/** The subnet that the kernel keeps a route to; an address that is its whole subnet has none. */
function subnetOf(cidr: string): string | undefined {
  const prefix = parsePrefix(cidr)!;
  if (prefix.length >= prefix.width) return undefined;
  return formatPrefix({ ...prefix, address: networkOf(prefix) });
}

const routesOf = ({ rt }: Side, filter?: RouteFilter): RouteObject[] =>
  rt.list(routeDump(filter)).map(routeObject);

/** A route whose table the result does not name may be in any: plugins for policy routing move routes. */
export function requireRoutes(container: Side, wanted: readonly Route[]): void {
  if (wanted.length === 0) return;
  const present = routesOf(container);
  for (const route of wanted) {
    if (present.some((each) => fits(each, route))) continue;
    const { dst, gw, table } = route;
    const via = gw === undefined ? '' : ` via ${gw}`;
    const inTable = table === undefined ? '' : ` table ${table}`;
    throw problem(`Expected Route {${dst}${via}${inTable}} not found in routing table`);
  }
}

function fits(present: RouteObject, { dst, gw, table }: Route): boolean {
  if (present.family !== familyOf(dst) || present.dst !== kernelDst(dst)) return false;
  if (table !== undefined && tableOf(present) !== table) return false;
  return gw === undefined || gatewaysOf(present).includes(gw);
}

/** As the kernel says it: `default`, and host bits cleared. */
function kernelDst(dst: string): string {
  const prefix = parsePrefix(dst)!;
  return prefix.length === 0 ? 'default' : formatPrefix({ ...prefix, address: networkOf(prefix) });
}

const gatewaysOf = ({ gateway, multipath = [] }: RouteObject): readonly (string | undefined)[] => [
  gateway,
  ...multipath.map(({ attrs }) => attrs.gateway),
];

/** `enum rt_class_t`, include/uapi/linux/rtnetlink.h. */
const TABLES: Readonly<Record<string, number>> = { unspec: 0, default: 253, main: 254, local: 255 };

const tableOf = ({ table }: RouteObject): number | undefined =>
  typeof table === 'number' ? table : TABLES[table];

export const problem = (msg: string, details = ''): CniError =>
  new CniError(INTERNAL, msg, details);
