/**
 * The container's side of an attachment: addresses, interface up, routes, and IPv6 where they need
 * it. Each plugin makes its other settings itself.
 */
import { deadlineIn } from '../../sys/deadline.ts';
import { socketIn } from '../../netlink/namespace.ts';
import type { Socket } from '../../netlink/socket.ts';
import type { Request } from '../../netlink/connection.ts';
import { RTM_NEWADDR, RTNLGRP_IPV6_IFADDR } from '../../rtnl/constants.ts';
import { broadcastOf, leadsOverIpv6, nextHop, type Addressing } from './addressing.ts';
import { familyOf, parseAddress, parsePrefix, prefixContains } from '../../ip.ts';
import { CniError, INTERNAL, withPrefix } from '../../cni/errors.ts';
import type { IpConfig, Route } from '../../cni/result.ts';
import { nextNews, refuse, send, type Side } from './network.ts';
import { readSysctl, tryWriteSysctl, writeSysctl } from './sysctl.ts';
import type { Transaction } from './transaction.ts';
import type { Addr } from '../../rtnl/addr/message.ts';
import { addrObject } from '../../rtnl/addr/requests.ts';
import { addAddr, prependRoute, setLink } from '../wire/rtnl.ts';

/** Milliseconds; the reference waits as long. */
const DAD_DEADLINE = 5000;

/** What to do with the new interface in the container's namespace. */
export interface Plan extends Addressing {
  readonly ifname: string;
  readonly index: number;
  readonly detectDuplicates: boolean;
}

/** There is no undo step: what is made here is removed with the link. */
export function configure(t: Transaction, container: Side, plan: Plan): void {
  const v6 = plan.detectDuplicates
    ? plan.ips.filter(({ address }) => familyOf(address) === 'inet6')
    : [];
  if (v6.length === 0) return setUp(t, container, plan);
  // A separate socket: an address may settle before all answers are read, and its notification
  // would be lost among them.
  const news = socketIn(container.namespace, container.rt.protocol.number);
  try {
    news.join(RTNLGRP_IPV6_IFADDR);
    setUp(t, container, plan);
    settleAddresses(news, plan, v6);
  } finally {
    news.close();
  }
}

/** Everything in one datagram. */
function setUp(t: Transaction, container: Side, plan: Plan): void {
  const requests: Record<string, Request> = {};
  for (const each of plan.ips) requests[each.address] = addrRequest(plan, each);
  requests['up'] = setLink(plan.index, { flags: ['up'] });
  for (let i = 0; i < plan.routes.length; i++)
    requests[`route ${i}`] = routeRequest(plan, plan.routes[i]!);
  const { failed } = t.step('addresses and routes', () => send(container.rt, requests));
  const { ifname } = plan;
  for (const { address } of plan.ips) {
    refuse(failed[address], `failed to add IP addr ${address} to "${ifname}"`);
  }
  refuse(failed['up'], `failed to set "${ifname}" UP`);
  for (let i = 0; i < plan.routes.length; i++) {
    const via = nextHop(plan.routes[i]!, plan.ips);
    const hop = via === undefined ? '' : ` via ${via}`;
    const route = `${plan.routes[i]!.dst}${hop} dev ${ifname}`;
    refuse(failed[`route ${i}`], `failed to add route '${route}'`);
  }
}

function addrRequest(
  { index, detectDuplicates }: Plan,
  { address }: IpConfig,
): ReturnType<typeof addAddr> {
  const spec = { index, local: address, scope: 'global' } as const;
  if (familyOf(address) === 'inet') return addAddr({ ...spec, broadcast: broadcastOf(address) });
  return addAddr(detectDuplicates ? spec : { ...spec, flags: ['nodad'] });
}

function routeRequest({ index, ips }: Plan, route: Route): ReturnType<typeof prependRoute> {
  return prependRoute({
    dst: route.dst,
    gateway: nextHop(route, ips),
    // The kernel accepts a next hop of the other family only where IPv6 already has a route to it.
    flags:
      leadsOverIpv6(route) && !ips.some(({ address }) => isIn(address, route.gw!))
        ? ['onlink']
        : undefined,
    priority: route.priority || undefined,
    table: route.table,
    scope: route.scope ?? 0,
    oif: index,
  });
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
  withPrefix(sentence, () => writeSysctl(`net/ipv6/conf/${ifname}/disable_ipv6`, '0'));
  tryWriteSysctl(`net/ipv6/conf/${ifname}/keep_addr_on_down`, '1');
}

/** Waits until duplicate address detection has finished for all IPv6 addresses. */
function settleAddresses(socket: Socket, plan: Plan, ips: readonly IpConfig[]): void {
  const open = new Set(ips.map(({ address }) => address.split('/')[0]!));
  const deadline = deadlineIn(DAD_DEADLINE);
  while (open.size > 0) {
    for (const { type, payload } of nextNews(socket, deadline)) {
      if (type !== RTM_NEWADDR) continue;
      const { index, address, flags } = addrObject(payload as Addr);
      if (index !== plan.index || address === undefined) continue;
      if (flags.includes('dadfailed')) {
        throw new CniError(
          INTERNAL,
          `failed to settle addresses for "${plan.ifname}": link ${plan.ifname} has address ${address} in DADFAILED state`,
          'somebody on the network has this address',
        );
      }
      if (!flags.includes('tentative')) open.delete(address);
    }
  }
}
