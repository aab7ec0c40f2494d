/** Kernel settings of the container's interface, made before it comes up. */
import type { Addressing } from '../attach/addressing.ts';
import { enableInet6, inet6Need } from '../attach/container.ts';
import type { Side } from '../attach/network.ts';
import { tryWriteSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';

/**
 * IPv6 is on when an IPv6 address was assigned, and off when nothing asks for it: otherwise whoever
 * announces himself as a router on the master's network could give the container addresses and a
 * way out that nobody configured (CVE-2024-32473). With an IPv6 address routers are listened to, as
 * on any host of that network. For a route alone IPv6 stays as new interfaces have it, and routers
 * are not listened to.
 */
export function applySettings(
  t: Transaction,
  container: Side,
  ifname: string,
  wanted: Pick<Addressing, 'ips' | 'routes'>,
): void {
  const inet6 = `net/ipv6/conf/${ifname}`;
  const need = inet6Need(wanted);
  if (need === 'address') enableInet6(t, container, ifname);
  else if (need === 'route') tryWriteSysctl(`${inet6}/accept_ra`, '0');
  else tryWriteSysctl(`${inet6}/disable_ipv6`, '1');
  // Neighbours learn at once that the addresses have moved here.
  tryWriteSysctl(`net/ipv4/conf/${ifname}/arp_notify`, '1');
  tryWriteSysctl(`${inet6}/ndisc_notify`, '1');
}
