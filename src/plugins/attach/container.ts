/**
 * The container's side of an attachment: the messages for its addresses and routes, IPv6 where they
 * need it, and the wait for duplicate address detection. Each plugin makes its other settings
 * itself.
 */
import { deadlineIn } from '../../sys/deadline.ts';
import { socketIn } from '../../netlink/namespace.ts';
import type { Socket } from '../../netlink/socket.ts';
import { RTM_NEWADDR, RTNLGRP_IPV6_IFADDR } from '../../rtnl/constants.ts';
import { broadcastOf, leadsOverIpv6, nextHop, type Addressing } from './addressing.ts';
import { familyOf, parseAddress, parsePrefix, prefixContains } from '../../ip.ts';
import { CniError, INTERNAL, INVALID_NETWORK_CONFIG, withPrefix } from '../../cni/errors.ts';
import { nextNotifications } from './notifications.ts';
import type { RequiredMessage } from './send.ts';
import type { Side } from './side.ts';
import { readSysctl, tryWriteSysctl, writeSysctl } from './sysctl.ts';
import type { Transaction } from './transaction.ts';
import type { Addr } from '../../rtnl/addr/message.ts';
import { addrObject } from '../../rtnl/addr/requests.ts';
import { addAddr, prependRoute } from '../wire/rtnl.ts';

/** Milliseconds; the reference waits as long. */
const DAD_DEADLINE = 5000;

/** The new interface in the container. */
export interface Device {
  readonly ifname: string;
  readonly index: number;
}

/** A message for each address, by its text. */
export function addressMessages(
  { index, ifname }: Device,
  { ips }: Pick<Addressing, 'ips'>,
  detectDuplicates: boolean,
): Record<string, RequiredMessage> {
  const messages: Record<string, RequiredMessage> = {};
  for (const { address } of ips) {
    const inet = familyOf(address) === 'inet';
    const spec = { index, local: address, scope: 'global' } as const;
    messages[address] = [
      inet
        ? addAddr({ ...spec, broadcast: broadcastOf(address) })
        : addAddr(detectDuplicates ? spec : { ...spec, flags: ['nodad'] }),
      `failed to add IP addr ${address} to "${ifname}"`,
    ];
  }
  return messages;
}

/** A message for each route. The addresses have to be sent before, and the interface be up. */
export function routeMessages(
  { index, ifname }: Device,
  { ips, routes }: Pick<Addressing, 'ips' | 'routes'>,
): Record<string, RequiredMessage> {
  const messages: Record<string, RequiredMessage> = {};
  for (let i = 0; i < routes.length; i++) {
    const route = routes[i]!;
    const { dst, gw, priority, table, scope = 0 } = route;
    const gateway = nextHop(route, ips);
    // The kernel accepts a next hop of the other family only where IPv6 already has a route to it.
    const unreached = leadsOverIpv6(route) && !ips.some(({ address }) => isIn(address, gw!));
    messages[`route ${i}`] = [
      prependRoute({
        dst,
        gateway,
        flags: unreached ? ['onlink'] : undefined,
        priority: priority || undefined,
        table,
        scope,
        oif: index,
      }),
      `failed to add route '${dst}${gateway === undefined ? '' : ` via ${gateway}`} dev ${ifname}'`,
    ];
  }
  return messages;
}

const isIn = (cidr: string, address: string): boolean =>
  prefixContains(parsePrefix(cidr)!, parseAddress(address)!);

/** What needs IPv6 on the interface: an address, or only a route. */
export function inet6Need({
  ips,
  routes,
}: Pick<Addressing, 'ips' | 'routes'>): 'address' | 'route' | undefined {
  for (const { address } of ips) if (familyOf(address) === 'inet6') return 'address';
  for (const route of routes) {
    if (familyOf(route.dst) === 'inet6' || leadsOverIpv6(route)) return 'route';
  }
  return undefined;
}

/** A link with a smaller MTU has no IPv6: IPV6_MIN_MTU, include/uapi/linux/in6.h. */
const INET6_MTU = 1280;

/** Throws where an interface with this MTU, if it is known, has no IPv6, and needs it. */
export function requireInet6Mtu(
  mtu: number | undefined,
  wanted: Pick<Addressing, 'ips' | 'routes'>,
): void {
  if (mtu === undefined || mtu <= 0 || mtu >= INET6_MTU || inet6Need(wanted) === undefined) return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `mtu ${mtu} is too small for IPv6`,
    `IPv6 needs at least ${INET6_MTU} bytes`,
  );
}

const LO_INET6 = 'net/ipv6/conf/lo/disable_ipv6';

/**
 * Enables IPv6 on an interface that gets an IPv6 address, whatever the default for new interfaces
 * is. Must be called in the container's namespace. `lo` is the only other interface that is
 * changed, and is not removed when ADD fails.
 */
export function enableInet6(t: Transaction, container: Side, ifname: string): void {
  const sentence = `failed to enable IPv6 for interface "${ifname}": `;
  const before = withPrefix(sentence, () => readSysctl(LO_INET6));
  if (before !== '0') {
    t.step(
      LO_INET6,
      () => withPrefix(sentence, () => writeSysctl(LO_INET6, '0')),
      () => container.within(() => writeSysctl(LO_INET6, before)),
    );
  }
  withPrefix(sentence, () => {
    const name = `net/ipv6/conf/${ifname}/disable_ipv6`;
    // The kernel restarts the write as long as another process changes links, thousands of times on
    // a busy host. Where IPv6 is already on, that would be for nothing.
    if (readSysctl(name) !== '0') writeSysctl(name, '0');
  });
  tryWriteSysctl(`net/ipv6/conf/${ifname}/keep_addr_on_down`, '1');
}

/**
 * Adds addresses, and waits until the kernel has found no duplicate of the IPv6 ones where it looks
 * for them.
 */
export function addSettled(
  container: Side,
  device: Device,
  { ips }: Pick<Addressing, 'ips'>,
  detectDuplicates: boolean,
  add: () => void,
): void {
  const open = new Set<string>();
  for (const { address } of detectDuplicates ? ips : []) {
    if (familyOf(address) === 'inet6') open.add(address.slice(0, address.indexOf('/')));
  }
  if (open.size === 0) return add();
  // A separate socket: an address may settle before all answers are read, and its notification
  // would be lost among them.
  const socket = socketIn(container.namespace, container.rt.protocol.number);
  try {
    socket.join(RTNLGRP_IPV6_IFADDR);
    add();
    awaitAddresses(socket, device, open);
  } finally {
    socket.close();
  }
}

/** Waits until duplicate address detection has finished for all of them. */
function awaitAddresses(socket: Socket, { ifname, index: own }: Device, open: Set<string>): void {
  const deadline = deadlineIn(DAD_DEADLINE);
  while (open.size > 0) {
    for (const { type, payload } of nextNotifications(socket, deadline)) {
      if (type !== RTM_NEWADDR) continue;
      const { index, address, flags } = addrObject(payload as Addr);
      if (index !== own || address === undefined) continue;
      if (flags.includes('dadfailed')) {
        throw new CniError(
          INTERNAL,
          `failed to settle addresses for "${ifname}": link ${ifname} has address ${address} in DADFAILED state`,
          'somebody on the network has this address',
        );
      }
      if (!flags.includes('tentative')) open.delete(address);
    }
  }
}
