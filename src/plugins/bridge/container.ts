/** The container's side of an attachment: settings, addresses, the interface up, routes. */
import { hostSide, send, type Requests, type Side } from '../network.ts';
import { tryWriteSysctl, writeSysctl } from '../sysctl.ts';
import type { Transaction } from '../transaction.ts';
import { NLM_F_CREATE } from '../../netlink/constants.ts';
import { decode, type Frame } from '../../netlink/frame.ts';
import type { Addr } from '../../rtnl/addr.ts';
import { addAddr, splitPrefix, type AddrSpec } from '../../rtnl/addrs.ts';
import { RTNLGRP_IPV6_IFADDR, RTNLGRP_LINK } from '../../rtnl/constants.ts';
import type { Link } from '../../rtnl/link.ts';
import { getLink, setLink } from '../../rtnl/links.ts';
import { addRoute, type RouteSpec } from '../../rtnl/routes.ts';
import { CniError, INTERNAL } from '../cni/errors.ts';
import type { IpConfig, Route } from '../cni/result.ts';
import { broadcastOf, familyOf, nextHop, type Addressing } from './addressing.ts';
import { refuse } from './links.ts';

/** Milliseconds; as long as the reference waits. */
const PORT_DEADLINE = 5000;
const DAD_DEADLINE = 5000;

/** What to do with the interface that stands ready in the container's namespace. */
export interface Plan extends Addressing {
  readonly ifname: string;
  readonly index: number;
  /** IPAM is in use: addresses are ours to choose, not the network's. */
  readonly managed: boolean;
  readonly detectDuplicates: boolean;
}

/** Settings first, then one datagram with addresses, up and routes. What is made here goes with the link. */
export function configure(t: Transaction, container: Side, plan: Plan): void {
  if (plan.managed) t.step('settings', () => container.within(() => applySettings(plan)));
  const v6 = plan.ips.filter(({ address }) => familyOf(address) === 'inet6');
  const awaited = plan.detectDuplicates && v6.length > 0;
  if (awaited) container.rt.socket.join(RTNLGRP_IPV6_IFADDR);
  const requests: Requests<string> = {
    ...Object.fromEntries(plan.ips.map((each) => [each.address, addAddr(addrSpec(plan, each))])),
    up: setLink(plan.index, { flags: ['up'] }),
    ...Object.fromEntries(plan.routes.map((each, i) => [`route ${i}`, routeRequest(plan, each)])),
  };
  const { failed } = t.step('addresses and routes', () => send(container.rt, requests));
  const { ifname } = plan;
  for (const { address } of plan.ips) {
    refuse(failed[address], `failed to add IP addr ${address} to "${ifname}"`);
  }
  refuse(failed['up'], `failed to set "${ifname}" UP`);
  plan.routes.forEach(({ dst }, i) => {
    const via = nextHop(plan.routes[i]!, plan.ips);
    const hop = via === undefined ? '' : ` via ${via}`;
    refuse(failed[`route ${i}`], `failed to add route '${dst}${hop} dev ${ifname}'`);
  });
  if (awaited) settleAddresses(container, plan, v6);
}

/**
 * IPv6 is on exactly when an IPv6 address was assigned, and never listens to routers: a neighbour must not be able to give the
 * container addresses and routes (CVE-2020-10749 was that, on the host's side).
 */
function applySettings({ ifname, ips, detectDuplicates }: Plan): void {
  const inet6 = `net/ipv6/conf/${ifname}`;
  tryWriteSysctl(`${inet6}/accept_ra`, '0');
  if (ips.some(({ address }) => familyOf(address) === 'inet6')) {
    writeSysctl('net/ipv6/conf/lo/disable_ipv6', '0');
    writeSysctl(`${inet6}/disable_ipv6`, '0');
    writeSysctl(`${inet6}/keep_addr_on_down`, '1');
    tryWriteSysctl(`${inet6}/accept_dad`, detectDuplicates ? '1' : '0');
    if (detectDuplicates) tryWriteSysctl(`${inet6}/enhanced_dad`, '1');
    tryWriteSysctl(`${inet6}/ndisc_notify`, '1');
  } else if (ips.length > 0) {
    tryWriteSysctl(`${inet6}/disable_ipv6`, '1');
  }
  // Neighbours learn at once that the address has moved here.
  tryWriteSysctl(`net/ipv4/conf/${ifname}/arp_notify`, '1');
}

function addrSpec({ index, detectDuplicates }: Plan, { address }: IpConfig): AddrSpec {
  const spec: AddrSpec = { index, local: address };
  if (familyOf(address) === 'inet') return { ...spec, broadcast: broadcastOf(address) };
  return detectDuplicates ? spec : { ...spec, flags: ['nodad'] };
}

/** Neither EXCL nor APPEND, as the reference: two routes to one destination may stand side by side. */
function routeRequest({ index, ips }: Plan, route: Route): ReturnType<typeof addRoute> {
  const spec: RouteSpec = {
    dst: route.dst,
    family: familyOf(route.dst),
    gateway: nextHop(route, ips),
    priority: route.priority || undefined,
    table: route.table,
    scope: route.scope ?? 'global',
    oif: index,
  };
  return { ...addRoute(spec), flags: NLM_F_CREATE };
}

/** Waits until duplicate address detection is over for all IPv6 addresses. */
function settleAddresses(container: Side, plan: Plan, ips: readonly IpConfig[]): void {
  const open = new Set(ips.map(({ address }) => splitPrefix(address)[0]));
  const deadline = performance.now() + DAD_DEADLINE;
  while (open.size > 0) {
    for (const { type, payload } of nextEvents(container, deadline)) {
      if (type !== 'RTM_NEWADDR') continue;
      const { index, attrs } = payload as Addr;
      const flags = attrs.flags ?? [];
      if (index !== plan.index || attrs.address === undefined) continue;
      if (flags.includes('dadfailed')) {
        throw new CniError(
          INTERNAL,
          `failed to settle addresses for "${plan.ifname}": link ${plan.ifname} has address ${attrs.address} in DADFAILED state`,
          'somebody on the network has this address',
        );
      }
      if (!flags.includes('tentative')) open.delete(attrs.address);
    }
  }
}

/** To be called before the container's end comes up, so that the news of the port cannot be missed. */
export const listenForPort = (host: Side): void => host.rt.socket.join(RTNLGRP_LINK);

/** Waits until the host's end carries packets. */
export function awaitPort(host: Side, index: number): void {
  const deadline = performance.now() + PORT_DEADLINE;
  for (;;) {
    try {
      for (const { type, payload } of nextEvents(host, deadline)) {
        const link = payload as Link;
        if (type === 'RTM_NEWLINK' && link.index === index && isUp(link)) return;
      }
    } catch (error) {
      // Too late, or so much news at once that some was lost: the state itself decides.
      const state = portState(index);
      if (state === undefined) return;
      if ((error as { code?: string }).code !== 'ENOBUFS') {
        throw new CniError(INTERNAL, `bridge port in error state: ${state}`);
      }
    }
  }
}

/** Undefined when the port carries packets. Asked on a socket of its own: the answer could be lost among the news. */
function portState(index: number): string | undefined {
  const host = hostSide();
  try {
    const link = host.rt.get(getLink(index)) as Link;
    return isUp(link) ? undefined : String(link.attrs.operstate ?? 'unknown');
  } finally {
    host.close();
  }
}

const isUp = ({ flags, attrs }: Link): boolean =>
  attrs.operstate === 'up' && flags.includes('lower_up');

const nextEvents = ({ rt }: Side, deadline: number): Frame[] =>
  decode(rt.protocol, rt.socket.receive(deadline));
