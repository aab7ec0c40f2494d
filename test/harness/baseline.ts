/**
 * The settings that a new network namespace has on a kernel without any configuration. It takes
 * over the IPv4 settings of the host's (`net.core.devconf_inherit_init_net`,
 * Documentation/admin-guide/sysctl/net.rst), and a host with Docker forwards, one with systemd
 * filters by reverse path. Tests set what they need in addition.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const IPV4 = '/proc/sys/net/ipv4';
const IPV6 = '/proc/sys/net/ipv6/conf';
/**
 * Of the settings in net/ipv4/conf that tests may meet, those that are not 0 (net/ipv4/devinet.c,
 * `ipv4_devconf`).
 */
const ONES =
  /^(accept_redirects|arp_evict_nocarrier|secure_redirects|send_redirects|shared_media)$/;
/** Settings that are no switches, or cannot be written. */
const LEFT_ALONE = /^(igmpv[23]_unsolicited_report_interval|mc_forwarding)$/;

/** net/ipv6/addrconf.c, `ipv6_devconf`. */
const SETTINGS6 = { disable_ipv6: 0, forwarding: 0, accept_ra: 1, keep_addr_on_down: 0 } as const;

/** Every setting with its value; `ip_forward` comes first, because it changes others. */
function baseline(): [path: string, value: string][] {
  const values: [string, string][] = [[`${IPV4}/ip_forward`, '0']];
  for (const which of ['all', 'default']) {
    for (const name of readdirSync(`${IPV4}/conf/${which}`)) {
      if (LEFT_ALONE.test(name)) continue;
      const sourceRoute = name === 'accept_source_route' && which === 'default';
      values.push([`${IPV4}/conf/${which}/${name}`, ONES.test(name) || sourceRoute ? '1' : '0']);
    }
    if (!existsSync(IPV6)) continue;
    for (const [name, value] of Object.entries(SETTINGS6)) {
      values.push([`${IPV6}/${which}/${name}`, String(value)]);
    }
  }
  return values;
}

/** Settings that namespaces inherit from this host and should not; the same for each namespace. */
let inherited: readonly [path: string, value: string][] | undefined;

/** Gives the namespace that the thread has just made the kernel's own settings. */
export function resetSettings(): void {
  inherited ??= baseline().filter(([path, value]) => readFileSync(path, 'utf8').trim() !== value);
  for (const [path, value] of inherited) writeFileSync(path, value);
}
