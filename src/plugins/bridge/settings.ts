/** Kernel settings of the container's interface, made before it comes up. */
import { familyOf } from '../addressing.ts';
import type { IpConfig } from '../cni/result.ts';
import { tryWriteSysctl, writeSysctl } from '../sysctl.ts';

/**
 * IPv6 is on exactly when an IPv6 address was assigned, and never listens to routers: a neighbour must not be able to give the
 * container addresses and routes (CVE-2020-10749 was that, on the host's side).
 */
export function applySettings(
  ifname: string,
  ips: readonly IpConfig[],
  detectDuplicates: boolean,
): void {
  const inet6 = `net/ipv6/conf/${ifname}`;
  tryWriteSysctl(`${inet6}/accept_ra`, '0');
  let hasInet6 = false;
  for (const { address } of ips) hasInet6 ||= familyOf(address) === 'inet6';
  if (hasInet6) {
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
