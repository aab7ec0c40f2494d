/** Kernel settings of the container's interface, made before it comes up. */
import type { Addressing } from '../attach/addressing.ts';
import { enableInet6, inet6Need } from '../attach/container.ts';
import type { Side } from '../attach/network.ts';
import { tryWriteSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';

/**
 * IPv6 is on when an IPv6 address was assigned, and off when nothing needs it: otherwise any host
 * on the master's network could send router advertisements and give the container addresses and a
 * route that nobody configured (CVE-2024-32473). With an IPv6 address router advertisements are
 * accepted, as on any host of that network. If only a route needs IPv6, it stays at the default for
 * new interfaces, and router advertisements are not accepted.
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
