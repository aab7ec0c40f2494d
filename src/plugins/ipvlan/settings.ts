/** Kernel settings of the container's interface, made before it comes up. */
import { familyOf } from '../addressing.ts';
import { tryWriteSysctl, writeSysctl } from '../sysctl.ts';
import type { IpConfig } from '../cni/result.ts';

/**
 * IPv6 is on exactly when an IPv6 address was assigned: otherwise whoever announces himself as a router on the master's network could give
 * the container addresses and a way out that nobody configured (CVE-2024-32473). With an IPv6 address routers are listened to, as on
 * any host of that network.
 */
export function applySettings(ifname: string, ips: readonly IpConfig[]): void {
  const inet6 = `net/ipv6/conf/${ifname}`;
  let hasInet6 = false;
  for (const { address } of ips) hasInet6 ||= familyOf(address) === 'inet6';
  if (hasInet6) {
    writeSysctl('net/ipv6/conf/lo/disable_ipv6', '0');
    writeSysctl(`${inet6}/disable_ipv6`, '0');
    writeSysctl(`${inet6}/keep_addr_on_down`, '1');
  } else {
    tryWriteSysctl(`${inet6}/disable_ipv6`, '1');
  }
  // Neighbours learn at once that the addresses have moved here.
  tryWriteSysctl(`net/ipv4/conf/${ifname}/arp_notify`, '1');
  tryWriteSysctl(`${inet6}/ndisc_notify`, '1');
}
