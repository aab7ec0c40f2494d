/** Kernel settings of the container's interface, made before it comes up. */
import type { Addressing } from '../attach/addressing.ts';
import { enableInet6, inet6Need } from '../attach/container.ts';
import type { Side } from '../attach/network.ts';
import { tryWriteSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';

/**
 * IPv6 is on when an IPv6 address was assigned, off when nothing needs it, and never accepts router
 * advertisements: a neighbour must not be able to give the container addresses and routes
 * (CVE-2020-10749 was the same on the host's side). If only a route needs IPv6, it stays at the
 * default for new interfaces.
 */
export function applySettings(
  t: Transaction,
  container: Side,
  ifname: string,
  wanted: Pick<Addressing, 'ips' | 'routes'>,
  detectDuplicates: boolean,
): void {
  const inet6 = `net/ipv6/conf/${ifname}`;
  tryWriteSysctl(`${inet6}/accept_ra`, '0');
  const need = inet6Need(wanted);
  if (need === 'address') {
    enableInet6(t, container, ifname);
    tryWriteSysctl(`${inet6}/accept_dad`, detectDuplicates ? '1' : '0');
    if (detectDuplicates) tryWriteSysctl(`${inet6}/enhanced_dad`, '1');
    tryWriteSysctl(`${inet6}/ndisc_notify`, '1');
  } else if (need === undefined && wanted.ips.length > 0) {
    tryWriteSysctl(`${inet6}/disable_ipv6`, '1');
  }
  // Neighbours learn at once that the address has moved here.
  tryWriteSysctl(`net/ipv4/conf/${ifname}/arp_notify`, '1');
}
